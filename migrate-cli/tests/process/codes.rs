//! Exit codes, each by the real way into it.

use crate::running::{STATUS, UP, VERIFY, open, texts};
use crate::support::Folder;
use insta::assert_snapshot;

/// Three migrations, applied.
fn applied() -> Folder {
    let folder = Folder::with(&[
        ("migrations/001_a.sql", "CREATE TABLE a (n INTEGER);\n"),
        ("migrations/002_b.sql", "CREATE TABLE b (n INTEGER);\n"),
        ("migrations/003_c.sql", "CREATE TABLE c (n INTEGER);\n"),
    ]);
    folder.run(UP).fine();
    folder
}

/// The exit codes of `status`, `status --exit-code`, `verify` and `up`, and
/// what the first and the last of them say.
fn codes(folder: &Folder) -> ([Option<i32>; 4], String) {
    let status = folder.run(STATUS);
    let strict = folder.run(&format!("{STATUS} --exit-code"));
    assert_eq!(status.stdout, strict.stdout);
    let verify = folder.run(VERIFY);
    let up = folder.run(UP);
    let said = status
        .stdout
        .lines()
        .skip_while(|it| !it.starts_with("Total"));
    let said: Vec<&str> = said.collect();
    let told = format!("{}\n{}", said.join("\n"), up.stderr);
    ([status.code, strict.code, verify.code, up.code], told)
}

#[test]
fn nothing_pending_is_fine() {
    let (codes, _) = codes(&applied());
    assert_eq!(codes, [Some(0); 4]);
}

#[test]
fn something_pending_is_3_where_it_was_asked_for() {
    let folder = applied();
    folder.write("migrations/004_d.sql", "CREATE TABLE d (n INTEGER);\n");
    folder.run(&format!("{VERIFY} --exit-code")).ends_with(3);
    let (codes, _) = codes(&folder);
    assert_eq!(codes, [Some(0), Some(3), Some(0), Some(0)]);
    folder.run(&format!("{VERIFY} --exit-code")).fine();
}

#[test]
fn a_modified_migration_is_4() {
    let folder = applied();
    folder.write(
        "migrations/002_b.sql",
        "CREATE TABLE b (n INTEGER, m TEXT);\n",
    );
    let (codes, told) = codes(&folder);
    assert_eq!(codes, [Some(0), Some(4), Some(4), Some(4)]);
    assert_snapshot!(told, @"
    Total: 3 | Applied: 3 | Pending: 0
    drift: migration `002_b` was changed after it was applied: the history has `sha256:5cc5406ae4d290c95270233553f214da21c55c3d036c9a78833839e5f2f09002`, this binary `sha256:a67123365cad41633a740ca2d7f834e55de3a661198bd89baf32c1ca6372ecbd`; restore `migrations/002_b.sql` and make the change in a new migration, or accept a harmless change with `repair`
    error: migration `002_b` was changed after it was applied: the history has `sha256:5cc5406ae4d290c95270233553f214da21c55c3d036c9a78833839e5f2f09002`, this binary `sha256:a67123365cad41633a740ca2d7f834e55de3a661198bd89baf32c1ca6372ecbd`; restore `migrations/002_b.sql` and make the change in a new migration, or accept a harmless change with `repair`
    ");
}

#[test]
fn a_renamed_migration_is_4() {
    let folder = applied();
    folder.remove("migrations/002_b.sql");
    folder.write("migrations/002_bees.sql", "CREATE TABLE b (n INTEGER);\n");
    let (codes, told) = codes(&folder);
    assert_eq!(codes, [Some(0), Some(4), Some(4), Some(4)]);
    assert_snapshot!(told, @"
    Total: 3 | Applied: 3 | Pending: 0
    drift: migration `002_bees` was applied under the name `b`; give the file its old name back
    error: migration `002_bees` was applied under the name `b`; give the file its old name back
    ");
}

#[test]
fn a_missing_migration_is_4() {
    let folder = applied();
    // The first of a directory that begins later: the history has it still.
    folder.remove("migrations/001_a.sql");
    let status = folder.run(&format!("{STATUS} --first 2 --exit-code"));
    let verify = folder.run(&format!("{VERIFY} --first 2"));
    let up = folder.run(&format!("{UP} --first 2"));
    assert_eq!([status.code, verify.code, up.code], [Some(4); 3]);
    assert_snapshot!(up, @"
    exit code 4
    --- stderr
    error: migration `001_a` is applied, but this binary does not contain it; restore its file
    ");
}

#[test]
fn a_gap_in_the_history_is_4() {
    let folder = applied();
    let deleted = "DELETE FROM _migrations WHERE version = 2";
    open(&folder).execute_batch(deleted).unwrap();
    let (codes, told) = codes(&folder);
    assert_eq!(codes, [Some(0), Some(4), Some(4), Some(4)]);
    assert_snapshot!(told, @"
    Total: 3 | Applied: 2 | Pending: 1
    drift: migration `002_b` is not applied, but the later version 003 is; give it a number above 003
    error: migration `002_b` is not applied, but the later version 003 is; give it a number above 003
    ");
}

#[test]
fn a_database_that_is_ahead_is_5() {
    let folder = applied();
    folder.remove("migrations/003_c.sql");
    let (codes, told) = codes(&folder);
    assert_eq!(codes, [Some(0), Some(5), Some(5), Some(5)]);
    assert_snapshot!(told, @"
    Total: 3 | Applied: 3 | Pending: 0
    drift: the database is ahead of this binary: migration `003_c` is applied but not contained in it; start a newer release, or restore its file
    error: the database is ahead of this binary: migration `003_c` is applied but not contained in it; start a newer release, or restore its file
    ");
    folder.run(&format!("{UP} --allow-ahead")).fine();
}

#[test]
fn a_migration_that_stopped_half_way_is_7_until_it_is_resumed() {
    let folder = applied();
    let script = "-- migrate: no-transaction\n\
                  INSERT INTO a VALUES (1);\nINSERT INTO later VALUES (1);\n";
    folder.write("migrations/004_d.sql", script);
    let first = folder.run(UP).ends_with(7);
    assert_snapshot!(first, @"
    exit code 7
    --- stderr
    error: migration `004_d` failed at migrations/004_d.sql:3:1; it runs without a transaction, so 1 of its 2 statements stays in effect: fix the cause, then use `repair` to resume it, or to mark it as applied or as not applied
      because: no such table: later
     --> migrations/004_d.sql:3:1
      |
    3 | INSERT INTO later VALUES (1);
      | ^^^^^^
    ");
    let (codes, told) = codes(&folder);
    assert_eq!(codes, [Some(0), Some(7), Some(7), Some(7)]);
    assert_snapshot!(told, @"
    Total: 4 | Applied: 3 | Pending: 0
    drift: the up of migration `004_d` was started outside a transaction and has not finished: 1 of 2 statements finished, and statement 2 may have been partly executed (migrations/004_d.sql:3:1); check what it left behind, then use `repair` to resume it or to record its outcome
    error: the up of migration `004_d` was started outside a transaction and has not finished: 1 of 2 statements finished, and statement 2 may have been partly executed (migrations/004_d.sql:3:1); check what it left behind, then use `repair` to resume it or to record its outcome
    ");
    // What it lacked is there now; what it has done is not done again.
    open(&folder)
        .execute_batch("CREATE TABLE later (n INTEGER)")
        .unwrap();
    let resume = "repair 4 --resume --yes --database sqlite:app.db";
    assert_snapshot!(folder.run(resume).fine(), @"
    exit code 0
    --- stdout
    resumed and finished 004_d
    ");
    for table in ["a", "later"] {
        let count = format!("SELECT CAST(count(*) AS TEXT) FROM {table}");
        assert_eq!(texts(&open(&folder), &count), ["1"], "{table}");
    }
    folder.run(&format!("{STATUS} --exit-code")).fine();
}

#[test]
fn a_script_that_fails_is_1_and_a_wrong_call_2() {
    let folder = applied();
    folder.write("migrations/004_d.sql", "CREATE TABLE a (n INTEGER);\n");
    assert_snapshot!(folder.run(UP).ends_with(1), @"
    exit code 1
    --- stderr
    error: migration `004_d` failed at migrations/004_d.sql:1:14 and was rolled back
      because: table a already exists
     --> migrations/004_d.sql:1:14
      |
    1 | CREATE TABLE a (n INTEGER);
      |              ^
    ");
    for call in [
        "up --steps 0",
        "upp",
        "status",
        "up --to 99 --database sqlite:app.db",
    ] {
        assert_eq!(folder.run(call).code, Some(2), "{call}");
    }
}
