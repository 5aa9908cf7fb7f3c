//! Sets of migrations, as files in memory.

use migrate_model::files::InMemory;
use migrate_prove::{Options, Proof, Subject, prove};
use migrate_source::Options as Reading;
use migrate_source::diagnostic::Diagnostic;
use migrate_source::directory::{Directory, read};
use migrate_source::render::render;

pub(crate) fn directory(files: &[(&str, &str)]) -> Directory {
    let mut reading = Reading::default();
    reading.shown_root = "migrations";
    read(&mut InMemory(files), &reading)
}

pub(crate) fn proof(files: &[(&str, &str)], options: &Options<'_>) -> Proof {
    let mut directory = directory(files);
    // The macro looks for the function; here, each has one.
    for migration in &mut directory.migrations {
        if migration.up.is_rust {
            migration.down = Some(migration.up.clone());
        }
    }
    let subjects: Vec<Subject<'_>> = directory.migrations.iter().map(Subject::from).collect();
    prove(&subjects, options).unwrap()
}

/// Everything that is found, as a reader sees it, and the notes behind it.
pub(crate) fn found(files: &[(&str, &str)]) -> String {
    found_with(files, &Options::default())
}

pub(crate) fn found_with(files: &[(&str, &str)], options: &Options<'_>) -> String {
    let proof = proof(files, options);
    let mut shown: Vec<String> = proof.findings.iter().map(render).collect();
    shown.extend(proof.notes.iter().map(|note| format!("note: {note}")));
    shown.join("\n\n")
}

/// The files of a set that stands in one text: a line `== name` begins each.
pub(crate) fn split(text: &str) -> Vec<(&str, &str)> {
    let files = text.strip_prefix("== ").unwrap().split("\n== ");
    files.map(|file| file.split_once('\n').unwrap()).collect()
}

/// What is found in a set that stands in one text, behind one that many begin
/// with. Each in a line: code, place and message.
pub(crate) fn told(base: &str, text: &str) -> String {
    told_with(base, text, &Options::default())
}

pub(crate) fn told_with(base: &str, text: &str, options: &Options<'_>) -> String {
    let text = format!("{base}{text}");
    let files = split(&text);
    let proof = proof(&files, options);
    let mut lines: Vec<String> = proof.findings.iter().map(line).collect();
    lines.extend(proof.notes.iter().map(|note| format!("note: {note}")));
    lines.join("\n")
}

fn line(finding: &Diagnostic) -> String {
    let path = finding.path.trim_start_matches("migrations/");
    let code = finding.code.as_str();
    let place = finding.excerpt.as_ref().map_or(String::new(), |excerpt| {
        let position = &excerpt.position;
        format!(":{}:{}", position.line, position.column)
    });
    let mut line = format!("{code} {path}{place} {}", finding.message);
    for note in &finding.notes {
        line.push_str(&format!("\n    {note}"));
    }
    line
}

/// A table, and one with reference data.
pub(crate) const USERS: &str = "== 001_users.sql
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT UNIQUE);
CREATE TABLE roles (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO roles (id, name) VALUES (1, 'admin'), (2, 'guest');
";

/// With triggers that delete.
pub(crate) const NOTES: &str = "== 001_users.sql
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT UNIQUE);
CREATE TABLE roles (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO roles (id, name) VALUES (1, 'admin'), (2, 'guest');
CREATE TABLE notes (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id), body TEXT);
CREATE INDEX notes_user ON notes (user_id);
CREATE TRIGGER users_gone AFTER DELETE ON users BEGIN DELETE FROM notes WHERE user_id = old.id; END;
CREATE TRIGGER users_renamed AFTER UPDATE OF name ON users BEGIN DELETE FROM notes WHERE user_id = old.id; END;
";

/// With an index on an expression, and a trigger.
pub(crate) const INDEXED: &str = "== 001_users.sql
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT UNIQUE);
CREATE TABLE roles (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO roles (id, name) VALUES (1, 'admin'), (2, 'guest');
CREATE INDEX users_lower ON users (lower(name));
CREATE TRIGGER users_in AFTER INSERT ON users BEGIN SELECT 1; END;
";

/// With a table that refers to another one.
pub(crate) const POSTS: &str = "== 001_users.sql
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT UNIQUE);
CREATE TABLE roles (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO roles (id, name) VALUES (1, 'admin'), (2, 'guest');
CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id), title TEXT);
CREATE INDEX posts_user ON posts (user_id);
";

/// With views on views, and a trigger that writes elsewhere.
pub(crate) const VIEWS: &str = "== 001_users.sql
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT UNIQUE);
CREATE TABLE roles (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO roles (id, name) VALUES (1, 'admin'), (2, 'guest');
CREATE VIEW names AS SELECT id, name FROM users;
CREATE VIEW all_users AS SELECT * FROM users;
CREATE VIEW short AS SELECT substr(name, 1, 3) AS name FROM names;
CREATE TRIGGER users_in AFTER INSERT ON users BEGIN UPDATE roles SET name = new.name WHERE id = new.id; END;
";
