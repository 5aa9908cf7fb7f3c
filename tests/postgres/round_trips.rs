//! How often a run waits for the server: docs/internals/postgres.md, "Round trips".

use crate::lab::block;
use migrate_runtime::postgres::{Connector, Lock};
use migrate_runtime::{Down, Migrator, Postgres, Transactions, Version};
use migrate_servers::{Proxy, Server};

/// What a migration may cost: `BEGIN`, the checks, the script, the row, `COMMIT`.
const AT_MOST: usize = 5;

/// The migrations of the shorter run; the longer one has twice as many. What a
/// run costs once is in neither figure. It may differ by one or two: messages
/// that are sent together may arrive one after the other.
const COUNT: usize = 10;

type With = fn(Migrator<Version, Postgres>) -> Migrator<Version, Postgres>;

const MODES: [(&str, With); 4] = [
    ("session", |migrator| migrator),
    ("pooler", |migrator| migrator.behind_pooler()),
    ("lease", |migrator| migrator.lock(Lock::Table)),
    ("all in one transaction", |migrator| {
        migrator.transactions(Transactions::All)
    }),
];

/// The migrations, of several statements each.
fn files(count: usize) -> Vec<(String, String)> {
    (1..=count)
        .map(|n| {
            let text = format!(
                "CREATE TABLE t{n} (id bigint PRIMARY KEY);\nINSERT INTO t{n} VALUES (1);\n\
                 CREATE INDEX i{n} ON t{n} (id);\n\
                 -- migrate:down\nDROP INDEX i{n};\nDROP TABLE t{n};\n"
            );
            (format!("{n:03}_m.sql"), text)
        })
        .collect()
}

/// The round trips of applying and of undoing so many migrations.
fn counted(server: &Server, count: usize, with: With) -> (usize, usize) {
    let database = server.database();
    let proxy = Proxy::start(server.address());
    let files = files(count);
    let migrator = with(migrate_tests::postgres::migrator(&crate::lab::texts(
        &files,
    )));
    let (up, down) = block(async {
        let connector = Connector::parse(&proxy.url(database.name())).unwrap();
        let mut client = connector.connect().await.unwrap();
        proxy.forget();
        let report = migrator.up(&mut client).await.unwrap();
        assert_eq!(report.applied().len(), count);
        let up = proxy.round_trips();
        proxy.forget();
        let report = migrator.down(&mut client, Down::All).await.unwrap();
        assert_eq!(report.undone().len(), count);
        (up, proxy.round_trips())
    });
    assert_eq!(database.psql("SELECT count(*) FROM _migrations"), "0");
    (up, down)
}

#[test]
fn a_migration_costs_five_at_most() {
    let Some(server) = Server::shared() else {
        return;
    };
    for (mode, with) in MODES {
        let few = counted(server, COUNT, with);
        let many = counted(server, 2 * COUNT, with);
        let each = |few: usize, many: usize| (many - few + COUNT / 2) / COUNT;
        let (up, down) = (each(few.0, many.0), each(few.1, many.1));
        println!("{mode}: {up} up, {down} down; once {}", few.0 - COUNT * up);
        assert!(up <= AT_MOST, "{mode}: {up} round trips up");
        assert!(down <= AT_MOST, "{mode}: {down} round trips down");
    }
}
