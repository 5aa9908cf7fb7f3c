//! Readers and terminals that go away.

use crate::running::{STATUS, UP, history, open};
use crate::slow;
use crate::support::Folder;
use std::process::Stdio;
use std::time::Duration;

fn folder() -> Folder {
    Folder::with(&[
        (
            "migrations/001_work.sql",
            "CREATE TABLE work (n INTEGER);\n",
        ),
        (
            "migrations/002_more.sql",
            "CREATE TABLE more (n INTEGER);\n",
        ),
    ])
}

/// An end of a pipe that nobody reads.
fn unread() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

#[test]
fn a_reader_that_has_read_enough_is_no_error() {
    let folder = folder();
    folder.run(&format!("{UP} --steps 1")).fine();
    let calls = [
        STATUS,
        "status --format json --database sqlite:app.db",
        "plan --database sqlite:app.db",
        "verify --database sqlite:app.db",
        "schema --database sqlite:app.db",
        "check",
        "completions bash",
        "man",
        "--help",
        "up --help",
        "--version",
    ];
    for call in calls {
        let mut command = folder.command();
        command.args(call.split(' ')).stdout(unread());
        let ran = folder.ran(command.output().unwrap());
        assert_eq!((ran.code, &*ran.stderr), (Some(0), ""), "{call}");
    }
}

#[test]
fn a_run_does_not_need_its_readers() {
    let folder = folder();
    folder.write(
        "migrations/002_more.sql",
        &slow::statement(Duration::from_millis(200)),
    );
    let mut command = folder.command();
    command.args(UP.split(' ')).arg("-v");
    let status = command.stdout(unread()).stderr(unread()).status().unwrap();
    assert_eq!(status.code(), Some(0));
    assert_eq!(history(&open(&folder)), ["work", "more"]);
    // At least the exit code reports the error.
    folder.write(
        "migrations/003_work.sql",
        "CREATE TABLE work (n INTEGER);\n",
    );
    let mut command = folder.command();
    command.args(UP.split(' '));
    let status = command.stdout(unread()).stderr(unread()).status().unwrap();
    assert_eq!(status.code(), Some(1));
}

// Somebody relies on the file that it is written into.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let folder = folder();
    folder.run(UP).fine();
    for call in [
        STATUS,
        "status --format json --database sqlite:app.db",
        "completions bash",
        "man",
    ] {
        let full = std::fs::File::create("/dev/full").unwrap();
        let mut command = folder.command();
        command.args(call.split(' ')).stdout(full);
        let ran = folder.ran(command.output().unwrap()).ends_with(1);
        insta::allow_duplicates! {
            insta::assert_snapshot!(ran, @"
            exit code 1
            --- stderr
            error: the output cannot be written: No space left on device (os error 28)
            ");
        }
    }
}

#[test]
fn closed_streams_are_no_error() {
    let folder = folder();
    let shell = |line: String| {
        let mut command = std::process::Command::new("/bin/sh");
        command.args(["-c", &line, env!("CARGO_BIN_EXE_migrate")]);
        command.env_clear().current_dir(folder.path());
        folder.ran(command.output().unwrap())
    };
    shell(format!("exec \"$0\" {UP} <&-")).fine();
    shell(format!("exec \"$0\" {STATUS} >&-")).fine();
    shell(format!("exec \"$0\" {STATUS} 2>&-")).fine();
    shell(format!("exec \"$0\" {STATUS} <&- >&- 2>&-")).fine();
    // Nobody can be asked.
    let down = "-- migrate:down\nDROP TABLE more;\n";
    let more = folder.read("migrations/002_more.sql");
    folder.write("migrations/002_more.sql", &format!("{more}{down}"));
    let ran = shell("exec \"$0\" down --database sqlite:app.db <&-".to_owned());
    ran.ends_with(2);
    assert_eq!(history(&open(&folder)), ["work", "more"]);
}
