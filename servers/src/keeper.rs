//! The shell that keeps a server, and outlives this process by a moment.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use crate::binaries::{User, user};

/// The shell, the folder it removes in the end, and the pipe that it watches.
#[derive(Debug)]
pub(crate) struct Keeper {
    shell: Child,
    folder: PathBuf,
    pipes: Mutex<Option<Pipes>>,
}

#[derive(Debug)]
struct Pipes {
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Keeper {
    /// Makes a folder and the shell that will remove it. `signal` is what ends
    /// the server when its owner is gone.
    pub(crate) fn new(signal: &str) -> Self {
        // The name is short, because the path of a socket may have 107 bytes.
        let folder = tempfile::Builder::new()
            .prefix("pg")
            .tempdir()
            .expect("a temporary folder");
        let mut shell = Command::new("/bin/sh");
        shell
            .args(["-c", include_str!("keeper.sh"), "keeper"])
            .arg(folder.path())
            .arg(signal)
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // What a terminal sends to this process must not end the shell.
            .process_group(0);
        // These would change what the programs of PostgreSQL do.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                shell.env_remove(name);
            }
        }
        if let User::Other { uid, gid } = user() {
            chown(folder.path(), Some(uid), Some(gid)).expect("the folder's owner can be set");
            shell.uid(uid).gid(gid);
        }
        let mut shell = shell.spawn().expect("/bin/sh can be started");
        let commands = shell.stdin.take().expect("the pipe was asked for");
        let answers = BufReader::new(shell.stdout.take().expect("the pipe was asked for"));
        Self {
            shell,
            // From here on the shell removes it.
            folder: folder.keep(),
            pipes: Mutex::new(Some(Pipes { commands, answers })),
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs one function of the shell, and tells whether it succeeded.
    pub(crate) fn ask(&self, words: &[&str]) -> bool {
        let mut line: String = words.iter().map(|word| quoted(word) + " ").collect();
        assert!(
            !line.contains('\n'),
            "a command to the keeper is one line: {line}"
        );
        line.push('\n');
        let mut locked = self.pipes.lock().unwrap_or_else(PoisonError::into_inner);
        let pipes = locked.as_mut().expect("the keeper was not dropped");
        pipes
            .commands
            .write_all(line.as_bytes())
            .expect("the keeper reads");
        let mut answer = String::new();
        pipes
            .answers
            .read_line(&mut answer)
            .expect("the keeper answers");
        assert!(!answer.is_empty(), "the keeper has ended");
        answer.trim() == "0"
    }

    /// Runs a program to its end.
    ///
    /// # Panics
    ///
    /// When it fails, with what it wrote.
    pub(crate) fn once(&self, words: &[&str]) {
        let before = self.log().len();
        let done = self.ask(&[&["once"], words].concat());
        assert!(done, "`{}` failed:\n{}", words[0], &self.log()[before..]);
    }

    pub(crate) fn alive(&self) -> bool {
        self.ask(&["alive"])
    }

    /// What all programs of this folder have written.
    pub(crate) fn log(&self) -> String {
        fs::read(self.folder.join("log"))
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    /// Writes a file that only the server can read.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt as _;

        let path = self.folder.join(name);
        fs::write(&path, text).expect("the folder is writable");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("the file is ours");
        if let User::Other { uid, gid } = user() {
            chown(&path, Some(uid), Some(gid)).expect("the file's owner can be set");
        }
        path
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        *self.pipes.lock().unwrap_or_else(PoisonError::into_inner) = None;
        // Once the shell has ended, server and folder are gone.
        let _ = self.shell.wait();
    }
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}
