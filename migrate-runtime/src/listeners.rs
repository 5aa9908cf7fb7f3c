//! The listeners of a run: its observer, and `tracing`.

use crate::observer::{Event, Observer};

/// They receive the events: the observer, and `tracing` with that feature.
#[derive(Clone, Copy)]
pub(crate) struct Listeners<'o>(pub(crate) Option<&'o dyn Observer>);

impl Listeners<'_> {
    /// Whether anybody listens.
    #[cfg(feature = "sqlite")]
    pub(crate) fn is_any(self) -> bool {
        cfg!(feature = "tracing") || self.0.is_some()
    }

    pub(crate) fn tell(self, event: &Event<'_>) {
        #[cfg(feature = "tracing")]
        crate::trace::event(event);
        if let Some(observer) = self.0 {
            observer.on_event(event);
        }
    }
}
