//! A proxy that cuts connections where a test wants it.

mod relay;
mod wire;

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

pub use wire::sql;

use crate::port;

/// A proxy between clients and a server, which understands what clients send
/// unless they use TLS.
///
/// ```
/// use migrate_servers::{Client, Proxy, Server, sql};
///
/// let Some(server) = Server::shared() else { return };
/// let proxy = Proxy::start(server.address());
/// let mut client = Client::connect(proxy.address(), "postgres", "postgres").unwrap();
/// proxy.cut_before(|message| sql(message) == Some("COMMIT"));
/// client.query("BEGIN").unwrap();
/// assert!(client.query("COMMIT").is_err());
/// assert_eq!(proxy.queries(), ["BEGIN", "COMMIT"]);
/// ```
#[derive(Debug)]
pub struct Proxy {
    shared: Arc<Shared>,
    address: SocketAddr,
    accepting: Option<JoinHandle<()>>,
}

/// Whether a message of a client, its type and length included, is the one.
type Matcher = Box<dyn Fn(&[u8]) -> bool + Send>;

/// Where the connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    BeforeMessage,
    AfterAnswer,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    target: Option<SocketAddr>,
    /// What the test wants, and what the accepting thread does.
    refuse: bool,
    refusing: bool,
    refuse_after_cut: bool,
    over: bool,
    cut: Option<(Place, Matcher)>,
    cuts: usize,
    queries: Vec<String>,
    connections: usize,
    round_trips: usize,
    /// Both sides of each connection that is open.
    open: Vec<(usize, TcpStream, TcpStream)>,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("target", &self.target)
            .field("cuts", &self.cuts)
            .field("queries", &self.queries)
            .finish_non_exhaustive()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Proxy {
    /// A proxy before `target`, on a free port of 127.0.0.1.
    ///
    /// # Panics
    ///
    /// When there is no free port.
    #[must_use]
    pub fn start(target: SocketAddr) -> Self {
        let listener = port::listener();
        let address = listener.local_addr().expect("it is bound");
        let shared = Arc::new(Shared::default());
        shared.state().target = Some(target);
        let accepting = thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&shared, listener, address)
        });
        Self {
            shared,
            address,
            accepting: Some(accepting),
        }
    }

    /// Where clients connect.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of a database of the server, through this proxy.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@{}/{database}", self.address)
    }

    /// Closes both sides before the next message that matches reaches the
    /// server. This happens once; later connections pass.
    pub fn cut_before(&self, matches: impl Fn(&[u8]) -> bool + Send + 'static) {
        self.shared.state().cut = Some((Place::BeforeMessage, Box::new(matches)));
    }

    /// Passes on the next message that matches and waits until the server has
    /// answered it, then closes both sides: the client does not see the answer.
    /// This happens once; later connections pass.
    pub fn cut_after(&self, matches: impl Fn(&[u8]) -> bool + Send + 'static) {
        self.shared.state().cut = Some((Place::AfterAnswer, Box::new(matches)));
    }

    /// From the next cut on, refuses new connections, as [`refuse`](Proxy::refuse) does: the
    /// server is gone for the client at once.
    pub fn refuse_after_cut(&self) {
        self.shared.state().refuse_after_cut = true;
    }

    /// Closes all connections.
    pub fn cut_now(&self) {
        let mut state = self.shared.state();
        for (_, client, server) in state.open.drain(..) {
            wire::close(&client);
            wire::close(&server);
        }
    }

    /// How often `cut_before` and `cut_after` have cut.
    #[must_use]
    pub fn cuts(&self) -> usize {
        self.shared.state().cuts
    }

    /// Whether new connections are refused, as by a server that is down. Those
    /// that are open stay.
    ///
    /// # Panics
    ///
    /// If the port has been taken in the meantime.
    pub fn refuse(&self, refuse: bool) {
        let mut state = self.shared.state();
        state.refuse = refuse;
        if refuse && !state.refusing {
            // This wakes the thread, which then finds out.
            let _ = TcpStream::connect(self.address);
        }
        self.shared.changed.notify_all();
        while state.refusing != refuse {
            assert!(!state.over, "the port of the proxy was taken");
            state = self
                .shared
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        drop(state);
        // A process that another test starts at this moment has a copy of the
        // listener until it runs its program.
        for _ in 0..1000 {
            if !refuse || TcpStream::connect(self.address).is_err() {
                return;
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Sends new connections elsewhere, to a promoted standby say.
    pub fn retarget(&self, target: SocketAddr) {
        self.shared.state().target = Some(target);
    }

    /// The texts that clients have sent, of simple queries and of statements
    /// to be prepared, in the order in which they came.
    #[must_use]
    pub fn queries(&self) -> Vec<String> {
        self.shared.state().queries.clone()
    }

    /// How often a client sent something and waited for the answers. Messages
    /// that it sends before the server has answered the earlier ones belong to
    /// the same round trip. Opening a connection does not count.
    #[must_use]
    pub fn round_trips(&self) -> usize {
        self.shared.state().round_trips
    }

    /// How many connections there were.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.state().connections
    }

    /// Forgets what was counted so far.
    pub fn forget(&self) {
        let mut state = self.shared.state();
        state.queries.clear();
        state.round_trips = 0;
        state.connections = 0;
        state.cuts = 0;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.state().over = true;
        self.shared.changed.notify_all();
        let _ = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
        self.cut_now();
    }
}

/// Takes connections until the proxy is dropped.
fn accept(shared: &Arc<Shared>, listener: TcpListener, address: SocketAddr) {
    let mut listener = Some(listener);
    loop {
        let Some(bound) = &listener else {
            let mut state = shared.state();
            state.refusing = true;
            shared.changed.notify_all();
            while state.refuse && !state.over {
                state = shared
                    .changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            listener = TcpListener::bind(address).ok();
            state.over |= listener.is_none();
            state.refusing = false;
            shared.changed.notify_all();
            if state.over {
                return;
            }
            continue;
        };
        let client = bound.accept();
        let mut state = shared.state();
        if state.over {
            return;
        }
        if state.refuse {
            listener = None;
            continue;
        }
        if let Ok((client, _)) = client {
            // Without a server the client sees that its connection ends.
            let _ = open(shared, &mut state, client);
        }
    }
}

fn open(shared: &Arc<Shared>, state: &mut State, client: TcpStream) -> io::Result<()> {
    let target = state.target.expect("it is set before the first connection");
    let server = TcpStream::connect(target)?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let id = state.connections;
    state.connections += 1;
    state
        .open
        .push((id, client.try_clone()?, server.try_clone()?));
    relay::start(shared, id, client, server)
}
