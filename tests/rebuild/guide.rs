//! The snippets of the guide: files of programs are built and run, statements are
//! put into a function, and dependencies are resolved. The comment above each block
//! says which it is; `tests/guide` sees that none is without.

use crate::package::Package;
use crate::readme::{documented, start, times};
use migrate_tests::markdown;
use std::collections::BTreeSet;

/// The blocks of the guide with this note: chapter with line, and text.
fn noted(note: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for name in markdown::chapters() {
        for block in markdown::blocks(&markdown::chapter(&name)) {
            if block.note.as_deref() == Some(note) {
                found.push((format!("{name}:{}", block.line), block.text));
            }
        }
    }
    assert!(!found.is_empty(), "no block has the note `{note}`");
    found
}

/// The package of a chapter: its files, and those of the first chapter that it does
/// not have.
fn package(name: &'static str, chapter: &str) -> Package {
    let first = markdown::files(&markdown::chapter("getting-started.md"));
    let own = markdown::files(&markdown::chapter(chapter));
    let (_, manifest) = first.iter().find(|(path, _)| path == "Cargo.toml").unwrap();
    let package = documented(name, manifest);
    for (path, text) in &first {
        if path != "Cargo.toml" && !path.starts_with("migrations/") {
            package.write(path, text);
        }
    }
    for (path, text) in own {
        if path != "Cargo.toml" {
            package.write(&path, &text);
        }
    }
    package
}

/// A function for each block; `head` writes what is before its body.
fn functions(note: &str, head: impl Fn(&str) -> String) -> String {
    let functions = noted(note)
        .into_iter()
        .enumerate()
        .map(|(at, (place, text))| {
            let head = head(&format!("snippet_{at}"));
            format!("/// {place}\n{head} {{\n{text}\nOk(())\n}}\n\n")
        });
    functions.collect()
}

#[test]
fn the_first_chapter() {
    let name = "guide_start";
    let package = package(name, "getting-started.md");
    let functions = functions("run", |name| {
        format!(
            "#[test] fn {name}() -> Result<(), Box<dyn Error>> {{\n\
             let folder = tempfile::tempdir()?;\n\
             let mut db = Connection::open(folder.path().join(\"app.db\"))?;\n\
             statements_of_{name}(db)\n}}\n\
             fn statements_of_{name}(mut db: Connection) -> Result<(), Box<dyn Error>>"
        )
    });
    package.append(
        "Cargo.toml",
        "\n[target.'cfg(all())'.dev-dependencies]\ntempfile = '3'\n",
    );
    let snippets = format!(
        "#![allow(unused)]\nuse migrate_runtime::{{embed_migrations, rusqlite::Connection}};\n\
         use std::error::Error;\n\nembed_migrations!(\"migrations\");\n\n{functions}"
    );
    package.write("tests/snippets.rs", &snippets);

    package.build().ok().without_warnings(name);
    let applied = ["applied 001_users in # ms", "applied 002_orders in # ms"];
    assert_eq!(times(&start(name, &package).ok()), applied);
    assert_eq!(times(&start(name, &package).ok()), ["nothing is pending"]);
    let test = package
        .cargo(&["test"])
        .ok()
        .has("embedded_migrations_are_sound ... ok");
    assert_eq!(test.count("test snippet_"), noted("run").len());
}

#[test]
fn migrations_in_rust() {
    let name = "guide_rust";
    let package = package(name, "rust-migrations.md");
    package.build().ok().without_warnings(name);
    let test = package.cargo(&["test"]).ok();
    let _ = test.has("embedded_migrations_are_sound ... ok");
    let applied = ["applied 001_users in # ms", "applied 002_slugs in # ms"];
    assert_eq!(times(&start(name, &package).ok()), applied);
}

#[test]
fn what_is_only_compiled() {
    let name = "guide_check";
    let dependencies = "clap = { version = '4', features = ['derive'] }\n\
        migrate-adopt = { version = '0.1', features = ['postgres'] }\n\
        migrate-cli = '0.1'\n\
        migrate-runtime = { version = '0.1', features = ['testing'] }\n\
        migrate-tools = '0.1'\n\
        rusqlite = { version = '*', features = ['functions'] }\n\
        tokio = { version = '1', features = ['macros', 'rt-multi-thread'] }\n\
        tokio-postgres = '0.7'\n";
    let package = documented(name, dependencies);
    for (path, text) in markdown::files(&markdown::chapter("getting-started.md")) {
        if path == "build.rs" || path.starts_with("migrations/") {
            package.write(&path, &text);
        }
    }
    let users = "CREATE TABLE users (id bigint PRIMARY KEY, name text, slug text);\n";
    package.write("postgres/001_users.sql", users);

    let statements = functions("check", |name| {
        format!(
            "fn {name}(mut db: Connection, migrator: Migrator<Migration>) \
             -> Result<(), Box<dyn Error>>"
        )
    });
    let items = noted("check items")
        .into_iter()
        .enumerate()
        .map(|(at, (place, text))| {
            format!("/// {place}\nmod items_{at} {{\nuse super::*;\n{text}}}\n\n")
        });
    let postgres = functions("check postgres", |name| {
        format!(
            "async fn {name}(client: &mut Client, connector: Connector) \
             -> Result<(), Box<dyn Error>>"
        )
    });
    let library = format!(
        "#![allow(unused)]\nuse migrate_runtime::{{Migrator, embed_migrations}};\n\
         use migrate_runtime::rusqlite::Connection;\nuse std::error::Error;\n\n\
         embed_migrations!(\"migrations\");\n\n{statements}{}\n\
         mod postgres {{\nuse migrate_runtime::{{embed_migrations, postgres::Connector}};\n\
         use migrate_runtime::tokio_postgres::{{self, Client}};\nuse std::error::Error;\n\n\
         embed_migrations!(\"postgres\", engine = \"postgres\", watch = false);\n\n{}}}\n",
        items.collect::<String>(),
        postgres.replace("\"migrations\"", "\"postgres\""),
    );
    package.write("src/lib.rs", &library);
    package.cargo(&["check", "--tests"]).ok();
}

#[test]
fn dependencies_resolve() {
    let blocks = noted("resolve");
    let texts: BTreeSet<&str> = blocks.iter().map(|(_, text)| text.as_str()).collect();
    for text in texts {
        let package = documented("guide_resolve", text);
        package.write("src/lib.rs", "");
        let tree = package.cargo(&["tree", "--prefix", "none"]).ok();
        let _ = tree.has("migrate-runtime v");
    }
}
