//! S28: a function of the application that the schema needs.

use crate::replay::catalogue::{Kind, Object};
use crate::replay::change::Change;
use crate::replay::finding::{Findings, place_of, word_in};
use crate::replay::memory::Memory;
use crate::replay::subject::Part;
use migrate_source::diagnostic::Code;
use rusqlite::{Connection, Result};
use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;

/// Looks for functions in what the script made, without which other programs
/// cannot use the database.
pub(super) fn of_the_application(
    scratch: &Memory,
    change: Change<'_, '_>,
    findings: &mut Findings<'_, '_>,
) -> Result<()> {
    let options = change.trial.options;
    if options.setup.is_none() && options.functions.is_empty() {
        return Ok(());
    }
    let mut own = functions(&scratch.conn)?;
    for builtin in functions(&Connection::open_in_memory()?)? {
        own.remove(&builtin);
    }
    for object in change.changed() {
        let mut called: BTreeSet<&String> = object
            .tokens
            .windows(2)
            .filter(|pair| pair[1] == "(" || pair[0] == "regexp")
            .filter(|pair| own.contains(&pair[0]))
            .map(|pair| &pair[0])
            .collect();
        // An older call was reported, or allowed, in the migration that added it.
        if let Some(before) = before(change, object) {
            called.retain(|function| !before.tokens.contains(function));
        }
        for function in called {
            let (kind, name) = (object.kind.as_str(), &object.name);
            let what = match object.kind {
                Kind::View => "can be read",
                _ => "can be written",
            };
            findings.add(
                change.task.part,
                Code::ApplicationFunction,
                calling(change.task.part, name, function),
                format!(
                    "the {kind} `{name}` calls `{function}`, which only the application has: \
                     without it nothing of this {what}, not even to fix it"
                ),
                "compute the value in the application, or with functions that SQLite has",
            );
        }
    }
    Ok(())
}

/// The place where the statement that creates an object calls a function.
fn calling(part: &Part<'_>, name: &str, function: &str) -> Range<usize> {
    let mut statements = (0..part.statements.len()).rev();
    statements
        .find_map(|index| {
            word_in(part, index, name)?;
            word_in(part, index, function)
        })
        .unwrap_or_else(|| place_of(part, function))
}

fn before<'t>(change: Change<'t, '_>, object: &Object) -> Option<&'t Rc<Object>> {
    let name = object.name.to_ascii_lowercase();
    let mut named = change.before.catalogue.named(&name);
    let same_name = named.find(|it| it.kind == object.kind);
    same_name.or_else(|| change.before_of(object))
}

fn functions(conn: &Connection) -> Result<BTreeSet<String>> {
    conn.prepare("SELECT DISTINCT lower(name) FROM pragma_function_list")?
        .query_map([], |row| row.get(0))?
        .collect()
}
