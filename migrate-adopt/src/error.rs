//! The error of an adoption.

mod kind;

pub(crate) use kind::Kind;

use crate::Tool;
use migrate_runtime::__private::error::{Explained, Reason};
use migrate_tools::{ErrorParts, explained_error};
use std::fmt;

/// The reason why a history was not adopted. Nothing was written.
///
/// Its formats are those of [the runtime's error](migrate_runtime::Error):
/// `Display` is one line that includes the message of the database, `Debug` is
/// for people, and [`message`](Error::message) omits the
/// [`source`](std::error::Error::source).
pub struct Error(Box<ErrorParts<Kind>>);

explained_error!(Error, Kind);

impl Error {
    /// The tool has applied nothing. `table` is its history table, if it has one.
    pub(crate) fn empty(tool: Tool, table: Option<&str>) -> Error {
        Kind::Empty {
            tool,
            table: table.map(str::to_owned),
            is_in_our_place: false,
        }
        .into()
    }

    /// Notes that an empty table has the name of our history table.
    pub(crate) fn with_our_table(mut self, ours: &str) -> Error {
        if let Kind::Empty {
            table: Some(table),
            is_in_our_place,
            ..
        } = &mut self.0.kind
        {
            *is_in_our_place = table.eq_ignore_ascii_case(ours);
        }
        self
    }

    /// The tool has no history in this database: its table is missing or empty.
    pub fn is_missing(&self) -> bool {
        matches!(self.0.kind, Kind::NoTable { .. } | Kind::Empty { .. })
    }

    /// The table is not one that this tool writes, or one of its rows is invalid.
    pub fn is_damaged(&self) -> bool {
        matches!(
            self.0.kind,
            Kind::Shape { .. }
                | Kind::Damaged { .. }
                | Kind::ManyRows(..)
                | Kind::NoCount { .. }
                | Kind::NegativeUserVersion(_)
        )
    }

    /// The tool records that one of its migrations failed half-way.
    pub fn is_dirty(&self) -> bool {
        matches!(self.0.kind, Kind::Dirty(..))
    }

    /// The applied migrations are not the first ones of the registry, or cannot
    /// be identified.
    pub fn is_unmapped(&self) -> bool {
        matches!(&self.0.kind, Kind::Refused(_, refusal) if !refusal.is_of_contents())
    }

    /// The applied migrations differ from the files in a checksum or in the
    /// schema.
    pub fn is_unverified(&self) -> bool {
        match &self.0.kind {
            Kind::Refused(_, refusal) => refusal.is_of_contents(),
            Kind::Schema { .. } => true,
            _ => false,
        }
    }

    /// The differences between the schema of the database and that of a replay,
    /// if they are the error.
    pub fn differences(&self) -> &[String] {
        match &self.0.kind {
            Kind::Schema { differences, .. } => differences,
            _ => &[],
        }
    }

    /// The database already has a history of ours.
    pub fn is_adopted(&self) -> bool {
        matches!(self.0.kind, Kind::HasHistory(_))
    }

    /// The error of the runtime, if it refused: for example, because the
    /// database is locked or read-only.
    pub fn runtime(&self) -> Option<&migrate_runtime::Error> {
        let source = self.0.source.as_ref()?;
        source.downcast_ref().or_else(|| {
            let of_a_tool = source.downcast_ref::<migrate_tools::Error>();
            of_a_tool.and_then(migrate_tools::Error::runtime)
        })
    }

    /// The old tool, or a run of ours, held its lock past the timeout.
    pub fn is_locked(&self) -> bool {
        #[cfg(feature = "postgres")]
        if matches!(self.0.kind, Kind::Locked { .. }) {
            return true;
        }
        self.runtime()
            .is_some_and(migrate_runtime::Error::is_locked)
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn is_changed(&self) -> bool {
        matches!(self.0.kind, Kind::Changed(_))
    }

    /// The table of the tool has the name of our history table.
    pub fn is_in_our_place(&self) -> bool {
        matches!(self.0.kind, Kind::InOurPlace(..))
    }
}

impl Explained for Error {
    fn write(&self, f: &mut fmt::Formatter<'_>, reason: &Reason<'_>) -> fmt::Result {
        self.0.kind.write(f, reason)?;
        reason.write_rest(f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}
