//! The calls of functions in a statement.

use super::action::Action;
use super::script::Step;
use std::ops::Range;

/// SQLite's functions that take times: <https://sqlite.org/lang_datefunc.html>.
pub const TIME_FUNCTIONS: [&str; 7] = [
    "date",
    "time",
    "datetime",
    "julianday",
    "unixepoch",
    "strftime",
    "timediff",
];

/// A call of a function.
pub(super) struct Call {
    /// The index of the word.
    pub(super) at: usize,
    /// The name in lower case.
    pub(super) name: String,
    pub(super) arguments: Vec<Range<usize>>,
}

/// Words that an expression or a table-valued function may follow. After any other word a name
/// with a parenthesis is a table, an index or a type.
const BEFORE: &str = "ALL AND BETWEEN BY CASE DISTINCT ELSE ESCAPE FROM GLOB HAVING IN IS JOIN \
                      LIKE LIMIT MATCH NOT OFFSET ON OR REGEXP RETURNING SELECT THEN WHEN WHERE";

/// Every call in a statement. A table, a column, an index or a type of the same name is none.
pub(super) fn calls(step: &Step<'_>) -> impl Iterator<Item = Call> {
    let words = &step.words;
    let indexed = match &step.action {
        Action::CreateIndex { table, .. } => Some(table.at),
        _ => None,
    };
    words.iter().filter_map(move |(at, word)| {
        let is_name = word
            .text
            .starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if !is_name || !words.is(at + 1, "(") || indexed == Some(at) {
            return None;
        }
        let before = words.get(at.checked_sub(1)?)?;
        let is_word = before
            .text
            .starts_with(|c: char| c.is_alphanumeric() || "_\"'`[".contains(c));
        let may_follow = if is_word {
            BEFORE.split(' ').any(|keyword| before.is(keyword))
        } else {
            !before.is(".") && !before.is(")")
        };
        let end = words.closing(at + 1);
        // `WITH a AS (…), name(columns) AS (…)`
        let is_cte = before.is(",") && words.is(end + 1, "AS") && {
            let next = words.get(end + 2);
            next.is_some_and(|it| it.is("(") || it.is("MATERIALIZED") || it.is("NOT"))
        };
        (may_follow && !is_cte).then(|| Call {
            at,
            name: word.name(),
            arguments: words.parts(at + 1),
        })
    })
}

impl Call {
    /// Whether the function takes a time, and perhaps modifiers.
    pub(super) fn is_of_time(&self) -> bool {
        TIME_FUNCTIONS.contains(&self.name.as_str())
    }

    /// Whether it is an aggregate function of SQLite.
    pub(super) fn is_aggregate(&self) -> bool {
        const NAMES: &str = "avg count group_concat json_group_array json_group_object \
                             jsonb_group_array jsonb_group_object max min string_agg sum total";
        NAMES.split(' ').any(|name| name == self.name)
    }
}
