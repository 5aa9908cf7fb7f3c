//! `migrate init`, on real folders.

mod support;

use support::Folder;

const MANIFEST: (&str, &str) = ("Cargo.toml", "[package]\nname = \"app\"\n");

#[test]
fn a_package_is_set_up() {
    let folder = Folder::with(&[MANIFEST]);
    insta::assert_snapshot!(folder.run("init"), @r#"
    exit code 0
    --- stdout
    created `migrations`
    created `migrations/migrations.lock`
    created `migrations/.gitattributes`
    created `build.rs`
    next: cargo add migrate-runtime
          cargo add --dev migrate-runtime --features testing
          add to src/main.rs or src/lib.rs:
            migrate_runtime::embed_migrations!("migrations");
          migrate create initial_schema
    "#);
    insta::assert_snapshot!(folder.files().join("\n"), @"
    Cargo.toml
    build.rs
    migrations/.gitattributes
    migrations/migrations.lock
    ");
    insta::assert_snapshot!(folder.read("build.rs"), @r#"
    fn main() {
        println!("cargo::rerun-if-changed=migrations");
        println!("cargo::rustc-env=MIGRATIONS_WATCHED=migrations");
    }
    "#);
    insta::assert_snapshot!(folder.read("migrations/.gitattributes"), @"
    # Frozen files must have the same text on every machine.
    *.sql text eol=lf
    migrations.lock text eol=lf
    ");
    insta::assert_snapshot!(folder.read("migrations/migrations.lock"), @"# migrations.lock 1: what is frozen is released and never changes; a draft may");
}

#[test]
fn running_it_twice_changes_nothing() {
    let folder = Folder::with(&[MANIFEST]);
    let _ = folder.run("init").fine();
    let before = folder.contents();
    insta::assert_snapshot!(folder.run("init"), @r#"
    exit code 0
    --- stdout
    `migrations` already exists and was not changed
    `migrations/migrations.lock` already exists and was not changed
    `migrations/.gitattributes` already exists and was not changed
    `build.rs` already exists and was not changed
    next: cargo add migrate-runtime
          cargo add --dev migrate-runtime --features testing
          add to src/main.rs or src/lib.rs:
            migrate_runtime::embed_migrations!("migrations");
          migrate create initial_schema
    "#);
    assert_eq!(folder.contents(), before);

    let _ = folder.run("create users").fine();
    let before = folder.contents();
    let _ = folder.run("init").fine();
    assert_eq!(folder.contents(), before);
}

#[test]
fn a_directory_without_migrations_is_no_good_one_yet() {
    let folder = Folder::with(&[MANIFEST]);
    let _ = folder.run("init").fine();
    insta::assert_snapshot!(folder.run("check"), @"
    exit code 1
    --- stdout
    1 error, 0 warnings
    --- stderr
    error: M002: the migrations directory contains no migrations
     --> migrations
      = help: add the first one: `001_initial_schema.sql`
    note: the migrations are replayed once these errors are fixed
    ");
}

#[test]
fn it_runs_in_the_folder_of_a_package_only() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.run("init"), @"
    exit code 1
    --- stderr
    error: there is no `Cargo.toml` here
      help: run it in the folder of a package, or create one with `cargo init`
    ");
    folder.write("Cargo.toml", "[workspace]\nmembers = [\"app\"]\n");
    insta::assert_snapshot!(folder.run("init"), @"
    exit code 1
    --- stderr
    error: the `Cargo.toml` here belongs to a workspace, not to a package
      help: run it in the folder of the package that will embed the migrations
    ");
    folder.write("app/src/main.rs", "");
    let below = folder
        .command()
        .arg("init")
        .current_dir(folder.at("app/src"))
        .output();
    insta::assert_snapshot!(folder.ran(below.unwrap()), @"
    exit code 1
    --- stderr
    error: there is no `Cargo.toml` here
      help: run it in the folder of a package; there is one in `[folder]`
    ");
    assert_eq!(folder.files(), ["Cargo.toml", "app/src/main.rs"]);
}

#[test]
fn another_directory_is_told_to_the_build_script() {
    let folder = Folder::with(&[MANIFEST]);
    let ran = folder.run_with(&["init", "--dir", "./db/änderungen {1}/"]);
    // The shells of Windows have other quotes.
    let shown = ran
        .to_string()
        .replace("\"db/änderungen {1}\" c", "'db/änderungen {1}' c");
    insta::assert_snapshot!(shown, @r#"
    exit code 0
    --- stdout
    created `db/änderungen {1}`
    created `db/änderungen {1}/migrations.lock`
    created `db/änderungen {1}/.gitattributes`
    created `build.rs`
    next: cargo add migrate-runtime
          cargo add --dev migrate-runtime --features testing
          add to src/main.rs or src/lib.rs:
            migrate_runtime::embed_migrations!("db/änderungen {1}");
          migrate --dir 'db/änderungen {1}' create initial_schema
    "#);
    insta::assert_snapshot!(folder.read("build.rs"), @r#"
    fn main() {
        println!("cargo::rerun-if-changed=db/änderungen {{1}}");
        println!("cargo::rustc-env=MIGRATIONS_WATCHED=db/änderungen {{1}}");
    }
    "#);
    for wrong in ["/srv/migrations", "..", ".", "a;b"] {
        let ran = folder.run_with(&["init", "--dir", wrong]).ends_with(2);
        assert!(ran.stderr.contains("help: "), "{ran}");
    }
    insta::assert_snapshot!(folder.run("init --dir /srv/migrations"), @"
    exit code 2
    --- stderr
    error: the directory `/srv/migrations` is absolute, and would differ on each machine
      help: name one relative to the package: `--dir migrations`
    ");
}

#[test]
fn a_build_script_is_not_touched() {
    let script = "fn main() {\n    println!(\"cargo::rerun-if-changed=proto\");\n}\n";
    let folder = Folder::with(&[MANIFEST, ("build.rs", script)]);
    insta::assert_snapshot!(folder.run("init"), @r#"
    exit code 0
    --- stdout
    created `migrations`
    created `migrations/migrations.lock`
    created `migrations/.gitattributes`
    `build.rs` already exists and was not changed
    next: add to the function `main` of build.rs:
            println!("cargo::rerun-if-changed=migrations");
            println!("cargo::rustc-env=MIGRATIONS_WATCHED=migrations");
          cargo add migrate-runtime
          cargo add --dev migrate-runtime --features testing
          add to src/main.rs or src/lib.rs:
            migrate_runtime::embed_migrations!("migrations");
          migrate create initial_schema
    "#);
    assert_eq!(folder.read("build.rs"), script);

    let script = "fn main() {\n    println!(\"cargo::rustc-env=MIGRATIONS_WATCHED=db\");\n}\n";
    folder.write("build.rs", script);
    insta::assert_snapshot!(folder.run("init").stdout, @r#"
    `migrations` already exists and was not changed
    `migrations/migrations.lock` already exists and was not changed
    `migrations/.gitattributes` already exists and was not changed
    `build.rs` already exists and was not changed
    next: add to the function `main` of build.rs:
            println!("cargo::rerun-if-changed=migrations");
            println!("cargo::rustc-env=MIGRATIONS_WATCHED=db;migrations"); // instead of the one for `db`
          cargo add migrate-runtime
          cargo add --dev migrate-runtime --features testing
          add to src/main.rs or src/lib.rs:
            migrate_runtime::embed_migrations!("migrations");
          migrate create initial_schema
    "#);
    assert_eq!(folder.read("build.rs"), script);

    folder.write(
        "Cargo.toml",
        "[package]\nbuild = false\n[dependencies]\nmigrate-runtime = \"0.1\"\n",
    );
    folder.remove("build.rs");
    insta::assert_snapshot!(folder.run("init").stdout, @r#"
    `migrations` already exists and was not changed
    `migrations/migrations.lock` already exists and was not changed
    `migrations/.gitattributes` already exists and was not changed
    next: remove `build = false` from Cargo.toml, and write a build.rs:
            fn main() {
                println!("cargo::rerun-if-changed=migrations");
                println!("cargo::rustc-env=MIGRATIONS_WATCHED=migrations");
            }
          cargo add --dev migrate-runtime --features testing
          add to src/main.rs or src/lib.rs:
            migrate_runtime::embed_migrations!("migrations");
          migrate create initial_schema
    "#);
    assert!(!folder.at("build.rs").exists());
}

#[test]
fn migrations_that_are_there_become_drafts() {
    let sql = "CREATE TABLE users (id INTEGER PRIMARY KEY) STRICT;\n";
    let folder = Folder::with(&[MANIFEST, ("migrations/001_users.sql", sql)]);
    insta::assert_snapshot!(folder.run("init"), @r#"
    exit code 0
    --- stdout
    created `migrations/migrations.lock`
    created `migrations/.gitattributes`
    created `build.rs`
    `migrations` already exists and was not changed
    next: cargo add migrate-runtime
          cargo add --dev migrate-runtime --features testing
          add to src/main.rs or src/lib.rs:
            migrate_runtime::embed_migrations!("migrations");
    "#);
    assert!(
        folder
            .read("migrations/migrations.lock")
            .ends_with("\n001_users draft\n")
    );
    let _ = folder.run("check").fine();

    let folder = Folder::with(&[MANIFEST, ("migrations/002_users.sql", sql)]);
    insta::assert_snapshot!(folder.run("init"), @r#"
    exit code 0
    --- stdout
    created `migrations/.gitattributes`
    created `build.rs`
    `migrations` already exists and was not changed
    next: fix the errors that `migrate check` reports, then run `migrate lock`: there is no lock file yet, because the migrations have errors
          cargo add migrate-runtime
          cargo add --dev migrate-runtime --features testing
          add to src/main.rs or src/lib.rs:
            migrate_runtime::embed_migrations!("migrations");
    "#);
    assert!(!folder.at("migrations/migrations.lock").exists());
}

#[test]
fn a_directory_with_a_readme_alone_is_empty() {
    let folder = Folder::with(&[MANIFEST, ("migrations/README.md", "")]);
    let ran = folder.run("init").fine();
    assert!(
        ran.stdout.ends_with("migrate create initial_schema\n"),
        "{ran}"
    );
    assert!(
        folder
            .read("migrations/migrations.lock")
            .ends_with(" a draft may\n")
    );
}

#[test]
fn a_machine_is_told_the_same() {
    let folder = Folder::with(&[MANIFEST, ("migrations/README.md", "")]);
    insta::assert_snapshot!(folder.run("init --format json"), @r#"
    exit code 0
    --- stdout
    {
      "command": "init",
      "exit_code": 0,
      "files": [
        "migrations/migrations.lock",
        "migrations/.gitattributes",
        "build.rs"
      ],
      "format": 1,
      "next": [
        "cargo add migrate-runtime",
        "cargo add --dev migrate-runtime --features testing",
        "add to src/main.rs or src/lib.rs:\nmigrate_runtime::embed_migrations!(\"migrations\");",
        "migrate create initial_schema"
      ],
      "skipped": [
        "migrations"
      ]
    }
    "#);
}

#[test]
fn from_nothing_to_a_database() {
    let folder = Folder::with(&[MANIFEST]);
    let _ = folder.run("init").fine();
    let _ = folder.run("create users").fine();
    let path = "migrations/001_users.sql";
    // Until somebody writes it, nothing can be done with it.
    let unwritten = folder.run("up -d sqlite:app.db").ends_with(1);
    assert!(unwritten.stderr.contains("M016"), "{unwritten}");
    assert!(!folder.at("app.db").exists());

    let text = folder.read(path);
    let (up, down) = text.split_once("\n-- migrate:down\n").unwrap();
    folder.write(
        path,
        &format!(
            "{up}CREATE TABLE users (id INTEGER PRIMARY KEY) STRICT;\n\n-- migrate:down\n\
             {down}DROP TABLE users;\n"
        ),
    );
    insta::assert_snapshot!(folder.run("check"), @"
    exit code 0
    --- stdout
    1 migration, 1 tried on rows, 1 down
    nothing is wrong
    ");
    let ran = folder.run("up -d sqlite:app.db").fine();
    assert!(ran.stdout.contains("001_users"), "{ran}");
    let ran = folder.run("schema -d sqlite:app.db").fine();
    assert!(ran.stdout.contains("CREATE TABLE users"), "{ran}");
    let _ = folder.run("down -d sqlite:app.db --yes").fine();
    let ran = folder.run("schema -d sqlite:app.db").fine();
    assert!(!ran.stdout.contains("CREATE TABLE users"), "{ran}");
}
