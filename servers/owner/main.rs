//! Starts a server, tells where it is, and waits to be killed.

use std::io::{self, Read as _};

use migrate_servers::{PgBouncer, PoolMode, Server};

fn main() {
    let Some(server) = Server::start() else {
        return;
    };
    let pooler = PgBouncer::start(&server, PoolMode::Transaction, 2);
    let pid = std::fs::read_to_string(server.folder().join("data/postmaster.pid"));
    println!(
        "{}",
        pid.unwrap_or_default().lines().next().unwrap_or_default()
    );
    println!("{}", server.folder().display());
    println!("{}", server.port());
    println!("{}", pooler.as_ref().map_or(0, PgBouncer::port));
    println!("ready");
    let _ = io::stdin().read_to_end(&mut Vec::new());
}
