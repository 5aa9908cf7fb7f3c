//! For which database a directory is.

use crate::support::Folder;
use crate::{Shop, folder};
use insta::assert_snapshot;

#[test]
fn the_url_or_an_option_or_a_variable_says_it() {
    let folder = folder();
    let _ = folder.run("lock -d postgres://nobody.invalid/shop").fine();
    for (name, value) in [
        ("DATABASE_URL", "postgres://nobody.invalid/shop"),
        ("MIGRATE_ENGINE", "postgres"),
    ] {
        let mut command = folder.command();
        command.arg("check").env(name, value);
        let _ = folder.ran(command.output().unwrap()).fine();
    }
    // Of another project, which has no say.
    let mut command = folder.command();
    command.args(["check", "--engine", "postgres"]);
    command.env("DATABASE_URL", "mysql://a/b");
    let _ = folder.ran(command.output().unwrap()).fine();
}

#[test]
fn a_wrong_guess_is_told() {
    let folder = folder();
    let end = |arguments: &str| {
        let ran = folder.run(arguments).ends_with(1);
        ran.stderr.lines().last().unwrap_or_default().to_owned()
    };
    assert_snapshot!(end("lock"), @"  help: the scripts were read as SQLite but look like PostgreSQL: use `--engine postgres`, or set `MIGRATE_ENGINE=postgres`");
    assert_snapshot!(end("check"), @"note: the scripts were read as SQLite but look like PostgreSQL: use `--engine postgres`, or set `MIGRATE_ENGINE=postgres`");
    assert_snapshot!(end("up"), @"  help: the scripts were read as SQLite but look like PostgreSQL: use `--engine postgres`, or set `MIGRATE_ENGINE=postgres`");
    let sqlite = Folder::with(&[("migrations/001_a.sql", "CREATE TABEL a (x);\n")]);
    let ran = sqlite.run("check").ends_with(1);
    assert!(!ran.stderr.contains("PostgreSQL"), "{ran}");
    let replayed = Folder::with(&[("migrations/001_a.sql", "INSERT INTO a VALUES (1);\n")]);
    let ran = replayed.run("check").ends_with(1);
    assert!(!ran.stderr.contains("PostgreSQL"), "{ran}");
}

#[test]
fn options_of_the_other_engine_are_refused() {
    let Some(shop) = Shop::new() else { return };
    let mut told = String::new();
    for arguments in [
        "up --backup copy.db",
        "down --yes --backup copy.db",
        "status --engine sqlite",
    ] {
        told += &shop.shown(&shop.run(arguments).ends_with(2));
    }
    let folder = Folder::with(&[("migrations/001_a.sql", "CREATE TABLE a (x);\n")]);
    for option in [
        "--schema a",
        "--lock table",
        "--table-lock-timeout 1s",
        "--connect-timeout 1s",
        "--engine postgres",
    ] {
        let ran = folder.run(&format!("up -d sqlite:app.db {option}"));
        told += &ran.ends_with(2).to_string();
    }
    assert_snapshot!(told, @"
    exit code 2
    --- stderr
    error: `--backup` copies the file of an SQLite database, and this is a PostgreSQL database
      help: make a backup with `pg_dump` first, and omit `--backup`
    exit code 2
    --- stderr
    error: `--backup` copies the file of an SQLite database, and this is a PostgreSQL database
      help: make a backup with `pg_dump` first, and omit `--backup`
    exit code 2
    --- stderr
    error: `--database` names a database of PostgreSQL, but the engine is set to SQLite
      help: omit `--engine`, and unset `MIGRATE_ENGINE`: the URL determines the engine
    exit code 2
    --- stderr
    error: `--schema` is only for PostgreSQL
      help: omit it, or name a PostgreSQL database
    exit code 2
    --- stderr
    error: `--lock` is only for PostgreSQL
      help: omit it, or name a PostgreSQL database
    exit code 2
    --- stderr
    error: `--table-lock-timeout` is only for PostgreSQL
      help: omit it, or name a PostgreSQL database
    exit code 2
    --- stderr
    error: `--connect-timeout` is only for PostgreSQL
      help: omit it, or name a PostgreSQL database
    exit code 2
    --- stderr
    error: `--database` names a database of SQLite, but the engine is set to PostgreSQL
      help: omit `--engine`, and unset `MIGRATE_ENGINE`: the URL determines the engine
    ");
    let ran = folder.run("status --engine sqlite -d postgres://nobody.invalid/x");
    let _ = ran.ends_with(2);
    assert!(
        folder
            .files()
            .iter()
            .all(|it| it.starts_with("migrations/"))
    );
}

#[test]
fn new_migrations_are_for_it() {
    let folder = Folder::new();
    folder.write("Cargo.toml", "[package]\nname = \"app\"\n");
    assert_snapshot!(folder.run("init --engine postgres").fine(), @r#"
    exit code 0
    --- stdout
    created `migrations`
    created `migrations/migrations.lock`
    created `migrations/.gitattributes`
    created `build.rs`
    next: cargo add migrate-runtime --no-default-features --features postgres,rustls,syntax
          add to src/main.rs or src/lib.rs:
            migrate_runtime::embed_migrations!("migrations", engine = "postgres");
          migrate create initial_schema
    "#);
    let _ = folder.run("create users --down --engine postgres").fine();
    let _ = folder
        .run("create fill --down --rust --engine postgres")
        .fine();
    assert_snapshot!(folder.read("migrations/001_users.sql"), @r#"
    -- 001_users: say here what it does, and why.
    --
    -- It runs in a transaction, together with its row in the history: no BEGIN, no
    -- COMMIT. The build fails until there is a statement here, such as:
    --
    --     CREATE TABLE examples (
    --         id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    --         name text NOT NULL
    --     );
    --
    -- Comments that begin with `migrate:` mark what is intentional: `empty "why"`,
    -- `irreversible "why"`, `no-transaction`, `allow RULE "why"`.

    -- migrate:down
    -- This undoes it. If that is impossible, remove this section and declare the
    -- migration `irreversible` above, with the reason.
    --
    --     DROP TABLE examples;
    "#);
    assert_snapshot!(folder.read("migrations/002_fill.rs"), @r#"
    // 002_fill: say here what it does, and why.
    //
    // It runs in a transaction, together with its row in the history; an error or a
    // panic rolls all of it back. `super` is the module of `embed_migrations!`.

    use migrate_runtime::tokio_postgres::{Error, Transaction};

    pub async fn up(tx: &Transaction<'_>) -> Result<(), Error> {
        compile_error!("write the migration 002_fill here");
        // tx.execute("UPDATE examples SET name = trim(name)", &[]).await?;
        Ok(())
    }

    /// If it cannot be undone, remove this function.
    pub async fn down(tx: &Transaction<'_>) -> Result<(), Error> {
        compile_error!("write what undoes 002_fill here");
        // tx.batch_execute("…").await?;
        Ok(())
    }
    "#);
}
