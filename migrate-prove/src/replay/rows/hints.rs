//! Hints on the values of columns, from the scripts of a set.

use super::careful::is_identity;
use super::found::Found;
use super::guess::{Nature, Shape};
use crate::replay::catalogue::Object;
use crate::replay::subject::Subject;
use crate::replay::table::{Column, Table};
use migrate_source::lint::TIME_FUNCTIONS;
use rusqlite::types::Value;
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Hints on the values of columns, by their names in lower case, from all scripts of a set: later
/// checks count too.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hints {
    /// Literals that occur together with a column in a `CHECK`.
    literals: BTreeMap<String, Vec<Literal>>,
    /// Columns that are read as JSON.
    json: BTreeSet<String>,
    /// Columns that are read as times.
    times: BTreeSet<String>,
    /// The table and the columns of each index that a script creates.
    indexes: BTreeSet<(String, Vec<String>)>,
    /// The recipe for the rows of each table, by its SQL: a table takes part in the trials of many
    /// migrations.
    recipes: RefCell<BTreeMap<String, Rc<Recipe>>>,
}

/// The recipe for the rows of a table.
#[derive(Debug)]
pub(crate) struct Recipe {
    /// The `INSERT` of one row.
    pub(crate) sql: String,
    pub(crate) table: Table,
    /// The hints for each inserted column.
    pub(crate) hints: Vec<Hint>,
    /// The columns with literals, as indexes into the insertable columns.
    pub(crate) checked: Vec<usize>,
    /// The values of careful rows.
    pub(super) careful: OnceCell<Vec<Vec<Value>>>,
    /// Those that the table has accepted.
    pub(super) found: Found,
}

impl Recipe {
    /// The recipe for rows whose texts are JSON. Texts that a check lists or that tell rows apart
    /// stay as they are.
    pub(super) fn with_json(&self) -> Recipe {
        let mut hints = self.hints.clone();
        for (column, hint) in self.table.insertable().zip(&mut hints) {
            let is_free = !hint.is_own && column.key == 0 && !is_identity(column);
            if is_free && hint.nature.shape == Shape::Text {
                hint.nature.shape = Shape::Json;
                hint.is_json = true;
            }
        }
        Recipe {
            sql: self.sql.clone(),
            table: self.table.clone(),
            hints,
            checked: self.checked.clone(),
            careful: OnceCell::new(),
            found: Found::default(),
        }
    }
}

/// A literal of a check, and how the check compares with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Literal {
    pub(crate) text: String,
    pub(crate) relation: Relation,
}

/// How a value compares with a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    Equal,
    Less,
    AtMost,
    More,
    AtLeast,
}

/// The hints for one column.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hint {
    pub(crate) literals: Vec<Literal>,
    /// Whether the literals are from the checks of the table itself.
    pub(crate) is_own: bool,
    pub(crate) is_json: bool,
    pub(super) nature: Nature,
}

impl Hints {
    /// Reads the hints of all scripts.
    pub(crate) fn of_all(set: &[Subject<'_>]) -> Hints {
        let mut hints = Hints::default();
        let parts = set.iter().flat_map(Subject::parts);
        for part in parts.filter(|part| !part.is_rust) {
            for words in part.words() {
                hints.read(words);
            }
        }
        hints
    }

    pub(crate) fn recipe(&self, object: &Object) -> Option<Rc<Recipe>> {
        self.recipes.borrow().get(&object.sql).map(Rc::clone)
    }

    pub(crate) fn keep_recipe(&self, object: &Object, recipe: Recipe) -> Rc<Recipe> {
        let recipe = Rc::new(recipe);
        let kept = Rc::clone(&recipe);
        self.recipes.borrow_mut().insert(object.sql.clone(), kept);
        recipe
    }

    /// Whether a script of the set, perhaps a later one, creates an index that starts with these
    /// columns, in any order.
    pub(crate) fn has_index(&self, table: &str, columns: &[String]) -> bool {
        let table = table.to_ascii_lowercase();
        let mut of_table = self
            .indexes
            .range((table.clone(), Vec::new())..)
            .take_while(|(name, _)| *name == table);
        of_table.any(|(_, index)| {
            let first = &index[..columns.len().min(index.len())];
            let mut columns = columns.iter();
            columns.all(|column| first.contains(&column.to_ascii_lowercase()))
        })
    }

    fn read(&mut self, tokens: &[String]) {
        self.indexes.extend(index(tokens));
        self.read_guards(tokens);
        for check in checks(tokens) {
            let literals: Vec<Literal> = (0..check.len())
                .filter(|at| is_literal(&check[*at]))
                .filter_map(|at| {
                    let text = check[at].clone();
                    relation(check, at).map(|relation| Literal { text, relation })
                })
                .collect();
            for column in check.iter().filter(|it| is_word(it)) {
                let known = self.literals.entry(column.clone()).or_default();
                for literal in &literals {
                    if !known.contains(literal) && known.len() < 64 {
                        known.push(literal.clone());
                    }
                }
            }
        }
        for (at, token) in tokens.iter().enumerate() {
            let next = tokens.get(at + 1).map(String::as_str);
            if token.starts_with("json") && next == Some("(") {
                let argument = tokens[at + 2..].iter().take(3).take_while(|it| *it != ",");
                self.json.extend(argument.filter(|it| is_word(it)).cloned());
            }
            if next == Some("(") && TIME_FUNCTIONS.contains(&token.as_str()) {
                let arguments = tokens[at + 2..].iter().take(6).take_while(|it| *it != ")");
                self.times
                    .extend(arguments.filter(|it| is_word(it)).cloned());
            }
            if at > 0 && token == "-" && next == Some(">") {
                self.json.insert(tokens[at - 1].clone());
            }
        }
    }

    /// Reads the values that a trigger compares with columns of the new row: it may refuse others.
    fn read_guards(&mut self, tokens: &[String]) {
        if !tokens.iter().take(4).any(|word| word == "trigger") {
            return;
        }
        for (at, words) in tokens.windows(3).enumerate() {
            if words[0] != "new" || words[1] != "." {
                continue;
            }
            let ends = |word: &&String| matches!(&***word, "and" | "or" | "then" | "begin" | ";");
            let compared = tokens[at..].iter().take(24).take_while(|it| !ends(it));
            let compared: Vec<String> = compared.cloned().collect();
            let known = self.literals.entry(words[2].clone()).or_default();
            for at in (3..compared.len()).filter(|at| is_literal(&compared[*at])) {
                let literal = relation(&compared, at).map(|relation| Literal {
                    text: compared[at].clone(),
                    relation,
                });
                if let Some(literal) = literal.filter(|it| !known.contains(it))
                    && known.len() < 64
                {
                    known.push(literal);
                }
            }
        }
    }

    /// The hints for the columns of a table, from its checks, or else from those of all scripts.
    pub(crate) fn of(&self, object: &Object, table: &Table) -> Vec<Hint> {
        let mut own = Hints::default();
        if object.tokens.iter().any(|token| token == "check") {
            own.read(&object.tokens);
        }
        let hint = |column: &Column| {
            let name = column.name.to_ascii_lowercase();
            let literals = own.literals.get(&name).filter(|it| !it.is_empty());
            let is_json = self.json.contains(&name) || own.json.contains(&name);
            let is_time = self.times.contains(&name) || own.times.contains(&name);
            Hint {
                is_own: literals.is_some(),
                literals: literals
                    .or_else(|| self.literals.get(&name))
                    .cloned()
                    .unwrap_or_default(),
                is_json,
                nature: Nature::of(table, column, (is_json, is_time)),
            }
        };
        table.insertable().map(hint).collect()
    }
}

/// How a check compares a value with one of its literals; `None` if they must differ.
fn relation(check: &[String], at: usize) -> Option<Relation> {
    let word = |back: usize| at.checked_sub(back).map_or("", |at| &*check[at]);
    let next = |ahead: usize| check.get(at + ahead).map_or("", |it| &**it);
    match (word(2), word(1)) {
        ("<", ">") | ("!", "=") | ("not", _) | (_, "<>" | "!=") => None,
        ("<", "=") | (_, "<=") => Some(Relation::AtMost),
        (">", "=") | (_, ">=") => Some(Relation::AtLeast),
        (_, "<") => Some(Relation::Less),
        (_, ">") => Some(Relation::More),
        _ => match (next(1), next(2)) {
            ("<", ">") | ("!", "=") | ("<>" | "!=", _) => None,
            ("<", "=") | ("<=", _) => Some(Relation::AtLeast),
            (">", "=") | (">=", _) => Some(Relation::AtMost),
            ("<", _) => Some(Relation::More),
            (">", _) => Some(Relation::Less),
            _ => Some(Relation::Equal),
        },
    }
}

/// The table and the columns of an index without a condition.
fn index(tokens: &[String]) -> Option<(String, Vec<String>)> {
    let is_index = tokens.first().is_some_and(|word| word == "create")
        && tokens.iter().take(3).any(|word| word == "index")
        && !tokens.iter().any(|word| word == "where");
    let on = tokens
        .iter()
        .position(|word| word == "on")
        .filter(|_| is_index)?;
    let columns = tokens
        .get(on + 3..)?
        .split(|word| word == ",")
        .filter_map(|column| column.first().cloned());
    Some((tokens.get(on + 1)?.clone(), columns.collect()))
}

/// The words between the parentheses of each `CHECK`.
fn checks(tokens: &[String]) -> Vec<&[String]> {
    let mut checks = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if token != "check" {
            continue;
        }
        let mut depth = 0;
        let inner = tokens[at + 1..].iter().position(|token| {
            match token.as_str() {
                "(" => depth += 1,
                ")" => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        if let Some(end) = inner {
            checks.push(&tokens[at + 1..at + 1 + end]);
        }
    }
    checks
}

fn is_literal(token: &str) -> bool {
    token.starts_with('\'') || token.starts_with(|first: char| first.is_ascii_digit())
}

fn is_word(token: &str) -> bool {
    token.starts_with(|first: char| first.is_alphabetic() || first == '_')
}
