//! The command line with some of its features, in programs of their own.

use crate::package::{Package, RUNTIME, executable};
use std::process::Command;

/// The dependency of a service that embeds the command line for SQLite alone.
pub(crate) const SQLITE_ALONE: &str = concat!(
    "migrate-cli = { path = '",
    env!("CARGO_MANIFEST_DIR"),
    "/../migrate-cli', default-features = false, features = ['sqlite'] }"
);

/// The same for PostgreSQL.
const POSTGRES_ALONE: &str = concat!(
    "migrate-cli = { path = '",
    env!("CARGO_MANIFEST_DIR"),
    "/../migrate-cli', default-features = false, features = ['postgres'] }"
);

/// The exit code and the output of the program in the folder of its package.
fn run(name: &str, package: &Package, arguments: &str) -> (Option<i32>, String) {
    let output = Command::new(executable("debug", name))
        .args(arguments.split(' '))
        .env_clear()
        .current_dir(package.path(""))
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

fn verbs(help: &str) -> Vec<&str> {
    let lines = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty());
    lines
        .filter_map(|line| line.split_whitespace().next())
        .collect()
}

const WITHOUT_ADOPT: &str = "error: this program was built without the verb `adopt`: enable the feature `adopt` of \
     migrate-cli\n";

#[test]
fn a_service_on_sqlite_has_no_postgres() {
    const NAME: &str = "cli-sqlite";
    const WITHOUT: &str = "error: this program was built without PostgreSQL: enable the feature \
                           `postgres` of migrate-cli\n";
    let package = Package::new(NAME, &format!("{RUNTIME}\n{SQLITE_ALONE}"));
    package.write(
        "src/main.rs",
        "migrate_runtime::embed_migrations!(\"migrations\", watch = false);\n\n\
         fn main() -> std::process::ExitCode {\n    \
         migrate_cli::Program::embedded(Migration::migrator()).main()\n}\n",
    );
    package.write("migrations/001_a.sql", "CREATE TABLE a(x);\n");
    package.build().ok();
    let run = |arguments: &str| run(NAME, &package, arguments);

    let (code, text) = run("up --database sqlite:app.db");
    assert_eq!(code, Some(0), "{text}");
    assert!(text.starts_with("applied 001_a in "), "{text}");
    let (code, text) = run("verify --database app.db");
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(text, "history, schema and migrations agree\n");

    let refused = (Some(2), WITHOUT.to_owned());
    assert_eq!(run("status --database postgres://app@127.0.0.1/a"), refused);
    assert_eq!(run("up -d postgresql://127.0.0.1/a --lock table"), refused);
    assert_eq!(run("status -d app.db --schema shop"), refused);

    let (_, help) = run("--help");
    let shown = [
        "init", "create", "status", "plan", "up", "down", "redo", "reset", "verify", "check",
        "lock", "renumber", "baseline", "repair", "schema", "help",
    ];
    assert_eq!(verbs(&help), shown);
    assert!(!help.to_lowercase().contains("postgres"), "{help}");
    let adopt = (Some(2), WITHOUT_ADOPT.to_owned());
    assert_eq!(run("adopt"), adopt);
    assert_eq!(run("adopt --help"), adopt);
    assert_eq!(run("adopt --database app.db --from sqlx --dry-run"), adopt);
    for verb in ["completions", "man"] {
        let (code, text) = run(&format!("{verb} bash"));
        assert_eq!(code, Some(2));
        assert!(text.contains(&format!("the verb `{verb}`: enable the feature `shell`")));
    }

    // Which tables another tool has left, only `adopt` knows.
    let db = rusqlite::Connection::open(package.path("app.db")).unwrap();
    let other = "CREATE TABLE _sqlx_migrations(version INTEGER);
                 UPDATE _migrations SET origin = 'sqlx 1';";
    db.execute_batch(other).unwrap();
    let (code, text) = run("verify -d app.db");
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("note: the schema was not compared: the history was taken over"));
    db.execute_batch("UPDATE _migrations SET origin = NULL")
        .unwrap();
    let (code, text) = run("verify -d app.db");
    assert_eq!(code, Some(4), "{text}");
}

#[test]
fn a_command_for_postgres_has_no_sqlite() {
    const NAME: &str = "cli-postgres";
    const WITHOUT: &str = "error: this program was built without SQLite: enable the feature \
                           `sqlite` of migrate-cli\n";
    let package = Package::new(NAME, POSTGRES_ALONE);
    package.write(
        "src/main.rs",
        "fn main() -> std::process::ExitCode {\n    migrate_cli::Program::directory().main()\n}\n",
    );
    package.write("migrations/001_a.sql", "SELECT 'a;';\nSELECT $$;$$;\n");
    package.build().ok();
    let run = |arguments: &str| run(NAME, &package, arguments);

    let refused = (Some(2), WITHOUT.to_owned());
    assert_eq!(run("status --database sqlite:app.db"), refused);
    assert_eq!(run("up --database app.db"), refused);
    assert_eq!(run("check --engine sqlite"), refused);
    assert!(!package.path("app.db").exists());

    // The only engine need not be named.
    let (code, text) = run("check --quiet");
    assert_eq!((code, text.as_str()), (Some(0), ""));
    package.write("migrations/001_a.sql", "CREATE TABEL a(x int);\n");
    let (code, text) = run("check");
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("migrations/001_a.sql:1:"), "{text}");

    let (_, help) = run("--help");
    assert!(!help.contains("sqlite:"), "{help}");
    assert!(!verbs(&help).contains(&"adopt"), "{help}");
    assert_eq!(
        run("adopt --from sqlx"),
        (Some(2), WITHOUT_ADOPT.to_owned())
    );

    // Nobody listens there, and so the right engine has been asked.
    let (code, text) = run("status -d postgres://app@127.0.0.1:1/a --connect-timeout 0");
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("nothing listens at `127.0.0.1:1`"), "{text}");
}
