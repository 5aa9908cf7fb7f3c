//! How a script rebuilds a table: the names that the old and the new table have on the way, and the
//! statements that copy the rows.

use crate::replay::finding::{beginning, is_subject, place_of, word_in};
use crate::replay::subject::Part;
use std::collections::BTreeSet;
use std::ops::Range;

/// The names of a rebuilt table in a script, in lower case.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    /// The name before and after.
    pub(crate) name: String,
    /// The name under which the new table is created.
    pub(crate) made: String,
    /// The name under which the old table is dropped.
    pub(crate) dropped: String,
}

impl Names {
    pub(crate) fn of(part: &Part<'_>, table: &str) -> Names {
        let name = table.to_ascii_lowercase();
        let renames = || {
            part.words().iter().filter_map(|words| {
                let at = words.windows(2).position(|it| it == ["rename", "to"])?;
                Some((words.get(at.checked_sub(1)?)?, words.get(at + 2)?))
            })
        };
        let made = renames().find(|(_, to)| **to == name);
        let dropped = renames().find(|(from, _)| **from == name);
        Names {
            made: made.map_or_else(|| name.clone(), |(from, _)| from.clone()),
            dropped: dropped.map_or_else(|| name.clone(), |(_, to)| to.clone()),
            name,
        }
    }

    /// Whether a word names the new table.
    pub(crate) fn is_new(&self, word: &str) -> bool {
        word == self.made || word == self.name
    }

    /// Whether a word names the old or the new table.
    pub(crate) fn has(&self, word: &str) -> bool {
        self.is_new(word) || word == self.dropped
    }
}

/// A statement that inserts the rows of a query into the new table.
pub(crate) struct Copying<'w> {
    pub(crate) statement: usize,
    /// The columns that it names.
    pub(crate) columns: Option<Vec<&'w str>>,
    /// The items of its first `SELECT`; `None` if one of them is `*`.
    items: Option<Vec<&'w [String]>>,
    /// Whether it selects all columns in their order.
    is_star: bool,
    /// The clauses that can lose rows, as a reader writes them.
    pub(crate) clauses: Vec<&'static str>,
    /// Whether it skips or replaces rows that violate a constraint.
    pub(crate) conflict: Option<&'static str>,
}

impl<'w> Copying<'w> {
    /// The expression for a column of the new table, given the columns of both.
    pub(crate) fn item<'i>(
        &'i self,
        column: &str,
        (old, new): (&'i [String], &[String]),
    ) -> Option<&'i [String]> {
        let place = match &self.columns {
            Some(columns) => columns.iter().position(|it| *it == column),
            None => new.iter().position(|it| it == column),
        }?;
        if self.is_star {
            return old.get(place..=place);
        }
        self.items.as_ref()?.get(place).copied()
    }

    /// Whether it names columns, and not this one.
    pub(crate) fn lacks(&self, column: &str) -> bool {
        let mut columns = self.columns.iter();
        columns.any(|columns| !columns.contains(&column))
    }

    /// Whether an item of its `SELECT` contains a word.
    pub(crate) fn selects(&self, word: &str) -> bool {
        let mut items = self.items.iter().flatten();
        items.any(|item| item.iter().any(|it| it == word))
    }
}

/// The statements that insert rows of a query into the new table.
pub(crate) fn copying<'w>(part: &'w Part<'_>, names: &Names) -> Vec<Copying<'w>> {
    let all = part.words().iter().enumerate();
    all.filter_map(|(statement, words)| copy(statement, words, names))
        .collect()
}

/// Whether a statement copies a column of the old table into another table.
pub(super) fn is_copied_elsewhere(part: &Part<'_>, names: &Names, column: &str) -> bool {
    part.words().iter().any(|words| {
        let mut tables = [&names.name, &names.dropped].into_iter();
        let is_elsewhere = target(words).is_some_and(|at| !names.has(&words[at]));
        let has = |name: &str| words.iter().any(|it| it == name);
        is_elsewhere && has(column) && tables.any(|it| has(it))
    })
}

/// The words of the statements that update the new table.
pub(super) fn updated(part: &Part<'_>, names: &Names) -> BTreeSet<String> {
    let updates = part.words().iter().filter(|words| {
        let head = words.iter().take_while(|it| *it != "set");
        let is_update = words
            .first()
            .is_some_and(|it| it == "update" || it == "with");
        is_update && head.into_iter().any(|it| names.is_new(it))
    });
    updates.flat_map(|words| words.iter().cloned()).collect()
}

/// The number of statements that insert into the new table.
pub(crate) fn inserts(part: &Part<'_>, names: &Names) -> usize {
    let all = part.words().iter();
    all.filter(|words| target(words).is_some_and(|at| names.is_new(&words[at])))
        .count()
}

/// The clauses of a query that can lose rows.
const CLAUSES: [(&[&str], &str); 9] = [
    (&["join"], "`JOIN`"),
    (&["where"], "`WHERE`"),
    (&["distinct"], "`DISTINCT`"),
    (&["group", "by"], "`GROUP BY`"),
    (&["having"], "`HAVING`"),
    (&["limit"], "`LIMIT`"),
    (&["union"], "`UNION`"),
    (&["except"], "`EXCEPT`"),
    (&["intersect"], "`INTERSECT`"),
];

fn copy<'w>(statement: usize, words: &'w [String], names: &Names) -> Option<Copying<'w>> {
    let target = target(words)?;
    if !names.is_new(&words[target]) {
        return None;
    }
    let (columns, from) = match closing(words, target + 1) {
        Some(close) => {
            let names = words[target + 2..close].iter();
            let columns = names.map(String::as_str).filter(|it| *it != ",");
            (Some(columns.collect()), close)
        }
        None => (None, target),
    };
    let select = from + words[from..].iter().position(|it| it == "select")?;
    let has = |pattern: &[&str]| {
        words[select..]
            .windows(pattern.len())
            .any(|it| it == pattern)
    };
    let clauses = CLAUSES.iter().filter(|(words, _)| has(words));
    let head = &words[..target];
    let begins = |pattern: &[&str]| head.windows(pattern.len()).any(|it| it == pattern);
    let conflict = if begins(&["or", "ignore"]) {
        Some("`OR IGNORE`")
    } else if begins(&["or", "replace"]) || begins(&["replace", "into"]) {
        Some("`OR REPLACE`")
    } else {
        has(&["on", "conflict"]).then_some("`ON CONFLICT`")
    };
    Some(Copying {
        statement,
        columns,
        items: items(&words[select + 1..]),
        is_star: matches!(&words[select + 1..], [star, from, ..] if star == "*" && from == "from"),
        clauses: clauses.map(|(_, shown)| *shown).collect(),
        conflict,
    })
}

/// The position of the table into which a statement inserts, or which it creates from a query.
fn target(words: &[String]) -> Option<usize> {
    let at = if words.first()? == "create" {
        let at = words.iter().take(3).position(|it| it == "table")? + 1;
        let is_conditional = words.get(at).is_some_and(|it| it == "if");
        if is_conditional { at + 3 } else { at }
    } else {
        words.iter().position(|it| it == "into")? + 1
    };
    let is_qualified = words.get(at + 1).is_some_and(|it| it == ".");
    let at = if is_qualified { at + 2 } else { at };
    let is_definition = words[0] == "create" && words.get(at + 1).is_none_or(|it| it != "as");
    (at < words.len() && !is_definition).then_some(at)
}

/// The position of the parenthesis that closes one, if there is one at the position.
fn closing(words: &[String], open: usize) -> Option<usize> {
    if words.get(open)? != "(" {
        return None;
    }
    // `INSERT INTO t (SELECT …)` has no columns.
    if words
        .get(open + 1)
        .is_some_and(|it| it == "select" || it == "with")
    {
        return None;
    }
    let rest = words[open..].iter();
    rest.enumerate()
        .find(|(_, it)| *it == ")")
        .map(|(at, _)| open + at)
}

/// The items of a `SELECT`, after that word.
fn items(words: &[String]) -> Option<Vec<&[String]>> {
    let is_hint = |it: &String| it == "distinct" || it == "all";
    let words = if words.first().is_some_and(is_hint) {
        &words[1..]
    } else {
        words
    };
    let (mut depth, mut start) = (0, 0);
    let mut items = Vec::new();
    for (at, word) in words.iter().enumerate() {
        match word.as_str() {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        let ends =
            depth < 0 || depth == 0 && (word == "from" || word == "union" || word == "where");
        if ends || depth == 0 && word == "," {
            items.push(&words[start..at]);
            start = at + 1;
        }
        if ends {
            start = words.len();
            break;
        }
    }
    if start < words.len() {
        items.push(&words[start..]);
    }
    let has_star = items.iter().any(|it| it.last().is_some_and(|it| it == "*"));
    (!has_star).then_some(items)
}

/// The place of the first statement that copies rows.
pub(crate) fn place_of_copy(part: &Part<'_>, names: &Names) -> Range<usize> {
    let copies = copying(part, names);
    let Some(copy) = copies.first() else {
        return place_of(part, &names.name);
    };
    let words = &part.words()[copy.statement];
    let source = [&names.dropped, &names.name, &names.made].into_iter();
    let mut source = source.filter(|it| words.contains(it));
    source
        .next()
        .and_then(|name| word_in(part, copy.statement, name))
        .unwrap_or_else(|| beginning(part, copy.statement))
}

/// Whether the script deletes rows of the old or the new table.
pub(crate) fn deletes(part: &Part<'_>, names: &Names) -> bool {
    part.words().iter().any(|words| {
        let from = words.windows(2).position(|it| it == ["delete", "from"]);
        let is_trigger = words.first().is_some_and(|it| it == "create");
        from.is_some_and(|from| {
            let mut named = words[from + 2..].iter().take(3);
            !is_trigger && named.any(|word| names.has(word))
        })
    })
}

/// The place where a script drops a table, or else the last place where it names the table.
pub(super) fn dropping(part: &Part<'_>, names: &Names) -> Range<usize> {
    let dropped = [&names.dropped, &names.name];
    let statement = |name| statement_with(part, &["drop", "table"], name);
    dropped
        .into_iter()
        .find_map(|name| word_in(part, statement(name)?, name))
        .unwrap_or_else(|| place_of(part, &names.name))
}

/// The place where a script creates the table that replaces another one.
pub(super) fn creating(part: &Part<'_>, names: &Names) -> Range<usize> {
    statement_with(part, &["create", "table"], &names.made)
        .and_then(|index| word_in(part, index, &names.made))
        .unwrap_or_else(|| place_of(part, &names.name))
}

/// The last statement that starts with these words and has this subject.
fn statement_with(part: &Part<'_>, head: &[&str], name: &str) -> Option<usize> {
    part.words()
        .iter()
        .rposition(|words| words.len() >= 2 && words[..2] == *head && is_subject(words, name))
}
