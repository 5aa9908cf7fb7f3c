mod kind;

pub(crate) use kind::Kind;

use crate::plan::Refusal;
use migrate_runtime::__private::error::{self, Explained, Reason};
use std::fmt;

/// Why a history was not taken over; nothing was written then.
///
/// Its forms are those of [the runtime's error](migrate_runtime::Error):
/// `Display` is one line that includes what the database said, `Debug` is for
/// people, and [`message`](Error::message) leaves the
/// [`source`](std::error::Error::source) out.
pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// Says so, if an empty table stands where ours is to be.
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

    pub(crate) fn with_source(
        kind: Kind,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Error {
        let mut error = Error::from(kind);
        error.0.source = Some(source.into());
        error
    }

    /// What happened and how to go on, without what the database or the runtime
    /// said, and on several lines if it is about several things.
    pub fn message(&self) -> String {
        error::message(self)
    }

    /// The tool has no history here: there is no such table, or nothing is in
    /// it.
    pub fn is_missing(&self) -> bool {
        matches!(self.0.kind, Kind::NoTable { .. } | Kind::Empty { .. })
    }

    /// The table is not one that this tool writes, or a row of it cannot be
    /// understood.
    pub fn is_damaged(&self) -> bool {
        matches!(
            self.0.kind,
            Kind::Shape { .. }
                | Kind::Damaged { .. }
                | Kind::ManyRows { .. }
                | Kind::NoCount { .. }
                | Kind::NegativeUserVersion(_)
        )
    }

    /// The tool says that one of its migrations failed half-way.
    pub fn is_dirty(&self) -> bool {
        matches!(self.0.kind, Kind::Dirty { .. })
    }

    /// What the tool has applied is not the beginning of the migrations here,
    /// or which ones it is cannot be told.
    pub fn is_unmapped(&self) -> bool {
        matches!(&self.0.kind, Kind::Refused(refusal) if !refusal.is_of_contents())
    }

    /// What was applied is not what is here: a checksum or the schema differs.
    pub fn is_unverified(&self) -> bool {
        match &self.0.kind {
            Kind::Refused(refusal) => refusal.is_of_contents(),
            Kind::Schema { .. } => true,
            _ => false,
        }
    }

    /// The differences between the schema of the database and that of a replay,
    /// if that is the error.
    pub fn differences(&self) -> &[String] {
        match &self.0.kind {
            Kind::Schema { differences, .. } => differences,
            _ => &[],
        }
    }

    /// The database has a history of ours already.
    pub fn is_adopted(&self) -> bool {
        matches!(self.0.kind, Kind::HasHistory { .. })
    }

    /// What the runtime said, if it refused: that the database is locked or
    /// read-only, for example.
    pub fn runtime(&self) -> Option<&migrate_runtime::Error> {
        let source = self.0.source.as_ref()?;
        source.downcast_ref().or_else(|| {
            let of_a_tool = source.downcast_ref::<migrate_tools::Error>();
            of_a_tool.and_then(migrate_tools::Error::runtime)
        })
    }

    /// The old tool, or a run of ours, held its lock past the deadline.
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
        matches!(self.0.kind, Kind::Changed { .. })
    }

    /// The table of the tool has the name of ours.
    pub fn is_in_our_place(&self) -> bool {
        matches!(self.0.kind, Kind::InOurPlace { .. })
    }
}

impl From<Kind> for Error {
    fn from(kind: Kind) -> Error {
        Error(Box::new(Inner { kind, source: None }))
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Error {
        Kind::Refused(refusal).into()
    }
}

impl Explained for Error {
    fn write(&self, f: &mut fmt::Formatter<'_>, reason: &Reason<'_>) -> fmt::Result {
        self.0.kind.write(f, reason)?;
        reason.write_rest(f)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        error::display(self, f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        error::debug(self, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn std::error::Error + 'static))
    }
}
