//! 21. A history that is not that of the registry.

use crate::database::{Database, Files, refused, version};
use migrate_runtime::Ahead;
use migrate_tests::kinds;

const A: (&str, &str) = ("001_a.sql", "CREATE TABLE a(x bigint)");
const B: (&str, &str) = ("002_b.sql", "CREATE TABLE b(x bigint)");
const C: (&str, &str) = ("003_c.sql", "CREATE TABLE c(x bigint)");
const D: (&str, &str) = ("004_d.sql", "CREATE TABLE d(x bigint)");

/// What a run says that has other files than those which were applied, with
/// nothing applied and nothing written.
fn check<T: Database>(db: &mut T, applied: Files<'_>, by_hand: &str, files: Files<'_>) -> String {
    db.up(&T::migrator(applied)).unwrap();
    if !by_hand.is_empty() {
        db.execute(by_hand);
    }
    let migrator = T::migrator(files);
    let error = refused(db, |db| db.up(&migrator));
    assert_eq!(db.plan(&migrator).unwrap_err().drift(), error.drift());
    let status = db.status(&migrator).unwrap();
    assert_eq!(status.drift(), error.drift());
    assert_eq!(db.verify(&migrator).unwrap().drift(), error.drift());
    let first = migrator.to(version(1));
    let first = refused(db, |db| db.up(&first));
    assert_eq!(first.drift(), error.drift());
    format!("{}:\n{}", kinds(&error), error.message())
}

fn an_edited_file<T: Database>(mut db: T) {
    let edited = ("002_b.sql", "CREATE TABLE b(x bigint, y bigint)");
    let shown = check(&mut db, &[A, B], "", &[A, edited]);
    assert_eq!(check(&mut db, &[A, B], "", &[A, edited, C]), shown);
    insta::assert_snapshot!(shown, @"
    modified:
    migration `002_b` was changed after it was applied: the history has `sha256:13174a4b3011798649c162bade5632ffbea0521459ac810a94f991273085991b`, this binary `sha256:6ccac1d1973ed9a3d370801ff727c7ad374fb36a9e77da6d36689fbf0110a285`; restore `002_b.sql` and make the change in a new migration, or accept a harmless change with `repair`
    ");
}

fn a_renamed_file<T: Database>(mut db: T) {
    let renamed = ("002_bee.sql", B.1);
    let shown = check(&mut db, &[A, B], "", &[A, renamed]);
    assert_eq!(check(&mut db, &[A, B], "", &[A, renamed, C]), shown);
    insta::assert_snapshot!(shown, @"
    renamed:
    migration `002_bee` was applied under the name `b`; give the file its old name back
    ");
}

fn a_deleted_file<T: Database>(mut db: T) {
    let renumbered = ("002_c.sql", C.1);
    insta::assert_snapshot!(check(&mut db, &[A, B, C], "", &[A, renumbered]), @"
    ahead, replaced:
    the version of migration `002_c` was applied as `b`: files were inserted, removed or renumbered; give the applied migrations their old numbers back, and the new ones higher numbers
    the database is ahead of this binary: migration `003_c` is applied but not contained in it; start a newer release, or restore its file
    ");
}

fn a_file_inserted_in_the_middle<T: Database>(mut db: T) {
    let inserted = ("002_new.sql", "CREATE TABLE new(x bigint)");
    let moved = ("003_b.sql", B.1);
    insta::assert_snapshot!(check(&mut db, &[A, B], "", &[A, inserted, moved]), @"
    replaced:
    the version of migration `002_new` was applied as `b`: files were inserted, removed or renumbered; give the applied migrations their old numbers back, and the new ones higher numbers
    ");
}

fn a_row_missing_in_the_middle<T: Database>(mut db: T) {
    let by_hand = "DELETE FROM _migrations WHERE version = 2";
    let shown = check(&mut db, &[A, B, C], by_hand, &[A, B, C]);
    insta::assert_snapshot!(shown, @"
    gap:
    migration `002_b` is not applied, but the later version 003 is; give it a number above 003
    ");
    let more = T::migrator(&[A, B, C, D]);
    assert_eq!(
        kinds(&refused(&mut db, |db| db.up(&more))),
        "gap",
        "with one more pending"
    );
    // Nor below what is ahead.
    let fewer = T::migrator(&[A, B]).ahead(Ahead::Allow);
    assert_eq!(kinds(&refused(&mut db, |db| db.up(&fewer))), "gap");
    let fewer = T::migrator(&[A, B]);
    assert_eq!(kinds(&refused(&mut db, |db| db.up(&fewer))), "ahead, gap");
}

fn all_disagreements_at_once<T: Database>(mut db: T) {
    let by_hand = "DELETE FROM _migrations WHERE version = 2; \
                   UPDATE _migrations SET state = 'started' WHERE version = 3; \
                   UPDATE _migrations SET checksum = 'sha256:00' WHERE version = 1";
    let files = [A, B, ("003_sea.sql", C.1)];
    insta::assert_snapshot!(check(&mut db, &[A, B, C, D], by_hand, &files), @"
    ahead, dirty, gap, modified, renamed:
    migration `001_a` was changed after it was applied: the history has `sha256:00`, this binary `sha256:2cb75448ad3e9976b198988494ed6034db16d29a6ba80a83bb92a29c639ad4cb`; restore `001_a.sql` and make the change in a new migration, or accept a harmless change with `repair`
    the up of migration `003_c` was started outside a transaction and has not finished; check what it left behind, then use `repair` to resume it or to record its outcome
    migration `003_sea` was applied under the name `c`; give the file its old name back
    the database is ahead of this binary: migration `004_d` is applied but not contained in it; start a newer release, or restore its file
    migration `002_b` is not applied, but the later version 004 is; give it a number above 004
    ");
}

on_both![
    an_edited_file,
    a_renamed_file,
    a_deleted_file,
    a_file_inserted_in_the_middle,
    a_row_missing_in_the_middle,
    all_disagreements_at_once,
];
