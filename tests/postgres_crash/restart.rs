//! A server that stops and starts again: docs/internals/postgres.md, "Lost
//! connections and killed processes".

use crate::lab::{Files, check_steps, steps};
use migrate_servers::Server;
use migrate_tests::child::{Worker, together};
use std::thread::sleep;
use std::time::Duration;

const COUNT: usize = 8;

/// Stops it at random moments of a run, and starts it again.
fn crashed(settings: &[&str]) {
    let Some(server) = Server::start() else {
        return;
    };
    let files = Files::new(&steps(COUNT, "SELECT pg_sleep(0.01);\n"));
    let (mut hits, mut partial, mut went_on) = (0, 0, 0);
    for round in 0..10 {
        let name = format!("round_{round}");
        server.psql(&format!("CREATE DATABASE {name}"));
        let url = server.url(&name);
        let psql = |sql: &str| server.connect(&name).query(sql).unwrap();
        let mut worker = Worker::start(files.worker(&url, settings));
        worker.release();
        sleep(Duration::from_millis(fastrand::u64(30..350)));
        match round % 2 {
            0 => server.stop_immediately(),
            _ => server.kill(),
        }
        server.restart();
        let outcome = worker.finish();
        let applied = check_steps(psql);
        hits += 1;
        partial += usize::from(0 < applied && applied < COUNT);
        if settings.is_empty() {
            assert!(outcome.applied.len() <= applied, "{outcome:?}");
            assert_eq!(outcome.status.success(), applied == COUNT, "{outcome:?}");
        } else {
            outcome.assert_ok();
            assert_eq!(applied, COUNT);
            went_on += 1;
        }
        together([files.worker(&url, &[])])[0].assert_ok();
        assert_eq!(check_steps(psql), COUNT);
    }
    println!("figures: {hits} crashes, {partial} left a part, {went_on} runs went on");
}

#[test]
fn without_a_connector_the_next_run_converges() {
    crashed(&[]);
}

#[test]
fn with_a_connector_the_run_goes_on() {
    crashed(&["connector=1"]);
}
