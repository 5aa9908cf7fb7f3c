//! The checks that `up` makes after each migration, on the main database of the replay.

use crate::replay::finding::{Findings, last_place_of, place_of};
use crate::replay::memory::Memory;
use crate::replay::rules::dangling::{hidden_objects, missing_name};
use crate::replay::subject::{Part, Subject};
use migrate_source::diagnostic::{Code, Diagnostic};
use migrate_sqlite::integrity::{Checker, MissingTables, Object, Problem, Problems};
use migrate_sqlite::touched::Touched;
use rusqlite::Result;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// What `up` knows about the schema of a fresh database while it applies a set.
pub(crate) struct SchemaCheck<'s, 'a> {
    set: &'s [Subject<'a>],
    checker: Checker,
    /// All problems after the last migration.
    known: Problems,
    /// The references to missing tables that a later migration may create, by table and parent,
    /// with the index of the migration that left them.
    ahead: BTreeMap<(String, String), usize>,
    /// Whether a migration may leave references to missing tables, or has left some.
    may_refer_ahead: bool,
    may_have_temporary: bool,
    /// The references of which a later migration has created the table.
    pub(crate) notes: Vec<String>,
}

impl<'s, 'a> SchemaCheck<'s, 'a> {
    pub(crate) fn new(set: &'s [Subject<'a>]) -> SchemaCheck<'s, 'a> {
        SchemaCheck {
            set,
            checker: Checker::default(),
            known: Problems::default(),
            ahead: BTreeMap::new(),
            may_refer_ahead: set.iter().any(|it| it.refers_ahead),
            may_have_temporary: false,
            notes: Vec::new(),
        }
    }

    /// Whether a script names a table to which references were left.
    pub(crate) fn is_awaited(&self, subject: &Subject<'_>) -> bool {
        let is_named = |parent: &String| {
            let mut words = subject.parts().flat_map(Part::all_words);
            words.any(|word| word.eq_ignore_ascii_case(parent))
        };
        self.ahead.keys().any(|(_, parent)| is_named(parent))
    }

    /// Checks what a migration has broken, by its index, and adds what its trial has not found.
    /// Returns what is wrong with earlier migrations at the end of the set.
    pub(crate) fn after(
        &mut self,
        main: &Memory,
        at: usize,
        touched: &Touched,
        findings: &mut Findings<'_, '_>,
    ) -> Result<Vec<Diagnostic>> {
        let subject = &self.set[at];
        if self.may_refer_ahead {
            self.checker.expect_references_to_new_tables();
        }
        let missing_tables = if at + 1 == self.set.len() {
            MissingTables::at_end(self.may_refer_ahead)
        } else {
            MissingTables::in_between(subject.refers_ahead || subject.is_frozen)
        };
        let up = &subject.up;
        self.may_have_temporary |= up.may_create_temporary();
        if self.may_have_temporary && (subject.is_frozen || up.is_rust) {
            hidden_objects(main, up, findings)?;
        }
        let broken = self.checker.broken(&main.conn, touched)?;
        if self.known.is_empty() && broken.is_some_and(|it| it.is_empty()) {
            return Ok(Vec::new());
        }
        let after = main.problems()?;
        // What follows from a problem that the trial has found is not repeated.
        let is_refused = findings.is_refused;
        let mut add = |message: String, help: &str, range: Range<usize>| {
            if !findings.has_error(&message) {
                findings.add(&subject.up, Code::ReplayFailed, range, message, help);
            }
        };
        let old = self.known.new_schema(&Problems::default());
        let refused = missing_tables.refused(&self.known, &after);
        let (old, new): (Vec<_>, Vec<_>) = refused.into_iter().partition(|it| old.contains(it));
        for problem in new.into_iter().filter(|_| !is_refused) {
            let help = "the runner refuses this: correct it in this migration";
            add(problem.to_string(), help, place(subject, &problem));
        }
        let violations = after.new_violations(&self.known);
        let pairs = violations.into_iter().map(|it| (it.table, it.parent));
        for (table, parent) in pairs.collect::<BTreeSet<_>>() {
            let message = format!("rows of `{table}` refer to no row of `{parent}` after this");
            let help = "the runner would refuse the migration: insert the rows that are referred \
                        to first";
            let range = last_place_of(&subject.up, &parent);
            add(
                message,
                help,
                range.unwrap_or_else(|| place_of(&subject.up, &table)),
            );
        }
        let left = old.iter().filter_map(|it| self.left(it)).collect();
        self.follow(main, at, missing_tables, &after)?;
        self.known = after;
        Ok(left)
    }

    /// The reference to a table that no migration has created, at the migration that left it.
    fn left(&self, problem: &Problem) -> Option<Diagnostic> {
        let parent = missing_name(problem)?;
        let at = self.ahead.get(&(problem.name.clone(), parent.to_owned()))?;
        let subject = &self.set[*at];
        let mut findings = Findings::new(subject);
        let message = format!("{problem}, and no later migration creates it");
        let help = format!(
            "create `{parent}` with its rows in a later migration, or remove the reference"
        );
        let range = place(subject, problem);
        findings.add(&subject.up, Code::ReplayFailed, range, message, &help);
        findings.finish().pop()
    }

    /// Follows the references to missing tables.
    fn follow(
        &mut self,
        main: &Memory,
        at: usize,
        missing_tables: MissingTables,
        after: &Problems,
    ) -> Result<()> {
        let mut now = BTreeSet::new();
        for problem in after.new_schema(&Problems::default()) {
            if let Some(parent) = missing_name(&problem)
                && problem.object == Object::Reference
            {
                now.insert((problem.name.clone(), parent.to_owned()));
            }
        }
        let ahead = std::mem::take(&mut self.ahead);
        for (key, left_by) in ahead {
            if now.remove(&key) {
                self.ahead.insert(key, left_by);
                continue;
            }
            let exists = "SELECT EXISTS (SELECT 1 FROM main.sqlite_schema \
                          WHERE type = 'table' AND name = ?1 COLLATE NOCASE)";
            let (table, parent) = key;
            if main.conn.query_row(exists, [&parent], |row| row.get(0))? {
                let (first, second) = (self.set[left_by].label, self.set[at].label);
                self.notes.push(format!(
                    "`{first}` leaves a reference of `{table}` to `{parent}`, which only \
                     `{second}` creates: `up` applies both"
                ));
            }
        }
        if missing_tables == MissingTables::Allowed {
            self.may_refer_ahead |= !after.new_schema(&self.known).is_empty();
            self.ahead.extend(now.into_iter().map(|key| (key, at)));
        }
        Ok(())
    }
}

/// The place of what a problem names in the script that caused it.
fn place(subject: &Subject<'_>, problem: &Problem) -> Range<usize> {
    let triggers = match &problem.object {
        Object::Triggers(names) => &names[..],
        _ => &[],
    };
    let mut names = missing_name(problem)
        .into_iter()
        .chain(triggers.iter().map(String::as_str));
    names
        .find_map(|name| last_place_of(&subject.up, name))
        .unwrap_or_else(|| place_of(&subject.up, &problem.name))
}
