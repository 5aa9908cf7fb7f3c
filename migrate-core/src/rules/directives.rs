use crate::diagnostic::{Code, Diagnostic};
use crate::directive::{self, Directive, DirectiveProblem};
use crate::directory::Section;
use crate::file_name::Role;
use crate::sqlite;
use std::ops::Range;

/// Checks every `-- migrate:` comment of a script.
pub(crate) fn check(section: &Section<'_>, out: &mut Vec<Diagnostic>) {
    let first_statement = section
        .scan
        .statements
        .first()
        .map_or(usize::MAX, |statement| statement.start as usize);
    for range in &section.scan.directives {
        let Some(words) = sqlite::directive(&section.text()[range.clone()]) else {
            continue;
        };
        match directive::parse(words) {
            Err(problem) => out.push(refused(section, range.clone(), words, &problem)),
            Ok(directive) if range.start > first_statement && directive != Directive::Down => {
                out.push(section.diagnostic(
                    Code::MisusedDirective,
                    range.clone(),
                    "a directive after the first statement".to_owned(),
                    "move it to the head of the script",
                ));
            }
            Ok(directive) => out.extend(misuse(section, range.clone(), &directive)),
        }
    }
}

fn refused(
    section: &Section<'_>,
    range: Range<usize>,
    words: &str,
    problem: &DirectiveProblem,
) -> Diagnostic {
    let word = words.split_whitespace().next().unwrap_or_default();
    match problem {
        DirectiveProblem::Malformed(form) => section.diagnostic(
            Code::MisusedDirective,
            range,
            format!("`{word}` is not written like this"),
            &format!("write it as `{form}`"),
        ),
        DirectiveProblem::Unknown(_) if word == "up" => section.diagnostic(
            Code::UnknownDirective,
            range,
            "unknown directive `up`".to_owned(),
            "remove it: everything before `-- migrate:down` is the up",
        ),
        DirectiveProblem::Unknown(Some(near)) => section.diagnostic(
            Code::UnknownDirective,
            range,
            format!("unknown directive `{word}`"),
            &format!("did you mean `{near}`?"),
        ),
        DirectiveProblem::Unknown(None) => section.diagnostic(
            Code::UnknownDirective,
            range,
            format!("unknown directive `{word}`"),
            "known are `irreversible`, `empty`, `allow` and, between up and down, `-- migrate:down`",
        ),
    }
}

/// A directive that is well-formed, but cannot do what it says here.
fn misuse(section: &Section<'_>, range: Range<usize>, directive: &Directive) -> Option<Diagnostic> {
    let (code, message, help) = match directive {
        Directive::NoTransaction => (
            Code::Unsupported,
            "`no-transaction` is not supported by this version".to_owned(),
            "remove the directive: every migration runs in a transaction",
        ),
        Directive::Allow { rule, .. } => (
            Code::MisusedDirective,
            format!("there is no rule `{rule}` that could be allowed"),
            "remove the directive: the rules of this version have no exceptions",
        ),
        Directive::Irreversible(_) if section.role == Role::Down => (
            Code::MisusedDirective,
            "a down cannot be irreversible".to_owned(),
            "remove the directive; if there is no way back, remove this down and say so in the up",
        ),
        Directive::Empty(_) if !section.scan.statements.is_empty() => (
            Code::MisusedDirective,
            "this script is declared empty, but has statements".to_owned(),
            "remove the directive, or the statements",
        ),
        Directive::Down if section.role == Role::Down => (
            Code::MisusedDirective,
            "`-- migrate:down` inside of a down".to_owned(),
            "remove it: all of this script is the down",
        ),
        // The markers that split a file are not part of a section, so this
        // one follows something on its line.
        Directive::Down => (
            Code::MisusedDirective,
            "`-- migrate:down` must stand on a line of its own".to_owned(),
            "move it to a new line",
        ),
        Directive::Irreversible(_) | Directive::Empty(_) => return None,
    };
    Some(section.diagnostic(code, range, message, help))
}
