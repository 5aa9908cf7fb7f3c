//! The recipes of the guide: each program is compiled as its page shows it, and run.

use crate::{cargo_in, shared, workspace};
use migrate_servers::Server;
use migrate_tests::markdown;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A page with a program, and how the program is tried.
pub(crate) struct Recipe {
    pub(crate) page: &'static str,
    pub(crate) act: fn(&Recipe) -> Result<(), String>,
}

pub(crate) const RECIPES: &[Recipe] = &[
    recipe("axum-r2d2", serves),
    recipe("axum-deadpool", serves),
    recipe("tokio-rusqlite", prints_a_user),
    recipe("spawn-blocking", prints_a_user),
    recipe("desktop", keeps_its_database),
    recipe("tests-in-memory", passes_its_tests),
    recipe("tokio-postgres", prints_a_user_on_postgres),
    recipe("init-container", verifies_without_rights),
];

const fn recipe(page: &'static str, act: fn(&Recipe) -> Result<(), String>) -> Recipe {
    Recipe { page, act }
}

impl Recipe {
    fn name(&self) -> String {
        format!("recipe-{}", self.page)
    }

    pub(crate) fn folder(&self) -> PathBuf {
        shared().join(self.name())
    }

    /// Writes the package: the files that all recipes have, and those of the page.
    pub(crate) fn write(&self) {
        let folder = self.folder();
        let _ = fs::remove_dir_all(&folder);
        let common = markdown::chapter("recipes/README.md");
        let page = markdown::chapter(&format!("recipes/{}.md", self.page));
        for (path, mut text) in [markdown::files(&common), markdown::files(&page)].concat() {
            if path == "Cargo.toml" {
                text = self.manifest(&text);
            }
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    fn manifest(&self, dependencies: &str) -> String {
        let runtime = workspace().join("migrate-runtime");
        format!(
            "[package]\nname = '{}'\nversion = '0.1.0'\nedition = '2024'\n\n{dependencies}\n\
             [patch.crates-io]\nmigrate-runtime = {{ path = '{}' }}\n\n\
             [profile.dev]\ndebug = false\n\n[workspace]\n",
            self.name(),
            runtime.display(),
        )
    }

    pub(crate) fn cargo(&self, arguments: &[&str]) -> Result<String, String> {
        cargo_in(&self.folder(), arguments)
    }

    /// The program, built, to be run in its folder.
    fn program(&self) -> Result<Command, String> {
        self.cargo(&["build", "--quiet"])?;
        let file = format!("{}{}", self.name(), std::env::consts::EXE_SUFFIX);
        let mut program = Command::new(shared().join("target/debug").join(file));
        program.current_dir(self.folder());
        Ok(program)
    }
}

/// Runs a program to its end: what it prints, or what it says of its failure.
fn output(program: &mut Command) -> Result<String, String> {
    let output = program.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(text(&output.stderr))
    }
}

fn expect(found: &str, expected: &str) -> Result<(), String> {
    if found.contains(expected) {
        Ok(())
    } else {
        Err(format!("no {expected:?} in {found:?}"))
    }
}

/// Starts the service, asks it for its users, and ends it.
fn serves(recipe: &Recipe) -> Result<(), String> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut program = recipe.program()?;
    let program = program.env("LISTEN", address.to_string());
    let mut service = program.stdout(Stdio::null()).spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    let answer = loop {
        match TcpStream::connect(address) {
            Ok(stream) => break ask(stream),
            Err(error) if Instant::now() > until => break error.to_string(),
            Err(_) => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    service.kill().unwrap();
    service.wait().unwrap();
    expect(&answer, "HTTP/1.1 200 OK\r\n")?;
    expect(&answer, "\r\n\r\nAda")
}

fn ask(mut stream: TcpStream) -> String {
    let request = b"GET /users HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn prints_a_user(recipe: &Recipe) -> Result<(), String> {
    let mut program = recipe.program()?;
    let first = output(&mut program)?;
    expect(&first, "applied 001_users in ")?;
    expect(&first, "\n1 user\n")?;
    expect(&output(&mut program)?, "nothing is pending\n1 user\n")
}

fn keeps_its_database(recipe: &Recipe) -> Result<(), String> {
    let data = recipe.folder().join("data");
    let mut program = recipe.program()?;
    let program = program.env("XDG_DATA_HOME", &data);
    expect(&output(program)?, "the database is in ")?;
    let notes = data.join("com.example.notes/notes.db");
    if !notes.exists() {
        return Err(format!("no {}", notes.display()));
    }
    // What the user reads if the data is that of a newer version.
    let db = rusqlite::Connection::open(notes).unwrap();
    let newer = "CREATE TEMP TABLE newer AS SELECT * FROM _migrations;
                 UPDATE newer SET version = 2, name = '002_notes';
                 INSERT INTO _migrations SELECT * FROM newer;";
    db.execute_batch(newer).unwrap();
    let error = output(program).unwrap_err();
    expect(
        &error,
        "a newer version of this program has written your data",
    )
}

fn passes_its_tests(recipe: &Recipe) -> Result<(), String> {
    let said = recipe.cargo(&["test", "--quiet", "--", "--format", "pretty"])?;
    expect(&said, "test tests::a_user_is_renamed ... ok")?;
    expect(&said, "test tests::old_users_get_a_nickname ... ok")?;
    expect(&said, "embedded_migrations_are_sound ... ok")
}

fn prints_a_user_on_postgres(recipe: &Recipe) -> Result<(), String> {
    let Some(server) = Server::shared() else {
        return recipe.cargo(&["check", "--quiet"]).map(drop);
    };
    let database = server.database();
    let mut program = recipe.program()?;
    let program = program.env("DATABASE_URL", database.url());
    expect(&output(program)?, "applied 001_users in ")?;
    expect(&output(program)?, "nothing is pending\n1 user\n")
}

fn verifies_without_rights(recipe: &Recipe) -> Result<(), String> {
    let Some(server) = Server::shared() else {
        return recipe.cargo(&["check", "--quiet"]).map(drop);
    };
    let database = server.database();
    database.psql(&fs::read_to_string(recipe.folder().join("roles.sql")).unwrap());
    let url = |role: &str| database.url().replace("postgres@", &format!("{role}@"));
    let run = |role: &str, verb: &str| -> Result<String, String> {
        let mut program = recipe.program()?;
        output(program.arg(verb).env("DATABASE_URL", url(role)))
    };
    let early = run("shop_app", "serve").unwrap_err();
    expect(&early, "the database is too old for this program")?;
    expect(&early, "001_users")?;
    expect(
        &run("shop_app", "migrate").unwrap_err(),
        "permission denied",
    )?;
    expect(&run("shop_owner", "migrate")?, "applied 001_users in ")?;
    expect(&run("shop_app", "serve")?, "serving 1 user\n")
}
