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
use crate::replay::run::{Task, run};
use crate::replay::subject::Subject;
use crate::replay::temporary::LeftTemporary;
use crate::replay::trial::Trial;
use migrate_model::history::COLUMNS;
use migrate_source::coverage::Coverage;
use migrate_source::diagnostic::Diagnostic;
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
/// Fails if SQLite fails for a reason other than the migrations, for example because it is out of
/// memory.
pub fn prove(set: &[Subject<'_>], options: &Options<'_>) -> rusqlite::Result<Proof> {
    let mut proof = Proof::default();
    let hints = Hints::of_all(set);
    let main = Memory::open(options, &COLUMNS)?;
    let mut catalogue = Catalogue::of_scripts(set);
    // Most tables are empty until the application runs.
    let mut filled = BTreeSet::new();
    let mut temporary = LeftTemporary::new(&main, set)?;
    proof.coverage.migrations = set.len();
    let mut applied = 0;
    for (at, subject) in set.iter().enumerate() {
        if subject.up.is_rust && options.rust.is_none() {
            ends_at(&mut proof.coverage, &set[at..], "in Rust");
            proof.notes.push(format!(
                "the replay ends before `{}`, which is in Rust; the generated test replays the rest",
                subject.label
            ));
            break;
        }
        let mut findings = Findings::new(subject);
        let outcome = if subject.is_frozen {
            None
        } else {
            Some(try_migration(
                (&main, &catalogue, &filled),
                subject,
                &hints,
                options,
                &mut findings,
            )?)
        };
        let needs_more = matches!(&outcome, Some(it) if !it.is_passed());
        temporary.drop_before(&main, subject, needs_more)?;
        let task = Task::up(subject);
        let functions = subject.up.is_rust.then(|| main.functions()).transpose()?;
        if let Err(failure) = run(&main, task, options, &mut |_| Ok(()))? {
            let mut findings = Findings::new(subject);
            let help = temporary.help(&failure);
            rules::failure::on_a_fresh_database(task, &failure, help.as_deref(), &mut findings);
            let why = failure.message.strip_prefix("no such function: ");
            let why = why.map_or_else(
                || "it fails".to_owned(),
                |name| format!("needs the function `{name}`"),
            );
            ends_at(&mut proof.coverage, &set[at..], &why);
            proof.findings.extend(findings.finish());
            if set.last().map(|last| last.version) != Some(subject.version) {
                let note = format!("the replay ends at `{}`, which fails", subject.label);
                proof.notes.push(note);
            }
            break;
        }
        match outcome {
            None => proof.coverage.released += 1,
            Some(Outcome::Passed(tried)) => {
                let coverage = &mut proof.coverage;
                coverage.add(subject.label, tried.without_rows, tried.has_down);
            }
            Some(Outcome::FailsAnyway(failure)) => {
                rules::failure::not_tried(task, &failure, &mut findings);
                proof
                    .coverage
                    .add(subject.label, Some(failure.message), false);
            }
        }
        temporary.record(&main, subject)?;
        if let Some(functions) = &functions {
            main.remove_functions(functions)?;
        }
        let touched = main.authorizer.take_touched();
        let mut words = subject.up.all_words();
        if subject.up.is_rust || words.any(|word| word == "rename") {
            catalogue.read_again(&main)?;
            filled = catalogue::filled(&main.conn, catalogue.objects());
        } else {
            let schema = touched.schema();
            catalogue.refresh(&main, &schema)?;
            filled.extend(touched.written());
            if subject.up.words().iter().any(|words| copies_a_query(words)) {
                let tables = schema.iter().filter_map(|table| catalogue.table(table));
                filled.extend(catalogue::filled(&main.conn, tables));
            }
        }
        for table in findings.empty_tables() {
            let note = format!(
                "`{table}` stays empty in the replay: no row was found that satisfies its constraints"
            );
            if !proof.notes.contains(&note) {
                proof.notes.push(note);
            }
        }
        proof.findings.extend(findings.finish());
        applied += 1;
    }
    if applied == set.len() {
        let left = rules::dangling::at_the_end(&main, set)?;
        proof.findings.extend(left);
    }
    rules::failure::offer_set_not_null(&mut proof.findings, options);
    Ok(proof)
}

/// Adds the migrations from the one on at which the replay ends.
fn ends_at(coverage: &mut Coverage, rest: &[Subject<'_>], reason: &str) {
    for (at, subject) in rest.iter().enumerate() {
        let reason = if at == 0 {
            reason
        } else {
            "the replay ends before it"
        };
        coverage.add(subject.label, Some(reason.to_owned()), false);
    }
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

/// Tries one migration on a copy of a part of the schema, and of the whole schema if the part is
/// not enough.
fn try_migration<'a>(
    (main, catalogue, filled): (&Memory, &Catalogue, &BTreeSet<String>),
    subject: &Subject<'a>,
    hints: &Hints,
    options: &Options<'_>,
    findings: &mut Findings<'_, 'a>,
) -> rusqlite::Result<Outcome> {
    let part = (!needs_everything(subject)).then(|| closure(catalogue, subject));
    let trial = Trial {
        main,
        catalogue,
        filled,
        part: part.as_ref(),
        most_rows: Some(MOST_ROWS),
        subject,
        rows: &RowSet::CAREFUL,
        hints,
        options,
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
