//! `--format json`: one document, as docs/output.schema.json says.

use crate::support::Folder;
use crate::{applied, folder};
use jsonschema::Validator;
use serde_json::Value;
use std::sync::LazyLock;

static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/output.schema.json");
    let text = std::fs::read_to_string(path).unwrap();
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
});

/// Runs a verb, and gives its document, which is what the schema says.
#[track_caller]
pub(crate) fn document(folder: &Folder, arguments: &str) -> Value {
    let ran = folder.run(&format!("{arguments} --format json"));
    let document: Value = serde_json::from_str(&ran.stdout)
        .unwrap_or_else(|error| panic!("{arguments}: {error} in\n{ran}"));
    assert_eq!(ran.stderr, "", "{arguments}");
    assert_eq!(document["exit_code"], Value::from(ran.code), "{arguments}");
    assert_eq!(document["format"], 1);
    if let Err(error) = SCHEMA.validate(&document) {
        // Which of the documents it was meant to be is hard to say.
        panic!("{arguments}: {error}\n{document:#}");
    }
    document
}

#[test]
fn every_verb_prints_what_the_schema_says() {
    let new = folder();
    for arguments in [
        "status",
        "status --exit-code",
        "plan",
        "up --dry-run --steps 1",
        "up --steps 2 --backup copy.db",
        "status",
        "up",
        "verify",
        "down --dry-run",
        "down --yes",
        "verify --exit-code --no-schema",
        "redo --yes",
        "reset --yes",
        "check",
        "lock --freeze",
        "schema --replay",
    ] {
        document(&new, &format!("{arguments} -d app.db"));
    }
    let by_hand = folder();
    by_hand.write("wanted.sql", "CREATE TABLE wanted (x);\n");
    drop(rusqlite(&by_hand, "CREATE TABLE users (id)"));
    for arguments in [
        "baseline 1",
        "verify",
        "schema",
        "schema --check wanted.sql",
    ] {
        document(&by_hand, &format!("{arguments} -d app.db"));
    }
}

#[test]
fn what_writes_files_prints_what_the_schema_says() {
    let new = Folder::with(&[("Cargo.toml", "[package]\nname = \"app\"\n")]);
    document(&new, "init");
    document(&new, "create users --down");
    assert_eq!(document(&new, "create orders")["version"], 2);
    let disorder = folder();
    disorder.write("migrations/003_again.sql", "CREATE TABLE again (x);\n");
    assert_eq!(
        document(&disorder, "renumber --all --dry-run")["is_applied"],
        false
    );
    let moved = document(&disorder, "renumber --all --yes");
    assert_eq!(moved["moves"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        document(&disorder, "renumber --all --yes")["is_applied"],
        false
    );
}

#[test]
fn adoption_prints_what_the_schema_says() {
    let fixtures = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../migrate-adopt/tests/fixtures"
    );
    let folder = Folder::new();
    for name in ["app.db", "dirty.db", "partial.db"] {
        std::fs::copy(format!("{fixtures}/sqlx/{name}"), folder.at(name)).unwrap();
    }
    let files = format!("adopt --from sqlx --files {fixtures}/sqlx/migrations");
    assert_eq!(
        document(&folder, &format!("{files} --dry-run"))["is_applied"],
        false
    );
    document(&folder, &files);
    let adopt = format!("adopt --originals {fixtures}/sqlx/migrations");
    let planned = document(&folder, &format!("{adopt} --from sqlx -d app.db --dry-run"));
    let adopted = document(&folder, &format!("{adopt} --from sqlx -d app.db"));
    assert_eq!(planned["rows"], adopted["rows"]);
    assert_eq!(adopted["rows"][3]["verified"], "checksum");
    assert_eq!(
        document(&folder, "verify --exit-code -d app.db")["exit_code"],
        0
    );
    let partial = document(&folder, &format!("{adopt} --from sqlx -d partial.db"));
    assert_eq!(partial["pending"].as_array().map(Vec::len), Some(2));
    let dirty = document(&folder, &format!("{adopt} --from sqlx -d dirty.db"));
    assert_eq!(dirty["exit_code"], 1);
    document(
        &folder,
        "adopt --from sqlx --squash -d dirty.db --dir squashed --dry-run",
    );
}

pub(crate) fn rusqlite(folder: &Folder, sql: &str) -> migrate_runtime::rusqlite::Connection {
    let conn = migrate_runtime::rusqlite::Connection::open(folder.at("app.db")).unwrap();
    conn.execute_batch(sql).unwrap();
    conn
}

#[test]
fn the_documents_say_what_happened() {
    let folder = folder();
    let up = document(&folder, "up --to 002 -d app.db");
    assert_eq!(up["command"], "up");
    assert_eq!(up["applied"][1]["label"], "002_orders");
    assert_eq!(up["applied"].as_array().unwrap().len(), 2);
    let parts = ["script_ms", "checks_ms", "commit_ms"];
    let parts = parts.map(|part| up["applied"][0][part].as_f64().unwrap());
    let duration = up["applied"][0]["duration_ms"].as_f64().unwrap();
    // Each is cut to microseconds.
    assert!((duration - parts.iter().sum::<f64>()).abs() < 0.004);
    let status = document(&folder, "status -d app.db");
    assert_eq!(
        (&status["applied"], &status["pending"]),
        (&2.into(), &1.into())
    );
    assert_eq!(status["migrations"][0]["state"], "applied");
    assert_eq!(
        status["migrations"][0]["checksum"],
        status["migrations"][0]["recorded_checksum"]
    );
    assert_eq!(status["migrations"][2]["state"], "pending");
    assert_eq!(status["migrations"][2]["applied_at"], Value::Null);
    let down = document(&folder, "down --yes -d app.db");
    assert_eq!(down["undone"][0]["label"], "002_orders");
}

#[test]
fn errors_are_documents_too() {
    let drifted = applied();
    drifted.write("migrations/001_users.sql", "CREATE TABLE users (id);\n");
    let up = document(&drifted, "up -d app.db");
    assert_eq!(up["exit_code"], 4);
    assert_eq!(up["error"]["drift"][0]["kind"], "modified");

    let broken = folder();
    broken.write(
        "migrations/003_by_user.sql",
        "CREATE INDEX i ON orders (missing);\n",
    );
    let up = document(&broken, "up -d app.db");
    assert_eq!(up["error"]["applied"][1]["label"], "002_orders");
    assert_eq!(
        up["error"]["location"]["path"],
        "migrations/003_by_user.sql"
    );
    assert_eq!(up["error"]["location"]["line"], 1);
    assert_eq!(up["error"]["causes"][0], "no such column: missing");

    let gap = folder();
    gap.remove("migrations/002_orders.sql");
    let status = document(&gap, "status -d app.db");
    assert_eq!(status["error"]["diagnostics"][0]["code"], "M009");
    assert_eq!(document(&gap, "check")["errors"][0]["code"], "M009");

    // Nobody can be asked.
    assert_eq!(document(&applied(), "reset -d app.db")["exit_code"], 2);
    assert_eq!(document(&folder(), "status")["exit_code"], 2);
}
