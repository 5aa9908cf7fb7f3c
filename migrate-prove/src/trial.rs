//! A migration on a copy of what it has to do with: up, down and up again.

use crate::Options;
use crate::catalogue::{Catalogue, Kind, Object};
use crate::finding::Findings;
use crate::memory::Memory;
use crate::rows::{Hints, fill};
use crate::rules::{self, Change};
use crate::run::{Failure, FailureKind, Task, run};
use crate::scratch::copy;
use crate::snapshot::Snapshot;
use crate::subject::{Part, Subject};
use migrate_core::sqlite::quote;
use rusqlite::Result;
use std::collections::BTreeSet;
use std::rc::Rc;

/// What every trial of a set works with.
#[derive(Clone, Copy)]
pub(crate) struct Trial<'t, 'a> {
    /// The database as the migrations before leave it, on a fresh one.
    pub(crate) main: &'t Memory,
    pub(crate) catalogue: &'t Catalogue,
    /// Its tables that have rows, in lower case.
    pub(crate) filled: &'t BTreeSet<String>,
    /// The part of it that is copied; all of it without.
    pub(crate) places: Option<&'t BTreeSet<i64>>,
    /// How many rows of a table are copied; all of them without.
    pub(crate) most_rows: Option<u32>,
    pub(crate) subject: &'t Subject<'a>,
    pub(crate) hints: &'t Hints,
    pub(crate) options: &'t Options<'t>,
}

/// How a trial ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Held,
    /// The up fails without rows too, so that no more is to be learned here.
    FailsAnyway,
}

impl<'a> Trial<'_, 'a> {
    /// Tries everything, and adds what it finds.
    pub(crate) fn hold(self, findings: &mut Findings<'_, 'a>) -> Result<Outcome> {
        let up = Task::up(self.subject);
        let mut has_rows = true;
        let mut started = self.start(has_rows)?;
        // The application may have some on each of its connections.
        let temporary = started.0.temporary()?;
        if let Err(failure) = self.run(&started.0, up)? {
            has_rows = false;
            started = self.start(has_rows)?;
            if self.run(&started.0, up)?.is_err() {
                return Ok(Outcome::FailsAnyway);
            }
            rules::failure::with_rows(up, &failure, findings);
        }
        let (scratch, before) = started;
        let after = self.snapshot(&scratch, &before)?;
        let change = Change {
            trial: self,
            part: up.part,
            before: &before,
            after: &after,
            has_rows,
        };
        rules::after_up(&scratch, change, findings)?;
        if let Some(down) = Task::down(self.subject)
            && (!down.part.is_rust || self.options.rust.is_some())
        {
            scratch.drop_temporary(&temporary)?;
            self.back_and_forth(
                &scratch,
                down,
                (&before, &after),
                has_rows,
                &temporary,
                findings,
            )?;
        }
        Ok(Outcome::Held)
    }

    fn back_and_forth(
        self,
        scratch: &Memory,
        down: Task<'_, 'a>,
        (before, after): (&Snapshot, &Snapshot),
        has_rows: bool,
        temporary: &BTreeSet<String>,
        findings: &mut Findings<'_, 'a>,
    ) -> Result<()> {
        if let Err(failure) = self.run(scratch, down)? {
            if has_rows && failure.kind == FailureKind::Constraint && self.passes_without(down)? {
                rules::failure::with_rows(down, &failure, findings);
            } else {
                rules::failure::of_down(down, &failure, findings);
            }
            return Ok(());
        }
        let back = self.snapshot(scratch, before)?;
        let change = Change {
            trial: self,
            part: down.part,
            before: after,
            after: &back,
            has_rows,
        };
        let is_restored = rules::after_down(scratch, change, before, findings)?;
        scratch.drop_temporary(temporary)?;
        let up = Task::up(self.subject);
        match self.run(scratch, up)? {
            // What the down left is often why, and is told already.
            _ if !is_restored => {}
            Err(failure) => rules::failure::of_second_up(up, &failure, findings),
            Ok(()) => {
                let again = Snapshot::take(scratch, &after.catalogue, false)?;
                rules::restore::second_up(up, after, &again, findings);
            }
        }
        Ok(())
    }

    /// Whether a down runs where there are only the rows of the migrations.
    fn passes_without(self, down: Task<'_, '_>) -> Result<bool> {
        let scratch = self.copy(false)?;
        let up = self.run(&scratch, Task::up(self.subject))?;
        Ok(up.is_ok() && self.run(&scratch, down)?.is_ok())
    }

    /// A copy, with rows of our own in every table or without.
    fn start(self, has_rows: bool) -> Result<(Memory, Snapshot)> {
        let scratch = self.copy(has_rows)?;
        let with_counts = self.may_lose_rows();
        let before = Snapshot::take(&scratch, self.catalogue, with_counts)?;
        Ok((scratch, before))
    }

    pub(crate) fn copy(self, has_rows: bool) -> Result<Memory> {
        let scratch = copy(self)?;
        if has_rows {
            let catalogue = Catalogue::read(&scratch.conn, self.catalogue)?;
            fill(&scratch, &catalogue, self.hints)?;
        }
        Ok(scratch)
    }

    fn snapshot(self, scratch: &Memory, known: &Snapshot) -> Result<Snapshot> {
        Snapshot::take(scratch, &known.catalogue, self.may_lose_rows())
    }

    /// Whether counting rows can find anything: without a word that deletes,
    /// in the scripts and in the triggers, none is lost.
    fn may_lose_rows(self) -> bool {
        let deletes = |word: &String| matches!(&**word, "delete" | "drop" | "replace");
        let Subject { up, down, .. } = self.subject;
        let mut parts = std::iter::once(up).chain(down);
        parts.any(|part| part.is_rust || part.words().iter().flatten().any(deletes))
            || self.catalogue.objects().any(|it| {
                it.kind == Kind::Trigger
                    && self.places.is_none_or(|places| places.contains(&it.place))
                    && it.tokens.iter().any(deletes)
            })
    }

    fn run(self, memory: &Memory, task: Task<'_, '_>) -> Result<std::result::Result<(), Failure>> {
        run(memory, task, self.options, &mut |_| Ok(()))
    }

    /// Whether the copy lacks rows that the tables have.
    pub(crate) fn is_cut(self) -> Result<bool> {
        let Some(most) = self.most_rows else {
            return Ok(false);
        };
        let is_part = |it: &&Rc<Object>| self.places.is_none_or(|all| all.contains(&it.place));
        for table in self.catalogue.objects().filter(is_part) {
            if !self.filled.contains(&table.table) || table.kind > Kind::Virtual {
                continue;
            }
            let name = quote(&table.name);
            let sql = format!("SELECT EXISTS (SELECT 1 FROM main.{name} LIMIT 1 OFFSET {most})");
            if self.main.number(&sql).is_ok_and(|found| found > 0) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The statement of a script since which something is so until its end.
    pub(crate) fn since(
        self,
        (part, has_rows): (&Part<'_>, bool),
        is_so: &dyn Fn(&Memory) -> Result<bool>,
    ) -> Result<Option<usize>> {
        let scratch = self.copy(has_rows)?;
        let up = Task::up(self.subject);
        let task = Task::down(self.subject).filter(|down| std::ptr::eq(down.part, part));
        if task.is_some() && self.run(&scratch, up)?.is_err() {
            return Ok(None);
        }
        let mut since = None;
        let mut watch = |statement| {
            since = match is_so(&scratch)? {
                true => since.or(Some(statement)),
                false => None,
            };
            Ok(())
        };
        let _ = run(&scratch, task.unwrap_or(up), self.options, &mut watch)?;
        Ok(since)
    }
}
