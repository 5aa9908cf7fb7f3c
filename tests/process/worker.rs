//! Child processes that cannot be lost: each wait has a bound, and each child
//! is reaped.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

/// How long a child may take; more means that it hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running `tests/worker`.
pub(crate) struct Worker {
    child: Child,
    lines: Receiver<String>,
}

/// What a worker said before it ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) status: ExitStatus,
    /// The versions that its report names.
    pub(crate) applied: Vec<u64>,
    /// The same of those that it undid.
    pub(crate) undone: Vec<u64>,
    /// `ok`, or the kind of its error; nothing if it was killed.
    pub(crate) result: String,
    /// The error with its causes.
    pub(crate) message: String,
    /// How long the run took.
    pub(crate) elapsed: Duration,
}

pub(crate) fn command(set: &str, database: &Path, settings: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_worker"));
    command.arg(set).arg(database).args(settings);
    command
}

impl Worker {
    /// Starts a worker, and waits until it is ready to begin.
    pub(crate) fn start(mut command: Command) -> Worker {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let worker = Worker { child, lines };
        let first = worker.lines.recv_timeout(PATIENCE);
        assert_eq!(first.as_deref(), Ok("ready"), "{command:?}");
        worker
    }

    /// Lets it begin; or end, if it holds a lock.
    pub(crate) fn release(&mut self) {
        drop(self.child.stdin.take());
    }

    /// Kills it, at whatever it is doing: `SIGKILL`, on Unix.
    pub(crate) fn kill(mut self) -> Outcome {
        self.child.kill().unwrap();
        self.finish()
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits until it says this.
    pub(crate) fn wait_for(&self, wanted: &str) {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) if line == wanted => return,
                Ok(_) => {}
                Err(error) => panic!("a worker does not say `{wanted}`: {error}"),
            }
        }
    }

    /// Waits for its end.
    pub(crate) fn finish(mut self) -> Outcome {
        self.release();
        let deadline = Instant::now() + PATIENCE;
        let mut lines = Vec::new();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => lines.push(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("a worker hangs; it said {lines:?}"),
            }
        }
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Outcome::read(status, &lines);
            }
            assert!(Instant::now() < deadline, "a worker does not end");
            sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Both do nothing to a child that has been waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Outcome {
    fn read(status: ExitStatus, lines: &[String]) -> Outcome {
        let mut outcome = Outcome {
            status,
            applied: Vec::new(),
            undone: Vec::new(),
            result: String::new(),
            message: String::new(),
            elapsed: Duration::ZERO,
        };
        for line in lines {
            match line.split_once(' ') {
                Some(("applied", version)) => outcome.applied.push(version.parse().unwrap()),
                Some(("undone", version)) => outcome.undone.push(version.parse().unwrap()),
                Some(("elapsed", time)) => {
                    outcome.elapsed = Duration::from_millis(time.parse().unwrap());
                }
                Some(("error", error)) => {
                    let (kind, message) = error.split_once(' ').unwrap();
                    outcome.result = kind.to_owned();
                    outcome.message = message.to_owned();
                }
                _ => outcome.result = line.clone(),
            }
        }
        outcome
    }

    #[track_caller]
    pub(crate) fn assert_ok(&self) {
        assert!(self.status.success() && self.result == "ok", "{self:?}");
    }

    #[track_caller]
    pub(crate) fn assert_error(&self, kind: &str) {
        assert!(
            self.status.code() == Some(1) && self.result == kind,
            "{self:?}"
        );
    }
}

/// Starts workers, lets all of them begin at once, and waits for all.
pub(crate) fn together(commands: impl IntoIterator<Item = Command>) -> Vec<Outcome> {
    let mut workers: Vec<Worker> = commands.into_iter().map(Worker::start).collect();
    workers.iter_mut().for_each(Worker::release);
    workers.into_iter().map(Worker::finish).collect()
}

/// Every version that is in a report, as often as it is there.
pub(crate) fn applied(outcomes: &[Outcome]) -> Vec<u64> {
    let mut applied: Vec<u64> = outcomes
        .iter()
        .flat_map(|outcome| outcome.applied.iter().copied())
        .collect();
    applied.sort_unstable();
    applied
}
