//! The engine-specific parts: tokens, and the meaning of a statement's first
//! words.

use migrate_scan::{Engine, Token, postgres, sqlite};

pub(super) fn tokens(engine: Engine, text: &str) -> Box<dyn Iterator<Item = Token> + '_> {
    match engine {
        Engine::Postgres => Box::new(postgres::Tokens::new(text)),
        _ => Box::new(sqlite::Tokens::new(text)),
    }
}

/// The beginning of a statement.
#[derive(Clone, Debug)]
pub(super) struct Head {
    words: [String; 3],
    /// Whether it begins or ends a transaction, or sets a savepoint.
    pub(super) is_control: bool,
    /// Whether it switches foreign keys, which is always refused.
    pub(super) is_switch: bool,
    /// Whether it is accepted only in a migration without a transaction.
    pub(super) forbids_transaction: bool,
}

impl Head {
    pub(super) fn of(engine: Engine, statement: &str) -> Head {
        match engine {
            Engine::Postgres => of_postgres(statement),
            _ => of_sqlite(statement),
        }
    }

    /// A word in upper case, or empty if there is none.
    pub(super) fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", String::as_str)
    }
}

fn of_postgres(statement: &str) -> Head {
    let head = postgres::Head::of(statement);
    Head {
        words: [0, 1, 2].map(|at| head.word(at).to_owned()),
        is_control: head.transaction_control().is_some(),
        is_switch: false,
        forbids_transaction: migrate_source::outside_transaction(statement, false).is_some(),
    }
}

fn of_sqlite(statement: &str) -> Head {
    let head = sqlite::Head::of(statement);
    let is_start = head.word(0) == "START" && head.word(1) == "TRANSACTION";
    let only_without_transaction = |(name, value): (String, Option<&str>)| {
        migrate_model::pragma::refused_pragma(&name, value, true).is_some()
            && migrate_model::pragma::refused_pragma(&name, value, false).is_none()
    };
    Head {
        words: [0, 1, 2].map(|at| head.word(at).to_owned()),
        is_control: head.is_transaction_control() || is_start,
        is_switch: head
            .pragma()
            .is_some_and(|(name, value)| name == "foreign_keys" && value.is_some()),
        forbids_transaction: head.word(0) == "VACUUM"
            || head.pragma().is_some_and(only_without_transaction),
    }
}
