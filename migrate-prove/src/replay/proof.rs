//! The replay of a set of migrations.

use crate::replay::catalogue::Catalogue;
use crate::replay::closure::{closure, needs_everything};
use crate::replay::finding::Findings;
use crate::replay::memory::Memory;
use crate::replay::rows::Hints;
use crate::replay::rules;
use crate::replay::run::{Task, run};
use crate::replay::subject::Subject;
use crate::replay::trial::{Outcome, Trial};
use migrate_model::Version;
use migrate_model::history::{COLUMNS, Direction};
use migrate_source::diagnostic::Diagnostic;
use rusqlite::{Connection, Transaction};
use std::collections::BTreeSet;

/// What a replay is done with.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Options<'a> {
    /// The name of the history table, which no migration may touch.
    pub history: &'a str,
    /// Gives each connection what the application gives it: functions,
    /// collations, virtual tables.
    pub setup: Option<Setup<'a>>,
    /// Functions of the application that are replaced by placeholders, because their
    /// code is not there: their names and numbers of arguments, -1 for any.
    pub functions: &'a [(String, i32)],
    /// Collations of the application, in the same way.
    pub collations: &'a [String],
    /// Runs a migration in Rust. Without it, the replay ends before the first.
    pub rust: Option<Rust<'a>>,
    /// How many steps SQLite's machine may take for one migration; without an
    /// end if that is not given.
    pub max_steps: Option<u64>,
}

/// Prepares a connection.
pub type Setup<'a> = &'a dyn Fn(&Connection) -> rusqlite::Result<()>;

/// Runs the function of a migration, and returns what went wrong in words.
pub type Rust<'a> = &'a dyn Fn(Version, Direction, &Transaction<'_>) -> Result<(), String>;

impl Default for Options<'_> {
    fn default() -> Self {
        Options {
            history: "_migrations",
            setup: None,
            functions: &[],
            collations: &[],
            rust: None,
            max_steps: None,
        }
    }
}

/// The result of a replay.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Proof {
    /// Every problem, in the order of the migrations. Each is as serious as
    /// its code says.
    pub findings: Vec<Diagnostic>,
    /// What was not tried, and why.
    pub notes: Vec<String>,
}

/// Replays a set of migrations, which must be in order and free of what the
/// directory's own rules find.
///
/// # Errors
///
/// Fails if SQLite does not do what has nothing to do with the migrations, as
/// without memory.
pub fn prove(set: &[Subject<'_>], options: &Options<'_>) -> rusqlite::Result<Proof> {
    let mut proof = Proof::default();
    let hints = Hints::of_all(set);
    let main = Memory::open(options, &COLUMNS)?;
    let mut catalogue = Catalogue::default();
    // Most tables are empty until the application runs.
    let mut filled = BTreeSet::new();
    for subject in set {
        if subject.up.is_rust && options.rust.is_none() {
            proof.notes.push(format!(
                "the replay ends before `{}`, which is in Rust; the generated test replays the rest",
                subject.label
            ));
            break;
        }
        let mut findings = Findings::new(subject);
        let outcome = if subject.is_frozen {
            Outcome::Held
        } else {
            hold(
                (&main, &catalogue, &filled),
                subject,
                &hints,
                options,
                &mut findings,
            )?
        };
        let task = Task::up(subject);
        if let Err(failure) = run(&main, task, options, &mut |_| Ok(()))? {
            let mut findings = Findings::new(subject);
            rules::failure::on_a_fresh_database(task, &failure, &mut findings);
            proof.findings.extend(findings.finish());
            let is_last = set
                .last()
                .is_some_and(|last| last.version == subject.version);
            if !is_last {
                let label = subject.label;
                proof
                    .notes
                    .push(format!("the replay ends at `{label}`, which fails"));
            }
            break;
        }
        if let Outcome::FailsAnyway(why) = outcome {
            let label = subject.label;
            proof.notes.push(format!(
                "`{label}` could not be tried on tables with rows: {why}"
            ));
        }
        let touched = main.authorizer.take_touched();
        let mut words = subject.up.words().iter().flatten();
        if subject.up.is_rust || words.any(|word| word == "rename") {
            catalogue.read_again(&main.conn)?;
            filled = catalogue.filled_tables(&main.conn)?;
        } else {
            let schema = touched.schema();
            catalogue.refresh(&main.conn, &schema)?;
            filled.extend(touched.written);
            if subject.up.words().iter().any(|words| copies_a_query(words)) {
                filled.extend(catalogue.filled_among(&main.conn, &schema)?);
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
    }
    Ok(proof)
}

/// `CREATE TABLE … AS SELECT` inserts rows without saying so.
fn copies_a_query(words: &[String]) -> bool {
    words.windows(2).any(|pair| {
        pair[0] == "as" && matches!(pair[1].as_str(), "select" | "with" | "values" | "(")
    })
}

/// How many rows of a table that migrations filled are copied: reference data
/// matters, but hardly anybody needs all of a list of cities to try a migration.
const MOST_ROWS: u32 = 500;

/// Tries one migration on a copy; of the whole schema, if a part is not enough.
fn hold<'a>(
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
        hints,
        options,
    };
    let whole = Trial {
        part: None,
        most_rows: None,
        ..trial
    };
    let with_all_rows = Trial {
        most_rows: None,
        ..trial
    };
    let mut found = Findings::new(subject);
    let mut outcome = trial.hold(&mut found)?;
    // Rows that were left out may be why.
    let is_cut = (outcome != Outcome::Held || !found.is_empty()) && trial.is_cut()?;
    if outcome == Outcome::Held && !is_cut {
        findings.append(found);
        return Ok(outcome);
    }
    let others = [(with_all_rows, is_cut), (whole, is_cut || part.is_some())];
    for (trial, _) in others.into_iter().filter(|(_, is_another)| *is_another) {
        let mut found = Findings::new(subject);
        outcome = trial.hold(&mut found)?;
        if outcome == Outcome::Held {
            findings.append(found);
            break;
        }
    }
    Ok(outcome)
}
