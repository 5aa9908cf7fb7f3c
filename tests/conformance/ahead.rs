//! 22. A database that is ahead of the binary.

use crate::database::{A, B, Database, THREE, assert_state, done, refused};
use migrate_runtime::{Ahead, Down};
use migrate_tests::kinds;

fn it_is_refused<D: Database>(mut db: D) {
    db.up(&D::migrator(&THREE)).unwrap();
    let one = D::migrator(&[A]);
    let error = refused(&mut db, |db| db.up(&one));
    assert_eq!(kinds(&error), "ahead");
    insta::assert_snapshot!(error.message(), @"the database is ahead of this binary: 2 migrations, `002_b` to `003_c`, are applied but this binary does not contain them; start a newer release, or restore their files");
    let two = D::migrator(&[A, B]);
    insta::assert_snapshot!(refused(&mut db, |db| db.plan(&two)), @"the database is ahead of this binary: migration `003_c` is applied but not contained in it; start a newer release, or restore its file");
}

fn or_allowed_on_request<D: Database>(mut db: D) {
    db.up(&D::migrator(&THREE)).unwrap();
    let before = db.dump();
    let allowed = D::migrator(&[A, B]).ahead(Ahead::Allow);
    assert!(db.up(&allowed).unwrap().is_empty());
    assert!(db.plan(&allowed).unwrap().is_empty());
    assert!(db.status(&allowed).unwrap().drift().is_empty());
    assert_eq!(db.dump(), before);
    // What it does not know of may be anything; what it knows must agree.
    let edited = ("002_b.sql", "CREATE TABLE b(x bigint, y bigint)");
    let edited = D::migrator(&[A, edited]).ahead(Ahead::Allow);
    assert_eq!(kinds(&refused(&mut db, |db| db.up(&edited))), "modified");
    db.execute("UPDATE _migrations SET state = 'started' WHERE version = 3");
    assert_eq!(kinds(&refused(&mut db, |db| db.up(&allowed))), "dirty");
}

/// The way down is open to a binary that is older.
fn it_can_be_undone<D: Database>(mut db: D) {
    db.up(&D::migrator(&THREE)).unwrap();
    let report = db.down(&D::migrator(&[A]), Down::Steps(2)).unwrap();
    assert_eq!(done(&report), "-003_c -002_b");
    assert_state(&mut db, "a: 1");
}

on_both![it_is_refused, or_allowed_on_request, it_can_be_undone,];
