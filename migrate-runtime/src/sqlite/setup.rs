//! Functions and collations that the application adds to its connections.

use crate::closure::Closure;
use rusqlite::Connection;

pub(crate) type Setup = Closure<dyn Fn(&Connection) -> rusqlite::Result<()> + Send + Sync>;

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
