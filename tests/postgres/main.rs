//! The PostgreSQL engine on real servers, which are those of `migrate-servers`:
//! where none is installed, a test that needs one is skipped.

// Servers run on Unix only.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

mod blocking;
mod busy;
mod commit;
mod connect;
mod damaged_history;
mod demo;
mod dropped;
mod durations;
mod ended;
mod forms;
mod guard;
mod held;
mod hosts;
mod in_use;
mod index;
mod kill;
mod makes;
mod old_server;
mod one_query;
mod pooler;
mod pools;
mod positions;
mod race;
mod refused;
mod rights;
mod round_trips;
mod session;
mod set;
mod tls;

mod lab;

use lab::block;
use migrate_runtime::Error;
use migrate_runtime::postgres::Connector;
use migrate_runtime::tokio_postgres::Client;
use std::fs;
use std::time::Duration;

/// Connects once, within some seconds.
fn connect(url: &str, budget: Duration) -> Result<(), Error> {
    let connector = Connector::parse(url)?.connect_timeout(budget);
    block(async { connector.connect().await.map(drop) })
}

/// Asks for one value.
async fn value(client: &Client, sql: &str) -> String {
    let row = client.query_one(sql, &[]).await.unwrap();
    row.get(0)
}

/// An error with its causes, without what differs from run to run: the numbers
/// of ports, times, and how many attempts there were.
fn message(error: &Error) -> String {
    masked(&migrate_tests::chain(error))
}

fn masked(text: &str) -> String {
    let mut masked = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, number) = rest.split_at(at);
        let end = number
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(number.len());
        masked.push_str(before);
        let (number, behind) = number.split_at(end);
        masked.push_str(match number {
            "127.0.0.1" => number,
            _ if before.ends_with(':') || before.ends_with("PGSQL.") => "PORT",
            _ if behind.starts_with(" s") => "TIME",
            _ if behind.starts_with(" attempts") => "SOME",
            _ => number,
        });
        rest = behind;
    }
    masked + rest
}

/// Has a server ask for what these lines of its `pg_hba.conf` say.
fn authenticate(server: &migrate_servers::Server, lines: &str) {
    // The socket and the user of the tests stay open for the helpers.
    let lines = format!("local all all trust\n{lines}\nhost all postgres 127.0.0.1/32 trust\n");
    fs::write(server.folder().join("data/pg_hba.conf"), lines).unwrap();
    server.restart();
}
