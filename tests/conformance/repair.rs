//! Repairing a row of the history.

use crate::database::{A, Database, refused};
use migrate_runtime::Repair;

const B: (&str, &str) = ("002_b.sql", "CREATE TABLE b(y bigint)");
const B_EDITED: (&str, &str) = ("002_b.sql", "CREATE TABLE b(y bigint) -- why");
const B_RENAMED: (&str, &str) = ("002_bees.sql", "CREATE TABLE b(y bigint)");
const B_REPLACED: (&str, &str) = ("002_other.sql", "CREATE TABLE other(y bigint)");

/// The lines of the note of the second migration, without their times.
pub(crate) fn notes<D: Database>(db: &mut D) -> String {
    let note = db.rows("SELECT note FROM _migrations WHERE version = 2");
    let lines = note.lines().map(|line| {
        let (time, rest) = line.split_once(' ').unwrap();
        assert!(time.ends_with('Z') && time.contains('T'), "{line}");
        rest
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn a_restamp_says_what_was_and_why<D: Database>(mut db: D) {
    db.up(&D::migrator(&[A, B])).unwrap();
    let mut restamp = |second, reason| {
        let migrator = D::migrator(&[A, second]);
        let repaired = db.repair(&migrator, 2, Repair::Restamp(reason)).unwrap();
        assert!(db.up(&migrator).unwrap().is_empty());
        repaired.to_string()
    };
    insta::assert_snapshot!(restamp(B_EDITED, "a comment"), @"restamped 002_b: sha256:8f8ebd250afffc30fb72866cafc2a9cfd01f22aeaf673fbca2479a32e85de1f6 became sha256:5e1e83f6dff571ba5a095acdec47b38843a70a7330e8c8f7164cd25b8f8c336d");
    insta::assert_snapshot!(restamp(B, "it's back \u{1f418}"), @"restamped 002_b: sha256:5e1e83f6dff571ba5a095acdec47b38843a70a7330e8c8f7164cd25b8f8c336d became sha256:8f8ebd250afffc30fb72866cafc2a9cfd01f22aeaf673fbca2479a32e85de1f6");
    insta::assert_snapshot!(restamp(B_RENAMED, "a better name"), @"restamped 002_bees");
    // The row gets the down as well.
    let with_down = (
        "002_bees.sql",
        "CREATE TABLE b(y bigint); -- why\n-- migrate:down\nDROP TABLE b;\n",
    );
    restamp(with_down, "a down");
    insta::assert_snapshot!(notes(&mut db), @"
    restamped sha256:8f8ebd250afffc30fb72866cafc2a9cfd01f22aeaf673fbca2479a32e85de1f6 as sha256:5e1e83f6dff571ba5a095acdec47b38843a70a7330e8c8f7164cd25b8f8c336d: a comment
    restamped sha256:5e1e83f6dff571ba5a095acdec47b38843a70a7330e8c8f7164cd25b8f8c336d as sha256:8f8ebd250afffc30fb72866cafc2a9cfd01f22aeaf673fbca2479a32e85de1f6: it's back 🐘
    renamed from b: a better name
    restamped sha256:8f8ebd250afffc30fb72866cafc2a9cfd01f22aeaf673fbca2479a32e85de1f6 as sha256:189d1c024820833e1b3a6e61360d42943025ec5e9e325ddd05d9979c64bb9a79: a down
    ");
    let down = db.rows("SELECT down_sql FROM _migrations WHERE version = 2");
    assert_eq!(down.trim(), "DROP TABLE b;");
    assert_eq!(
        db.rows("SELECT note FROM _migrations WHERE version = 1"),
        ""
    );
}

fn no_other_row_is_repaired<D: Database>(mut db: D) {
    db.up(&D::migrator(&[A, B])).unwrap();
    let mut messages = String::new();
    let mut refuse = |db: &mut D, files: &[(&str, &str)], version, repair: Repair<'_>| {
        let migrator = D::migrator(files);
        let error = refused(db, |db| db.repair(&migrator, version, repair));
        messages += &format!("{}\n", error.message());
    };
    let why = Repair::Restamp("why");
    refuse(&mut db, &[A, B_REPLACED], 2, why);
    refuse(&mut db, &[A, B], 2, why);
    refuse(&mut db, &[A], 2, why);
    refuse(&mut db, &[A, B], 3, why);
    refuse(&mut db, &[A, B, ("003_c.sql", "SELECT 1")], 3, why);
    refuse(&mut db, &[A, B_EDITED], 2, Repair::Restamp(" \n"));
    refuse(&mut db, &[A, B_EDITED], 2, Repair::MarkApplied(""));
    refuse(&mut db, &[A, B_EDITED], 2, Repair::MarkApplied("why"));
    refuse(&mut db, &[A, B_EDITED], 2, Repair::MarkPending);
    refuse(&mut db, &[A, B_EDITED], 2, Repair::Resume);
    db.execute("UPDATE _migrations SET state = 'started' WHERE version = 2");
    refuse(&mut db, &[A, B_EDITED], 2, why);
    refuse(&mut db, &[A, B], 2, Repair::Resume);
    db.execute("DELETE FROM _migrations");
    refuse(&mut db, &[A], 1, why);
    insta::assert_snapshot!(messages, @"
    the version of migration `002_other` was applied as `b`; nothing was changed, a restamp is for a migration that is still the same
    this repair does not apply to migration `002_b` as it is; nothing was changed: a restamp is for a migration that was changed or renamed after it was applied, the other repairs are for one that was started and has not finished
    this binary does not contain migration `002_b`; nothing was changed, use the program that does
    migration `003` is not in the history, so there is nothing to repair
    migration `003_c` is not in the history, so there is nothing to repair
    a repair needs a reason, which is kept in the history
    a repair needs a reason, which is kept in the history
    this repair does not apply to migration `002_b` as it is; nothing was changed: a restamp is for a migration that was changed or renamed after it was applied, the other repairs are for one that was started and has not finished
    this repair does not apply to migration `002_b` as it is; nothing was changed: a restamp is for a migration that was changed or renamed after it was applied, the other repairs are for one that was started and has not finished
    this repair does not apply to migration `002_b` as it is; nothing was changed: a restamp is for a migration that was changed or renamed after it was applied, the other repairs are for one that was started and has not finished
    this repair does not apply to migration `002_b` as it is; nothing was changed: a restamp is for a migration that was changed or renamed after it was applied, the other repairs are for one that was started and has not finished
    this repair does not apply to migration `002_b` as it is; nothing was changed: a restamp is for a migration that was changed or renamed after it was applied, the other repairs are for one that was started and has not finished
    migration `001_a` is not in the history, so there is nothing to repair
    ");
}

on_both![a_restamp_says_what_was_and_why, no_other_row_is_repaired,];
