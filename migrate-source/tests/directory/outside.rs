//! Scripts that run without a transaction: what only they may do, and what not
//! even they may.

use super::{problems, script};
use insta::assert_snapshot;
use migrate_model::pragma::refused_pragma;
use migrate_source::Options;
use migrate_source::directory::read;

/// The first line of each problem, of a script with that statement.
fn headlines(statements: &[&str]) -> String {
    let mut headlines = String::new();
    for sql in statements {
        let problems = script(format!("-- migrate: no-transaction\n{sql}"));
        let headline = problems.lines().next().unwrap_or("accepted");
        headlines += &format!("{sql:<40} {headline}\n");
    }
    headlines
}

#[test]
fn what_is_allowed_only_there() {
    for sql in [
        "VACUUM",
        "vacuum main",
        "VACUUM INTO 'b.db'",
        "PRAGMA wal_checkpoint",
        "PRAGMA wal_checkpoint(truncate)",
        "PRAGMA journal_mode = wal",
        "PRAGMA main.journal_mode(DELETE)",
        "PRAGMA journal_mode = 'truncate'",
        "PRAGMA journal_mode = \"Persist\"",
        "PRAGMA page_size = 8192",
        "PRAGMA main.auto_vacuum = full",
    ] {
        assert_eq!(
            script(format!("-- migrate: no-transaction\n{sql}")),
            "",
            "{sql}"
        );
        assert_ne!(script(sql), "", "{sql}");
    }
}

/// Both ways into a transaction, and the rest that harms everywhere.
#[test]
fn what_is_refused_there_too() {
    assert_snapshot!(headlines(&[
        "BEGIN",
        "COMMIT",
        "END",
        "ROLLBACK",
        "SAVEPOINT a",
        "RELEASE a",
        "ATTACH 'b.db' AS b",
        "DETACH b",
        "PRAGMA journal_mode = memory",
        "PRAGMA journal_mode = off",
        "PRAGMA journal_mode = wal2",
        "PRAGMA journal_mode",
        "PRAGMA foreign_keys = on",
        "PRAGMA synchronous = off",
        "PRAGMA encoding = 'UTF-16'",
        "PRAGMA locking_mode = normal",
        "PRAGMA writable_schema = on",
        "PRAGMA schema_version = 7",
        "PRAGMA busy_timeout = 7",
        "PRAGMA user_version = 7",
        "ANALYZE",
    ]), @"
    BEGIN                                    M019: `BEGIN` in a migration without a transaction
    COMMIT                                   M019: `COMMIT` in a migration without a transaction
    END                                      M019: `END` in a migration without a transaction
    ROLLBACK                                 M019: `ROLLBACK` in a migration without a transaction
    SAVEPOINT a                              M019: `SAVEPOINT` in a migration without a transaction
    RELEASE a                                M019: `RELEASE` in a migration without a transaction
    ATTACH 'b.db' AS b                       M020: a migration cannot attach or detach another database
    DETACH b                                 M020: a migration cannot attach or detach another database
    PRAGMA journal_mode = memory             M021: `PRAGMA journal_mode` is refused: without a journal on disk, a crash could corrupt the database
    PRAGMA journal_mode = off                M021: `PRAGMA journal_mode` is refused: without a journal on disk, a crash could corrupt the database
    PRAGMA journal_mode = wal2               M021: `PRAGMA journal_mode` is refused: without a journal on disk, a crash could corrupt the database
    PRAGMA journal_mode                      accepted
    PRAGMA foreign_keys = on                 M021: `PRAGMA foreign_keys` is refused: the runner sets it for the run
    PRAGMA synchronous = off                 M021: `PRAGMA synchronous` is refused: the runner sets it for the run
    PRAGMA encoding = 'UTF-16'               M021: `PRAGMA encoding` is refused: it does nothing in a database that has tables
    PRAGMA locking_mode = normal             M021: `PRAGMA locking_mode` is refused: it would stay in effect on the connection after the migration
    PRAGMA writable_schema = on              M021: `PRAGMA writable_schema` is refused: it can damage the database
    PRAGMA schema_version = 7                M021: `PRAGMA schema_version` is refused: it can damage the database
    PRAGMA busy_timeout = 7                  M021: `PRAGMA busy_timeout` is refused: it would stay in effect on the connection after the migration
    PRAGMA user_version = 7                  accepted
    ANALYZE                                  accepted
    ");
}

#[test]
fn transaction_control_is_told_with_its_reason() {
    assert_snapshot!(script("-- migrate: no-transaction\nVACUUM;\nSAVEPOINT a;\n"), @"
    M019: `SAVEPOINT` in a migration without a transaction
     --> migrations/001_users.sql:3:1
      |
    3 | SAVEPOINT a;
      | ^^^^^^^^^
      = help: remove it: each statement is recorded when it finishes, and must not be rolled back afterwards; put statements that belong together into a migration without `no-transaction`
    ");
    assert_snapshot!(script("-- migrate: no-transaction\nBEGIN;\nVACUUM;\nCOMMIT;\n"), @"
    M019: this script is wrapped in `BEGIN; … COMMIT;`
     --> migrations/001_users.sql:2:1
      |
    2 | BEGIN;
      | ^^^^^
      = note: the `COMMIT` is on line 4
      = help: remove both: each statement is recorded when it finishes, and must not be rolled back afterwards; put statements that belong together into a migration without `no-transaction`
    ");
}

#[test]
fn a_journal_that_a_crash_would_not_survive() {
    assert_snapshot!(script("-- migrate: no-transaction\nPRAGMA journal_mode = off;\n"), @"
    M021: `PRAGMA journal_mode` is refused: without a journal on disk, a crash could corrupt the database
     --> migrations/001_users.sql:2:1
      |
    2 | PRAGMA journal_mode = off;
      | ^^^^^^
      = help: set `wal`, `delete`, `truncate` or `persist`
    ");
}

/// Each script says it for itself.
#[test]
fn an_up_and_its_down_are_declared_apart() {
    let up = "-- migrate: no-transaction\nVACUUM;\n-- migrate:down\nVACUUM;\n";
    assert_snapshot!(script(up), @"
    M020: `VACUUM` cannot run in a transaction, and this migration does
     --> migrations/001_users.sql:4:1
      |
    4 | VACUUM;
      | ^^^^^^
      = help: move it into a migration of its own with `-- migrate: no-transaction` on its first line
    ");
    let both = "-- migrate: no-transaction\nVACUUM;\n-- migrate:down\n\
                -- migrate: no-transaction\nVACUUM;\n";
    assert_eq!(script(both), "");
    let down = "SELECT 1;\n-- migrate:down\n-- migrate: no-transaction\nVACUUM;\n";
    for (sql, outside) in [
        (up, [false, true]),
        (both, [false, false]),
        (down, [true, false]),
    ] {
        let mut files = super::memory::Memory::new([("001_a.sql", sql)]);
        let directory = read(&mut files, &Options::default());
        let migration = &directory.migrations[0];
        let down = migration.down.as_ref().unwrap();
        assert_eq!([migration.up.in_transaction, down.in_transaction], outside);
    }
}

#[test]
fn a_declaration_stands_at_the_head() {
    assert_snapshot!(script("SELECT 1;\n-- migrate: no-transaction\nREINDEX;\n"), @"
    M024: a directive after the first statement
     --> migrations/001_users.sql:2:1
      |
    2 | -- migrate: no-transaction
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: move it to the top of the script
    ");
}

#[test]
fn a_file_of_its_own_may_declare_it() {
    let up = "CREATE TABLE t(x);\n";
    let down = "-- migrate: no-transaction\nVACUUM;\n";
    assert_eq!(problems(&[("001_a.sql", up), ("001_a.down.sql", down)]), "");
}

/// The runtime asks with the same words.
#[test]
fn a_pragma_is_judged_by_name_value_and_place() {
    let help = |name, value, inside| refused_pragma(name, value, inside).map(|it| it.help);
    let outside = Some(
        "move it into a migration of its own with `-- migrate: no-transaction` on its first line",
    );
    for name in ["page_size", "auto_vacuum"] {
        assert_eq!(help(name, Some("1"), true), outside);
        assert_eq!(help(name, Some("1"), false), None);
        assert_eq!(help(name, None, true), None);
    }
    for value in [None, Some("truncate")] {
        assert_eq!(help("wal_checkpoint", value, true), outside);
        assert_eq!(help("wal_checkpoint", value, false), None);
    }
    for mode in [
        "wal", "WAL", "'wal'", "\"wal\"", "delete", "truncate", "persist",
    ] {
        assert_eq!(help("journal_mode", Some(mode), true), outside, "{mode}");
        assert_eq!(help("journal_mode", Some(mode), false), None, "{mode}");
    }
    for mode in ["off", "memory", "", "walk", "0"] {
        let help = help("journal_mode", Some(mode), false);
        assert_eq!(
            help,
            Some("set `wal`, `delete`, `truncate` or `persist`"),
            "{mode}"
        );
    }
    for name in ["synchronous", "encoding"] {
        assert_eq!(help(name, Some("1"), true), Some("remove it"));
        assert_eq!(help(name, None, true), None);
    }
    for name in ["writable_schema", "schema_version"] {
        assert!(
            help(name, Some("1"), false)
                .unwrap()
                .contains("ALTER TABLE")
        );
    }
}

/// Settings that would stay on the connection of the application.
#[test]
fn what_stays_on_the_connection_is_refused_everywhere() {
    for name in [
        "locking_mode",
        "query_only",
        "busy_timeout",
        "temp_store",
        "temp_store_directory",
        "data_store_directory",
        "max_page_count",
        "case_sensitive_like",
        "secure_delete",
        "wal_autocheckpoint",
        "soft_heap_limit",
        "hard_heap_limit",
    ] {
        for inside in [false, true] {
            let refusal = refused_pragma(name, Some("1"), inside).unwrap();
            assert_eq!(
                refusal.reason,
                "it would stay in effect on the connection after the migration"
            );
            assert_eq!(refused_pragma(name, None, inside), None);
        }
    }
}
