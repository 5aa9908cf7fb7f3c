use crate::catalogue::Object;
use crate::subject::Subject;
use crate::table::{Column, Table};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// What the scripts of a set tell of the values of columns, by their names in
/// lower case: a table that gets a check later has good values now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hints {
    /// Literals that stand together with a column in a `CHECK`.
    literals: BTreeMap<String, Vec<String>>,
    /// Columns that are read as JSON.
    json: BTreeSet<String>,
    /// Columns that are read as times.
    times: BTreeSet<String>,
    /// How rows are made for a table, by its SQL: a table takes part in the
    /// trials of many migrations.
    recipes: RefCell<HashMap<String, Rc<Recipe>>>,
}

/// How the rows of a table are made.
#[derive(Debug)]
pub(crate) struct Recipe {
    /// The `INSERT` of one row.
    pub(crate) sql: String,
    pub(crate) table: Table,
    /// What is known of each column that it names.
    pub(crate) hints: Vec<Hint>,
}

/// What is known of one column.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hint {
    pub(crate) literals: Vec<String>,
    pub(crate) is_json: bool,
    pub(crate) is_time: bool,
}

impl Hints {
    /// Reads those of all scripts.
    pub(crate) fn of_all(set: &[Subject<'_>]) -> Hints {
        let mut hints = Hints::default();
        let parts = set
            .iter()
            .flat_map(|subject| std::iter::once(&subject.up).chain(&subject.down));
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

    fn read(&mut self, tokens: &[String]) {
        for check in checks(tokens) {
            let literals: Vec<&String> = check.iter().filter(|it| is_literal(it)).collect();
            for column in check.iter().filter(|it| is_word(it)) {
                let known = self.literals.entry(column.clone()).or_default();
                for literal in &literals {
                    if !known.contains(literal) && known.len() < 64 {
                        known.push((*literal).clone());
                    }
                }
            }
        }
        for (at, token) in tokens.iter().enumerate() {
            if token.starts_with("json") && tokens.get(at + 1).is_some_and(|it| it == "(") {
                let argument = tokens[at + 2..].iter().take(3).take_while(|it| *it != ",");
                self.json.extend(argument.filter(|it| is_word(it)).cloned());
            }
            let is_call = tokens.get(at + 1).is_some_and(|it| it == "(");
            if is_call && TIMES.contains(&token.as_str()) {
                let arguments = tokens[at + 2..].iter().take(6);
                let arguments = arguments.take_while(|it| *it != ")");
                self.times.extend(arguments.filter(|it| is_word(it)).cloned());
            }
            let is_arrow = token == "-" && tokens.get(at + 1).is_some_and(|it| it == ">");
            if let (true, Some(column)) = (is_arrow, at.checked_sub(1).map(|at| &tokens[at])) {
                self.json.insert(column.clone());
            }
        }
    }

    /// What is known of a column: from the checks of its own table, if there
    /// are any, and else from those of all scripts.
    pub(crate) fn of(&self, object: &Object, column: &Column) -> Hint {
        let name = column.name.to_ascii_lowercase();
        let mut own = Hints::default();
        if object.tokens.iter().any(|token| token == "check") {
            own.read(&object.tokens);
        }
        let literals = own.literals.remove(&name).filter(|it| !it.is_empty());
        Hint {
            literals: literals
                .or_else(|| self.literals.get(&name).cloned())
                .unwrap_or_default(),
            is_json: self.json.contains(&name) || own.json.contains(&name),
            is_time: self.times.contains(&name) || own.times.contains(&name),
        }
    }
}

/// The functions that take times as texts: <https://sqlite.org/lang_datefunc.html>.
const TIMES: [&str; 7] = [
    "date",
    "time",
    "datetime",
    "julianday",
    "unixepoch",
    "strftime",
    "timediff",
];

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
