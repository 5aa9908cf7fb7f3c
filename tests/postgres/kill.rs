//! Processes that die in the middle of a run: docs/internals/postgres.md, "Lost
//! connections and killed processes".

use crate::lab::{Files, check_steps, locks, running, steps, within};
use migrate_servers::{Database, Server};
use migrate_tests::child::{Outcome, Worker, applied, together};
use std::thread::sleep;
use std::time::Duration;

/// The server looks every five seconds whether its client is still there.
const NOTICED: Duration = Duration::from_secs(8);

/// Waits until the server has done what the process had sent: a commit between
/// two looks at the database would seem to be half of one.
fn ended(database: &Database) {
    let sessions = "SELECT count(*) FROM pg_stat_activity \
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    within(NOTICED, "the session has ended", || {
        database.psql(sessions) == "0"
    });
}

#[test]
fn a_process_killed_amid_a_statement_lets_the_next_one_in() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    let mut files = steps(2, "");
    files.push((
        "003_slow.sql".to_owned(),
        "SELECT pg_sleep(60);\n".to_owned(),
    ));
    let slow = Files::new(&files);
    let mut worker = Worker::start(slow.worker(database.url(), &[]));
    worker.release();
    running(&database, "SELECT pg_sleep%");
    let outcome = worker.kill();
    assert_eq!(outcome.status.code(), None);
    assert_ne!(locks(&database), "0", "the server did not notice yet");
    let waited = within(NOTICED, "the lock is free", || locks(&database) == "0");
    assert!(waited < Duration::from_secs(6), "{waited:?}");
    assert_eq!(check_steps(|sql| database.psql(sql)), 2);
    let files = Files::new(&steps(4, ""));
    together([files.worker(database.url(), &[])])[0].assert_ok();
    assert_eq!(check_steps(|sql| database.psql(sql)), 4);
}

#[derive(Debug, Default)]
struct Tally {
    kills: usize,
    /// The process was still at work.
    hits: usize,
    /// Some migrations were applied, and some were not.
    partial: usize,
}

/// Kills workers at random moments until one gets to the end.
#[test]
fn killed_at_any_moment_tables_and_history_agree() {
    const COUNT: usize = 6;
    let Some(server) = Server::shared() else {
        return;
    };
    let files = Files::new(&steps(COUNT, "SELECT pg_sleep(0.004);\n"));
    let mut tally = Tally::default();
    for settings in [&[][..], &["lock=transaction"], &["connector=1"]] {
        for _ in 0..3 {
            let database = server.database();
            let mut starts = 0;
            loop {
                let mut worker = Worker::start(files.worker(database.url(), settings));
                worker.release();
                // Later each time, so that it comes to an end.
                sleep(Duration::from_millis(fastrand::u64(5..25) + starts * 4));
                starts += 1;
                assert!(starts < 60, "it never gets to its end");
                let outcome = worker.kill();
                ended(&database);
                let applied = check_steps(|sql| database.psql(sql));
                if outcome.status.success() {
                    assert_eq!(applied, COUNT);
                    break;
                }
                assert_eq!(outcome.status.code(), None, "{outcome:?}");
                tally.kills += 1;
                tally.hits += usize::from(applied < COUNT);
                tally.partial += usize::from(0 < applied && applied < COUNT);
                if applied == COUNT {
                    break;
                }
            }
            together([files.worker(database.url(), settings)])[0].assert_ok();
            assert_eq!(check_steps(|sql| database.psql(sql)), COUNT);
            assert_eq!(locks(&database), "0");
        }
    }
    println!("{tally:?}");
    assert!(tally.hits > 15 && tally.partial > 5, "{tally:?}");
}

/// On the way down the same holds.
#[test]
fn killed_on_the_way_down_tables_and_history_agree() {
    const COUNT: usize = 6;
    let Some(server) = Server::shared() else {
        return;
    };
    let files = Files::new(&steps(COUNT, ""));
    let mut partial = 0;
    for _ in 0..4 {
        let database = server.database();
        together([files.worker(database.url(), &[])])[0].assert_ok();
        for start in 0..40 {
            let mut worker = Worker::start(files.worker(database.url(), &["down=0"]));
            worker.release();
            sleep(Duration::from_millis(fastrand::u64(5..20) + start * 3));
            let outcome = worker.kill();
            ended(&database);
            let applied = check_steps(|sql| database.psql(sql));
            partial += usize::from(0 < applied && applied < COUNT);
            if applied == 0 {
                break;
            }
            assert!(!outcome.status.success(), "{outcome:?}");
        }
        // However slow the machine is, one that is left alone gets to the end.
        together([files.worker(database.url(), &["down=0"])])[0].assert_ok();
        assert_eq!(check_steps(|sql| database.psql(sql)), 0);
    }
    println!("{partial} kills left a part");
    assert!(partial > 0);
}

/// Several starters, of which one dies: the others get to the end.
#[test]
fn one_of_many_starters_is_killed() {
    let Some(server) = Server::shared() else {
        return;
    };
    let files = Files::new(&steps(6, "SELECT pg_sleep(0.01);\n"));
    for _ in 0..3 {
        let database = server.database();
        let start = || Worker::start(files.worker(database.url(), &[]));
        let mut workers: Vec<Worker> = (0..6).map(|_| start()).collect();
        workers.iter_mut().for_each(Worker::release);
        sleep(Duration::from_millis(fastrand::u64(20..120)));
        let killed = workers.swap_remove(fastrand::usize(0..6)).kill();
        let outcomes: Vec<Outcome> = workers.into_iter().map(Worker::finish).collect();
        outcomes.iter().for_each(Outcome::assert_ok);
        let twice = applied(&outcomes);
        assert!(twice.windows(2).all(|two| two[0] < two[1]), "{twice:?}");
        assert!(killed.status.success() || twice.len() <= 6);
        assert_eq!(check_steps(|sql| database.psql(sql)), 6);
    }
}
