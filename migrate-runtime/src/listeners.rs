//! The listeners of a run: its observers, and `tracing`.

use crate::closure::Closure;
use crate::error::{Error, Hook, Kind};
use crate::migrator::SharedObserver;
use crate::observer::{Event, Step};

/// The observers, in the order in which they were added.
#[derive(Clone, Copy)]
pub(crate) struct Listeners<'o>(pub(crate) &'o [SharedObserver]);

impl Listeners<'_> {
    #[cfg(feature = "sqlite")]
    pub(crate) fn is_any(self) -> bool {
        cfg!(feature = "tracing") || !self.0.is_empty()
    }

    pub(crate) fn emit(self, event: &Event<'_>) {
        #[cfg(feature = "tracing")]
        crate::trace::event(event);
        for Closure(observer) in self.0 {
            observer.on_event(event);
        }
    }

    /// Asks each observer about a migration, until one refuses it.
    pub(crate) fn ask(self, step: &Step<'_>, hook: Hook) -> Result<(), Error> {
        for Closure(observer) in self.0 {
            let answer = match hook {
                Hook::Before => observer.before(step),
                Hook::After => observer.after(step),
            };
            answer.map_err(|error| {
                let label = step.label.to_owned();
                Error::with_source(Kind::Vetoed { label, hook }, error)
            })?;
        }
        Ok(())
    }
}
