//! A migration on a copy of what it has to do with: up, down and up again.

use crate::Options;
use crate::replay::catalogue::{Catalogue, Kind, Object};
use crate::replay::closure::Closure;
use crate::replay::finding::Findings;
use crate::replay::memory::Memory;
use crate::replay::repeat::{meets_the_same, only_drops};
use crate::replay::rows::{Hints, fill, fill_new};
use crate::replay::rules::{self, Change};
use crate::replay::run::{Failure, FailureKind, Task, run};
use crate::replay::scratch::copy;
use crate::replay::snapshot::Snapshot;
use crate::replay::subject::{Part, Subject};
use migrate_model::history::Direction;
use migrate_scan::sqlite::quote;
use rusqlite::Result;
use std::collections::BTreeSet;
use std::rc::Rc;

/// The input of every trial of a set.
#[derive(Clone, Copy)]
pub(crate) struct Trial<'t, 'a> {
    /// The database as the migrations before leave it, on a fresh one.
    pub(crate) main: &'t Memory,
    pub(crate) catalogue: &'t Catalogue,
    /// Its tables that may have rows, in lower case.
    pub(crate) filled: &'t BTreeSet<String>,
    /// The part of it that is copied; all of it without.
    pub(crate) part: Option<&'t Closure>,
    /// How many rows of a table are copied; all of them without.
    pub(crate) most_rows: Option<u32>,
    pub(crate) subject: &'t Subject<'a>,
    pub(crate) hints: &'t Hints,
    pub(crate) options: &'t Options<'t>,
}

/// The outcome of a trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Held,
    /// The up fails without rows too, so that no more is to be learned here;
    /// with what SQLite said.
    FailsAnyway(String),
}

impl<'t, 'a> Trial<'t, 'a> {
    /// Tries everything, and adds the findings.
    pub(crate) fn hold(self, findings: &mut Findings<'_, 'a>) -> Result<Outcome> {
        let up = Task::up(self.subject);
        let mut has_rows = true;
        let mut started = self.start(has_rows)?;
        // The application may have some on each of its connections.
        let temporary = if self.makes_temporary() {
            Some(started.0.temporary()?)
        } else {
            None
        };
        if let Err(failure) = self.run(&started.0, up)? {
            has_rows = false;
            started = self.start(has_rows)?;
            if let Err(failure) = self.run(&started.0, up)? {
                return Ok(Outcome::FailsAnyway(failure.message));
            }
            rules::failure::with_rows(up, &failure, findings);
        }
        let (scratch, before, empty) = started;
        findings.stay_empty(empty);
        let after = self.snapshot(&scratch, &before)?;
        let change = Change {
            trial: self,
            task: up,
            before: &before,
            after: &after,
            has_rows,
        };
        rules::after_up(&scratch, change, findings)?;
        if let Some(down) = Task::down(self.subject)
            && (!down.part.is_rust || self.options.rust.is_some())
        {
            if let Some(temporary) = &temporary {
                scratch.drop_temporary(temporary)?;
            }
            // A table that is only dropped may as well be empty.
            if has_rows && !only_drops(down.part) {
                let (before, after) = (&before.catalogue, &after.catalogue);
                findings.stay_empty(fill_new(&scratch, before, after, self.hints)?);
            }
            let temporary = temporary.as_ref();
            let moments = (&before, &after);
            self.back_and_forth(&scratch, down, moments, has_rows, temporary, findings)?;
        }
        Ok(Outcome::Held)
    }

    fn back_and_forth(
        self,
        scratch: &Memory,
        down: Task<'_, 'a>,
        (before, after): (&Snapshot, &Snapshot),
        has_rows: bool,
        temporary: Option<&BTreeSet<String>>,
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
        // With the same schema and the same rows there is nothing to find, and
        // nothing else for the second up to do.
        if before.catalogue.differences(&back.catalogue).is_empty()
            && meets_the_same(
                self.subject,
                &before.catalogue,
                &scratch.authorizer.take_touched().written,
            )
        {
            return Ok(());
        }
        let change = Change {
            trial: self,
            task: down,
            before: after,
            after: &back,
            has_rows,
        };
        let is_restored = rules::after_down(scratch, change, before, findings)?;
        if let Some(temporary) = temporary {
            scratch.drop_temporary(temporary)?;
        }
        let up = Task::up(self.subject);
        match self.run(scratch, up)? {
            // What the down left is often why, and is reported already.
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
    fn start(self, has_rows: bool) -> Result<(Memory, Snapshot, Vec<String>)> {
        let (scratch, catalogue, empty) = self.copy_and_catalogue(has_rows)?;
        let before = Snapshot::of(&scratch, catalogue, self.may_lose_rows())?;
        Ok((scratch, before, empty))
    }

    pub(crate) fn copy(self, has_rows: bool) -> Result<Memory> {
        Ok(self.copy_and_catalogue(has_rows)?.0)
    }

    /// The tables that stay empty come last.
    fn copy_and_catalogue(self, has_rows: bool) -> Result<(Memory, Catalogue, Vec<String>)> {
        let scratch = copy(self)?;
        let catalogue = Catalogue::read(&scratch.conn, self.catalogue)?;
        let empty = if has_rows {
            fill(&scratch, &catalogue, self)?
        } else {
            Vec::new()
        };
        Ok((scratch, catalogue, empty))
    }

    fn snapshot(self, scratch: &Memory, known: &Snapshot) -> Result<Snapshot> {
        Snapshot::take(scratch, &known.catalogue, known.counts.is_some())
    }

    fn parts(self) -> impl Iterator<Item = &'t Part<'a>> + Clone {
        let Subject { up, down, .. } = self.subject;
        std::iter::once(up).chain(down)
    }

    /// Whether a word occurs in one of the scripts or in the schema.
    pub(crate) fn mentions(self, word: &str) -> bool {
        let mut words = self.parts().flat_map(Part::words).flatten();
        self.parts().any(|part| part.is_rust)
            || words.any(|it| it == word)
            || self.catalogue.mentioning(word).next().is_some()
    }

    fn makes_temporary(self) -> bool {
        let mut words = self.parts().flat_map(Part::words).flatten();
        self.parts().any(|part| part.is_rust)
            || words.any(|word| matches!(word.as_str(), "temp" | "temporary"))
    }

    /// Whether counting rows can find anything: without a word that deletes,
    /// in the scripts and in the triggers, none is lost.
    fn may_lose_rows(self) -> bool {
        let deletes = |word: &String| matches!(&**word, "delete" | "replace");
        let words = || self.parts().flat_map(Part::words);
        self.parts().any(|part| part.is_rust)
            || words().flatten().any(deletes)
            || self.drops_a_table(words())
            || self
                .objects()
                .any(|it| it.kind == Kind::Trigger && it.tokens.iter().any(deletes))
    }

    /// Whether a table is dropped that was there before, maybe by another name.
    fn drops_a_table<'w>(self, mut words: impl Iterator<Item = &'w Vec<String>> + Clone) -> bool {
        let mut all = words.clone().flatten();
        let renames = all.any(|word| word == "rename");
        words.any(|words| {
            matches!(&words[..], [drop, kind, ..] if drop == "drop" && kind == "table")
                && (renames || words.iter().any(|it| self.catalogue.table(it).is_some()))
        })
    }

    /// The objects that are copied.
    pub(crate) fn objects(self) -> impl Iterator<Item = &'t Rc<Object>> {
        let Trial {
            catalogue, part, ..
        } = self;
        let all = part.is_none().then(|| catalogue.objects());
        let some = part
            .into_iter()
            .flat_map(|part| &part.objects)
            .filter_map(|place| catalogue.at(*place));
        all.into_iter().flatten().chain(some)
    }

    /// Whether a table is to have rows of our own.
    pub(crate) fn needs_rows(self, table: &Object) -> bool {
        let there = self.catalogue.table(&table.table);
        let is_referred = |place| self.part.is_some_and(|part| part.referred.contains(place));
        !there.is_some_and(|it| is_referred(&it.place))
    }

    fn run(self, memory: &Memory, task: Task<'_, '_>) -> Result<std::result::Result<(), Failure>> {
        run(memory, task, self.options, &mut |_| Ok(()))
    }

    /// Whether the copy lacks rows that the tables have.
    pub(crate) fn is_cut(self) -> Result<bool> {
        let Some(most) = self.most_rows else {
            return Ok(false);
        };
        for table in self.objects() {
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
        (task, has_rows): (Task<'_, '_>, bool),
        is_so: &dyn Fn(&Memory) -> Result<bool>,
    ) -> Result<Option<usize>> {
        let scratch = self.copy(has_rows)?;
        let up = Task::up(self.subject);
        if task.direction == Direction::Down && self.run(&scratch, up)?.is_err() {
            return Ok(None);
        }
        let mut since = None;
        let mut watch = |statement| {
            since = if is_so(&scratch)? {
                since.or(Some(statement))
            } else {
                None
            };
            Ok(())
        };
        let _ = run(&scratch, task, self.options, &mut watch)?;
        Ok(since)
    }
}
