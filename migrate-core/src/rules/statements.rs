use super::MOST;
use crate::Statement;
use crate::diagnostic::{Code, Diagnostic};
use crate::directory::{Options, Section};
use crate::sqlite::{self, Head};
use std::collections::BTreeSet;
use std::ops::Range;

/// Checks the first words of each statement. Returns the offsets of those that
/// were refused.
pub(super) fn check(section: &Section<'_>, out: &mut Vec<Diagnostic>) -> BTreeSet<u32> {
    let mut flagged = BTreeSet::new();
    let in_transaction = !section.is_without_transaction();
    wrapped_in_transaction(section, in_transaction, &mut flagged, out);
    for statement in &section.scan.statements {
        if flagged.len() >= MOST {
            break;
        }
        if flagged.contains(&statement.start) {
            continue;
        }
        let head = Head::of(text(section, statement));
        let problem = transaction_control(section, in_transaction, statement, &head)
            .or_else(|| outside_transaction(section, in_transaction, statement, &head))
            .or_else(|| refused_pragma(section, in_transaction, statement, &head));
        if let Some(problem) = problem {
            flagged.insert(statement.start);
            out.push(problem);
        }
    }
    flagged
}

/// Asks the parser about each statement that no other rule refused.
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
            "correct the statement; if SQLite accepts it and only this check does not, say \
             `syntax = false` in the call",
        ));
    }
}

fn text<'a>(section: &Section<'a>, statement: &Statement) -> &'a str {
    &section.text()[statement.start as usize..statement.end as usize]
}

/// The place of a statement's first word in the section.
fn place(statement: &Statement, head: &Head) -> Range<usize> {
    let start = statement.start as usize;
    let word = head.place().unwrap_or(0..1);
    start + word.start..start + word.end
}

/// `BEGIN; … COMMIT;` around a whole script is one habit, and one problem.
fn wrapped_in_transaction(
    section: &Section<'_>,
    in_transaction: bool,
    flagged: &mut BTreeSet<u32>,
    out: &mut Vec<Diagnostic>,
) {
    let [first, .., last] = &section.scan.statements[..] else {
        return;
    };
    let first_head = Head::of(text(section, first));
    let last_head = Head::of(text(section, last));
    if first_head.word(0) != "BEGIN" || !matches!(last_head.word(0), "COMMIT" | "END") {
        return;
    }
    flagged.extend([first.start, last.start]);
    out.push(
        section
            .diagnostic(
                Code::TransactionControl,
                place(first, &first_head),
                format!(
                    "this script is wrapped in `BEGIN; … {};`",
                    last_head.word(0)
                ),
                &format!("remove both: {}", why_no_control(in_transaction)),
            )
            .note(format!(
                "the `{}` stands on line {}",
                last_head.word(0),
                last.line + section.first_line - 1
            )),
    );
}

fn why_no_control(in_transaction: bool) -> &'static str {
    match in_transaction {
        true => {
            "the runner already runs each migration in a transaction, together with its row in \
             the history"
        }
        false => {
            "each statement is recorded when it has ended, and must not be undone after that; \
             what belongs together goes into a migration without `no-transaction`"
        }
    }
}

fn transaction_control(
    section: &Section<'_>,
    in_transaction: bool,
    statement: &Statement,
    head: &Head,
) -> Option<Diagnostic> {
    let word = head.word(0);
    head.is_transaction_control().then(|| {
        section.diagnostic(
            Code::TransactionControl,
            place(statement, head),
            match in_transaction {
                true => format!("`{word}` would break the transaction of the migration"),
                false => format!("`{word}` in a migration without a transaction"),
            },
            &format!("remove it: {}", why_no_control(in_transaction)),
        )
    })
}

fn outside_transaction(
    section: &Section<'_>,
    in_transaction: bool,
    statement: &Statement,
    head: &Head,
) -> Option<Diagnostic> {
    let (message, help) = match head.word(0) {
        "VACUUM" if !in_transaction => return None,
        "VACUUM" => (
            "`VACUUM` cannot run in a transaction, and this migration does",
            "move it into a migration of its own with `-- migrate: no-transaction` on its first \
             line",
        ),
        "ATTACH" | "DETACH" => (
            "a migration cannot attach or detach another database",
            "remove it; open that database on a connection of its own",
        ),
        _ => return None,
    };
    let code = Code::OutsideTransaction;
    Some(section.diagnostic(code, place(statement, head), message.to_owned(), help))
}

fn refused_pragma(
    section: &Section<'_>,
    in_transaction: bool,
    statement: &Statement,
    head: &Head,
) -> Option<Diagnostic> {
    let (name, value) = head.pragma()?;
    let refusal = sqlite::refused_pragma(&name, value, in_transaction)?;
    Some(section.diagnostic(
        Code::RefusedPragma,
        place(statement, head),
        format!("`PRAGMA {name}` is refused: {}", refusal.reason),
        refusal.help,
    ))
}
