//! The `-- migrate:` comments of a script.

use crate::diagnostic::{Code, Diagnostic, MOST};
use crate::directive::{self, Directive, DirectiveProblem};
use crate::file_name::Role;
use crate::lint;
use crate::section::{Section, is_alone_on_its_line};
use crate::text::shortened;
use std::ops::Range;

/// Checks every `-- migrate:` comment of a script.
pub(crate) fn check(section: &Section<'_>, out: &mut Vec<Diagnostic>) {
    let problems = section
        .scan
        .directives
        .iter()
        .filter_map(|range| problem(section, range.clone()));
    out.extend(problems.take(MOST));
    out.extend(foreign_down(section));
}

/// Reports a comment that starts the down for another tool. The statements after it would run with
/// the up: a table would be created and dropped again.
fn foreign_down(section: &Section<'_>) -> Option<Diagnostic> {
    let last = section.scan.statements.last()?.start as usize;
    let mut markers = section.scan.foreign_downs.iter();
    let marker = markers.find(|range| {
        section.role == Role::Up
            && range.start < last
            && is_alone_on_its_line(section.text(), range.start)
            && !is_only_a_comment(section, range)
    })?;
    let comment = section.text()[marker.clone()].trim_end();
    Some(section.diagnostic(
        Code::UnknownDirective,
        marker.start..marker.start + comment.len(),
        format!(
            "`{}` does not start the down, so what follows would run with the up",
            shortened(comment)
        ),
        "write it as `-- migrate:down`, or reword the comment if it does not start the down",
    ))
}

/// Whether a comment with the word of a down starts no statements to undo the script: it is a
/// part of the comment at the top, the statements after it are comments too, or it is the
/// heading of what the next statement creates, as in `-- undo` before `CREATE TABLE undo_steps`.
fn is_only_a_comment(section: &Section<'_>, comment: &Range<usize>) -> bool {
    let text = section.text();
    let mark = text[comment.clone()].to_ascii_lowercase();
    let statements = &section.scan.statements;
    let number = statements.partition_point(|it| (it.start as usize) < comment.start);
    let Some(next) = statements.get(number) else {
        return false;
    };
    let (start, end) = (next.start as usize, next.end as usize);
    let head = text[start..end].chars().take(80).collect::<String>();
    let head = head.to_ascii_lowercase();
    let mut words = ["undo", "revert", "rollback", "downgrade"].iter();
    let is_heading =
        head.starts_with("create") && words.any(|word| mark.contains(word) && head.contains(word));
    let is_at_the_top = number == 0 && !mark.contains("down");
    is_heading || is_at_the_top || text[comment.end..start].contains(';')
}

fn problem(section: &Section<'_>, range: Range<usize>) -> Option<Diagnostic> {
    let statements = &section.scan.statements;
    let first_statement = statements
        .first()
        .map_or(usize::MAX, |it| it.start as usize);
    let comment = &section.text()[range.clone()];
    let Some(words) = migrate_scan::directive(comment) else {
        return Some(misspelled(section, range, comment));
    };
    match directive::parse(words) {
        Err(problem) => Some(refused(section, range, words, &problem)),
        Ok(directive) if range.start > first_statement && !may_stand_later(&directive) => {
            Some(section.diagnostic(
                Code::MisusedDirective,
                range,
                "a directive after the first statement",
                "move it to the top of the script",
            ))
        }
        Ok(directive) => misuse(section, range, &directive),
    }
}

/// Whether a directive may follow the first statement. `allow` may apply to any statement.
fn may_stand_later(directive: &Directive) -> bool {
    matches!(directive, Directive::Down | Directive::Allow { .. })
}

/// A comment that looks like a directive, but has no effect.
fn misspelled(section: &Section<'_>, range: Range<usize>, comment: &str) -> Diagnostic {
    section.diagnostic(
        Code::UnknownDirective,
        range,
        format!(
            "`{}` is an ordinary comment, and has no effect",
            shortened(comment)
        ),
        "a directive starts with `-- migrate:`, in lower case; if this is a comment, start it \
         with another word",
    )
}

fn refused(
    section: &Section<'_>,
    range: Range<usize>,
    words: &str,
    problem: &DirectiveProblem,
) -> Diagnostic {
    let word = &*shortened(words.split_whitespace().next().unwrap_or_default());
    if let DirectiveProblem::Malformed(form) = problem {
        let message = match word {
            "irreversible" | "empty" => format!("`{word}` needs a reason in double quotes"),
            "allow" => "`allow` needs a rule, and a reason in double quotes".to_owned(),
            "adopted" => "`adopted` needs a tool, and the version that this migration had there, \
                          in double quotes"
                .to_owned(),
            _ => format!("`{word}` takes no argument"),
        };
        let help = format!("write it as `{form}`");
        return section.diagnostic(Code::MisusedDirective, range, message, help);
    }
    let message = match word {
        "" => "a directive without a word".to_owned(),
        word => format!("unknown directive `{word}`"),
    };
    let help = match problem {
        _ if word == "up" => "remove it: everything before `-- migrate:down` is the up".to_owned(),
        DirectiveProblem::Unknown(Some(near)) => format!("did you mean `{near}`?"),
        _ => "the directives are `irreversible`, `empty`, `no-transaction`, `allow`, `adopted` \
              and, between up and down, `-- migrate:down`"
            .to_owned(),
    };
    section.diagnostic(Code::UnknownDirective, range, message, help)
}

/// A well-formed directive that has no meaning here.
fn misuse(section: &Section<'_>, range: Range<usize>, directive: &Directive) -> Option<Diagnostic> {
    let (message, help) = match directive {
        Directive::Allow { rule, .. } => return unknown_rule(section, range, rule),
        Directive::Irreversible(_) if section.role == Role::Down => (
            "a down cannot be irreversible",
            "remove the directive; if the migration cannot be undone, remove this down and \
             declare it in the up",
        ),
        Directive::Adopted { .. } if section.role == Role::Down => (
            "`adopted` does not apply to a down",
            "move the directive to the top of the up",
        ),
        Directive::Empty(_) if !section.scan.statements.is_empty() => (
            "this script is declared empty, but has statements",
            "remove the directive, or the statements",
        ),
        Directive::Down if section.role == Role::Down => (
            "`-- migrate:down` inside a down",
            "remove it: everything here is already the down",
        ),
        // A marker that splits a file is not part of a section, so this one is not at
        // the start of its line.
        Directive::Down => (
            "`-- migrate:down` must be on a line of its own",
            "move it to a new line",
        ),
        Directive::Irreversible(_)
        | Directive::Empty(_)
        | Directive::NoTransaction
        | Directive::Adopted { .. } => return None,
    };
    let code = Code::MisusedDirective;
    Some(section.diagnostic(code, range, message, help))
}

fn unknown_rule(section: &Section<'_>, range: Range<usize>, word: &str) -> Option<Diagnostic> {
    let near = lint::rule(word).err()?;
    let is_code = Code::ALL.iter().any(|code| code.as_str() == word);
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None if is_code => "fix the problem: this code cannot be allowed".to_owned(),
        None => "the documentation lists the rules and their names at `docs/rules`".to_owned(),
    };
    let message = format!("there is no rule `{}` that can be allowed", shortened(word));
    Some(section.diagnostic(Code::MisusedDirective, range, message, &help))
}
