//! The progress bar on a terminal.

mod terminal;

use crate::signals;
pub(super) use indicatif::ProgressBar;
use indicatif::{ProgressDrawTarget, ProgressState, ProgressStyle};
use std::fmt;

const TEMPLATE: &str = "{spinner} [{pos}/{len}] {msg} {elapsed}{stopping}";

pub(super) fn bar(is_hidden: bool) -> ProgressBar {
    let target = if is_hidden {
        ProgressDrawTarget::hidden()
    } else {
        terminal::stderr()
    };
    let bar = ProgressBar::with_draw_target(None, target);
    if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
        bar.set_style(style.with_key("stopping", stopping));
    }
    bar
}

/// Shows that a request to stop was received. A migration without a transaction
/// is finished first, which may take a while.
fn stopping(_: &ProgressState, text: &mut dyn fmt::Write) {
    if signals::is_stopped() {
        let _ = text.write_str(", stopping; Ctrl-C again ends at once");
    }
}
