//! Reading the histories of other tools, without writing anything.

mod applied;
mod counters;
mod interpret;
mod logs;
mod record;
mod shape;
pub(crate) mod sqlite;
mod tables;
mod time;
mod value;

pub(crate) use applied::{Applied, OldHistory, OldRow};
#[cfg(feature = "postgres")]
pub(crate) use interpret::{check_shape, table_of, understand};
#[cfg(feature = "postgres")]
pub(crate) use record::Rows;
#[cfg(feature = "postgres")]
pub(crate) use shape::{is_readable, query_applied, wanted};
pub use sqlite::{applied, detect, histories};
