//! The temporary objects that migrations leave on their connection.

use crate::replay::memory::Memory;
use crate::replay::run::{Failure, FailureKind};
use crate::replay::subject::Subject;
use migrate_sqlite::temporary::Temporary;
use rusqlite::Result;
use std::collections::{BTreeMap, BTreeSet};

/// What migrations have left in the main database of a replay. A later migration may run on
/// another connection, so it must not need any of it.
pub(crate) struct LeftTemporary<'a> {
    /// What the application creates on each of its connections.
    of_setup: BTreeSet<Temporary>,
    /// The objects by name in lower case, with the migration that created them.
    left: BTreeMap<String, (&'static str, &'a str)>,
    may_exist: bool,
}

impl<'a> LeftTemporary<'a> {
    pub(crate) fn new(main: &Memory, set: &[Subject<'_>]) -> Result<LeftTemporary<'a>> {
        let may_exist = set.iter().any(|it| it.up.may_create_temporary());
        Ok(LeftTemporary {
            of_setup: if may_exist {
                main.temporary()?
            } else {
                BTreeSet::new()
            },
            left: BTreeMap::new(),
            may_exist: false,
        })
    }

    /// Records what a migration has left.
    pub(crate) fn record(&mut self, main: &Memory, subject: &Subject<'a>) -> Result<()> {
        if !subject.up.may_create_temporary() {
            return Ok(());
        }
        for object in main.temporary()?.difference(&self.of_setup) {
            let kind = match object.kind.as_str() {
                "view" => "view",
                "trigger" => "trigger",
                _ => "table",
            };
            let name = object.name.to_ascii_lowercase();
            self.left.entry(name).or_insert((kind, subject.label));
            self.may_exist = true;
        }
        Ok(())
    }

    /// Drops it, as the runtime does. A released migration can no longer be fixed, so it meets what
    /// it met before.
    pub(crate) fn drop_before(&mut self, main: &Memory, subject: &Subject<'_>) -> Result<()> {
        if self.may_exist && !subject.is_frozen {
            main.drop_temporary(&self.of_setup)?;
            self.may_exist = false;
        }
        Ok(())
    }

    /// The help for a statement that needs one of the dropped objects.
    pub(crate) fn help(&self, failure: &Failure) -> Option<String> {
        let (what, name) = failure.message.rsplit_once(": ")?;
        if failure.kind != FailureKind::Sql || !what.contains("no such") {
            return None;
        }
        let name = name.rsplit('.').next()?.to_ascii_lowercase();
        let (kind, label) = self.left.get(&name)?;
        Some(format!(
            "the temporary {kind} `{name}` exists only on the connection on which `{label}` ran, \
             and this may run on another one: create it in this migration, or do both in one \
             migration"
        ))
    }
}
