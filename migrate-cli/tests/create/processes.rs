//! Several processes on one directory.

use super::{directory, made};
use crate::support::Folder;
use std::process::{Child, Stdio};
use std::time::Duration;

const COUNT: usize = 16;

fn spawn(folder: &Folder, arguments: &[&str]) -> Child {
    let mut command = folder.command();
    let command = command
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn all_at_once(folder: &Folder, name: impl Fn(usize) -> String) {
    let children: Vec<Child> = (0..COUNT)
        .map(|i| spawn(folder, &["create", &name(i)]))
        .collect();
    for child in children {
        let _ = folder.ran(child.wait_with_output().unwrap()).fine();
    }
}

/// The number of each file, and the lines of the lock file.
fn numbers(folder: &Folder) -> (Vec<u64>, Vec<String>) {
    let files = folder.files().into_iter().filter(|it| it.ends_with(".sql"));
    let stems: Vec<String> = files
        .map(|it| {
            it["migrations/".len()..]
                .trim_end_matches(".sql")
                .to_owned()
        })
        .collect();
    let numbers = stems.iter().map(|it| it[..3].parse().unwrap()).collect();
    (numbers, stems)
}

#[test]
fn each_gets_a_number_of_its_own() {
    let folder = Folder::new();
    folder.write(
        "migrations/migrations.lock",
        "# migrations.lock 1: what is frozen is released and never changes; a draft may\n",
    );
    all_at_once(&folder, |i| format!("name_{i}"));
    let (found, stems) = numbers(&folder);
    assert_eq!(found, (1..=COUNT as u64).collect::<Vec<_>>());
    let lock = folder.read("migrations/migrations.lock");
    let lines: Vec<&str> = lock.lines().skip(1).collect();
    let expected: Vec<String> = stems.iter().map(|it| format!("{it} draft")).collect();
    assert_eq!(lines, expected);
    assert_eq!(folder.files().len(), COUNT + 1, "{:?}", folder.files());
}

#[test]
fn even_if_all_have_one_name_and_no_directory() {
    let folder = Folder::new();
    all_at_once(&folder, |_| "same".to_owned());
    assert_eq!(numbers(&folder).0, (1..=COUNT as u64).collect::<Vec<_>>());
}

/// Takes the turn, as a process does while it creates a migration.
#[cfg(not(windows))]
fn take_turn(folder: &Folder) -> std::fs::File {
    let turn = std::fs::File::open(folder.at("migrations")).unwrap();
    turn.lock().unwrap();
    turn
}

#[cfg(windows)]
fn take_turn(folder: &Folder) -> migrate_runtime::__private::ExclusiveFile {
    let path = folder.at("migrations/.creating");
    let turn = migrate_runtime::__private::ExclusiveFile::try_take(&path);
    turn.unwrap().unwrap()
}

#[test]
fn they_take_turns() {
    let folder = directory(&["001_a.sql"]);
    let turn = take_turn(&folder);
    let mut waiting = spawn(&folder, &["create", "late"]);
    std::thread::sleep(Duration::from_millis(500));
    assert!(waiting.try_wait().unwrap().is_none());
    let mut files = folder.files();
    // On Windows the turn is a file.
    files.retain(|it| it != "migrations/.creating");
    assert_eq!(files, ["migrations/001_a.sql"]);
    folder.write("migrations/002_early.sql", "");
    drop(turn);
    let ran = folder.ran(waiting.wait_with_output().unwrap()).fine();
    assert!(ran.stdout.contains("`migrations/003_late.sql`"), "{ran}");
}

#[test]
fn who_is_killed_stops_nobody() {
    let folder = directory(&["001_a.sql"]);
    let turn = take_turn(&folder);
    let mut killed = spawn(&folder, &["create", "killed"]);
    std::thread::sleep(Duration::from_millis(100));
    killed.kill().unwrap();
    killed.wait().unwrap();
    drop(turn);
    assert_eq!(made(&folder, "create b"), "002_b.sql");
}
