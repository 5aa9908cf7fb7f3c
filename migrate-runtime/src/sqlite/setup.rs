//! Functions and collations that the application adds to its connections.

use rusqlite::Connection;
use std::fmt;
use std::sync::Arc;

type Prepare = dyn Fn(&Connection) -> rusqlite::Result<()> + Send + Sync;

#[derive(Clone)]
#[cfg_attr(
    not(feature = "testing"),
    expect(dead_code, reason = "only a proof and databases for tests need it")
)]
pub(crate) struct Setup(pub(crate) Arc<Prepare>);

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a function")
    }
}

/// Stand-ins for functions and collations whose code is not available here.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(
    not(feature = "testing"),
    expect(dead_code, reason = "only a proof asks for them")
)]
pub(crate) struct StandIns {
    pub(crate) functions: &'static [(&'static str, i32)],
    pub(crate) collations: &'static [&'static str],
}
