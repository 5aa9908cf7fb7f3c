//! The command on real PostgreSQL servers, as a user runs it: what it prints,
//! how it ends, and what the server says of it afterwards.

#![cfg(unix)]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may unwrap"
)]

mod adopt;
mod document;
mod engine;
mod old_server;
mod places;
mod program;
mod refused;
#[allow(dead_code, reason = "a part is for SQLite files")]
#[path = "../process/running.rs"]
mod running;
mod schema;
mod signals;
mod silent;
#[path = "../support/mod.rs"]
mod support;
mod verbs;

use migrate_servers::{Database, Server};
use support::{Folder, Ran};

/// A directory and a database of its own.
struct Shop {
    server: &'static Server,
    database: Database,
    folder: Folder,
}

/// Three migrations with downs, of which only PostgreSQL can run the first and
/// the last.
fn folder() -> Folder {
    Folder::with(&[
        (
            "migrations/001_users.sql",
            "CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text);\n\
             CREATE FUNCTION one() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;\n\
             -- migrate:down\nDROP FUNCTION one();\nDROP TABLE users;\n",
        ),
        (
            "migrations/002_orders.sql",
            "CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint REFERENCES users);\n\
             -- migrate:down\nDROP TABLE orders;\n",
        ),
        (
            "migrations/003_by_user.sql",
            "-- migrate: no-transaction\n\
             CREATE INDEX CONCURRENTLY orders_by_user ON orders (user_id);\n\
             -- migrate:down\nDROP INDEX orders_by_user;\n",
        ),
    ])
}

impl Shop {
    /// Waits until no scratch database is left. Other tests make some, too, on
    /// the same server, and drop them.
    fn has_no_scratch(&self) {
        let left = "SELECT string_agg(concat_ws(' ', datname, query), '; ') FROM pg_database \
                    LEFT JOIN pg_stat_activity USING (datname) WHERE datname LIKE 'migrate_check%'";
        let begun = std::time::Instant::now();
        loop {
            let left = self.psql(left);
            if left.is_empty() {
                return;
            }
            let waited = begun.elapsed();
            assert!(waited < std::time::Duration::from_secs(60), "{left}");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }

    /// `None` where no PostgreSQL is installed.
    fn new() -> Option<Shop> {
        Shop::with(folder())
    }

    fn with(folder: Folder) -> Option<Shop> {
        let server = Server::shared()?;
        Some(Shop {
            server,
            database: server.database(),
            folder,
        })
    }

    /// Of the shared server, in a new database.
    #[must_use]
    fn run(&self, arguments: &str) -> Ran {
        self.folder.run(&self.arguments(arguments))
    }

    fn arguments(&self, arguments: &str) -> String {
        format!("{arguments} -d {}", self.database.url())
    }

    fn psql(&self, sql: &str) -> String {
        self.database.psql(sql)
    }

    /// Without what is another on each run.
    fn shown(&self, ran: &Ran) -> String {
        let text = ran.to_string();
        let text = text.replace(&self.server.address().to_string(), "[server]");
        scrubbed(&text.replace(self.database.name(), "shop"))
    }
}

/// Without times.
fn scrubbed(text: &str) -> String {
    let mut scrubbed = String::new();
    for line in text.lines() {
        let mut words: Vec<&str> = line.split(' ').collect();
        for at in 1..words.len() {
            let is_time = ["ms", "s"].contains(&words[at].trim_end_matches([':', ';']));
            if is_time && words[at - 1].parse::<f64>().is_ok() {
                words[at - 1] = "N";
            }
            if words[at - 1].len() == 10 && words[at].len() == 8 && words[at].contains(':') {
                words[at - 1] = "DATE";
                words[at] = "TIME";
            }
        }
        // The columns of a table are as wide as the numbers in them.
        let mut line = words.join(" ");
        while !line.starts_with(' ') && line.contains("   ") {
            line = line.replace("   ", "  ");
        }
        scrubbed += line.trim_end();
        scrubbed.push('\n');
    }
    scrubbed
}
