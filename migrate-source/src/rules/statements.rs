//! The statements of a script.

use super::postgres as on_postgres;
use crate::Options;
use crate::diagnostic::{Code, Diagnostic, MOST};
use crate::section::Section;
use migrate_scan::sqlite::Head;
use migrate_scan::{Engine, Statement, postgres};
use std::collections::BTreeSet;
use std::ops::Range;

/// The code, message and help for a statement.
pub(super) type Problem = (Code, String, &'static str);

/// Checks the first words of each statement, and returns the offsets of the refused statements.
pub(super) fn check(section: &Section<'_>, out: &mut Vec<Diagnostic>) -> BTreeSet<u32> {
    let mut flagged = BTreeSet::new();
    let in_transaction = !section.is_without_transaction();
    wrapped_in_transaction(section, in_transaction, &mut flagged, out);
    let mut of_postgres = on_postgres::Statements::new(in_transaction);
    for statement in &section.scan.statements {
        if flagged.len() >= MOST {
            break;
        }
        if flagged.contains(&statement.start) {
            continue;
        }
        let control = transaction_control(section, in_transaction, statement);
        let problem = control.or_else(|| match section.engine {
            Engine::Sqlite => of_sqlite(section, in_transaction, statement),
            Engine::Postgres => of_postgres.check(section, statement),
        });
        if let Some(problem) = problem {
            flagged.insert(statement.start);
            out.push(problem);
        }
    }
    flagged
}

/// Parses each statement that no other rule refused.
pub(super) fn syntax(
    section: &Section<'_>,
    options: &Options<'_>,
    flagged: &BTreeSet<u32>,
    out: &mut Vec<Diagnostic>,
) {
    let Some(parse) = options.syntax else {
        return;
    };
    let problems = section
        .scan
        .statements
        .iter()
        .filter(|statement| !flagged.contains(&statement.start))
        .filter_map(|statement| Some((statement, parse(text(section, statement))?)))
        .take(MOST);
    for (statement, problem) in problems {
        let start = statement.start as usize + problem.offset;
        out.push(section.diagnostic(
            Code::Syntax,
            start..start + problem.length,
            problem.message,
            format!(
                "correct the statement; if {} accepts it and only this check does not, add \
                 `syntax = false` to the call",
                section.engine
            ),
        ));
    }
}

fn of_sqlite(
    section: &Section<'_>,
    in_transaction: bool,
    statement: &Statement,
) -> Option<Diagnostic> {
    let head = Head::of(text(section, statement));
    let (code, message, help) = outside_transaction(in_transaction, &head)
        .or_else(|| refused_pragma(in_transaction, &head))?;
    Some(section.diagnostic(code, place(statement, head.place()), message, help))
}

pub(super) fn text<'a>(section: &Section<'a>, statement: &Statement) -> &'a str {
    &section.text()[statement.start as usize..statement.end as usize]
}

/// The byte range of a statement's first word in the section.
pub(super) fn place(statement: &Statement, word: Option<Range<usize>>) -> Range<usize> {
    let start = statement.start as usize;
    let word = word.unwrap_or(0..1);
    start + word.start..start + word.end
}

/// The keywords of a transaction control statement, and the byte range of the first.
fn control(section: &Section<'_>, statement: &Statement) -> Option<(String, Range<usize>)> {
    let text = text(section, statement);
    let (words, first) = match section.engine {
        Engine::Sqlite => {
            let head = Head::of(text);
            let words = head
                .is_transaction_control()
                .then(|| head.word(0).to_owned());
            (words, head.place())
        }
        Engine::Postgres => {
            let head = postgres::Head::of(text);
            (head.transaction_control(), head.place())
        }
    };
    Some((words?, place(statement, first)))
}

/// Reports `BEGIN; … COMMIT;` around a whole script as one problem.
fn wrapped_in_transaction(
    section: &Section<'_>,
    in_transaction: bool,
    flagged: &mut BTreeSet<u32>,
    out: &mut Vec<Diagnostic>,
) {
    let [first, .., last] = &section.scan.statements[..] else {
        return;
    };
    let (Some((begin, at)), Some((end, _))) = (control(section, first), control(section, last))
    else {
        return;
    };
    let begins = matches!(begin.as_str(), "BEGIN" | "START TRANSACTION");
    if !begins || !matches!(end.as_str(), "COMMIT" | "END") {
        return;
    }
    flagged.extend([first.start, last.start]);
    out.push(
        section
            .diagnostic(
                Code::TransactionControl,
                at,
                format!("this script is wrapped in `{begin}; … {end};`"),
                format!("remove both: {}", why_no_control(in_transaction)),
            )
            .note(format!(
                "the `{end}` is on line {}",
                last.line + section.first_line - 1
            )),
    );
}

fn why_no_control(in_transaction: bool) -> &'static str {
    if in_transaction {
        "the runner already runs each migration in a transaction, together with its row in \
         the history"
    } else {
        "each statement is recorded when it finishes, and must not be rolled back afterwards; put \
         statements that belong together into a migration without `no-transaction`"
    }
}

fn transaction_control(
    section: &Section<'_>,
    in_transaction: bool,
    statement: &Statement,
) -> Option<Diagnostic> {
    let (words, place) = control(section, statement)?;
    Some(section.diagnostic(
        Code::TransactionControl,
        place,
        if in_transaction {
            format!("`{words}` would break the transaction of the migration")
        } else {
            format!("`{words}` in a migration without a transaction")
        },
        format!("remove it: {}", why_no_control(in_transaction)),
    ))
}

fn outside_transaction(in_transaction: bool, head: &Head) -> Option<Problem> {
    let (message, help) = match head.word(0) {
        "VACUUM" if !in_transaction => return None,
        "VACUUM" => (
            "`VACUUM` cannot run in a transaction, and this migration does",
            "move it into a migration of its own with `-- migrate: no-transaction` on its first \
             line",
        ),
        "ATTACH" | "DETACH" => (
            "a migration cannot attach or detach another database",
            "remove it; open that database on a separate connection",
        ),
        _ => return None,
    };
    Some((Code::OutsideTransaction, message.to_owned(), help))
}

fn refused_pragma(in_transaction: bool, head: &Head) -> Option<Problem> {
    let (name, value) = head.pragma()?;
    let refusal = migrate_model::pragma::refused_pragma(&name, value, in_transaction)?;
    let message = format!("`PRAGMA {name}` is refused: {}", refusal.reason);
    Some((Code::RefusedPragma, message, refusal.help))
}
