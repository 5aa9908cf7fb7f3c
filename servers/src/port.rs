//! Unused ports.

use std::hash::{BuildHasher as _, RandomState};
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;

/// Below those that systems give to outgoing connections: while a server is
/// down, its port must not go to a client, not even to one that tries to reach
/// that very port and would be connected to itself.
const PORTS: Range<u16> = 10_240..32_768;

/// A listener on a free port of 127.0.0.1.
pub(crate) fn listener() -> TcpListener {
    let state = RandomState::new();
    let count = u64::from(PORTS.end - PORTS.start);
    (0..1000_u64)
        .filter_map(|attempt| u16::try_from(state.hash_one(attempt) % count).ok())
        .find_map(|place| TcpListener::bind((Ipv4Addr::LOCALHOST, PORTS.start + place)).ok())
        .expect("a free port")
}

/// A port that is unused at this moment.
pub(crate) fn free() -> u16 {
    let address = listener().local_addr();
    address.expect("the listener is bound").port()
}
