//! Adoption on the databases of an application's users, when it starts.

use crate::support::{abc, dump, history, left, lines, options};
use migrate_adopt::{Options, Tool, adopt, adopt_if_needed};
use migrate_runtime::rusqlite::Connection;
use std::process::{Command, Stdio};
use std::sync::Barrier;

const TWO: &str = "PRAGMA user_version = 2";
const TOOL: Tool = Tool::RusqliteMigration;

#[test]
fn once_and_never_again() {
    let mut old = left(TOOL, 2, TWO);
    let adoption = adopt_if_needed(&abc(), &mut old.conn, TOOL, &options()).unwrap();
    assert_eq!(adoption.unwrap().rows.len(), 2);
    abc().up(&mut old.conn).unwrap();
    let before = dump(&old.conn);
    let again = adopt_if_needed(&abc(), &mut old.conn, TOOL, &options()).unwrap();
    assert!(again.is_none());
    assert_eq!(dump(&old.conn), before);
    let error = adopt(&abc(), &mut old.conn, TOOL, &options()).unwrap_err();
    insta::assert_snapshot!(error, @"the database already has a history of ours, with 3 migrations: `migrate status` shows it");
    assert!(error.is_adopted());
}

#[test]
fn a_new_database_needs_none() {
    for tool in Tool::ALL {
        let mut new = Connection::open_in_memory().unwrap();
        assert!(
            adopt_if_needed(&abc(), &mut new, tool, &options())
                .unwrap()
                .is_none()
        );
        assert_eq!(lines(&new, "SELECT name FROM sqlite_schema"), [""; 0]);
        assert_eq!(abc().up(&mut new).unwrap().applied().len(), 3);
    }
}

#[test]
fn what_is_wrong_is_told() {
    let mut old = left(TOOL, 2, "PRAGMA user_version = 7");
    let error = adopt_if_needed(&abc(), &mut old.conn, TOOL, &options()).unwrap_err();
    assert!(error.is_unmapped());
}

/// Several start at once, and each must be able to go on.
fn race(tool: Tool, sql: &str, options: &Options) -> (usize, crate::support::Left) {
    const PROCESSES: usize = 8;
    let old = left(tool, 2, sql);
    let barrier = Barrier::new(PROCESSES);
    let adopted: Vec<bool> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..PROCESSES)
            .map(|_| {
                scope.spawn(|| {
                    let mut conn = Connection::open(&old.path).unwrap();
                    let migrator = abc();
                    barrier.wait();
                    let adoption = adopt_if_needed(&migrator, &mut conn, tool, options);
                    let is_mine = adoption.unwrap().is_some();
                    migrator.up(&mut conn).unwrap();
                    is_mine
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    (adopted.iter().filter(|is_mine| **is_mine).count(), old)
}

#[test]
fn one_of_many_adopts() {
    for _ in 0..10 {
        let (adopted, old) = race(TOOL, TWO, &options());
        assert_eq!(adopted, 1);
        assert_eq!(
            lines(&old.conn, "SELECT origin FROM _migrations"),
            ["rusqlite_migration 1", "rusqlite_migration 2", "-"]
        );
    }
}

const DATABASE: &str = "MIGRATE_ADOPT_TEST_DATABASE";

/// What each process of the next test does; nothing without the variable.
#[test]
fn a_process() {
    let Some(path) = std::env::var_os(DATABASE) else {
        return;
    };
    let mut conn = Connection::open(path).unwrap();
    let adoption = adopt_if_needed(&abc(), &mut conn, TOOL, &options()).unwrap();
    abc().up(&mut conn).unwrap();
    println!("adopted: {}", adoption.is_some());
}

#[test]
fn one_of_many_processes_adopts() {
    let old = left(TOOL, 2, TWO);
    let processes: Vec<_> = (0..6)
        .map(|_| {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "startup::a_process", "--nocapture"])
                .env(DATABASE, &old.path)
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    let mut adopted = 0;
    for process in processes {
        let output = process.wait_with_output().unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("adopted: "), "{text}");
        adopted += usize::from(text.contains("adopted: true"));
    }
    assert_eq!(adopted, 1);
    assert_eq!(history(&old.conn).lines().count(), 3);
}

/// For those who lose, the old table is not there any more.
#[test]
fn one_of_many_adopts_and_renames() {
    let mut options = options();
    options.rename_to = Some("old".to_owned());
    let two = "INSERT INTO _migrations(name) VALUES ('001_a'), ('002_b')";
    for _ in 0..10 {
        let (adopted, old) = race(Tool::Names, two, &options);
        assert_eq!(adopted, 1);
        assert_eq!(history(&old.conn).lines().count(), 3);
    }
}
