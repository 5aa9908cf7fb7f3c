//! A process that goes on while a test does something else.

use crate::support::{Folder, Ran};
use migrate_runtime::rusqlite::Connection;
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

pub(crate) const UP: &str = "up --database sqlite:app.db";
pub(crate) const STATUS: &str = "status --database sqlite:app.db";
pub(crate) const VERIFY: &str = "verify --database sqlite:app.db";

/// Long enough for a machine with other work.
const PATIENCE: Duration = Duration::from_secs(30);

/// Much less than what is waited for without it, on a machine with other work.
pub(crate) const SOON: Duration = Duration::from_secs(10);

/// A process that was started, and is killed if a test fails.
pub(crate) struct Running<'f> {
    folder: &'f Folder,
    child: Child,
    stdout: BufReader<ChildStdout>,
    read: String,
}

impl<'f> Running<'f> {
    /// Starts the binary; the arguments are separated by spaces.
    pub(crate) fn migrate(folder: &'f Folder, arguments: &str) -> Running<'f> {
        let mut command = folder.command();
        command.args(arguments.split(' '));
        Running::start(folder, command)
    }

    pub(crate) fn start(folder: &'f Folder, mut command: Command) -> Running<'f> {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        Running {
            folder,
            stdout: BufReader::new(child.stdout.take().unwrap()),
            child,
            read: String::new(),
        }
    }

    /// Waits for a line that begins like this.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, beginning: &str) {
        loop {
            let from = self.read.len();
            let count = self.stdout.read_line(&mut self.read).unwrap();
            assert!(count > 0, "`{beginning}` never came:\n{}", self.read);
            if self.read[from..].trim_start().starts_with(beginning) {
                return;
            }
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits until it heeds signals, and for so long after that.
    #[track_caller]
    pub(crate) fn goes_on_for(&mut self, time: Duration) {
        self.wait_until_it_heeds_signals();
        sleep(time);
        assert!(!self.has_ended());
    }

    /// Sends a signal, upon which it has to end with 1.
    #[track_caller]
    pub(crate) fn ends_soon_after(self, signal: Signal) -> Ran {
        let asked = Instant::now();
        self.signal(signal);
        let ran = self.end().ends_with(1);
        let took = asked.elapsed();
        assert!(took < SOON, "{took:?} {ran}");
        ran
    }

    /// Waits until SIGINT no longer ends the process at once; where that cannot
    /// be seen, for a second.
    fn wait_until_it_heeds_signals(&self) {
        let started = Instant::now();
        let status = format!("/proc/{}/status", self.child.id());
        while let Ok(text) = std::fs::read_to_string(&status) {
            let caught = text.lines().find_map(|line| line.strip_prefix("SigCgt:"));
            let caught = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
            if caught.is_some_and(|mask| mask & (1 << (Signal::INT.as_raw() - 1)) != 0) {
                return;
            }
            assert!(started.elapsed() < PATIENCE, "it heeds no signal");
            sleep(Duration::from_millis(2));
        }
        sleep(Duration::from_secs(1));
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for the end.
    #[track_caller]
    pub(crate) fn end(mut self) -> Ran {
        let started = Instant::now();
        while !self.has_ended() {
            assert!(started.elapsed() < PATIENCE, "it never ended");
            sleep(Duration::from_millis(2));
        }
        let mut stderr = String::new();
        self.stdout.read_to_string(&mut self.read).unwrap();
        let mut pipe = self.child.stderr.take().unwrap();
        pipe.read_to_string(&mut stderr).unwrap();
        self.folder.ran(std::process::Output {
            status: self.child.wait().unwrap(),
            stdout: std::mem::take(&mut self.read).into_bytes(),
            stderr: stderr.into_bytes(),
        })
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

pub(crate) fn open(folder: &Folder) -> Connection {
    Connection::open(folder.at("app.db")).unwrap()
}

/// What one column of a query says.
pub(crate) fn texts(conn: &Connection, query: &str) -> Vec<String> {
    let mut statement = conn.prepare(query).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// The names of what the history has, in order.
pub(crate) fn history(conn: &Connection) -> Vec<String> {
    let has_history = "SELECT name FROM sqlite_schema WHERE name = '_migrations'";
    if texts(conn, has_history).is_empty() {
        Vec::new()
    } else {
        texts(conn, "SELECT name FROM _migrations ORDER BY version")
    }
}
