//! The whole replay: each migration is tried on a copy of the objects that it involves, and then
//! applied to the main database.
//!
//! At most 500 rows of reference data are copied. Before a finding is reported, the trial is
//! repeated with all of them. To find the statement that caused it, the migration runs again with a
//! check after each statement.

use crate::replay::catalogue::{self, Catalogue};
use crate::replay::closure::{closure, needs_everything};
use crate::replay::finding::Findings;
use crate::replay::memory::Memory;
use crate::replay::options::Options;
use crate::replay::round_trip::Outcome;
use crate::replay::rows::{Hints, RowSet};
use crate::replay::rules;
use crate::replay::run::{Failure, Task, run};
use crate::replay::schema_check::SchemaCheck;
use crate::replay::subject::Subject;
use crate::replay::temporary::LeftTemporary;
use crate::replay::trial::Trial;
use migrate_model::history::COLUMNS;
use migrate_source::coverage::Coverage;
use migrate_source::diagnostic::Diagnostic;
use migrate_sqlite::touched::Touched;
use std::collections::BTreeSet;

/// The result of a replay.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Proof {
    /// Every problem, in the order of the migrations. Its code has the level.
    pub findings: Vec<Diagnostic>,
    /// What was not tried, and why.
    pub notes: Vec<String>,
    /// How much was tried.
    pub coverage: Coverage,
}

/// Replays a set of migrations, which must be in order and without problems of the directory.
///
/// # Errors
///
/// Fails if no database can be opened, for example because the setup of the application fails. If
/// SQLite fails later for a reason other than the migrations, that is a finding.
pub fn prove(set: &[Subject<'_>], options: &Options<'_>) -> rusqlite::Result<Proof> {
    let hints = Hints::of_all(set);
    let mut replay = Replay::new(set, &hints, options)?;
    let mut proof = Proof::default();
    proof.coverage.migrations = set.len();
    for at in 0..set.len() {
        let end = replay.step(at, &mut proof).unwrap_or_else(|error| {
            proof
                .findings
                .push(rules::failure::unfinished(&set[at], &error));
            Some(UNFINISHED.to_owned())
        });
        if let Some(reason) = end {
            ends_at(&mut proof, &set[at..], &reason);
            break;
        }
    }
    proof.notes.append(&mut replay.schema.notes);
    rules::failure::offer_set_not_null(&mut proof.findings, options);
    Ok(proof)
}

/// The state between two migrations of a replay.
struct Replay<'r> {
    set: &'r [Subject<'r>],
    hints: &'r Hints,
    options: &'r Options<'r>,
    /// The database after the applied migrations, without generated rows.
    main: Memory,
    catalogue: Catalogue,
    /// Its tables that may have rows: most are empty until the application runs.
    filled: BTreeSet<String>,
    temporary: LeftTemporary<'r>,
    schema: SchemaCheck<'r, 'r>,
}

impl<'r> Replay<'r> {
    fn new(
        set: &'r [Subject<'r>],
        hints: &'r Hints,
        options: &'r Options<'r>,
    ) -> rusqlite::Result<Replay<'r>> {
        let main = Memory::open(options, &COLUMNS)?;
        let temporary = LeftTemporary::new(&main, set)?;
        Ok(Replay {
            set,
            hints,
            options,
            main,
            catalogue: Catalogue::of_scripts(set),
            filled: BTreeSet::new(),
            temporary,
            schema: SchemaCheck::new(set),
        })
    }

    /// Tries one migration and applies it. Returns why the replay ends before the next one.
    fn step(&mut self, at: usize, proof: &mut Proof) -> rusqlite::Result<Option<String>> {
        let subject = &self.set[at];
        if subject.up.is_rust && self.options.rust.is_none() {
            return Ok(Some(IN_RUST.to_owned()));
        }
        let mut findings = Findings::new(subject);
        let outcome = (!subject.is_frozen)
            .then(|| self.try_migration(at, &mut findings))
            .transpose()?;
        self.temporary.drop_before(&self.main, subject)?;
        let task = Task::up(subject);
        let functions = subject.up.is_rust.then(|| self.main.functions());
        let functions = functions.transpose()?;
        if let Err(failure) = run(&self.main, task, self.options, &mut |_| Ok(()))? {
            return Ok(Some(self.fails(task, &failure, subject, proof)));
        }
        let coverage = &mut proof.coverage;
        match outcome {
            None => coverage.released += 1,
            Some(Outcome::Passed(tried)) => {
                coverage.add(subject.label, tried.without_rows, tried.has_down);
            }
            Some(Outcome::FailsAnyway(failure)) => {
                rules::failure::not_tried(task, &failure, &mut findings);
                coverage.add(subject.label, Some(failure.message), false);
            }
        }
        self.temporary.record(&self.main, subject)?;
        if let Some(functions) = &functions {
            self.main.remove_functions(functions)?;
        }
        let touched = self.main.authorizer.take_touched();
        let left = self.schema.after(&self.main, at, &touched, &mut findings)?;
        self.refresh(subject, &touched)?;
        for table in findings.empty_tables() {
            let note = format!(
                "`{table}` stays empty in the replay: no row was found that satisfies its constraints"
            );
            if !proof.notes.contains(&note) {
                proof.notes.push(note);
            }
        }
        proof.findings.extend(findings.finish());
        proof.findings.extend(left);
        Ok(None)
    }

    /// Reports a migration that fails on a fresh database, in place of its other findings.
    fn fails(
        &self,
        task: Task<'_, '_>,
        failure: &Failure,
        subject: &Subject<'_>,
        proof: &mut Proof,
    ) -> String {
        let mut findings = Findings::new(subject);
        let help = self.temporary.help(failure);
        rules::failure::on_a_fresh_database(task, failure, help.as_deref(), &mut findings);
        proof.findings.extend(findings.finish());
        let function = failure.message.strip_prefix("no such function: ");
        function.map_or_else(
            || "it fails".to_owned(),
            |name| format!("needs the function `{name}`"),
        )
    }

    /// Reads what an applied migration has changed.
    fn refresh(&mut self, subject: &Subject<'_>, touched: &Touched) -> rusqlite::Result<()> {
        let mut words = subject.up.all_words();
        if subject.up.is_rust || words.any(|word| word == "rename") {
            self.catalogue.read_again(&self.main)?;
            self.filled = catalogue::filled(&self.main.conn, self.catalogue.objects());
            return Ok(());
        }
        let schema = touched.schema();
        self.catalogue.refresh(&self.main, &schema)?;
        self.filled.extend(touched.written());
        if subject.up.words().iter().any(|words| copies_a_query(words)) {
            let tables = schema.iter().filter_map(|it| self.catalogue.table(it));
            self.filled
                .extend(catalogue::filled(&self.main.conn, tables));
        }
        Ok(())
    }

    /// Tries one migration on a copy of a part of the schema, and of the whole schema if the part is
    /// not enough.
    fn try_migration(
        &self,
        at: usize,
        findings: &mut Findings<'_, 'r>,
    ) -> rusqlite::Result<Outcome> {
        let subject = &self.set[at];
        let is_awaited = self.schema.is_awaited(subject);
        let part =
            (!is_awaited && !needs_everything(subject)).then(|| closure(&self.catalogue, subject));
        let trial = Trial {
            main: &self.main,
            catalogue: &self.catalogue,
            filled: &self.filled,
            part: part.as_ref(),
            most_rows: Some(MOST_ROWS),
            subject,
            earlier: &self.set[..at],
            is_awaited,
            rows: &RowSet::CAREFUL,
            hints: self.hints,
            options: self.options,
        };
        let with_all_rows = Trial {
            most_rows: None,
            ..trial
        };
        let whole = Trial {
            part: None,
            ..with_all_rows
        };
        let mut found = Findings::new(subject);
        let mut outcome = trial.try_all(&mut found)?;
        // The omitted rows may be the cause.
        let is_cut = (!outcome.is_passed() || !found.is_empty()) && trial.is_cut()?;
        if outcome.is_passed() && !is_cut {
            findings.append(found);
            return Ok(outcome);
        }
        let others = [(with_all_rows, is_cut), (whole, is_cut || part.is_some())];
        for (trial, _) in others.into_iter().filter(|(_, is_another)| *is_another) {
            let mut found = Findings::new(subject);
            outcome = trial.try_all(&mut found)?;
            if outcome.is_passed() {
                findings.append(found);
                break;
            }
        }
        Ok(outcome)
    }
}

/// Why the replay ends before a migration whose functions are not known.
const IN_RUST: &str = "in Rust";

/// Why it ends at a migration that is not the cause.
const UNFINISHED: &str = "the replay did not finish";

/// Notes that the replay ends at the first of the migrations, and adds them to the coverage.
fn ends_at(proof: &mut Proof, rest: &[Subject<'_>], reason: &str) {
    if let [first, others @ ..] = rest {
        let label = first.label;
        if reason == IN_RUST {
            proof.notes.push(format!(
                "the replay ends before `{label}`, which is in Rust; the generated test replays \
                 the rest"
            ));
        } else if !others.is_empty() && reason != UNFINISHED {
            let note = format!("the replay ends at `{label}`, which fails");
            proof.notes.push(note);
        }
    }
    let labels = rest.iter().map(|subject| subject.label);
    proof.coverage.ends_at(labels, reason);
}

/// Whether a statement is `CREATE TABLE … AS SELECT`, whose inserts SQLite does not report.
fn copies_a_query(words: &[String]) -> bool {
    words.windows(2).any(|pair| {
        pair[0] == "as" && matches!(pair[1].as_str(), "select" | "with" | "values" | "(")
    })
}

/// The maximum number of rows that are copied from a table: some reference data matters, but a list
/// of all cities is not needed to try a migration.
const MOST_ROWS: u32 = 500;
