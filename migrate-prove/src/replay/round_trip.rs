//! A trial of one migration: up, down and up again on the copy.

use crate::replay::catalogue::Kind;
use crate::replay::change::Change;
use crate::replay::finding::{Findings, is_subject};
use crate::replay::memory::Memory;
use crate::replay::repeat::{meets_the_same, only_drops};
use crate::replay::rows::{Empty, RowKind, fill_new};
use crate::replay::rules::{self, failure};
use crate::replay::run::{Failure, FailureKind, Task};
use crate::replay::snapshot::Snapshot;
use crate::replay::subject::Part;
use crate::replay::trial::Trial;
use migrate_sqlite::temporary::Temporary;
use rusqlite::Result;
use std::collections::BTreeSet;

/// The outcome of a trial.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    Passed(Tried),
    /// The up fails without rows too.
    FailsAnyway(Failure),
}

impl Outcome {
    pub(crate) fn is_passed(&self) -> bool {
        matches!(self, Outcome::Passed(_))
    }
}

/// What was tried.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tried {
    /// Why the up was not tried on rows.
    pub(crate) without_rows: Option<String>,
    pub(crate) has_down: bool,
}

/// The maximum number of sets of rows that are tried.
const ATTEMPTS: usize = 24;

/// A copy on which the up has run.
struct Run {
    scratch: Memory,
    before: Snapshot,
    /// The temporary tables that the application creates on each of its connections.
    temporary: Option<BTreeSet<Temporary>>,
}

impl<'a> Trial<'_, 'a> {
    /// Tries everything, and adds the findings. After a statement fails, the trial is repeated with
    /// rows that are less demanding, so that the rest of the script meets rows too.
    pub(crate) fn try_all(self, findings: &mut Findings<'_, 'a>) -> Result<Outcome> {
        // Those of less demanding sets may have too few rows.
        let mut empty = Vec::new();
        let mut failed = match self.run_up(true, &mut empty)? {
            Ok(run) => return self.judge((run, empty), true, None, findings),
            Err(failed) => failed,
        };
        // Without rows there is little that could violate a constraint.
        let fails_early = failed.kind != FailureKind::Constraint;
        let mut fallback = None;
        if fails_early {
            fallback = match self.run_up(false, &mut Vec::new())? {
                Ok(run) => Some(run),
                Err(failed) => return Ok(Outcome::FailsAnyway(failed)),
            };
        }
        let mut found = Findings::new(self.subject);
        let up = Task::up(self.subject);
        let mut rows = self.rows.clone();
        let mut known: Vec<usize> = Vec::new();
        let mut reason = None;
        // The tables that a later statement meets without rows.
        let mut missed: BTreeSet<String> = BTreeSet::new();
        for _ in 1..ATTEMPTS {
            let statement = failed.statement;
            let named = self.tables_in(statement);
            let refuses_all = failure::refuses_all_rows(up, &failed);
            let is_known = known.contains(&statement);
            // A view or a subquery may hide which text it is.
            let wants_json = failure::is_no_json(&failed) && !rows.has_json;
            if wants_json {
                // Nothing is known until rows with JSON have been tried.
            } else if is_known || failure::with_rows(up, &failed, self, &mut found) {
                known.extend((!is_known).then_some(statement));
            } else if (refuses_all || rows.is_least(&named)) && !failure::is_collision(up, &failed)
            {
                reason.get_or_insert_with(|| failed.clone());
            }
            let next = if wants_json {
                Some(rows.with_json())
            } else {
                rows.next(&named, refuses_all)
            };
            let Some(next) = next else {
                break;
            };
            if !refuses_all && known.contains(&statement) {
                let is_new =
                    |it: &&String| next.of(it) == RowKind::Empty && rows.of(it) != RowKind::Empty;
                let later = named.iter().filter(is_new);
                missed.extend(
                    later
                        .filter(|it| changes_after(up.part, statement, it))
                        .cloned(),
                );
            }
            rows = next;
            let trial = Trial {
                rows: &rows,
                ..self
            };
            failed = match trial.run_up(true, &mut Vec::new())? {
                Ok(run) => {
                    for table in &missed {
                        failure::left_empty(up, table, &mut found);
                    }
                    findings.append(found);
                    let mut outcome = trial.judge((run, empty), true, reason, findings)?;
                    if let (Outcome::Passed(tried), Some(table)) = (&mut outcome, missed.first()) {
                        let reason = format!("needs `{table}` to be empty");
                        tried.without_rows.get_or_insert(reason);
                    }
                    return Ok(outcome);
                }
                Err(failed) => failed,
            };
        }
        let is_explained = known.contains(&failed.statement) || failure::is_collision(up, &failed);
        let reason = reason.or_else(|| (!is_explained).then_some(failed));
        let without_rows = || self.run_up(false, &mut Vec::new());
        let run = match fallback.map_or_else(without_rows, |run| Ok(Ok(run)))? {
            Ok(run) => run,
            Err(failed) => return Ok(Outcome::FailsAnyway(failed)),
        };
        findings.append(found);
        self.judge((run, empty), false, reason, findings)
    }

    /// Runs the up on a new copy, and adds the tables for which no row was found.
    fn run_up(
        self,
        has_rows: bool,
        empty: &mut Vec<Empty>,
    ) -> Result<std::result::Result<Run, Failure>> {
        let (scratch, before, found) = self.start(has_rows)?;
        empty.extend(found);
        let temporary = self.makes_temporary().then(|| scratch.temporary());
        let temporary = temporary.transpose()?;
        let result = self.run(&scratch, Task::up(self.subject))?;
        Ok(result.map(|()| Run {
            scratch,
            before,
            temporary,
        }))
    }

    /// The tables that a statement of the up names, the one that it changes first.
    fn tables_in(self, statement: usize) -> Vec<String> {
        let words = self.subject.up.words().get(statement);
        let words = words.map_or(&[][..], |words| &words[..]);
        let into = words.iter().position(|word| word == "into").unwrap_or(0);
        let words = words[into..].iter().chain(&words[..into]);
        let mut tables = Vec::new();
        for table in words.filter_map(|word| self.catalogue.table(word)) {
            if !tables.contains(&table.table) {
                tables.push(table.table.clone());
            }
        }
        tables
    }

    /// Reports what an up that ran has changed, and tries the down.
    fn judge(
        self,
        (run, empty): (Run, Vec<Empty>),
        has_rows: bool,
        reason: Option<Failure>,
        findings: &mut Findings<'_, 'a>,
    ) -> Result<Outcome> {
        let up = Task::up(self.subject);
        let Run {
            scratch,
            before,
            temporary,
        } = run;
        let mut tried = Tried::default();
        if let Some(reason) = reason {
            failure::not_tried(up, &reason, findings);
            tried.without_rows = Some(reason.message);
        } else if !has_rows {
            tried.without_rows = Some("it fails on any rows".to_owned());
        }
        let (used, others) = empty.into_iter().partition::<Vec<_>, _>(|it| {
            let mut words = up.part.all_words();
            words.any(|word| word.eq_ignore_ascii_case(&it.table))
        });
        let mut roots = BTreeSet::new();
        for it in used.iter().filter(|it| roots.insert(&it.root)) {
            failure::stays_empty(up, it, findings);
            tried.without_rows = Some(format!("`{}` stays empty", it.root));
        }
        findings.stay_empty(others.into_iter().map(|it| it.root));
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
            tried.has_down = true;
            if let Some(temporary) = &temporary {
                scratch.drop_temporary(temporary)?;
            }
            // A table that is only dropped may be empty.
            if has_rows && !only_drops(down.part) {
                let (before, after) = (&before.catalogue, &after.catalogue);
                let empty = fill_new(&scratch, before, after, self.hints)?;
                findings.stay_empty(empty.into_iter().map(|it| it.root));
            }
            let temporary = temporary.as_ref();
            let moments = (&before, &after);
            self.back_and_forth(&scratch, down, moments, has_rows, temporary, findings)?;
        }
        Ok(Outcome::Passed(tried))
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
        if let Err(failed) = self.run(scratch, down)? {
            if has_rows && failed.kind == FailureKind::Constraint && self.passes_without(down)? {
                failure::with_rows(down, &failed, self, findings);
            } else {
                failure::of_down(down, &failed, findings);
            }
            return Ok(());
        }
        let back = self.snapshot(scratch, before)?;
        // With the same schema and the same rows, the second up would do the same as the first.
        if !self.is_awaited
            && before.catalogue.differences(&back.catalogue).is_empty()
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
            Err(failed) => failure::of_second_up(up, &failed, findings),
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
    fn start(self, has_rows: bool) -> Result<(Memory, Snapshot, Vec<Empty>)> {
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

/// Whether a statement after the given one changes a table.
fn changes_after(part: &Part<'_>, statement: usize, table: &str) -> bool {
    let mut later = part.words().iter().skip(statement + 1);
    later.any(|words| is_subject(words, table))
}
