//! Reading the histories of other tools, without writing anything.

mod applied;
mod interpret;
mod logs;
mod record;
mod row_per_migration;
mod shape;
mod single_number;
pub(crate) mod sqlite;
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
