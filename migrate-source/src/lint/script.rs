//! A script as the rules see it: its statements, their actions, and the tables and columns that
//! the script itself creates. It is computed once for all rules.

use super::action::{Action, action};
use super::earlier::EarlierMigrations;
use super::foreign_keys::ForeignKeys;
use super::words::Words;
use crate::{SourceScript, SqliteTarget};
use migrate_scan::sqlite::Tokens;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// An analyzed script.
#[derive(Debug)]
pub(crate) struct Script<'a> {
    pub(crate) source: &'a SourceScript,
    pub(crate) is_down: bool,
    pub(crate) target: SqliteTarget<'a>,
    earlier: &'a EarlierMigrations<'a>,
    /// The index of its migration.
    number: usize,
    pub(crate) steps: Vec<Step<'a>>,
    /// Tables that the script created, under any name, with the first step that did.
    created: BTreeMap<String, usize>,
    /// Columns that the script added, by table, with the step that did.
    added: BTreeMap<(String, String), usize>,
    /// Names to which the script renamed one of its own tables, with the last step that did.
    replaced: BTreeMap<String, usize>,
    /// Virtual tables, with the last step that created them, and the module.
    virtual_tables: BTreeMap<String, (usize, String)>,
    /// New names of older tables that the script renamed.
    renamed_away: BTreeSet<String>,
    /// Tables from which rows were copied, with the first step that did.
    copied: BTreeMap<String, usize>,
    /// The same, without copies into temporary tables, which end with the connection.
    kept: BTreeMap<String, usize>,
}

/// An analyzed statement.
#[derive(Debug)]
pub(crate) struct Step<'a> {
    pub(crate) words: Words<'a>,
    /// The index of its verb, after any `WITH …`.
    pub(crate) verb: usize,
    pub(crate) action: Action,
}

/// The number of bytes of one `INSERT` that are read when the budget is exhausted: more than the
/// part before its values needs.
const INSERT_HEAD: usize = 4_096;

impl<'a> Script<'a> {
    /// Analyzes a script. `budget` is the number of bytes of `INSERT` statements that may still be
    /// read in full: a seed file has megabytes of values without anything to find.
    pub(crate) fn read(
        source: &'a SourceScript,
        is_down: bool,
        (earlier, number): (&'a EarlierMigrations<'a>, usize),
        target: SqliteTarget<'a>,
        budget: &mut usize,
    ) -> Script<'a> {
        let mut script = Script {
            source,
            is_down,
            target,
            earlier,
            number,
            steps: Vec::with_capacity(source.statements.len()),
            created: BTreeMap::new(),
            added: BTreeMap::new(),
            replaced: BTreeMap::new(),
            virtual_tables: BTreeMap::new(),
            renamed_away: BTreeSet::new(),
            copied: BTreeMap::new(),
            kept: BTreeMap::new(),
        };
        for statement in &source.statements {
            let range = statement.start as usize..statement.end as usize;
            let text = source.text.get(range.clone()).unwrap_or_default();
            let words = read_words(text, range.start, budget);
            let (verb, action) = action(&words);
            let step = Step {
                words,
                verb,
                action,
            };
            script.record(&step);
            script.steps.push(step);
        }
        script
    }

    fn record(&mut self, step: &Step<'_>) {
        let now = self.steps.len();
        match &step.action {
            Action::CreateTable { table, .. } => {
                self.created.entry(table.name.clone()).or_insert(now);
                self.record_copies(step);
            }
            Action::CreateVirtual { table, module } => {
                self.created.entry(table.name.clone()).or_insert(now);
                let entry = (now, module.clone());
                self.virtual_tables.insert(table.name.clone(), entry);
            }
            Action::RenameTable { table, to } if self.created.contains_key(&table.name) => {
                self.created.entry(to.name.clone()).or_insert(now);
                self.replaced.insert(to.name.clone(), now);
            }
            Action::RenameTable { table, to } => {
                self.renamed_away.insert(to.name.clone());
                let from = (table.name.clone(), String::new());
                let added = self.added.range(from..);
                let columns: Vec<String> = added
                    .take_while(|((name, _), _)| *name == table.name)
                    .map(|((_, it), _)| it.clone())
                    .collect();
                for column in columns {
                    self.added.entry((to.name.clone(), column)).or_insert(now);
                }
            }
            Action::AddColumn { table, column } => {
                if let Some(column) = step.words.name(*column) {
                    self.added
                        .entry((table.name.clone(), column))
                        .or_insert(now);
                }
            }
            Action::RenameColumn { table, from, to } => {
                let (from, to) = (step.words.name(*from), step.words.name(*to));
                if let (Some(from), Some(to)) = (from, to)
                    && self.is_added(now, &table.name, &from)
                {
                    self.added.entry((table.name.clone(), to)).or_insert(now);
                }
            }
            Action::Insert(_) => self.record_copies(step),
            _ => {}
        }
    }

    /// Records the tables from which `INSERT … SELECT` and `CREATE TABLE … AS` read.
    fn record_copies(&mut self, step: &Step<'_>) {
        let now = self.steps.len();
        for (at, word) in step.words.iter() {
            if (word.is("FROM") || word.is("JOIN"))
                && let Some((table, _)) = step.words.table(at + 1)
            {
                if !step.creates_temporary() {
                    self.kept.entry(table.name.clone()).or_insert(now);
                }
                self.copied.entry(table.name).or_insert(now);
            }
        }
    }

    /// Whether a table was created by this script before a step.
    pub(crate) fn is_created(&self, step: usize, table: &str) -> bool {
        self.created.get(table).is_some_and(|at| *at < step)
    }

    /// Whether a column was added by this script before a step.
    pub(crate) fn is_added(&self, step: usize, table: &str, column: &str) -> bool {
        let key = (table.to_owned(), column.to_owned());
        self.added.get(&key).is_some_and(|at| *at < step)
    }

    /// Whether a table of the script is given this name after a step.
    pub(crate) fn is_replaced(&self, step: usize, table: &str) -> bool {
        self.replaced.get(table).is_some_and(|at| *at > step)
    }

    /// Whether a full-text table of this name is created after a step.
    pub(crate) fn is_full_text_recreated(&self, step: usize, table: &str) -> bool {
        let created = self.virtual_tables.get(table);
        created.is_some_and(|(at, module)| *at > step && module.starts_with("fts"))
    }

    /// Whether neither this script nor an earlier migration created a table.
    pub(crate) fn is_unknown(&self, step: usize, table: &str) -> bool {
        !self.is_created(step, table) && self.earlier.has_never_created(self.number, table)
    }

    /// Whether a table is a full-text table.
    pub(crate) fn is_full_text(&self, table: &str) -> bool {
        self.earlier.is_full_text(self.number, table)
    }

    /// The module of the table of this name before a step, or `Some(None)` if it is not a virtual
    /// table.
    pub(crate) fn module(&self, step: usize, table: &str) -> Option<Option<&str>> {
        match self.virtual_tables.get(table) {
            Some((at, module)) if *at < step => Some(Some(module)),
            _ if self.is_created(step, table) => Some(None),
            // The down runs after its up.
            _ => {
                let number = self.number + usize::from(self.is_down);
                self.earlier.module(number, table)
            }
        }
    }

    /// The foreign keys with an action before the first statement.
    pub(crate) fn foreign_keys_before(&self) -> ForeignKeys {
        self.earlier.foreign_keys_before(self.number)
    }

    /// The columns of a unique index that this script dropped before a step, under their current
    /// names.
    pub(crate) fn dropped_unique(&self, step: usize, index: &str, table: &str) -> Vec<String> {
        let before = || self.steps.iter().take(step);
        let is_dropped = before().any(|step| step.drops_index(index));
        let mut unique = self
            .earlier
            .unique(self.number, index)
            .filter(|_| is_dropped)
            .unwrap_or_default()
            .to_vec();
        for step in before() {
            if let Action::RenameColumn {
                table: of,
                from,
                to,
            } = &step.action
                && of.name == table
                && let (Some(from), Some(to)) = (step.words.name(*from), step.words.name(*to))
            {
                let renamed = unique.iter_mut().filter(|column| **column == from);
                renamed.for_each(|column| column.clone_from(&to));
            }
        }
        unique
    }

    /// Whether rows of a table were copied before a step.
    pub(crate) fn is_copied(&self, step: usize, table: &str) -> bool {
        self.copied.get(table).is_some_and(|at| *at < step)
    }

    /// Whether rows of a table were copied before a step, and not only into a temporary table.
    pub(crate) fn is_kept(&self, step: usize, table: &str) -> bool {
        self.kept.get(table).is_some_and(|at| *at < step)
    }

    /// Whether a table is created again after a step, and was copied before it.
    pub(crate) fn is_copied_and_created(&self, step: usize, table: &str) -> bool {
        self.created.get(table).is_some_and(|at| *at > step) && self.is_copied(step, table)
    }

    /// Whether an earlier statement reads a column to fill something else: an `INSERT` or
    /// `CREATE TABLE … AS` from its table, or an `UPDATE`.
    pub(crate) fn is_column_copied(&self, step: usize, table: &str, column: &str) -> bool {
        self.steps.iter().take(step).any(|step| {
            let names = |step: &Step<'_>, word: &str| {
                let mut all = step.words.iter();
                all.any(|(_, it)| it.name() == word)
            };
            let reads = match &step.action {
                Action::Insert(target) => target.name != table && names(step, table),
                Action::CreateTable { body: None, .. } => {
                    !step.creates_temporary() && names(step, table)
                }
                Action::Update(target) => {
                    let is_assigned = step.assigned_columns().iter().any(|it| it == column);
                    !(target.name == table && is_assigned) && names(step, table)
                }
                _ => false,
            };
            reads
                && (names(step, column)
                    || !matches!(step.action, Action::Update(_)) && names(step, "*"))
        })
    }

    /// Whether a table is an older one that was renamed to this name, and copied before a step.
    pub(crate) fn is_copied_and_renamed(&self, step: usize, table: &str) -> bool {
        self.renamed_away.contains(table) && self.is_copied(step, table)
    }
}

fn read_words<'a>(text: &'a str, start: usize, budget: &mut usize) -> Words<'a> {
    let first = Tokens::new(text)
        .find(|token| !token.kind.is_blank())
        .and_then(|token| text.get(token.range));
    let is_insert = |word: &str| {
        ["INSERT", "REPLACE"]
            .iter()
            .any(|it| it.eq_ignore_ascii_case(word))
    };
    if !first.is_some_and(is_insert) {
        return Words::read(text, start, |_| false);
    }
    let limit = start + (*budget).max(INSERT_HEAD);
    let is_spent = text.len() > *budget;
    *budget = budget.saturating_sub(text.len());
    Words::read(text, start, |word| {
        word.start >= limit || (is_spent && word.depth == 0 && word.is("VALUES"))
    })
}

impl Step<'_> {
    fn creates_temporary(&self) -> bool {
        let word = self.words.get(self.verb + 1);
        word.is_some_and(|word| word.is("TEMP") || word.is("TEMPORARY"))
    }

    fn drops_index(&self, index: &str) -> bool {
        self.words.are(self.verb, &["DROP", "INDEX"]) && {
            let at = self.words.after(self.verb + 2, &["IF", "EXISTS"]);
            self.words.table(at).is_some_and(|(it, _)| it.name == index)
        }
    }

    /// The index of a keyword after the verb and outside all parentheses.
    pub(crate) fn keyword(&self, keyword: &str) -> Option<usize> {
        let mut words = self.words.iter().skip(self.verb);
        words
            .find(|(_, word)| word.depth == 0 && word.is(keyword))
            .map(|(at, _)| at)
    }

    /// The words from an index to the end of the statement.
    pub(crate) fn rest(&self, from: usize) -> Range<usize> {
        let end = self.words.len();
        let has_semicolon = end > 0 && self.words.is(end - 1, ";");
        from..(end - usize::from(has_semicolon)).max(from)
    }

    /// The columns that an `UPDATE` assigns, in lower case.
    pub(crate) fn assigned_columns(&self) -> Vec<String> {
        let Some(set) = self.keyword("SET") else {
            return Vec::new();
        };
        let mut ends: Vec<usize> = ["FROM", "WHERE", "RETURNING", "ORDER", "LIMIT"]
            .iter()
            .filter_map(|word| self.keyword(word))
            .collect();
        ends.retain(|at| *at > set);
        let mut range = self.rest(set + 1);
        range.end = ends.into_iter().min().unwrap_or(range.end);
        let assignments = self.words.divided(range, 0).into_iter();
        let columns = assignments.flat_map(|it| {
            if self.words.is(it.start, "(") {
                self.words.parts(it.start)
            } else {
                vec![it]
            }
        });
        columns
            .filter_map(|column| self.words.name(column.start))
            .collect()
    }
}
