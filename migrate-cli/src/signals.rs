//! SIGINT and SIGTERM: the first asks a run to stop, the second ends it.

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

static STOPPED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// Takes over the signals; before that they end the process.
pub(crate) fn listen() {
    let stopped = STOPPED.get_or_init(Arc::default);
    for signal in [SIGINT, SIGTERM] {
        // In this order: whoever asks a second time does not want to wait. The
        // database is safe, as after a kill.
        let _ = flag::register_conditional_shutdown(signal, 1, Arc::clone(stopped));
        let _ = flag::register(signal, Arc::clone(stopped));
    }
}

/// Whether somebody has asked to stop.
pub(crate) fn is_stopped() -> bool {
    STOPPED
        .get()
        .is_some_and(|stopped| stopped.load(Ordering::Relaxed))
}
