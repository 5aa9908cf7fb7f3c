//! One connection: two threads that pass messages on.

use std::io::{self, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::wire::{self, First};
use super::{Place, Shared};

/// What the two threads of a connection tell each other.
#[derive(Debug, Default)]
struct Progress {
    /// What the server has to answer with `ReadyForQuery`, the start included.
    asked: usize,
    answered: usize,
    /// The answer that the client is not to see.
    withheld: Option<usize>,
}

/// Passes messages both ways until one side closes.
pub(super) fn start(
    shared: &Arc<Shared>,
    id: usize,
    client: TcpStream,
    server: TcpStream,
) -> io::Result<()> {
    let shared = Arc::clone(shared);
    let (closed_client, closed_server) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || {
        // An error is the end of the connection, of which the other side hears.
        let _ = connection(&shared, client, server);
        wire::close(&closed_client);
        wire::close(&closed_server);
        shared.state().open.retain(|(other, _, _)| *other != id);
    });
    Ok(())
}

fn connection(shared: &Arc<Shared>, client: TcpStream, server: TcpStream) -> io::Result<()> {
    let mut from_client = BufReader::new(client.try_clone()?);
    loop {
        let message = wire::message(&mut from_client, false)?;
        (&server).write_all(&message)?;
        match wire::first(&message) {
            First::Session => break,
            First::Cancel => {
                // The server closes once it has done that, and so do we.
                let _ = (&server).read(&mut [0; 1]);
                return Ok(());
            }
            First::Encryption => {
                let mut answer = [0];
                (&server).read_exact(&mut answer)?;
                (&client).write_all(&answer)?;
                if answer != *b"N" {
                    return opaque(from_client, client, server);
                }
            }
        }
    }
    let progress = Arc::new(Mutex::new(Progress {
        asked: 1,
        ..Progress::default()
    }));
    let answers = thread::spawn({
        let (progress, client, server) = (Arc::clone(&progress), client, server.try_clone()?);
        move || {
            let _ = answers(&progress, &client, &server);
            wire::close(&client);
            wire::close(&server);
        }
    });
    let end = messages(shared, &progress, from_client, &server);
    wire::close(&server);
    let _ = answers.join();
    end
}

/// Passes on what the client sends, until it is cut.
fn messages(
    shared: &Shared,
    progress: &Mutex<Progress>,
    mut client: BufReader<TcpStream>,
    mut server: &TcpStream,
) -> io::Result<()> {
    loop {
        let came_along = !client.buffer().is_empty();
        let message = wire::message(&mut client, true)?;
        // These are answered with `ReadyForQuery`: a simple query, a `Sync` and
        // a function call.
        let asks = matches!(message[0], b'Q' | b'S' | b'F');
        let has_waited = !came_along && {
            let progress = progress.lock().unwrap_or_else(PoisonError::into_inner);
            progress.asked == progress.answered
        };
        let place = {
            let mut state = shared.state();
            state.queries.extend(wire::sql(&message).map(str::to_owned));
            state.round_trips += usize::from(has_waited);
            let cut = state.cut.take_if(|(_, matches)| matches(&message));
            state.cuts += usize::from(cut.is_some());
            state.refuse |= cut.is_some() && state.refuse_after_cut;
            cut.map(|(place, _)| place)
        };
        if place == Some(Place::BeforeMessage) {
            return Ok(());
        }
        {
            let mut progress = progress.lock().unwrap_or_else(PoisonError::into_inner);
            progress.asked += usize::from(asks);
            if place.is_some() {
                // A part of an extended query is answered with its `Sync`.
                progress.withheld = Some(progress.asked + usize::from(!asks));
            }
        }
        server.write_all(&message)?;
    }
}

/// Passes on what the server answers, until there is an answer that the client
/// is not to see.
fn answers(
    progress: &Mutex<Progress>,
    mut client: &TcpStream,
    server: &TcpStream,
) -> io::Result<()> {
    let mut server = BufReader::new(server);
    loop {
        let message = wire::message(&mut server, true)?;
        let (withhold, over) = {
            let mut progress = progress.lock().unwrap_or_else(PoisonError::into_inner);
            let current = progress.answered + 1;
            progress.answered += usize::from(message[0] == b'Z');
            let withhold = progress.withheld.is_some_and(|answer| current >= answer);
            (withhold, withhold && message[0] == b'Z')
        };
        if over {
            return Ok(());
        }
        if !withhold {
            client.write_all(&message)?;
        }
    }
}

/// Passes bytes that it cannot read.
fn opaque(
    mut from_client: BufReader<TcpStream>,
    mut client: TcpStream,
    server: TcpStream,
) -> io::Result<()> {
    let mut from_server = server.try_clone()?;
    let back = thread::spawn(move || {
        let _ = io::copy(&mut from_server, &mut client);
        wire::close(&client);
    });
    let end = io::copy(&mut from_client, &mut &server);
    wire::close(&server);
    let _ = back.join();
    end.map(drop)
}
