//! Stopping a run: between its steps, and during a statement.

use crate::error::Error;
use crate::stop::{Stop, stopped_at};
use migrate_sqlite::compat;
use rusqlite::Connection;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// SQLite restarts its count of operations with each statement, and a statement
/// that a function in Rust repeats a million times has few. So the handler is
/// called often, but does not check on every call.
const OPERATIONS: i32 = 8;
const CALLS: u32 = 64;

/// Checks whether to stop. During a statement the progress handler does that.
/// It is installed once, like the authorizer, and does nothing until it is
/// armed.
#[derive(Clone, Debug)]
pub(super) struct Interrupt {
    stop: Option<Stop>,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    is_armed: AtomicBool,
    has_acted: AtomicBool,
}

impl Interrupt {
    /// Not installed yet: it only answers [`is_wanted`](Self::is_wanted).
    pub(super) fn new(stop: Option<&Stop>) -> Interrupt {
        Interrupt {
            stop: stop.cloned(),
            state: Arc::default(),
        }
    }

    pub(super) fn install(&self, conn: &mut Connection) -> rusqlite::Result<()> {
        let Some(stop) = self.stop.clone() else {
            return Ok(());
        };
        let state = Arc::clone(&self.state);
        let mut calls: u32 = 0;
        let handler = move || {
            calls = calls.wrapping_add(1);
            state.is_armed.load(Ordering::Relaxed) && state.interrupts(calls, &stop)
        };
        compat::set_progress_handler(conn, OPERATIONS, Some(handler))
    }

    pub(super) fn remove(&self, conn: &mut Connection) {
        if self.stop.is_some() {
            let _ = compat::remove_progress_handler(conn);
        }
    }

    pub(super) fn is_wanted(&self) -> bool {
        self.stop.as_ref().is_some_and(Stop::is_wanted)
    }

    /// Calls `act`, a part of a migration in a transaction that may be
    /// interrupted. Commits, rollbacks and the restoring of settings may not.
    pub(super) fn stoppable<T>(
        &self,
        label: &str,
        act: impl FnOnce() -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.stop.is_none() {
            return act();
        }
        if self.is_wanted() {
            return Err(stopped_at(label));
        }
        let armed = self.arm();
        let result = act();
        drop(armed);
        // A function may have ignored the interrupt.
        if self.state.has_acted.load(Ordering::Relaxed) {
            return Err(stopped_at(label));
        }
        result
    }

    fn arm(&self) -> Armed<'_> {
        self.state.has_acted.store(false, Ordering::Relaxed);
        self.state.is_armed.store(true, Ordering::Relaxed);
        Armed(&self.state)
    }
}

impl State {
    fn interrupts(&self, calls: u32, stop: &Stop) -> bool {
        // A function that continues after the error is interrupted again.
        if self.has_acted.load(Ordering::Relaxed) {
            return true;
        }
        let acts = calls.is_multiple_of(CALLS) && stop.is_wanted();
        if acts {
            self.has_acted.store(true, Ordering::Relaxed);
        }
        acts
    }
}

/// A guard: while it exists, statements may be interrupted.
struct Armed<'b>(&'b State);

impl Drop for Armed<'_> {
    fn drop(&mut self) {
        self.0.is_armed.store(false, Ordering::Relaxed);
    }
}

/// Makes the backup interruptible: copying a large database takes a while too.
pub(super) fn interrupt_copy(conn: &mut Connection, stop: Option<&Stop>) -> rusqlite::Result<()> {
    let Some(stop) = stop.cloned() else {
        return Ok(());
    };
    compat::set_progress_handler(conn, 1000, Some(move || stop.is_wanted()))
}
