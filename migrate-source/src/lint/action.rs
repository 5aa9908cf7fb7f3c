//! The action of a statement: what it does to which table.

use super::words::{Table, Word, Words};

/// The action of a statement, with the indexes of the relevant words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// `EXPLAIN …`, whatever follows.
    Explain,
    /// `SELECT` or `VALUES`.
    Query,
    /// `body` is the index of the opening parenthesis, if there is one.
    CreateTable {
        table: Table,
        body: Option<usize>,
    },
    /// A virtual table, with the name of its module.
    CreateVirtual {
        table: Table,
        module: String,
    },
    /// `columns` is the index of the opening parenthesis.
    CreateIndex {
        index: String,
        table: Table,
        is_unique: bool,
        columns: usize,
    },
    /// Holds the table after `ON`.
    CreateTrigger(Option<Table>),
    DropTable(Table),
    RenameTable {
        table: Table,
        to: Table,
    },
    /// `column` is the index of its name.
    AddColumn {
        table: Table,
        column: usize,
    },
    DropColumn {
        table: Table,
        column: usize,
    },
    RenameColumn {
        table: Table,
        from: usize,
        to: usize,
    },
    /// `ADD CONSTRAINT`, `ADD CHECK`, `DROP CONSTRAINT` or `ALTER COLUMN`.
    AlterConstraint(Table),
    Insert(Table),
    Update(Table),
    Delete(Table),
    Other,
}

impl Action {
    /// The table whose rows or schema it changes.
    pub(crate) fn table(&self) -> Option<&Table> {
        match self {
            Action::CreateTable { table, .. }
            | Action::CreateVirtual { table, .. }
            | Action::CreateIndex { table, .. }
            | Action::DropTable(table)
            | Action::RenameTable { table, .. }
            | Action::AddColumn { table, .. }
            | Action::DropColumn { table, .. }
            | Action::RenameColumn { table, .. }
            | Action::AlterConstraint(table)
            | Action::Insert(table)
            | Action::Update(table)
            | Action::Delete(table) => Some(table),
            Action::CreateTrigger(table) => table.as_ref(),
            Action::Explain | Action::Query | Action::Other => None,
        }
    }
}

/// The action of a statement, and the index of its verb.
pub(super) fn action(words: &Words<'_>) -> (usize, Action) {
    let verb = main_verb(words);
    let table = |at| words.table(at).map(|(table, _)| table);
    let action = match words.get(verb).map(Word::name).as_deref() {
        Some("explain") => Some(Action::Explain),
        Some("select" | "values") => Some(Action::Query),
        Some("create") => create(words, verb + 1),
        Some("alter") => alter(words, verb + 1),
        Some("drop") if words.is(verb + 1, "TABLE") => {
            table(words.after(verb + 2, &["IF", "EXISTS"])).map(Action::DropTable)
        }
        Some("insert" | "replace") => {
            let into = words.iter().skip(verb).find(|(_, word)| word.is("INTO"));
            into.and_then(|(at, _)| table(at + 1)).map(Action::Insert)
        }
        Some("update") => {
            // `UPDATE OR IGNORE t`
            let or = if words.is(verb + 1, "OR") { 2 } else { 0 };
            table(verb + 1 + or).map(Action::Update)
        }
        Some("delete") => table(words.after(verb + 1, &["FROM"])).map(Action::Delete),
        _ => None,
    };
    (verb, action.unwrap_or(Action::Other))
}

/// The index of the first word, or of the first word after `WITH a AS (…), b AS (…)`.
fn main_verb(words: &Words<'_>) -> usize {
    if !words.is(0, "WITH") {
        return 0;
    }
    let mut at = words.after(1, &["RECURSIVE"]);
    loop {
        // The name may be followed by columns, and the query may be preceded by a hint.
        at += 1;
        if words.is(at, "(") {
            at = words.closing(at) + 1;
        }
        at = words.closing(at) + 1;
        if !words.is(at, ",") {
            return at;
        }
        at += 1;
    }
}

fn create(words: &Words<'_>, at: usize) -> Option<Action> {
    const UNLESS: [&str; 3] = ["IF", "NOT", "EXISTS"];
    let at = words.after(words.after(at, &["TEMP"]), &["TEMPORARY"]);
    if words.is(at, "TABLE") {
        let (table, next) = words.table(words.after(at + 1, &UNLESS))?;
        let body = words.is(next, "(").then_some(next);
        return Some(Action::CreateTable { table, body });
    }
    if words.are(at, &["VIRTUAL", "TABLE"]) {
        let (table, next) = words.table(words.after(at + 2, &UNLESS))?;
        let module = words.name(words.after(next, &["USING"]))?;
        return Some(Action::CreateVirtual { table, module });
    }
    let is_unique = words.is(at, "UNIQUE");
    if words.is(at + usize::from(is_unique), "INDEX") {
        let from = at + usize::from(is_unique) + 1;
        let (index, next) = words.table(words.after(from, &UNLESS))?;
        let (table, columns) = words.table(words.after(next, &["ON"]))?;
        return Some(Action::CreateIndex {
            index: index.name,
            table,
            is_unique,
            columns,
        });
    }
    words.is(at, "TRIGGER").then(|| {
        let on = words.iter().skip(at).find(|(_, word)| word.is("ON"));
        let table = on.and_then(|(at, _)| words.table(at + 1));
        Action::CreateTrigger(table.map(|(table, _)| table))
    })
}

fn alter(words: &Words<'_>, at: usize) -> Option<Action> {
    let (table, at) = words.table(words.after(at, &["TABLE"]))?;
    // Unquoted, these words cannot be the name of a column.
    if words.is(at, "ALTER") || words.is(at + 1, "CONSTRAINT") || words.is(at + 1, "CHECK") {
        return Some(Action::AlterConstraint(table));
    }
    let column = words.after(at + 1, &["COLUMN"]);
    if words.is(at, "ADD") {
        return Some(Action::AddColumn { table, column });
    }
    if words.is(at, "DROP") {
        return Some(Action::DropColumn { table, column });
    }
    if words.are(at, &["RENAME", "TO"]) {
        let (to, _) = words.table(at + 2)?;
        return Some(Action::RenameTable { table, to });
    }
    words.is(at, "RENAME").then_some(Action::RenameColumn {
        table,
        from: column,
        to: column + 2,
    })
}
