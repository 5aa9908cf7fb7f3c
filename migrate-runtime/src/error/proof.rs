//! Errors of a proof on a PostgreSQL server, and of servers for tests.

use super::reason::Reason;
use std::fmt;

#[derive(Debug)]
pub(crate) enum ProofKind {
    /// The role may not create a database to try migrations on.
    NoScratch(String),
    /// A migration that affects more than its database, so it cannot be tried.
    Shared { label: String, what: String },
    /// The server accepts one connection, and another is needed beside it.
    OneConnection { at: String },
    /// A server for tests that does not start: the message.
    NoTestServer(String),
}

impl ProofKind {
    pub(super) fn write(&self, f: &mut fmt::Formatter<'_>, cause: &Reason<'_>) -> fmt::Result {
        match self {
            ProofKind::NoScratch(role) => write!(
                f,
                "the role `{role}` may not create databases, and the migrations are tried on a \
                 database of their own{cause}; nothing was changed, have a superuser run `ALTER \
                 ROLE {role} CREATEDB`, or use another server, such as a local one"
            ),
            ProofKind::Shared { label, what } => write!(
                f,
                "migration `{label}` cannot be replayed on a scratch database: its `{what}` \
                 affects more than that database; nothing was changed, move such statements to the \
                 setup of the server"
            ),
            ProofKind::OneConnection { at } => write!(
                f,
                "`{at}` accepts no further connection beside the one that is open{cause}; the \
                 migrations are tried on scratch databases, which needs three at a time: raise \
                 the `CONNECTION LIMIT` of the role, `max_connections` or the size of the pool, or \
                 use another server"
            ),
            ProofKind::NoTestServer(what) => write!(f, "{what}{cause}"),
        }
    }
}
