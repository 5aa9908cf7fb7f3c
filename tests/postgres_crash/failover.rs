//! A standby that takes over while its primary dies in the middle of a run.

use crate::lab::{Files, check_steps, steps, within};
use migrate_servers::{Options, Proxy, Server, sql};
use migrate_tests::child::{Worker, together};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::Duration;

const COUNT: usize = 8;

/// Waits until the standby has replayed what it has received, up to a record of
/// which it has a part: until it replays nothing for some time.
fn replayed(standby: &Server) {
    const QUIET: Duration = Duration::from_millis(300);
    let position = || standby.psql("SELECT pg_last_wal_replay_lsn()");
    within(Duration::from_secs(20), "the standby has replayed", || {
        let before = position();
        sleep(QUIET);
        position() == before
    });
}

fn both(primary: &Server, standby: &Server) -> String {
    format!(
        "postgres://postgres@127.0.0.1:{},127.0.0.1:{}/postgres?target_session_attrs=read-write",
        primary.port(),
        standby.port()
    )
}

/// Kills the primary at some moment of a run, and promotes the standby.
fn failed_over(options: &Options, rounds: u64, loses: bool) {
    let files = Files::new(&steps(COUNT, "SELECT pg_sleep(0.01);\n"));
    let (mut partial, mut went_on) = (0, 0);
    for round in 0..rounds {
        let Some(primary) = Server::start() else {
            return;
        };
        let standby = primary.standby_with(options);
        let url = both(&primary, &standby);
        let mut worker = Worker::start(files.worker(&url, &["connector=1"]));
        worker.release();
        sleep(Duration::from_millis(
            40 + round * 60 + fastrand::u64(0..40),
        ));
        primary.kill();
        replayed(&standby);
        let survived = check_steps(|sql| standby.psql(sql));
        partial += usize::from(0 < survived && survived < COUNT);
        standby.promote();
        let outcome = worker.finish();
        let applied = check_steps(|sql| standby.psql(sql));
        if outcome.status.success() {
            went_on += 1;
            if !loses {
                assert_eq!(applied, COUNT, "{outcome:?}");
            }
        }
        // What a run was told to be applied is there, if the standby was waited
        // for.
        if !loses {
            assert!(outcome.applied.len() <= applied, "{outcome:?} {applied}");
        }
        together([files.worker(&url, &[])])[0].assert_ok();
        assert_eq!(check_steps(|sql| standby.psql(sql)), COUNT);
    }
    println!("figures: {rounds} failovers, {partial} in part, {went_on} runs went on");
}

/// Kills the primary right before or right after it has committed the second
/// migration; the client sees no answer.
fn at_the_commit(options: &Options, is_after: bool) -> Option<usize> {
    let primary = Arc::new(Server::start()?);
    let standby = primary.standby_with(options);
    let proxy = Proxy::start(primary.address());
    let dying = Arc::clone(&primary);
    let commits = AtomicUsize::new(0);
    let kill = move |message: &[u8]| {
        let is_commit = sql(message).is_some_and(|text| text.eq_ignore_ascii_case("COMMIT"));
        let at = commits.fetch_add(usize::from(is_commit), Ordering::Relaxed);
        let is_it = is_commit && at == 1;
        if is_it && !is_after {
            dying.kill();
        }
        is_it
    };
    if is_after {
        proxy.cut_after(kill);
    } else {
        proxy.cut_before(kill);
    }
    // Otherwise the client could come back before the primary is killed.
    proxy.refuse_after_cut();
    let url = format!(
        "postgres://postgres@127.0.0.1:{},127.0.0.1:{}/postgres?target_session_attrs=read-write",
        proxy.address().port(),
        standby.port()
    );
    let files = Files::new(&steps(COUNT, ""));
    let mut worker = Worker::start(files.worker(&url, &["connector=1"]));
    worker.release();
    within(Duration::from_secs(20), "the commit comes", || {
        proxy.cuts() == 1
    });
    proxy.refuse(true);
    primary.kill();
    replayed(&standby);
    let survived = check_steps(|sql| standby.psql(sql));
    standby.promote();
    let outcome = worker.finish();
    outcome.assert_ok();
    assert_eq!(check_steps(|sql| standby.psql(sql)), COUNT);
    together([files.worker(&url, &[])])[0].assert_ok();
    Some(survived)
}

#[test]
fn around_a_commit() {
    let synchronous = Options::new().synchronous();
    let Some(before) = at_the_commit(&synchronous, false) else {
        return;
    };
    let after = at_the_commit(&synchronous, true).unwrap();
    println!("figures: {before} and {after} migrations had survived");
    assert!(before == 1 && after >= 2, "{before} {after}");
    at_the_commit(&Options::new(), false);
    at_the_commit(&Options::new(), true);
}

#[test]
fn to_an_asynchronous_standby() {
    failed_over(&Options::new(), 5, true);
}

#[test]
fn to_a_synchronous_standby() {
    failed_over(&Options::new().synchronous(), 5, false);
}
