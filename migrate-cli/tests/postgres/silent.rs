//! A server that accepts a further connection and never answers on it, as some poolers
//! with one connection do.

use crate::{Shop, scrubbed};
use insta::assert_snapshot;
use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

/// A relay to a server that is silent after this number of connections.
fn relay(server: SocketAddr, answered: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let mut silent = Vec::new();
        for (number, client) in listener.incoming().flatten().enumerate() {
            if number >= answered {
                silent.push(client);
                continue;
            }
            let server = TcpStream::connect(server).unwrap();
            let (back, forth) = (server.try_clone().unwrap(), client.try_clone().unwrap());
            thread::spawn(move || copy(client, server));
            thread::spawn(move || copy(back, forth));
        }
    });
    address
}

fn copy(mut from: TcpStream, mut to: TcpStream) {
    let _ = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Both);
}

/// What a verb says, and within which time.
fn run(shop: &Shop, answered: usize, arguments: &str) -> (String, Duration) {
    let there = shop.server.address();
    let address = relay(there, answered).to_string();
    let url = shop.database.url().replace(&there.to_string(), &address);
    let begun = Instant::now();
    let ran = shop
        .folder
        .run(&format!("{arguments} -d {url}?sslmode=disable"));
    let text = ran.ends_with(1).to_string().replace(&address, "[server]");
    let text = text.replace(shop.database.name(), "shop");
    (scrubbed(&text), begun.elapsed())
}

#[test]
fn a_further_connection_has_the_timeout_too() {
    let Some(shop) = Shop::new() else { return };
    let _ = shop.run("up").fine();
    let (text, took) = run(&shop, 1, "check --connect-timeout 1s");
    assert!(took < Duration::from_secs(4), "{took:?}: {text}");
    assert_snapshot!(text, @"
    exit code 1
    --- stderr
    error: no connection to the database `shop` in N s and 1 attempt: `[server]` does not answer; check the network and its firewalls, or give a longer `connect_timeout`
      because: no answer in N s
    ");
    let (text, took) = run(&shop, 1, "verify --connect-timeout 1s");
    assert!(took < Duration::from_secs(4), "{took:?}: {text}");
    assert_snapshot!(text, @"
    exit code 1
    --- stderr
    error: `[server]/shop` accepts no further connection beside the one that is open; the migrations are tried on scratch databases, which needs three at a time: raise the `CONNECTION LIMIT` of the role, `max_connections` or the size of the pool, or use another server
      because: no answer in N s
    ");
}

#[test]
fn without_a_timeout_a_further_connection_is_not_waited_for_long() {
    let Some(shop) = Shop::new() else { return };
    let _ = shop.run("up").fine();
    // `check` closes its first connection before the replay.
    for (answered, verb) in [(2, "check"), (1, "verify"), (2, "verify")] {
        let (text, took) = run(&shop, answered, verb);
        assert!(took < Duration::from_secs(15), "{verb} {took:?}: {text}");
        assert!(text.contains("accepts no further connection"), "{text}");
        assert!(!text.contains("firewall"), "{text}");
    }
}
