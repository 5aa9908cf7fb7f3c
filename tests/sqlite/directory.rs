//! A registry that is read from a directory at run time.

#![cfg(unix)]

use migrate_runtime::{Numbering, Sqlite};
use migrate_tools::read_directory;
use std::process::Command;
use std::sync::mpsc::channel;
use std::time::Duration;

/// Reading a pipe would wait for a writer that never comes.
#[test]
fn a_pipe_is_no_script() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("001_a.sql");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let (done, is_done) = channel();
    let path = folder.path().to_owned();
    std::thread::spawn(move || done.send(read_directory::<Sqlite>(path, Numbering::DEFAULT)));
    let read = is_done.recv_timeout(Duration::from_secs(30));
    let error = read.expect("it does not end").unwrap_err();
    assert!(error.is_invalid_directory());
    assert!(
        error.to_string().contains("it is not a regular file"),
        "{error}"
    );
}
