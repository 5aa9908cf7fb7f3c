//! Child processes that cannot be lost: each wait has a bound, and each child
//! is reaped.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "these are helpers of tests, which fail so"
)]
#![allow(clippy::missing_panics_doc, reason = "every one of them fails a test")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

/// How long a child may take; more means that it hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running `tests/worker`, or `tests/pg_worker`.
#[derive(Debug)]
pub struct Worker {
    child: Child,
    lines: Receiver<String>,
}

/// What a worker said before it ended.
#[derive(Debug)]
pub struct Outcome {
    /// How it ended.
    pub status: ExitStatus,
    /// The versions that its report names.
    pub applied: Vec<u64>,
    /// The same of those that it undid.
    pub undone: Vec<u64>,
    /// `ok`, or the kind of its error; nothing if it was killed.
    pub result: String,
    /// The error with its causes.
    pub message: String,
    /// How long the run took.
    pub elapsed: Duration,
}

impl Worker {
    /// Starts a worker, and waits until it is ready to begin.
    pub fn start(mut command: Command) -> Worker {
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
    pub fn release(&mut self) {
        drop(self.child.stdin.take());
    }

    /// Kills it, at whatever it is doing: `SIGKILL`, on Unix.
    pub fn kill(mut self) -> Outcome {
        self.child.kill().unwrap();
        self.finish()
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits until it says this.
    pub fn wait_for(&self, wanted: &str) {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) if line == wanted => return,
                Ok(_) => {}
                Err(error) => panic!("a worker does not say `{wanted}`: {error}"),
            }
        }
    }

    /// Waits for its end.
    pub fn finish(mut self) -> Outcome {
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

    /// Fails unless it went well.
    #[track_caller]
    pub fn assert_ok(&self) {
        assert!(self.status.success() && self.result == "ok", "{self:?}");
    }

    /// Fails unless it ended with this kind of error.
    #[track_caller]
    pub fn assert_error(&self, kind: &str) {
        assert!(
            self.status.code() == Some(1) && self.result == kind,
            "{self:?}"
        );
    }
}

/// Starts workers, lets all of them begin at once, and waits for all.
pub fn together(commands: impl IntoIterator<Item = Command>) -> Vec<Outcome> {
    let mut workers: Vec<Worker> = commands.into_iter().map(Worker::start).collect();
    workers.iter_mut().for_each(Worker::release);
    workers.into_iter().map(Worker::finish).collect()
}

/// Every version that is in a report, as often as it is there.
pub fn applied(outcomes: &[Outcome]) -> Vec<u64> {
    let mut applied: Vec<u64> = outcomes
        .iter()
        .flat_map(|outcome| outcome.applied.iter().copied())
        .collect();
    applied.sort_unstable();
    applied
}
