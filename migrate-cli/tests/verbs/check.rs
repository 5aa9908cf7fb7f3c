//! `check`, for people and for machines.

use crate::support::Folder;
use crate::{folder, shows};

/// An error in the text, and a warning.
fn broken() -> Folder {
    let folder = folder();
    folder.write(
        "migrations/004_ends.sql",
        "CREATE TABLE a (x TEXT);\nCOMMIT;\n",
    );
    folder
}

#[test]
fn a_good_directory_has_nothing_wrong() {
    shows!(folder().run("check"), @"
    exit code 0
    --- stdout
    3 migrations, 3 tried on rows, 3 downs
    nothing is wrong
    ");
}

#[test]
fn errors_are_those_of_the_compiler() {
    shows!(broken().run("check"), @"
    exit code 1
    --- stdout
    1 error, 0 warnings
    --- stderr
    error: M019: `COMMIT` would break the transaction of the migration
     --> migrations/004_ends.sql:2:1
      |
    2 | COMMIT;
      | ^^^^^^
      = help: remove it: the runner already runs each migration in a transaction, together with its row in the history
    note: the migrations are replayed once these errors are fixed
    ");
}

/// Each directory that the compiler refuses in its own tests is refused here,
/// with the same words.
#[test]
fn the_compiler_says_the_same() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/ui/fail/");
    let mut compared = 0;
    for entry in std::fs::read_dir(root).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let call = std::fs::read_to_string(format!("{root}{name}.rs")).unwrap_or_default();
        let calls = [
            format!("embed_migrations!(\"./{name}\");"),
            format!("embed_migrations!(\"./{name}\", watch = false);"),
        ];
        // The command sees that versions are timestamps, and the call has to say
        // it; types are checked by the compiler alone.
        let is_another = ["timestamps_undeclared", "rust_signature"].contains(&name.as_str());
        if is_another || !calls.iter().any(|it| call.contains(it)) {
            continue;
        }
        let folder = Folder::new();
        let mut command = folder.command();
        command.current_dir(root).args(["check", "--dir", &name]);
        let ran = folder.ran(command.output().unwrap());
        let wanted = std::fs::read_to_string(format!("{root}{name}.stderr")).unwrap();
        // The compiler adds the place of the call, and indents the rest.
        let of_the_call = format!("ui/fail/{name}.rs");
        let (wanted, _) = wanted.split_once("\nwarning: ").unwrap_or((&wanted, ""));
        let lines = |text: &str| -> Vec<String> {
            let lines = text.lines().map(str::trim);
            let lines = lines.skip_while(|line| !line.starts_with("error:"));
            let lines = lines.filter(|line| {
                let is_of_the_call = line.contains(&of_the_call)
                    || line.contains("embed_migrations!")
                    || line.starts_with("note: ");
                let is_gutter = line.chars().all(|it| matches!(it, '|' | '^' | ' '));
                !is_of_the_call && !is_gutter
            });
            lines.map(str::to_owned).collect()
        };
        assert_eq!(lines(&ran.stderr), lines(wanted), "{name}: {ran}");
        assert_eq!(ran.code, Some(1));
        compared += 1;
    }
    assert!(compared > 30, "{compared}");
}

#[test]
fn warnings_can_be_denied() {
    let folder = folder();
    folder.write(
        "migrations/004_all.sql",
        "UPDATE users SET email = lower(email);\n",
    );
    shows!(folder.run("check"), @r#"
    exit code 0
    --- stdout
    4 migrations, 4 tried on rows, 3 downs
    0 errors, 1 warning
    --- stderr
    warning: S27: this changes every row of `users`
     --> migrations/004_all.sql:1:1
      |
    1 | UPDATE users SET email = lower(email);
      | ^^^^^^
      = help: add a `WHERE` clause for the intended rows
              or allow it: `-- migrate: allow unbounded-dml "why"`
    "#);
    let _ = folder.run("check --deny-warnings").ends_with(1);
}

#[test]
fn what_the_oldest_sqlite_does_not_have() {
    let folder = folder();
    folder.write(
        "migrations/004_shown.sql",
        "CREATE VIEW shown AS SELECT id FROM users WHERE email IS DISTINCT FROM 'x';\n",
    );
    let _ = folder.run("check").ends_with(0);
    let _ = folder.run("check --min-sqlite 3.39").ends_with(0);
    shows!(folder.run("check --min-sqlite 3.38.5"), @r#"
    exit code 1
    --- stdout
    4 migrations, 4 tried on rows, 3 downs
    1 error, 0 warnings
    --- stderr
    error: S26: `IS DISTINCT FROM` needs SQLite 3.39; 3.38.5, the minimum, refuses it
     --> migrations/004_shown.sql:1:55
      |
    1 | CREATE VIEW shown AS SELECT id FROM users WHERE email IS DISTINCT FROM 'x';
      |                                                       ^^^^^^^^^^^^^^^^
      = help: use `IS NOT`, or require SQLite 3.39
              or allow it: `-- migrate: allow newer-than-min-sqlite "why"`
    "#);
    let _ = folder
        .run("check --engine postgres --min-sqlite 3.38")
        .ends_with(2);
}

#[test]
fn errors_of_rules_and_of_the_replay_come_together() {
    let folder = folder();
    folder.write("migrations/004_drop.sql", "DROP TABLE users;\n");
    folder.write(
        "migrations/005_fails.sql",
        "INSERT INTO nowhere VALUES (1);\n",
    );
    shows!(folder.run("check"), @r#"
    exit code 1
    --- stdout
    5 migrations, 4 tried on rows, 3 downs; not tried: 005_fails (it fails)
    2 errors, 0 warnings
    --- stderr
    error: S16: dropping `users` deletes all its rows
     --> migrations/004_drop.sql:1:1
      |
    1 | DROP TABLE users;
      | ^^^^^^^^^^
      = help: first copy what is still needed
              or allow it: `-- migrate: allow destructive-drop "why"`

    error: M037: SQLite refuses this: no such table: nowhere
     --> migrations/005_fails.sql:1:13
      |
    1 | INSERT INTO nowhere VALUES (1);
      |             ^^^^^^^
      = help: correct the statement; it or an earlier migration must create what it needs
    "#);
    folder.write(
        "migrations/004_drop.sql",
        "-- migrate: allow destructive-drop \"all is in the archive\"\n\
         DROP TABLE users;\n",
    );
    shows!(folder.run("check"), @"
    exit code 1
    --- stdout
    5 migrations, 4 tried on rows, 3 downs; not tried: 005_fails (it fails)
    1 error, 0 warnings
    --- stderr
    error: M037: SQLite refuses this: no such table: nowhere
     --> migrations/005_fails.sql:1:13
      |
    1 | INSERT INTO nowhere VALUES (1);
      |             ^^^^^^^
      = help: correct the statement; it or an earlier migration must create what it needs
    ");
}

#[test]
fn the_replay_runs_too() {
    let folder = folder();
    folder.write(
        "migrations/004_age.sql",
        "ALTER TABLE users ADD COLUMN age INTEGER NOT NULL;\n",
    );
    shows!(folder.run("check"), @r#"
    exit code 1
    --- stdout
    4 migrations, 4 tried on rows, 3 downs
    1 error, 0 warnings
    --- stderr
    error: S05: this fails on a table that has rows: Cannot add a NOT NULL column with default value NULL
     --> migrations/004_age.sql:1:30
      |
    1 | ALTER TABLE users ADD COLUMN age INTEGER NOT NULL;
      |                              ^^^
      = help: give it a default; or rebuild the table and set the value of its rows
              or allow it: `-- migrate: allow add-not-null-no-default "why"`
    "#);
}

#[test]
fn github_shows_findings_at_their_lines() {
    shows!(broken().run("check --report github"), @"
    exit code 1
    --- stdout
    ::error file=migrations/004_ends.sql,line=2,col=1,title=M019::`COMMIT` would break the transaction of the migration%0Ahelp: remove it: the runner already runs each migration in a transaction, together with its row in the history
    ");
}

#[test]
fn sarif_is_for_code_scanning() {
    shows!(broken().run("check --report sarif"), @r#"
    exit code 1
    --- stdout
    {
      "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
      "runs": [
        {
          "columnKind": "unicodeCodePoints",
          "results": [
            {
              "level": "error",
              "locations": [
                {
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "migrations/004_ends.sql"
                    },
                    "region": {
                      "endColumn": 7,
                      "snippet": {
                        "text": "COMMIT;"
                      },
                      "startColumn": 1,
                      "startLine": 2
                    }
                  }
                }
              ],
              "message": {
                "text": "`COMMIT` would break the transaction of the migration\nhelp: remove it: the runner already runs each migration in a transaction, together with its row in the history"
              },
              "ruleId": "M019",
              "ruleIndex": 0
            }
          ],
          "tool": {
            "driver": {
              "name": "migrate",
              "rules": [
                {
                  "id": "M019"
                }
              ],
              "version": "0.1.0"
            }
          }
        }
      ],
      "version": "2.1.0"
    }
    "#);
}
