//! Errors that only PostgreSQL has.

use super::connect::ConnectKind;
#[cfg(feature = "testing")]
use super::proof::ProofKind;
use super::words::Words;
use std::fmt;

#[derive(Debug)]
pub(crate) enum PostgresKind {
    /// There is no connection.
    Connect(ConnectKind),
    /// A pooler uses another server connection for each transaction.
    Pooler,
    /// Two runs created the same schema at once.
    Raced,
    /// A migration without a transaction, but no session-level lock.
    NotPooled { label: String },
    /// A migration with several schema changes, on a server that does not roll
    /// them back together.
    SeveralChanges { label: String, server: String },
    /// Invalid indexes that a migration without a transaction left.
    Invalid { label: String, indexes: Vec<String> },
    /// A script ended its transaction.
    ScriptEnded { label: String },
    /// A script released the lock of the run.
    LockReleased,
    /// The role lacks a privilege.
    NoPrivilege { doing: &'static str },
    /// The connection was lost during a statement.
    Lost { label: Option<String> },
    /// A server that speaks the protocol but lacks a feature that a run needs.
    Unsupported { server: String, what: &'static str },
    /// A version of PostgreSQL that is not supported.
    TooOld { needed: u32, found: String },
    /// The migrations cannot be proved on this server.
    #[cfg(feature = "testing")]
    Proof(ProofKind),
}

impl PostgresKind {
    pub(super) fn write(&self, f: &mut fmt::Formatter<'_>, words: Words<'_>) -> fmt::Result {
        let Words {
            cause,
            more,
            migration,
            applied,
            and_it_was,
            ..
        } = words;
        match self {
            PostgresKind::Connect(kind) => kind.write(f, cause),
            PostgresKind::Pooler => write!(
                f,
                "a pooler may use another server connection for each transaction, so the lock of \
                 this run does not keep other runs out; nothing{more} was {applied}, call \
                 `behind_pooler` (on the command line `--lock transaction`), or connect to the \
                 server directly"
            ),
            PostgresKind::Raced => write!(
                f,
                "another run created the schema of the history at the same moment{cause}; \
                 nothing{more} was {applied}, the next run finds it"
            ),
            PostgresKind::NotPooled { label } => write!(
                f,
                "{migration} `{label}` runs without a transaction, and then only a session-level \
                 lock keeps other runs out, which a pooler does not support; nothing{more} was \
                 {applied}, connect to the server directly"
            ),
            PostgresKind::SeveralChanges { label, server } => write!(
                f,
                "{migration} `{label}` contains a schema change besides other statements, and \
                 {server} does not roll it back with its transaction; nothing{more} was {applied}, \
                 give each change its own migration"
            ),
            PostgresKind::Invalid { label, indexes } => {
                let (index, is) = match indexes.len() {
                    1 => ("index", "is"),
                    _ => ("indexes", "are"),
                };
                write!(
                    f,
                    "{migration} `{label}` found that the {index} `{}` {is} INVALID: queries do \
                     not use such an index, and `IF NOT EXISTS` skips it; drop what is INVALID \
                     first",
                    indexes.join("`, `")
                )
            }
            PostgresKind::ScriptEnded { label } => write!(
                f,
                "{migration} `{label}` ended its transaction; it is not recorded, and its changes \
                 up to that point may be committed: check what it left, and remove the `COMMIT` or \
                 `ROLLBACK`"
            ),
            PostgresKind::LockReleased => write!(
                f,
                "the lock that keeps other runs out was released, by a migration or by other code \
                 in this session; nothing{more} was {applied}, remove its `pg_advisory_unlock_all` \
                 or `DISCARD`, or call `behind_pooler` if there is a pooler"
            ),
            PostgresKind::NoPrivilege { doing } => write!(
                f,
                "the role of this connection lacks a privilege for {doing}{cause}; nothing{more} \
                 was {applied}, grant it, or connect with another role"
            ),
            PostgresKind::Lost { label: Some(label) } => write!(
                f,
                "the connection was lost during {migration} `{label}`{and_it_was}{cause}; the next \
                 run continues"
            ),
            PostgresKind::Lost { label: None } => write!(
                f,
                "the connection was lost{cause}; nothing{more} was {applied}, the next run continues"
            ),
            PostgresKind::Unsupported { server, what } => {
                write!(f, "{server} {what}; nothing{more} was {applied}")
            }
            PostgresKind::TooOld { needed, found } => write!(
                f,
                "PostgreSQL {needed} or newer is needed, this is {found}; nothing{more} was \
                 changed, upgrade the server"
            ),
            #[cfg(feature = "testing")]
            PostgresKind::Proof(kind) => kind.write(f, cause),
        }
    }
}
