//! S07, S11, S12, S13, S37 and S38: references to something that does not exist.

use crate::replay::change::Change;
use crate::replay::finding::{Findings, beginning, place_of, word_in};
use crate::replay::memory::Memory;
use crate::replay::subject::Part;
use migrate_source::diagnostic::Code;
use migrate_sqlite::integrity::{
    Checker, MissingTables, Object, Problem, Problems, Violation, hidden, ineffective_action,
};
use rusqlite::Result;
use std::ops::Range;

/// Reports what SQLite accepts now and refuses later.
pub(super) fn check(
    scratch: &Memory,
    change: Change<'_, '_>,
    findings: &mut Findings<'_, '_>,
) -> Result<()> {
    let part = change.task.part;
    if !part.is_rust && part.words().iter().any(|it| creates_temporary(it)) {
        hidden_objects(scratch, part, findings)?;
    }
    let mut checker = Checker::of_copy(scratch.elsewhere.clone());
    let broken = checker.broken(&scratch.conn, &scratch.authorizer.touched())?;
    if broken.is_some_and(|it| it.is_empty()) {
        return Ok(());
    }
    let after = scratch.problems()?;
    if after.is_empty() {
        return Ok(());
    }
    // Parents that were not copied are missing before and after.
    let before = change.trial.copy(change.has_rows)?.problems()?;
    let earlier = change.trial.earlier;
    let may_refer_ahead = if change.is_down() {
        earlier.iter().any(|it| it.refers_ahead)
    } else {
        change.trial.subject.refers_ahead
    };
    let mut broken = MissingTables::in_between(may_refer_ahead).refused(&before, &after);
    if change.is_down() {
        // If the table was missing before the up as well, an earlier migration is reported for it,
        // unless it is released. Then the down drops a table that is in use.
        let then = change.trial.main.problems()?;
        let then = then.new_schema(&Problems::default());
        broken.retain(|it| it.object != Object::Reference || !then.contains(it));
        if !may_refer_ahead && earlier.iter().any(|it| it.is_frozen) {
            let tables = &change.before.catalogue;
            let drops = |it: &Problem| {
                let parent = missing_name(it).filter(|_| then.contains(it));
                parent.is_some_and(|it| tables.table(&it.to_ascii_lowercase()).is_some())
            };
            let left = after.new_schema(&Problems::default());
            let is_reference = |it: &Problem| it.object == Object::Reference;
            broken.extend(left.into_iter().filter(|it| is_reference(it) && drops(it)));
        }
    }
    for problem in broken {
        let (code, help) = rule(change, &problem);
        let range = place(change, &before, &problem)?;
        findings.add_refused(change.task.part, code, range, problem.to_string(), help);
    }
    let mut violations = after.new_violations(&before);
    // A missing parent is already reported separately.
    let tables = &change.after.catalogue;
    violations.retain(|it| tables.table(&it.parent.to_ascii_lowercase()).is_some());
    violations.retain(|it| !findings.has_lost_rows(&it.parent));
    let mut broken = Vec::new();
    let touched = scratch.authorizer.touched();
    for violation in &violations {
        let is_known = |it: &Broken<'_>| it.is_between(violation);
        if broken.iter().any(is_known) {
            continue;
        }
        let action = ineffective_action(&scratch.conn, &touched, violation)?;
        broken.push(Broken {
            table: &violation.table,
            parent: &violation.parent,
            cascades: action.is_some(),
        });
    }
    broken_references(change, &before, &broken, findings)
}

/// Reports tables and views that a temporary one hides at the end of a script.
pub(crate) fn hidden_objects(
    memory: &Memory,
    part: &Part<'_>,
    findings: &mut Findings<'_, '_>,
) -> Result<()> {
    for name in hidden(&memory.conn, "")? {
        let message = format!("a temporary table or view hides `{name}` of the database");
        let help = "the runner refuses this: drop it at the end of the script, or rename it";
        let place = place_of(part, &name);
        findings.add(part, Code::ReplayFailed, place, message, help);
    }
    Ok(())
}

fn creates_temporary(words: &[String]) -> bool {
    words.first().is_some_and(|it| it == "create")
        && words
            .get(1)
            .is_some_and(|it| it == "temp" || it == "temporary")
}

/// References from one table to another, some of which are broken.
struct Broken<'a> {
    table: &'a str,
    parent: &'a str,
    /// Whether a foreign key action would have kept them valid.
    cascades: bool,
}

impl Broken<'_> {
    fn is_between(&self, violation: &Violation) -> bool {
        violation.table == self.table && violation.parent == self.parent
    }
}

fn rule(change: Change<'_, '_>, problem: &Problem) -> (Code, &'static str) {
    match problem.object {
        Object::View | Object::Triggers(_) => (
            Code::DanglingViewOrTrigger,
            "drop it, or recreate it to match, in this migration",
        ),
        _ if is_renamed_away(change, problem) => (
            Code::RenameThenRecreate,
            "build the new table under another name, copy the rows, drop the old table, and \
             rename the new one last: what refers to the old name then stays as it is",
        ),
        _ => (
            Code::ForeignKeyTarget,
            "refer to a table that exists, and there to its primary key or to columns that are \
             unique together",
        ),
    }
}

/// Whether a reference was valid before, and the script renames tables.
fn is_renamed_away(change: Change<'_, '_>, problem: &Problem) -> bool {
    let was_there = change
        .before
        .catalogue
        .table(&problem.name.to_ascii_lowercase());
    was_there.is_some()
        && change.task.part.words().iter().any(|words| {
            words.first().is_some_and(|it| it == "alter") && words.iter().any(|it| it == "rename")
        })
}

/// The place where a script creates the broken object, or the name that does not exist; otherwise
/// the statement that broke it.
fn place(change: Change<'_, '_>, before: &Problems, problem: &Problem) -> Result<Range<usize>> {
    let part = change.task.part;
    let message = problem.to_string();
    let since = change
        .since(change.has_rows, &|memory| {
            let problems = memory.problems()?.new_schema(before);
            Ok(problems.iter().any(|it| it.to_string() == message))
        })?
        .unwrap_or(0);
    let triggers = match &problem.object {
        Object::Triggers(names) => &names[..],
        _ => &[],
    };
    if is_renamed_away(change, problem)
        && let Some(range) = missing_name(problem).and_then(|it| renaming(part, it))
    {
        return Ok(range);
    }
    let mut names = missing_name(problem)
        .into_iter()
        .chain(triggers.iter().map(String::as_str))
        .chain([problem.name.as_str()]);
    let range = names.find_map(|name| word_in(part, since, name));
    Ok(range.unwrap_or_else(|| beginning(part, since)))
}

/// The name that does not exist, according to the message.
pub(crate) fn missing_name(problem: &Problem) -> Option<&str> {
    let message = problem.message.as_str();
    match problem.object {
        Object::Reference => message.split('`').nth(1),
        Object::Table => message.rsplit('"').nth(1),
        _ => {
            let name = message.strip_prefix("no such ")?.split_once(": ")?.1;
            Some(name.strip_prefix("main.").unwrap_or(name))
        }
    }
}

/// The place where `ALTER TABLE … RENAME TO` gives a table this name.
fn renaming(part: &Part<'_>, name: &str) -> Option<Range<usize>> {
    let lower = name.to_ascii_lowercase();
    let index = part.words().iter().position(|words| {
        let to = words.iter().position(|word| word == "rename");
        to.is_some_and(|to| words.get(to + 2) == Some(&lower))
    })?;
    word_in(part, index, name)
}

/// Reports rows whose parent row is missing, once for each pair of tables.
fn broken_references(
    change: Change<'_, '_>,
    before: &Problems,
    broken: &[Broken<'_>],
    findings: &mut Findings<'_, '_>,
) -> Result<()> {
    for pair in broken {
        let Broken { table, parent, .. } = pair;
        let part = change.task.part;
        let message = format!("rows of `{table}` refer to no row of `{parent}` after this");
        // The up has left them.
        if change.is_down() && findings.says(&message) {
            continue;
        }
        let is_so = |memory: &Memory| {
            let new = memory.problems()?.new_violations(before);
            Ok(new.iter().any(|it| pair.is_between(it)))
        };
        let since = change.since(change.has_rows, &is_so)?.unwrap_or(0);
        let fails_anyway = !change.has_rows || change.since(false, &is_so)?.is_some();
        if let Some(range) = reference_with_default(part, table) {
            let code = Code::AddReferencesDefault;
            let help = "add it without a default, and fill it with an `UPDATE`";
            if fails_anyway {
                findings.add_refused(part, code, range, message, help);
            } else {
                findings.add(part, code, range, message, help);
            }
            continue;
        }
        // An application could not insert such rows while there was no such table.
        let lower = parent.to_ascii_lowercase();
        if !fails_anyway && change.before.catalogue.table(&lower).is_none() {
            continue;
        }
        let (code, refused, help) = if !fails_anyway {
            let code = if pair.cascades && !change.is_down() {
                Code::IneffectiveCascade
            } else {
                Code::FailsOnRows
            };
            (code, "the migration", OF_ROWS)
        } else if change.is_down() {
            (Code::DownFails, "the down", OF_ROWS)
        } else if pair.cascades {
            (Code::ReplayFailed, "the migration", OF_ROWS)
        } else {
            let help = "insert the rows that are referred to first";
            (Code::ReplayFailed, "the migration", help)
        };
        let why = if pair.cascades { NO_CASCADES } else { "" };
        let help = format!("the runner would refuse {refused}: {why}{help}");
        let range = beginning(part, since);
        // The rule for the text has the same place.
        let named = word_in(part, since, parent).filter(|_| code == Code::IneffectiveCascade);
        findings.add(part, code, named.unwrap_or(range), message, &help);
    }
    Ok(())
}

const NO_CASCADES: &str =
    "nothing cascades in a migration, because foreign keys are off while it runs; ";

const OF_ROWS: &str = "delete or update the rows that refer to it as well, before";

/// The place of the default in `ALTER TABLE … ADD … REFERENCES … DEFAULT …` of a table.
fn reference_with_default(part: &Part<'_>, table: &str) -> Option<Range<usize>> {
    let table = table.to_ascii_lowercase();
    let index = part.words().iter().position(|words| {
        let has = |word: &str| words.iter().any(|it| it == word);
        words.first().is_some_and(|it| it == "alter")
            && has("add")
            && has("references")
            && has("default")
            && words.contains(&table)
    })?;
    word_in(part, index, "default")
}
