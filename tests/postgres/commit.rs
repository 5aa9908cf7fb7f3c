//! Connections that are cut around a commit: docs/internals/postgres.md, "Commit in
//! doubt".

use crate::lab::{EMPTY, block, check_steps, client, steps, texts};
use migrate_runtime::postgres::Connector;
use migrate_runtime::{Direction, Down, Error, Event, Migrator, Postgres, Transactions, Version};
use migrate_servers::{Database, Proxy, Server, sql};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// The second commit of a run on a fresh database is that of `002_m`.
fn second(ends: impl Fn(&str) -> bool + Send + 'static) -> impl Fn(&[u8]) -> bool + Send {
    let seen = AtomicUsize::new(0);
    move |message| sql(message).is_some_and(&ends) && seen.fetch_add(1, Ordering::Relaxed) == 1
}

fn is_commit(text: &str) -> bool {
    text.trim().eq_ignore_ascii_case("COMMIT")
}

fn migrator() -> Migrator<Version, Postgres> {
    migrate_tests::postgres::migrator(&texts(&steps(4, "")))
}

fn with_connector(proxy: &Proxy, database: &Database) -> Migrator<Version, Postgres> {
    let connector = Connector::parse(&proxy.url(database.name())).unwrap();
    migrator().connector(connector.connect_timeout(Duration::from_secs(10)))
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Cut {
    BeforeCommit,
    AfterCommit,
}

const CUTS: [Cut; 2] = [Cut::BeforeCommit, Cut::AfterCommit];

impl Cut {
    fn arm(self, proxy: &Proxy) {
        match self {
            Cut::BeforeCommit => proxy.cut_before(second(is_commit)),
            Cut::AfterCommit => proxy.cut_after(second(is_commit)),
        }
    }
}

#[test]
fn with_a_connector_a_run_finds_out_and_goes_on() {
    let Some(server) = Server::shared() else {
        return;
    };
    for cut in CUTS {
        for pooled in [false, true] {
            let database = server.database();
            let proxy = Proxy::start(server.address());
            cut.arm(&proxy);
            let mut migrator = with_connector(&proxy, &database);
            if pooled {
                migrator = migrator.behind_pooler();
            }
            let report = block(async {
                let mut client = client(&proxy.url(database.name())).await;
                let report = migrator.up(&mut client).await.unwrap();
                // It is the new connection.
                client.simple_query("SELECT 1").await.unwrap();
                report
            });
            assert_eq!((proxy.cuts(), proxy.connections()), (1, 2), "{cut:?}");
            let applied: Vec<u64> = report.applied().iter().map(|m| m.version.get()).collect();
            assert_eq!(applied, [1, 2, 3, 4], "{cut:?} {pooled}");
            assert_eq!(check_steps(|sql| database.psql(sql)), 4);
        }
    }
}

#[test]
fn without_a_connector_nobody_knows_and_the_next_run_converges() {
    let Some(server) = Server::shared() else {
        return;
    };
    for (cut, applied) in [(Cut::BeforeCommit, 1), (Cut::AfterCommit, 2)] {
        let database = server.database();
        let proxy = Proxy::start(server.address());
        cut.arm(&proxy);
        let error = block(async {
            let mut client = client(&proxy.url(database.name())).await;
            migrator().up(&mut client).await.unwrap_err()
        });
        assert!(error.is_commit_unknown(), "{cut:?} {error}");
        assert_eq!(error.report().applied().len(), 1);
        insta::allow_duplicates! {
            insta::assert_snapshot!(migrate_tests::chain(&error), @"the commit of migration `002_m` failed, and it is not known whether it took effect; the next run reads the history and finds out: connection closed");
        }
        assert_eq!(check_steps(|sql| database.psql(sql)), applied, "{cut:?}");
        let report = block(async {
            let mut client = client(database.url()).await;
            migrator().up(&mut client).await.unwrap()
        });
        assert_eq!(report.applied().len(), 4 - applied);
        assert_eq!(check_steps(|sql| database.psql(sql)), 4);
    }
}

#[test]
fn the_way_down_finds_out_as_well() {
    let Some(server) = Server::shared() else {
        return;
    };
    for cut in CUTS {
        let database = server.database();
        let proxy = Proxy::start(server.address());
        let migrator = with_connector(&proxy, &database);
        let report = block(async {
            let mut client = client(&proxy.url(database.name())).await;
            migrator.up(&mut client).await.unwrap();
            cut.arm(&proxy);
            migrator.down(&mut client, Down::All).await.unwrap()
        });
        assert_eq!(proxy.cuts(), 1, "{cut:?}");
        let undone: Vec<u64> = report.undone().iter().map(|m| m.version.get()).collect();
        assert_eq!(undone, [4, 3, 2, 1], "{cut:?}");
        assert_eq!(check_steps(|sql| database.psql(sql)), 0);
    }
}

#[test]
fn redo_finds_out_as_well() {
    let Some(server) = Server::shared() else {
        return;
    };
    for cut in CUTS {
        let database = server.database();
        let proxy = Proxy::start(server.address());
        let migrator = with_connector(&proxy, &database);
        let report = block(async {
            let mut client = client(&proxy.url(database.name())).await;
            migrator.up(&mut client).await.unwrap();
            match cut {
                Cut::BeforeCommit => proxy.cut_before(|m| sql(m).is_some_and(is_commit)),
                Cut::AfterCommit => proxy.cut_after(|m| sql(m).is_some_and(is_commit)),
            }
            migrator.redo(&mut client).await.unwrap()
        });
        assert_eq!(proxy.cuts(), 1, "{cut:?}");
        assert_eq!(
            (report.undone().len(), report.applied().len()),
            (1, 1),
            "{cut:?}"
        );
        assert_eq!(check_steps(|sql| database.psql(sql)), 4);
    }
}

/// What was undone by the commit is not undone again, nor is the one below it.
#[test]
fn a_way_down_in_one_transaction_is_not_taken_twice() {
    let Some(server) = Server::shared() else {
        return;
    };
    for cut in CUTS {
        let database = server.database();
        let proxy = Proxy::start(server.address());
        let migrator = with_connector(&proxy, &database).transactions(Transactions::All);
        let report = block(async {
            let mut client = client(&proxy.url(database.name())).await;
            migrator.up(&mut client).await.unwrap();
            match cut {
                Cut::BeforeCommit => proxy.cut_before(|m| sql(m).is_some_and(is_commit)),
                Cut::AfterCommit => proxy.cut_after(|m| sql(m).is_some_and(is_commit)),
            }
            migrator.down(&mut client, Down::Steps(1)).await.unwrap()
        });
        assert_eq!(proxy.cuts(), 1, "{cut:?}");
        let undone: Vec<u64> = report.undone().iter().map(|m| m.version.get()).collect();
        assert_eq!(undone, [4], "{cut:?}");
        assert_eq!(check_steps(|sql| database.psql(sql)), 3);
    }
}

/// Before each message that the run sends, one after the other: whatever is cut,
/// the run goes on to its end.
#[test]
fn cut_before_any_message_it_goes_on() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    for pooled in [false, true] {
        let mut cuts = 0;
        for at in 0.. {
            assert!(at < 200, "it never ends");
            database.psql(EMPTY);
            let proxy = Proxy::start(server.address());
            let seen = AtomicUsize::new(0);
            proxy.cut_before(move |message| {
                sql(message).is_some() && seen.fetch_add(1, Ordering::Relaxed) == at
            });
            let connector = Connector::parse(&proxy.url(database.name())).unwrap();
            let files = steps(2, "");
            let mut migrator =
                migrate_tests::postgres::migrator(&texts(&files)).connector(connector);
            if pooled {
                migrator = migrator.behind_pooler();
            }
            let result = block(async {
                let mut client = client(&proxy.url(database.name())).await;
                migrator.up(&mut client).await
            });
            // The very first query is tried again only as a whole.
            assert!(result.is_ok(), "at {at}: {:?}", result.err());
            assert_eq!(result.unwrap().applied().len(), 2, "at {at}");
            assert_eq!(check_steps(|sql| database.psql(sql)), 2, "at {at}");
            if proxy.cuts() == 0 {
                break;
            }
            cuts += 1;
        }
        println!("cut at {cuts} messages");
        assert!(cuts > 20, "{cuts}");
    }
}

/// One that fails at its commit is told as that, and not as unknown.
#[test]
fn what_a_listener_is_told_of_a_commit_in_doubt() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    let proxy = Proxy::start(server.address());
    Cut::AfterCommit.arm(&proxy);
    let (sender, events) = std::sync::mpsc::channel();
    let migrator = with_connector(&proxy, &database).observer(move |event: &Event<'_>| {
        let told = match event {
            Event::MigrationEnded { label, error, .. } => {
                format!("{label} {}", error.map_or("ok", kind))
            }
            Event::RunEnded {
                count,
                error,
                direction,
                ..
            } => {
                assert_eq!(*direction, Direction::Up);
                format!("{count} {}", error.map_or("ok", kind))
            }
            _ => return,
        };
        let _ = sender.send(told);
    });
    block(async {
        let mut client = client(&proxy.url(database.name())).await;
        migrator.up(&mut client).await.unwrap();
    });
    drop(migrator);
    let told: Vec<String> = events.into_iter().collect();
    assert_eq!(
        told,
        ["001_m ok", "002_m unknown", "003_m ok", "004_m ok", "4 ok"]
    );
}

fn kind(error: &Error) -> &'static str {
    if error.is_commit_unknown() {
        "unknown"
    } else {
        "other"
    }
}
