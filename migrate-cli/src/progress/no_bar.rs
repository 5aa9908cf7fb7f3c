//! The replacement for the progress bar without the feature `terminal`: the
//! output is the same as in a pipe.

use std::time::Duration;

/// The part of `indicatif::ProgressBar` that is used.
#[derive(Clone)]
pub(super) struct ProgressBar;

pub(super) fn bar(_is_hidden: bool) -> ProgressBar {
    ProgressBar
}

impl ProgressBar {
    pub(super) fn set_length(&self, _length: u64) {}

    pub(super) fn enable_steady_tick(&self, _interval: Duration) {}

    pub(super) fn set_message(&self, _message: String) {}

    pub(super) fn inc(&self, _count: u64) {}

    pub(super) fn suspend(&self, print: impl FnOnce()) {
        print();
    }

    pub(super) fn finish_and_clear(&self) {}
}
