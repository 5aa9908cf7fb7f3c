//! Where a database and a directory may lie, and what may lie there instead.

use crate::running::{STATUS, UP, VERIFY, history, open};
use crate::support::{Folder, Ran};
use insta::assert_snapshot;
use migrate_runtime::rusqlite::Connection;
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

const USERS: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY);\n";

fn folder() -> Folder {
    Folder::with(&[("migrations/001_users.sql", USERS)])
}

#[test]
fn spaces_and_other_alphabets_in_every_path() {
    let folder = Folder::with(&[("mig räume/Schritte 一/001_users.sql", USERS)]);
    fs::create_dir(folder.at("grün ü")).unwrap();
    let urls = [
        "sqlite:grün ü/日本 app.db",
        "sqlite:gr%C3%BCn%20%C3%BC/%E6%97%A5%E6%9C%AC%20app.db",
        "sqlite://grün ü/日本 app.db?mode=rwc",
        "grün ü/日本 app.db",
    ];
    for (number, url) in urls.iter().enumerate() {
        let up = ["up", "--dir", "mig räume/Schritte 一", "--database", url];
        let ran = folder.run_with(&up).fine();
        let is_first = ran.stdout.starts_with("applied 001_users");
        assert_eq!(is_first, number == 0, "{url}: {ran}");
    }
    let database = folder.at("grün ü/日本 app.db");
    assert_eq!(history(&Connection::open(database).unwrap()), ["users"]);
    assert_eq!(
        folder.files(),
        ["grün ü/日本 app.db", "mig räume/Schritte 一/001_users.sql"]
    );
}

#[test]
fn a_current_folder_of_another_alphabet() {
    let folder = folder();
    let inner = folder.at("プロジェクト eins");
    fs::create_dir(&inner).unwrap();
    fs::rename(folder.at("migrations"), inner.join("migrations")).unwrap();
    let mut command = folder.command();
    command.current_dir(&inner).args(UP.split(' '));
    folder.ran(command.output().unwrap()).fine();
    assert!(inner.join("app.db").exists());
}

// Neither a home nor a path to look for programs.
#[test]
fn nothing_of_the_environment_is_needed() {
    let folder = folder();
    let command = folder.command();
    assert_eq!(command.get_envs().count(), 0);
    for call in [UP, STATUS, VERIFY, "check", "lock", "lock"] {
        folder.run(call).fine();
    }
    let mut command = folder.command();
    let variables = [
        ("HOME", "/nowhere"),
        ("PATH", ""),
        ("TMPDIR", "/nowhere"),
        ("LANG", "nonsense"),
        ("COLUMNS", "-3"),
    ];
    command.envs(variables).args(STATUS.split(' '));
    folder.ran(command.output().unwrap()).fine();
}

#[test]
fn the_url_of_the_environment_is_read() {
    let folder = folder();
    let with = |url: &str, arguments: &str| {
        let mut command = folder.command();
        command.env("DATABASE_URL", url).args(arguments.split(' '));
        folder.ran(command.output().unwrap())
    };
    with("sqlite:app.db", "up").fine();
    assert_eq!(history(&open(&folder)), ["users"]);
    with("mysql://elsewhere", &format!("{STATUS} --exit-code")).fine();
    assert_snapshot!(with("mysql://elsewhere", "status"), @"
    exit code 2
    --- stderr
    error: `mysql:` is not a known kind of database
      help: give it as `sqlite:app.db` or `postgres://USER:PASSWORD@HOST/DATABASE`
    ");
    assert_snapshot!(folder.run("status"), @"
    exit code 2
    --- stderr
    error: no database is given
      help: use `--database sqlite:app.db`, or set `DATABASE_URL`
    ");
}

/// Runs a line of the shell in a folder that is gone by then.
fn from_nowhere(folder: &Folder, arguments: &str) -> Ran {
    fs::create_dir(folder.at("gone")).unwrap();
    let mut command = Command::new("/bin/sh");
    let line = format!("cd gone && rmdir ../gone && exec \"$0\" {arguments}");
    command.args(["-c", &line, env!("CARGO_BIN_EXE_migrate")]);
    command.current_dir(folder.path()).env_clear();
    folder.ran(command.output().unwrap())
}

#[test]
fn a_current_folder_that_is_gone() {
    let folder = folder();
    let (dir, database) = (folder.at("migrations"), folder.at("app.db"));
    let (dir, database) = (dir.display(), database.display());
    let whole = format!("up --dir {dir} --database sqlite:{database}");
    from_nowhere(&folder, &whole).fine();
    assert_eq!(history(&open(&folder)), ["users"]);
    let verbs = ["up", "status", "down --yes"].map(|verb| {
        let relative = from_nowhere(&folder, &format!("{verb} --database sqlite:app.db"));
        let half = format!("{verb} --dir {dir} --database sqlite:app.db");
        let half = from_nowhere(&folder, &half);
        format!("{verb}: {relative}{half}")
    });
    assert_snapshot!(verbs.join("\n"), @"
    up: exit code 1
    --- stderr
    error: M001: the migrations directory cannot be read: No such file or directory (os error 2)
     --> migrations
      = help: create the directory, or correct the path; it is relative to the current directory
    exit code 1
    --- stderr
    error: the database `app.db` cannot be opened: it cannot be created
      help: give this user read and write access to the file and its folder

    status: exit code 1
    --- stderr
    error: M001: the migrations directory cannot be read: No such file or directory (os error 2)
     --> migrations
      = help: create the directory, or correct the path; it is relative to the current directory
    exit code 0
    --- stdout
    migration  state    applied  took  checksum  origin
    001_users  pending  -        -     -

    Total: 1 | Applied: 0 | Pending: 1
    --- stderr
    note: the database `app.db` does not exist yet

    down --yes: exit code 1
    --- stderr
    error: M001: the migrations directory cannot be read: No such file or directory (os error 2)
     --> migrations
      = help: create the directory, or correct the path; it is relative to the current directory
    exit code 0
    --- stdout
    there is nothing to undo
    --- stderr
    note: the database `app.db` does not exist yet
    ");
    assert_eq!(history(&open(&folder)), ["users"]);
}

/// What `up` and `status` say.
fn both(folder: &Folder) -> String {
    let up = folder.run(UP);
    let status = folder.run(STATUS);
    assert_eq!(up.code, status.code, "{up}{status}");
    if up.stderr == status.stderr {
        up.to_string()
    } else {
        format!("{up}{status}")
    }
}

#[test]
fn a_directory_that_is_none() {
    let folder = Folder::new();
    let missing = both(&folder);
    folder.write("migrations", "a file");
    let file = both(&folder);
    folder.remove("migrations");
    std::os::unix::fs::symlink("nowhere", folder.at("migrations")).unwrap();
    let dangling = both(&folder);
    folder.remove("migrations");
    std::os::unix::fs::symlink("migrations", folder.at("migrations")).unwrap();
    let circle = both(&folder);
    assert_snapshot!([missing, file, dangling, circle].join("\n"), @"
    exit code 1
    --- stderr
    error: M001: the migrations directory cannot be read: No such file or directory (os error 2)
     --> migrations
      = help: create the directory, or correct the path; it is relative to the current directory

    exit code 1
    --- stderr
    error: M001: the migrations directory cannot be read: Not a directory (os error 20)
     --> migrations
      = help: create the directory, or correct the path; it is relative to the current directory

    exit code 1
    --- stderr
    error: M001: the migrations directory cannot be read: No such file or directory (os error 2)
     --> migrations
      = help: create the directory, or correct the path; it is relative to the current directory

    exit code 1
    --- stderr
    error: M001: the migrations directory cannot be read: Too many levels of symbolic links (os error 40)
     --> migrations
      = help: create the directory, or correct the path; it is relative to the current directory
    ");
    assert!(!folder.at("app.db").exists());
}

#[test]
fn a_database_that_is_none() {
    let folder = folder();
    fs::create_dir(folder.at("app.db")).unwrap();
    let directory = both(&folder);
    fs::remove_dir(folder.at("app.db")).unwrap();
    folder.write("app.db", &"This is no database, but a letter.\n".repeat(40));
    let before = folder.contents();
    let letter = both(&folder);
    folder.write("short.db", "no database");
    let short = folder.run("up --database sqlite:short.db").to_string();
    folder.remove("short.db");
    let below = folder.run("up --database sqlite:app.db/app.db").to_string();
    let nowhere = folder.run("up --database sqlite:no/app.db").to_string();
    assert!(folder.contents() == before);
    assert_snapshot!([directory, letter, short, below, nowhere].join("\n"), @"
    exit code 1
    --- stderr
    error: the database `app.db` cannot be opened: it is a folder
      help: name the file in it

    exit code 1
    --- stderr
    error: the database `app.db` cannot be opened: it is not an SQLite database, or it is encrypted
      help: correct the path

    exit code 1
    --- stderr
    error: the database `short.db` cannot be opened: it is not an SQLite database, or it is encrypted
      help: correct the path

    exit code 1
    --- stderr
    error: the database `app.db/app.db` cannot be opened: its folder does not exist
      help: create the folder, or correct the path

    exit code 1
    --- stderr
    error: the database `no/app.db` cannot be opened: its folder does not exist
      help: create the folder, or correct the path
    ");
}

#[test]
fn a_status_makes_no_database() {
    let folder = folder();
    for verb in [
        "status",
        "plan",
        "verify",
        "up --dry-run",
        "down --dry-run",
        "down --yes",
    ] {
        let ran = folder.run(&format!("{verb} --database sqlite:app.db"));
        assert_eq!(ran.code, Some(0), "{verb}: {ran}");
        assert_eq!(folder.files(), ["migrations/001_users.sql"], "{verb}");
    }
}

#[test]
fn an_empty_file_is_a_new_database() {
    let folder = folder();
    folder.write("app.db", "");
    folder.run(&format!("{STATUS} --exit-code")).ends_with(3);
    assert_eq!(folder.read("app.db"), "");
    folder.run(UP).fine();
    assert_eq!(history(&open(&folder)), ["users"]);
}

#[test]
fn a_damaged_database_is_said_to_be_damaged() {
    let folder = folder();
    folder.run(UP).fine();
    folder.write(
        "migrations/002_more.sql",
        "CREATE TABLE more (n INTEGER);\n",
    );
    let sound = fs::read(folder.at("app.db")).unwrap();
    // The cells of the schema, the header of its page, and the whole file
    // after the first page.
    let mut cells = sound.clone();
    let page = usize::from(u16::from_be_bytes([sound[16], sound[17]]));
    cells[page - 200..page].fill(0xa5);
    let mut header = sound.clone();
    header[100..112].fill(0xff);
    let cut = sound[..page].to_vec();
    let told = [cells, header, cut].map(|bytes| {
        fs::write(folder.at("app.db"), &bytes).unwrap();
        let verbs = [UP, STATUS, VERIFY, "down --yes --database sqlite:app.db"];
        let told = verbs.map(|call| {
            let ran = folder.run(call);
            assert_eq!(ran.code, Some(1), "{call}: {ran}");
            assert!(!ran.stderr.contains("panicked"), "{ran}");
            ran.stderr
        });
        assert!(fs::read(folder.at("app.db")).unwrap() == bytes);
        told[0].clone()
    });
    assert_snapshot!(told.join("\n"), @"
    error: the database failed while looking for the history
      because: malformed database schema (_migrations) - incomplete input

    error: the database failed while looking for the history
      because: database disk image is malformed

    error: the database `app.db` cannot be opened: database disk image is malformed
      help: restore a backup
    ");
}

#[test]
fn five_hundred_migrations_take_no_time() {
    let folder = Folder::new();
    for number in 1..=500 {
        let sql = format!("CREATE TABLE t{number} (id INTEGER PRIMARY KEY);\n");
        folder.write(&format!("migrations/{number:03}_table_{number}.sql"), &sql);
    }
    let timed = |call: &str| {
        let started = Instant::now();
        let ran = folder.run(call).fine();
        let took = started.elapsed();
        println!("{call}: {took:?}");
        (took, ran)
    };
    let (pending, _) = timed(STATUS);
    timed(UP);
    let (applied, ran) = timed(STATUS);
    assert!(
        ran.stdout
            .contains("Total: 500 | Applied: 500 | Pending: 0")
    );
    assert!(
        pending.max(applied) < Duration::from_secs(3),
        "{pending:?} {applied:?}"
    );
}

/// Opening a pipe would block forever, and a device stores nothing.
#[test]
fn what_is_no_file_is_no_database() {
    let folder = folder();
    for verb in ["up", "status", "up --wait 1m"] {
        let ran = folder
            .run(&format!("{verb} --database /dev/null"))
            .ends_with(1);
        assert_eq!(
            ran.stderr,
            "error: the database `/dev/null` cannot be opened: it is a pipe or a device\n  \
             help: correct the path; use `sqlite::memory:` for a temporary database\n"
        );
    }
}
