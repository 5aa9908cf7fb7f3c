//! The changes that one script made to a database, for the rules.

use crate::replay::catalogue::{Kind, Object};
use crate::replay::memory::Memory;
use crate::replay::run::{Task, run};
use crate::replay::snapshot::Snapshot;
use crate::replay::trial::Trial;
use migrate_model::history::Direction;
use rusqlite::Result;
use std::rc::Rc;

/// The changes made by one script.
#[derive(Clone, Copy)]
pub(crate) struct Change<'t, 'a> {
    pub(crate) trial: Trial<'t, 'a>,
    /// The script and its direction.
    pub(crate) task: Task<'t, 'a>,
    pub(crate) before: &'t Snapshot,
    pub(crate) after: &'t Snapshot,
    /// Whether the tables had generated rows.
    pub(crate) has_rows: bool,
}

impl<'t> Change<'t, '_> {
    /// The objects that are new or changed.
    pub(crate) fn changed(self) -> impl Iterator<Item = &'t Rc<Object>> {
        let Change { before, after, .. } = self;
        after.catalogue.objects().filter(move |object| {
            let name = object.name.to_ascii_lowercase();
            let mut same = before.catalogue.named(&name);
            !same.any(|it| it.kind == object.kind && it.tokens == object.tokens)
        })
    }

    /// The database as the script meets it; `None` for a down whose up fails.
    pub(crate) fn begin(self, has_rows: bool) -> Result<Option<Memory>> {
        let scratch = self.trial.copy(has_rows)?;
        let up = Task::up(self.trial.subject);
        let fails = self.is_down() && self.trial.run(&scratch, up)?.is_err();
        Ok((!fails).then_some(scratch))
    }

    /// The statement from which on a condition holds until the end of the script.
    pub(crate) fn since(
        self,
        has_rows: bool,
        is_so: &dyn Fn(&Memory) -> Result<bool>,
    ) -> Result<Option<usize>> {
        let Some(scratch) = self.begin(has_rows)? else {
            return Ok(None);
        };
        let mut since = None;
        let mut watch = |statement| {
            since = if is_so(&scratch)? {
                since.or(Some(statement))
            } else {
                None
            };
            Ok(())
        };
        let _ = run(&scratch, self.task, self.trial.options, &mut watch)?;
        Ok(since)
    }

    pub(crate) fn is_down(self) -> bool {
        self.task.direction == Direction::Down
    }

    /// The table before the change, perhaps under another name.
    pub(crate) fn before_of(self, table: &Object) -> Option<&'t Rc<Object>> {
        let before = &self.before.catalogue;
        let is_same = |it: &&Rc<Object>| it.kind == Kind::Table && it.root == table.root;
        let same_name = before.table(&table.name.to_ascii_lowercase());
        same_name.or_else(|| before.at(table.place).filter(is_same))
    }

    /// The tables that were rebuilt under their old name, before and after.
    pub(crate) fn rebuilt(self) -> impl Iterator<Item = (&'t Rc<Object>, &'t Rc<Object>)> {
        let Change { before, after, .. } = self;
        let tables = before.catalogue.objects();
        tables
            .filter(|old| old.kind == Kind::Table)
            .filter_map(move |old| {
                let new = after.catalogue.table(&old.name.to_ascii_lowercase())?;
                let is_other = new.root != old.root || new.place != old.place;
                let is_rebuilt = is_other || self.drops(&old.name);
                (is_rebuilt && !self.is_kept_elsewhere(old)).then_some((old, new))
            })
    }

    /// Whether a table still exists under another name.
    pub(crate) fn is_kept_elsewhere(self, old: &Object) -> bool {
        let now = self.after.catalogue.at(old.place);
        now.is_some_and(|now| {
            now.kind == old.kind && now.root == old.root && now.table != old.table
        })
    }

    fn drops(self, table: &str) -> bool {
        let mut statements = self.task.part.words().iter();
        statements.any(|words| {
            matches!(&words[..], [drop, kind, ..] if drop == "drop" && kind == "table")
                && words.contains(&table.to_ascii_lowercase())
        })
    }
}
