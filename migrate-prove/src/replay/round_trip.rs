//! A trial of one migration: up, down and up again on the copy.

use crate::replay::catalogue::Kind;
use crate::replay::change::Change;
use crate::replay::finding::Findings;
use crate::replay::memory::{Memory, Temporary};
use crate::replay::repeat::{meets_the_same, only_drops};
use crate::replay::rows::fill_new;
use crate::replay::rules;
use crate::replay::run::{FailureKind, Task};
use crate::replay::snapshot::Snapshot;
use crate::replay::subject::Part;
use crate::replay::trial::Trial;
use rusqlite::Result;
use std::collections::BTreeSet;

/// The outcome of a trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    /// The up fails without rows too; holds SQLite's message.
    FailsAnyway(String),
}

impl<'a> Trial<'_, 'a> {
    /// Tries everything, and adds the findings.
    pub(crate) fn try_all(self, findings: &mut Findings<'_, 'a>) -> Result<Outcome> {
        let up = Task::up(self.subject);
        let mut has_rows = true;
        let mut started = self.start(has_rows)?;
        // The application may create some on each of its connections.
        let temporary = self.makes_temporary().then(|| started.0.temporary());
        let temporary = temporary.transpose()?;
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
            // A table that is only dropped may be empty.
            if has_rows && !only_drops(down.part) {
                let (before, after) = (&before.catalogue, &after.catalogue);
                findings.stay_empty(fill_new(&scratch, before, after, self.hints)?);
            }
            let temporary = temporary.as_ref();
            let moments = (&before, &after);
            self.back_and_forth(&scratch, down, moments, has_rows, temporary, findings)?;
        }
        Ok(Outcome::Passed)
    }

    fn back_and_forth(
        self,
        scratch: &Memory,
        down: Task<'_, 'a>,
        (before, after): (&Snapshot, &Snapshot),
        has_rows: bool,
        temporary: Option<&BTreeSet<Temporary>>,
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
        // With the same schema and the same rows, the second up would do the same as the first.
        if before.catalogue.differences(&back.catalogue).is_empty()
            && meets_the_same(
                self.subject,
                &before.catalogue,
                &scratch.authorizer.touched().written(),
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
            // The cause is often what the down left, which is already reported.
            _ if !is_restored => {}
            Err(failure) => rules::failure::of_second_up(up, &failure, findings),
            Ok(()) => {
                let again = Snapshot::take(scratch, &after.catalogue, false)?;
                rules::restore::second_up(up, after, &again, findings);
            }
        }
        Ok(())
    }

    /// Whether a down succeeds with only the rows of the migrations.
    fn passes_without(self, down: Task<'_, '_>) -> Result<bool> {
        let scratch = self.copy(false)?;
        let up = self.run(&scratch, Task::up(self.subject))?;
        Ok(up.is_ok() && self.run(&scratch, down)?.is_ok())
    }

    /// A copy, with or without generated rows in every table.
    fn start(self, has_rows: bool) -> Result<(Memory, Snapshot, Vec<String>)> {
        let (scratch, catalogue, empty) = self.copy_and_catalogue(has_rows)?;
        let before = Snapshot::of(&scratch, catalogue, self.may_lose_rows())?;
        Ok((scratch, before, empty))
    }

    fn snapshot(self, scratch: &Memory, known: &Snapshot) -> Result<Snapshot> {
        Snapshot::take(scratch, &known.catalogue, known.counts.is_some())
    }

    fn makes_temporary(self) -> bool {
        self.parts().any(Part::may_create_temporary)
    }

    /// Whether rows need to be counted. Without a statement or trigger that deletes, none is lost.
    fn may_lose_rows(self) -> bool {
        let deletes = |word: &String| matches!(&**word, "delete" | "replace");
        self.parts().any(|part| part.is_rust)
            || self.parts().flat_map(Part::all_words).any(deletes)
            || self.drops_a_table()
            || self
                .objects()
                .any(|it| it.kind == Kind::Trigger && it.tokens.iter().any(deletes))
    }

    /// Whether an older table is dropped, perhaps under another name.
    fn drops_a_table(self) -> bool {
        let mut all = self.parts().flat_map(Part::all_words);
        let renames = all.any(|word| word == "rename");
        let mut words = self.parts().flat_map(Part::words);
        words.any(|words| {
            matches!(&words[..], [drop, kind, ..] if drop == "drop" && kind == "table")
                && (renames || words.iter().any(|it| self.catalogue.table(it).is_some()))
        })
    }
}
