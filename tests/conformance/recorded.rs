//! What the history says of a migration.

use crate::database::{A, Database, THREE, version};
use std::time::{Duration, Instant};

fn release_commit_and_time<D: Database>(mut db: D) {
    let files = [
        A,
        (
            "002_b.sql",
            "CREATE TABLE b(x bigint);\n-- migrate:down\n\nDROP TABLE b;\n",
        ),
        ("003_c.sql", "CREATE TABLE c(x bigint);"),
    ];
    let migrator = D::migrator(&files);
    let told = migrator
        .clone()
        .release("orders 1.2.3 \u{e9}'")
        .git_commit("4f2a91c");
    db.up(&told.to(version(2))).unwrap();
    db.up(&migrator).unwrap();
    insta::assert_snapshot!(
        db.rows(
            "SELECT version, name, state, checksum, release, git_commit, down_sql, origin, \
             progress, note FROM _migrations ORDER BY version",
        ),
        @"
    1|a|applied|sha256:f5d5ccfb14114036f5bef9d45066e6497a1cac9021f58eb5db96495d1b2c27cf|orders 1.2.3 é'|4f2a91c|DROP TABLE a;
    |||
    2|b|applied|sha256:16dc2033dada6baf29cedbcf1a1d5d2f9c403048d2c5a52c26972985138d188c|orders 1.2.3 é'|4f2a91c|
    DROP TABLE b;
    |||
    3|c|applied|sha256:172255955154e145d0d1338de18528863708d85f229558cf04c5fc1f30073524||||||
    "
    );
    // A time of the one format, and of now.
    let times = db.rows("SELECT applied_at FROM _migrations");
    for time in times.lines() {
        let shape: String = time
            .chars()
            .map(|c| if c.is_ascii_digit() { '0' } else { c })
            .collect();
        assert_eq!(shape, "0000-00-00T00:00:00.000Z", "{time}");
    }
    let is_now = if D::is_sqlite() {
        "SELECT count(*) FROM _migrations \
         WHERE abs(julianday(applied_at) - julianday('now')) * 86400 < 60"
    } else {
        "SELECT count(*) FROM _migrations \
         WHERE abs(extract(epoch FROM now() - applied_at::timestamptz)) < 60"
    };
    assert_eq!(db.rows(is_now), "3");
}

/// The columns of both are the same, so that whatever reads one reads the other.
fn the_columns<D: Database>(mut db: D) {
    db.up(&D::migrator(&[A])).unwrap();
    let columns = if D::is_sqlite() {
        "SELECT name, replace(type, 'INTEGER', 'bigint'), \"notnull\" OR pk \
         FROM pragma_table_info('_migrations')"
    } else {
        "SELECT column_name, data_type, (is_nullable = 'NO')::int \
         FROM information_schema.columns WHERE table_name = '_migrations' \
         ORDER BY ordinal_position"
    };
    insta::assert_snapshot!(db.rows(columns).to_lowercase(), @"
    version|bigint|1
    name|text|1
    checksum|text|1
    state|text|1
    applied_at|text|1
    execution_ms|bigint|1
    release|text|0
    git_commit|text|0
    down_sql|text|0
    origin|text|0
    progress|text|0
    note|text|0
    ");
}

fn how_long_it_took<D: Database>(mut db: D) {
    let slow = if D::is_sqlite() {
        "CREATE TABLE s AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL \
         SELECT i + 1 FROM n WHERE i < 500000) SELECT max(i) AS x FROM n"
    } else {
        "SELECT pg_sleep(0.1)"
    };
    let begun = Instant::now();
    let report = db.up(&D::migrator(&[A, ("002_s.sql", slow)])).unwrap();
    let elapsed = begun.elapsed();
    let [_, second] = report.applied() else {
        unreachable!("two are pending")
    };
    assert!(second.duration > Duration::from_millis(20), "{second:?}");
    assert!(report.elapsed() >= second.duration && report.elapsed() <= elapsed);
    let recorded: u128 = db
        .rows("SELECT execution_ms FROM _migrations WHERE version = 2")
        .parse()
        .unwrap();
    assert!(
        recorded.abs_diff(second.duration.as_millis()) <= 50,
        "{recorded} {second:?}"
    );
}

/// With nothing pending nothing is written, not by any verb that looks.
fn nothing_pending_writes_nothing<D: Database>(mut db: D) {
    let migrator = D::migrator(&THREE).release("one");
    db.up(&migrator).unwrap();
    let before = db.dump();
    let later = D::migrator(&THREE).release("two");
    assert!(db.up(&later).unwrap().is_empty());
    db.status(&later).unwrap();
    db.plan(&later).unwrap();
    db.verify(&later).unwrap();
    assert_eq!(db.dump(), before);
}

on_both![
    release_commit_and_time,
    the_columns,
    how_long_it_took,
    nothing_pending_writes_nothing,
];
