//! Header directives: `-- migrate: …` comments before the first statement.

use crate::nearest;
use migrate_scan::Scan;
use std::ops::Range;

/// A directive of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Directive {
    /// `no-transaction`: run the statements one by one, outside a transaction.
    NoTransaction,
    /// `irreversible "reason"`: there is deliberately no down.
    Irreversible(String),
    /// `empty "reason"`: the script deliberately does nothing.
    Empty(String),
    /// `allow RULE "reason"`: the findings of a rule are accepted.
    Allow {
        /// The rule.
        rule: String,
        /// The reason.
        reason: String,
    },
    /// `adopted TOOL "ID"`: another tool has applied this migration before, as `ID`. The
    /// directive may be repeated, and has no effect on a run.
    Adopted {
        /// The tool.
        tool: String,
        /// The version of the migration in that tool's history.
        id: String,
    },
    /// `-- migrate:down` on its own line: the rest of the file is the down.
    Down,
}

/// The reason why a directive is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DirectiveProblem {
    /// Unknown; holds the most similar known directive.
    Unknown(Option<&'static str>),
    /// Malformed; holds the correct form.
    Malformed(&'static str),
}

const KNOWN: [&str; 6] = [
    "no-transaction",
    "irreversible",
    "empty",
    "allow",
    "adopted",
    "down",
];

/// Parses the words after `-- migrate:`.
///
/// # Errors
///
/// Returns an error if the directive is unknown or malformed.
///
/// ```
/// use migrate_source::directive::{parse, Directive, DirectiveProblem};
///
/// assert_eq!(
///     parse("irreversible \"rows are gone\""),
///     Ok(Directive::Irreversible("rows are gone".to_owned())),
/// );
/// assert_eq!(parse("ireversible"), Err(DirectiveProblem::Unknown(Some("irreversible"))));
/// ```
pub fn parse(text: &str) -> Result<Directive, DirectiveProblem> {
    let (word, rest) = split_word(text);
    let (directive, form) = match word {
        "no-transaction" => (
            rest.is_empty().then_some(Directive::NoTransaction),
            "-- migrate: no-transaction",
        ),
        "down" => (
            rest.is_empty().then_some(Directive::Down),
            "-- migrate:down",
        ),
        "irreversible" => (
            reason(rest).map(Directive::Irreversible),
            "-- migrate: irreversible \"why there is no down\"",
        ),
        "empty" => (
            reason(rest).map(Directive::Empty),
            "-- migrate: empty \"why it does nothing\"",
        ),
        "allow" => (
            word_and_text(rest).map(|(rule, reason)| Directive::Allow { rule, reason }),
            "-- migrate: allow RULE \"why it is right here\"",
        ),
        "adopted" => (
            word_and_text(rest).map(|(tool, id)| Directive::Adopted { tool, id }),
            "-- migrate: adopted TOOL \"the version that it had there\"",
        ),
        _ => return Err(DirectiveProblem::Unknown(nearest(word, &KNOWN))),
    };
    directive.ok_or(DirectiveProblem::Malformed(form))
}

/// The well-formed directives of a scanned text, with their byte ranges.
pub fn directives<'a>(
    scan: &'a Scan,
    text: &'a str,
) -> impl Iterator<Item = (Directive, Range<usize>)> + 'a {
    scan.directives.iter().filter_map(move |range| {
        let words = migrate_scan::directive(text.get(range.clone())?)?;
        Some((parse(words).ok()?, range.clone()))
    })
}

fn split_word(text: &str) -> (&str, &str) {
    match text.split_once(char::is_whitespace) {
        Some((word, rest)) => (word, rest.trim()),
        None => (text, ""),
    }
}

/// `WORD "text"`.
fn word_and_text(rest: &str) -> Option<(String, String)> {
    let (word, rest) = split_word(rest);
    let is_word = !word.is_empty() && !word.contains('"');
    Some((word.to_owned(), reason(rest)?)).filter(|_| is_word)
}

/// A text in double quotes that is not blank.
fn reason(text: &str) -> Option<String> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    let is_reason = !inner.trim().is_empty() && !inner.contains('"');
    is_reason.then(|| inner.to_owned())
}
