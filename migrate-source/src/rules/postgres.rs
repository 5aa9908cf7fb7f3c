//! Statements that a PostgreSQL migration cannot contain.

use super::statements::{Problem, place, text};
use crate::diagnostic::{Code, Diagnostic};
use crate::outside_transaction::{detaches_slot, outside_transaction};
use crate::section::Section;
use migrate_scan::Statement;
use migrate_scan::postgres::Head;

/// Checks the statements of a script in order.
pub(super) struct Statements {
    in_transaction: bool,
    has_no_slot: bool,
}

impl Statements {
    pub(super) fn new(in_transaction: bool) -> Statements {
        Statements {
            in_transaction,
            has_no_slot: false,
        }
    }

    /// Checks the next statement.
    pub(super) fn check(
        &mut self,
        section: &Section<'_>,
        statement: &Statement,
    ) -> Option<Diagnostic> {
        let sql = text(section, statement);
        let head = Head::of(sql);
        let (code, message, help) = self
            .outside(sql)
            .or_else(|| copy(sql, &head))
            .or_else(|| self.setting(&head))?;
        Some(section.diagnostic(code, place(statement, head.place()), message, help))
    }

    fn outside(&mut self, sql: &str) -> Option<Problem> {
        self.has_no_slot |= detaches_slot(sql);
        let name = outside_transaction(sql, self.has_no_slot)?;
        let help = match name {
            "CREATE INDEX CONCURRENTLY" => {
                "move it into a migration of its own with `-- migrate: no-transaction` on its \
                 first line; without `CONCURRENTLY` it can stay, which is fine for a new or small table"
            }
            "CREATE SUBSCRIPTION" => {
                "move it into a migration of its own with `-- migrate: no-transaction` on its \
                 first line; `WITH (create_slot = false)` or `WITH (connect = false)` can stay"
            }
            "DROP SUBSCRIPTION" => {
                "move it into a migration of its own with `-- migrate: no-transaction` on its \
                 first line, or write `ALTER SUBSCRIPTION … SET (slot_name = NONE)` before it"
            }
            _ => {
                "move it into a migration of its own with `-- migrate: no-transaction` on its \
                 first line"
            }
        };
        self.in_transaction.then(|| {
            let message = format!("`{name}` cannot run in a transaction, and this migration does");
            (Code::OutsideTransaction, message, help)
        })
    }

    /// Settings of the transaction, or of how SQL is parsed.
    fn setting(&self, head: &Head) -> Option<Problem> {
        if head.word(0) != "SET" {
            return None;
        }
        let scope = usize::from(matches!(head.word(1), "LOCAL" | "SESSION"));
        let (name, value) = (head.word(1 + scope), head.word(3 + scope));
        let (message, help) = match name {
            "TRANSACTION" if !self.in_transaction => (
                "`SET TRANSACTION` does nothing here: this migration runs without a transaction",
                "remove it",
            ),
            "TRANSACTION" => (
                "`SET TRANSACTION` is refused: the runner controls its transaction",
                "remove it: each migration runs in a transaction that is `READ COMMITTED` and \
                 `READ WRITE`",
            ),
            "CHARACTERISTICS" => (
                "`SET SESSION CHARACTERISTICS` is refused: it would outlive the migration",
                "remove it; `ALTER DATABASE … SET` and `ALTER ROLE … SET` change the default of \
                 every connection",
            ),
            "STANDARD_CONFORMING_STRINGS" if is_off(value) => (
                "`standard_conforming_strings` must stay on: otherwise PostgreSQL parses the \
                 strings after this line differently from this check",
                "remove it; write a string with escapes as `E'…'`",
            ),
            _ if head.word(1) == "LOCAL" && !self.in_transaction => (
                "`SET LOCAL` does nothing here: this migration runs without a transaction",
                "write `SET` without `LOCAL`; the runner resets it after the migration",
            ),
            _ => return None,
        };
        Some((Code::RefusedPragma, message.to_owned(), help))
    }
}

fn is_off(value: &str) -> bool {
    let value = value.trim_matches('\'');
    ["off", "false", "0", "no"]
        .iter()
        .any(|off| value.eq_ignore_ascii_case(off))
}

/// `COPY … FROM STDIN` and `COPY … TO STDOUT`, which transfer rows to or from the client.
fn copy(sql: &str, head: &Head) -> Option<Problem> {
    let direction = (head.word(0) == "COPY").then(|| crate::outside_transaction::copies(sql))??;
    let (message, help) = match direction {
        "FROM" => (
            "`COPY … FROM STDIN` reads rows from psql, and the runner sends none",
            "write the rows as `INSERT` statements, as `pg_dump --rows-per-insert=100` does, or \
             load them with `copy_in` in a Rust migration",
        ),
        _ => (
            "`COPY … TO STDOUT` writes rows to psql, and the runner reads none",
            "remove it; it does not change the database",
        ),
    };
    Some((Code::ShellCommand, message.to_owned(), help))
}
