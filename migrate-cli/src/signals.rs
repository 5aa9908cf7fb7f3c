//! SIGINT and SIGTERM: the first signal asks a run to stop, the second ends it.

use migrate_runtime::{Engine, Migrator, Version};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::low_level::unregister;
use signal_hook::{SigId, flag};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

static STOPPED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);
static IDLE: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);
static STATE: Mutex<State> = Mutex::new(State {
    runs: 0,
    has_default: false,
    actions: Vec::new(),
});

struct State {
    /// The number of active runs; a program may have several at once.
    runs: usize,
    has_default: bool,
    /// The signal actions registered during a run.
    actions: Vec<SigId>,
}

/// Handles signals for as long as it lives. Afterwards they terminate the
/// process again, because a program may go on to serve.
pub(crate) struct SignalGuard(());

/// Lets signals stop the run, unless the program has its own `stop_when`: then
/// it also handles its own signals.
pub(crate) fn stop_on_signals<E: Engine>(
    migrator: Migrator<Version, E>,
) -> (Migrator<Version, E>, Option<SignalGuard>) {
    if migrator.has_stop() {
        return (migrator, None);
    }
    (migrator.stop_when(is_stopped), Some(listen()))
}

fn listen() -> SignalGuard {
    let mut state = STATE.lock().unwrap_or_else(PoisonError::into_inner);
    state.runs += 1;
    if state.runs == 1 {
        STOPPED.store(false, Ordering::Relaxed);
        // After an action has been registered, the system's default action cannot
        // be restored; this emulates it between runs.
        if !state.has_default {
            state.has_default = true;
            for signal in [SIGINT, SIGTERM].into_iter().filter(|it| !is_handled(*it)) {
                let _ = flag::register_conditional_default(signal, Arc::clone(&IDLE));
            }
        }
        for signal in [SIGINT, SIGTERM] {
            // The order matters: the first signal sets the flag, and the second
            // ends the process without waiting. The database is as safe as after
            // a kill.
            let ends = flag::register_conditional_shutdown(signal, 1, Arc::clone(&STOPPED));
            let asks = flag::register(signal, Arc::clone(&STOPPED));
            state.actions.extend(ends);
            state.actions.extend(asks);
        }
        IDLE.store(false, Ordering::Relaxed);
    }
    SignalGuard(())
}

impl Drop for SignalGuard {
    fn drop(&mut self) {
        let mut state = STATE.lock().unwrap_or_else(PoisonError::into_inner);
        state.runs -= 1;
        if state.runs == 0 {
            IDLE.store(true, Ordering::Relaxed);
            for action in state.actions.drain(..) {
                unregister(action);
            }
        }
    }
}

/// Whether a signal has asked to stop.
pub(crate) fn is_stopped() -> bool {
    STOPPED.load(Ordering::Relaxed)
}

/// Whether the program handles or ignores a signal itself; such a signal must
/// not end the process after a run. Only Linux shows this without unsafe code.
fn is_handled(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let is_in = |set: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(set));
        let mask = line.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
    };
    is_in("SigIgn:") || is_in("SigCgt:")
}
