//! SIGINT and SIGTERM: the first asks a run to stop, the second ends it.

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
    /// A program may have several of them at once.
    runs: usize,
    has_default: bool,
    /// What a signal does during a run.
    actions: Vec<SigId>,
}

/// The signals are ours for as long as this lives; afterwards they end the
/// process again, as before. A program may go on to serve.
pub(crate) struct SignalGuard(());

/// Has the signals stop the run, unless the program stops it in a way of its
/// own: then its signals are its own affair, too.
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
        // Once an action was registered, the system's own is gone for good; this
        // stands in for it between the runs.
        if !state.has_default {
            state.has_default = true;
            for signal in [SIGINT, SIGTERM].into_iter().filter(|it| !is_handled(*it)) {
                let _ = flag::register_conditional_default(signal, Arc::clone(&IDLE));
            }
        }
        for signal in [SIGINT, SIGTERM] {
            // In this order: whoever asks a second time does not want to wait. The
            // database is safe, as after a kill.
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

/// Whether somebody has asked to stop.
pub(crate) fn is_stopped() -> bool {
    STOPPED.load(Ordering::Relaxed)
}

/// Whether the program handles or ignores a signal itself, so that it must not
/// end the process after a run. Only Linux tells without unsafe code.
fn is_handled(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let is_in = |set: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(set));
        let mask = line.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
    };
    is_in("SigIgn:") || is_in("SigCgt:")
}
