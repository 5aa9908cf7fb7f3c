//! What the application adds to SQLite on each of its connections.

use crate::Migrator;
use rusqlite::Connection;
use std::fmt;
use std::sync::Arc;

type Prepare = dyn Fn(&Connection) -> rusqlite::Result<()> + Send + Sync;

/// What the application does to each of its connections.
#[derive(Clone)]
pub(crate) struct Setup(pub(crate) Arc<Prepare>);

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a function")
    }
}

/// What stands for functions and collations whose code is elsewhere.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(
    not(feature = "testing"),
    expect(dead_code, reason = "only a proof asks for them")
)]
pub(crate) struct StandIns {
    pub(crate) functions: &'static [(&'static str, i32)],
    pub(crate) collations: &'static [&'static str],
}

impl<M> Migrator<M> {
    /// What the application does to each connection that it opens: its
    /// functions, collations and modules. It is done to the databases in memory
    /// that tests get, and on which the migrations are proved.
    #[must_use]
    pub fn setup(
        mut self,
        setup: impl Fn(&Connection) -> rusqlite::Result<()> + Send + Sync + 'static,
    ) -> Migrator<M> {
        self.settings.setup = Some(Setup(Arc::new(setup)));
        self
    }

    /// The functions and collations that the call of the macro names.
    #[doc(hidden)]
    #[must_use]
    pub fn stand_ins(
        mut self,
        functions: &'static [(&'static str, i32)],
        collations: &'static [&'static str],
    ) -> Migrator<M> {
        self.settings.stand_ins = StandIns {
            functions,
            collations,
        };
        self
    }
}
