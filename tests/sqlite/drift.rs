//! A database whose history is not that of the registry.

use crate::database::{Database, dump};
use migrate_runtime::{Ahead, Migrator, Numbering, Registry, Version};
use migrate_tests::{kinds, migrator, registry};
use rusqlite::Connection;

const A: (&str, &str) = ("001_a.sql", "CREATE TABLE a(x)");
const B: (&str, &str) = ("002_b.sql", "CREATE TABLE b(x)");
const C: (&str, &str) = ("003_c.sql", "CREATE TABLE c(x)");
const D: (&str, &str) = ("004_d.sql", "CREATE TABLE d(x)");

fn database(applied: &[(&str, &str)], by_hand: &str) -> (Database, Connection) {
    let database = Database::new(false);
    let mut conn = database.open();
    migrator(applied).up(&mut conn).unwrap();
    conn.execute_batch(by_hand).unwrap();
    (database, conn)
}

/// What a run says that has other files than those which were applied, also
/// when one more is pending.
fn check(applied: &[(&str, &str)], by_hand: &str, files: &[(&str, &str)]) -> String {
    let (file, mut conn) = database(applied, by_hand);
    let (content, bytes) = (dump(&conn), file.files());
    let error = migrator(files).up(&mut conn).unwrap_err();
    assert_eq!(
        migrator(files).plan(&conn).unwrap_err().drift(),
        error.drift()
    );
    assert_eq!(
        migrator(files).status(&conn).unwrap().drift(),
        error.drift()
    );
    let first = migrator(files)
        .to(Version::new(1))
        .up(&mut conn)
        .unwrap_err();
    assert_eq!(first.drift(), error.drift());
    assert_eq!(dump(&conn), content);
    assert_eq!(file.files(), bytes);
    assert!(error.report().is_empty());
    format!("{}:\n{error}", kinds(&error))
}

#[test]
fn an_edited_file() {
    let edited = ("002_b.sql", "CREATE TABLE b(x, y)");
    let shown = check(&[A, B], "", &[A, edited]);
    assert_eq!(check(&[A, B], "", &[A, edited, C]), shown);
    insta::assert_snapshot!(shown, @"
    modified:
    migration `002_b` was changed after it was applied: the history has `sha256:5e07f4552cf54da503ce03447a98a338a9e729c53718adef11d4ed22089323cb`, this binary `sha256:63d0de5d4ef5468a54c27c1a8907a8b6c4af01005340417efad5a7a2caa61b42`; restore `002_b.sql` and make the change in a new migration, or accept a harmless change with `repair`
    ");
}

#[test]
fn a_renamed_file() {
    let renamed = ("002_bee.sql", B.1);
    let shown = check(&[A, B], "", &[A, renamed]);
    assert_eq!(check(&[A, B], "", &[A, renamed, C]), shown);
    insta::assert_snapshot!(shown, @"
        renamed:
        migration `002_bee` was applied under the name `b`; give the file its old name back
        ");
}

/// The compiler refuses a registry with a hole, so a deleted file means that
/// those after it were renumbered, or that it was the last.
#[test]
fn a_deleted_file() {
    let renumbered = ("002_c.sql", C.1);
    insta::assert_snapshot!(check(&[A, B, C], "", &[A, renumbered]), @"
    ahead, replaced:
    the version of migration `002_c` was applied as `b`: files were inserted, removed or renumbered; give the applied migrations their old numbers back, and the new ones higher numbers; also, the database is ahead of this binary: migration `003_c` is applied but not contained in it; start a newer release, or restore its file
    ");
}

#[test]
fn a_file_inserted_in_the_middle() {
    let inserted = ("002_new.sql", "CREATE TABLE new(x)");
    let moved = ("003_b.sql", B.1);
    insta::assert_snapshot!(check(&[A, B], "", &[A, inserted, moved]), @"
    replaced:
    the version of migration `002_new` was applied as `b`: files were inserted, removed or renumbered; give the applied migrations their old numbers back, and the new ones higher numbers
    ");
}

#[test]
fn a_row_missing_in_the_middle() {
    let by_hand = "DELETE FROM _migrations WHERE version = 2";
    let shown = check(&[A, B, C], by_hand, &[A, B, C]);
    assert_eq!(check(&[A, B, C], by_hand, &[A, B, C, D]), shown);
    insta::assert_snapshot!(shown, @"
        gap:
        migration `002_b` is not applied, but the later version 003 is; give it a number above 003
        ");
}

/// A set that no longer begins where it began.
#[test]
fn a_migration_that_the_binary_lacks() {
    let (_file, mut conn) = database(&[A, B], "");
    let later = &registry(&[A, B]).migrations()[1..];
    let first = Version::new(2);
    let later = Registry::with_numbering(Numbering::Sequential { first }, later);
    let migrator = Migrator::<Version>::new(Box::leak(Box::new(later)));
    let content = dump(&conn);
    let error = migrator.up(&mut conn).unwrap_err();
    assert_eq!(dump(&conn), content);
    insta::assert_snapshot!(format!("{}: {error}", kinds(&error)), @"missing: migration `001_a` is applied, but this binary does not contain it; restore its file");
}

#[test]
fn a_database_that_is_ahead() {
    insta::assert_snapshot!(check(&[A, B, C], "", &[A]), @"
    ahead:
    the database is ahead of this binary: 2 migrations, `002_b` to `003_c`, are applied but this binary does not contain them; start a newer release, or restore their files
    ");
}

#[test]
fn all_disagreements_at_once() {
    let by_hand = "DELETE FROM _migrations WHERE version = 2; \
                   UPDATE _migrations SET state = 'started' WHERE version = 3;
                   UPDATE _migrations SET checksum = 'sha256:00' WHERE version = 1";
    let files = [A, B, ("003_sea.sql", C.1)];
    insta::assert_snapshot!(check(&[A, B, C, D], by_hand, &files), @"
    ahead, dirty, gap, modified, renamed:
    migration `001_a` was changed after it was applied: the history has `sha256:00`, this binary `sha256:b8c2f006b34c22121aed2ce43713f43570cb14a457a16aa788e6308e8522e093`; restore `001_a.sql` and make the change in a new migration, or accept a harmless change with `repair`; also, the up of migration `003_c` was started outside a transaction and has not finished; check what it left behind, then use `repair` to resume it or to record its outcome; also, migration `003_sea` was applied under the name `c`; give the file its old name back; also, the database is ahead of this binary: migration `004_d` is applied but not contained in it; start a newer release, or restore its file; also, migration `002_b` is not applied, but the later version 004 is; give it a number above 004
    ");
}

#[test]
fn ahead_may_be_allowed() {
    let (file, mut conn) = database(&[A, B, C], "");
    let bytes = file.files();
    let allowed = migrator(&[A, B]).ahead(Ahead::Allow);
    assert!(allowed.up(&mut conn).unwrap().is_empty());
    assert!(allowed.plan(&conn).unwrap().is_empty());
    assert!(allowed.status(&conn).unwrap().drift().is_empty());
    assert_eq!(file.files(), bytes);
    // What it does not know of may be anything; what it knows must agree.
    let edited = migrator(&[A, ("002_b.sql", "CREATE TABLE b(x, y)")]).ahead(Ahead::Allow);
    assert_eq!(kinds(&edited.up(&mut conn).unwrap_err()), "modified");
    conn.execute(
        "UPDATE _migrations SET state = 'started' WHERE version = 3",
        [],
    )
    .unwrap();
    assert_eq!(kinds(&allowed.up(&mut conn).unwrap_err()), "dirty");
}

/// A migration that is pending below one that is applied would run in another
/// order here than everywhere else, on a schema that it never met.
#[test]
fn nothing_is_applied_below_what_is_ahead() {
    let by_hand = "DELETE FROM _migrations WHERE version = 2";
    let (file, mut conn) = database(&[A, B, C], by_hand);
    let bytes = file.files();
    let error = migrator(&[A, B])
        .ahead(Ahead::Allow)
        .up(&mut conn)
        .unwrap_err();
    assert_eq!(kinds(&error), "gap");
    assert_eq!(file.files(), bytes);
    let error = migrator(&[A, B]).up(&mut conn).unwrap_err();
    assert_eq!(kinds(&error), "ahead, gap");
}
