//! S26: something that the oldest supported SQLite does not have.

use crate::lint::action::Action;
use crate::lint::calls::{Call, calls};
use crate::lint::columns::{column, columns};
use crate::lint::features::{self, Before, Feature};
use crate::lint::finding::Finding;
use crate::lint::json5;
use crate::lint::script::{Script, Step};
use crate::lint::words::{Table, Word};
use crate::options::SqliteTarget;
use crate::sqlite_version::SqliteVersion;
use crate::text::shortened;
use std::ops::Range;

/// A feature in a statement: its words and how a message names it.
struct Used {
    words: Range<usize>,
    name: String,
    feature: Feature,
}

impl Used {
    fn new(words: Range<usize>, name: impl Into<String>, feature: Feature) -> Used {
        Used {
            words,
            name: name.into(),
            feature,
        }
    }
}

/// Finds syntax, functions, modifiers, formats, options and pragmas that are newer than the
/// oldest SQLite that the application supports.
pub(super) fn check(script: &Script<'_>) -> Vec<Finding> {
    let Some(min) = script.target.min_sqlite else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for step in &script.steps {
        let mut used = of_action(step);
        of_words(step, &mut used);
        for call in calls(step) {
            of_call(step, &call, script.target, &mut used);
        }
        used.sort_by_key(|it| it.words.start);
        let newer = used
            .into_iter()
            .filter(|it| SqliteVersion::minor(it.feature.since) > min);
        findings.extend(newer.map(|it| finding(step, &it, min)));
    }
    findings
}

fn finding(step: &Step<'_>, used: &Used, min: SqliteVersion) -> Finding {
    let (feature, name) = (used.feature, &used.name);
    let since = SqliteVersion::minor(feature.since);
    let before = match feature.before {
        Before::Refuses => "refuses it",
        Before::ReturnsNull => "returns NULL",
        Before::Ignores => "ignores it",
    };
    let help = match feature.instead {
        "" => format!("avoid it, or require SQLite {since}"),
        instead => format!("use {instead}, or require SQLite {since}"),
    };
    Finding::new(
        step.words.places(used.words.start, used.words.end - 1),
        format!("{name} needs SQLite {since}; {min}, the minimum, {before}"),
        help,
    )
}

/// The features that the kind of the statement tells.
fn of_action(step: &Step<'_>) -> Vec<Used> {
    let words = &step.words;
    let after = |table: &Table, count: usize| table.at + 1..table.at + 1 + count;
    let one = match &step.action {
        Action::RenameColumn { table, .. } => {
            Used::new(after(table, 1), "`RENAME COLUMN`", features::RENAME_COLUMN)
        }
        Action::DropColumn { table, .. } => {
            Used::new(after(table, 1), "`DROP COLUMN`", features::DROP_COLUMN)
        }
        Action::AlterConstraint(table) => {
            let (verb, what) = (words.shown(table.at + 1), words.shown(table.at + 2));
            let name = format!("`{verb} {what}`").to_ascii_uppercase();
            Used::new(after(table, 2), name, features::ALTER_CONSTRAINT)
        }
        Action::CreateTable {
            body: Some(body), ..
        } => {
            let mut options = step.rest(words.closing(*body) + 1);
            let strict = options.find(|at| words.is(*at, "STRICT"));
            let strict = strict.map(|at| Used::new(at..at + 1, "`STRICT`", features::STRICT));
            let columns = columns(words, *body).0.into_iter();
            let generated = columns.filter_map(|it| generated(step, it.constraints));
            return generated.chain(strict).collect();
        }
        Action::AddColumn { column: at, .. } => {
            let column = column(words, step.rest(*at));
            let generated = column.and_then(|it| generated(step, it.constraints));
            return generated.into_iter().collect();
        }
        Action::CreateVirtual { module, table } if module == "fts5" => return fts5(step, table.at),
        Action::Update(_) => match step.keyword("FROM") {
            Some(at) if !words.is(at - 1, "DISTINCT") => {
                Used::new(at..at + 1, "`UPDATE … FROM`", features::UPDATE_FROM)
            }
            _ => return Vec::new(),
        },
        Action::Insert(table) => return secure_delete(step, table).into_iter().collect(),
        Action::Other if words.is(step.verb, "PRAGMA") => {
            return pragma(step).into_iter().collect();
        }
        _ => return Vec::new(),
    };
    vec![one]
}

/// `INSERT INTO f(f, rank) VALUES ('secure-delete', 1)`
fn secure_delete(step: &Step<'_>, table: &Table) -> Option<Used> {
    let words = &step.words;
    if words.name(table.at + 2) != Some(table.name.clone()) {
        return None;
    }
    let mut words = words.iter().skip(table.at);
    let (at, _) = words.find(|(_, word)| word.is_string("secure-delete"))?;
    let name = "the FTS5 command `secure-delete`";
    Some(Used::new(at..at + 1, name, features::SECURE_DELETE))
}

fn pragma(step: &Step<'_>) -> Option<Used> {
    let (pragma, _) = step.words.table(step.verb + 1)?;
    let feature = features::pragma(&pragma.name)?;
    let name = format!("the pragma `{}`", pragma.name);
    Some(Used::new(pragma.at..pragma.at + 1, name, feature))
}

/// `AS (…)` among the constraints of a column.
fn generated(step: &Step<'_>, mut constraints: Range<usize>) -> Option<Used> {
    let at = constraints.find(|at| step.words.are(*at, &["AS", "("]))?;
    let name = "a generated column";
    Some(Used::new(at..at + 1, name, features::GENERATED))
}

/// The options of an FTS5 table.
fn fts5(step: &Step<'_>, table: usize) -> Vec<Used> {
    let words = &step.words;
    let open = (table..words.len()).find(|at| words.is(*at, "("));
    let options = open.map(|open| words.parts(open)).unwrap_or_default();
    let options = options.into_iter().filter(|it| words.is(it.start + 1, "="));
    let used = options.filter_map(|it| {
        let name = words.name(it.start)?;
        let is_trigram = || {
            let mut value = (it.start + 2..it.end).filter_map(|at| words.get(at));
            value.any(|word| word.name().split(' ').any(|part| part == "trigram"))
        };
        let (name, feature) = match features::fts5_option(&name) {
            Some(feature) => (format!("the option `{name}`"), feature),
            None if name == "tokenize" && is_trigram() => {
                ("the tokenizer `trigram`".to_owned(), features::TRIGRAM)
            }
            None => return None,
        };
        Some(Used::new(it, name, feature))
    });
    used.collect()
}

/// The features that a few words or symbols tell, wherever they are.
fn of_words(step: &Step<'_>, used: &mut Vec<Used>) {
    let words = &step.words;
    for (at, word) in words.iter() {
        // Most words of a seed file are values and commas.
        if word
            .text
            .starts_with(|c: char| c.is_ascii_alphabetic() || c == ')')
        {
            used.extend(phrase(step, at));
        }
        if word.is("HAVING") && !has_group(step, at) {
            let name = "`HAVING` without `GROUP BY`";
            used.push(Used::new(at..at + 1, name, features::BARE_HAVING));
        }
        if word.is("-") {
            used.extend(arrow(step, at));
        }
        if is_number(word) && word.text.contains('_') {
            let name = format!("`_` in the number `{}`", shortened(word.text));
            used.push(Used::new(at..at + 1, name, features::DIGIT_SEPARATOR));
        }
    }
}

fn phrase(step: &Step<'_>, at: usize) -> Option<Used> {
    let words = &step.words;
    let starts_here = |phrase: &str| {
        let mut parts = phrase.split(' ').enumerate();
        parts.all(|(i, part)| words.is(at + i, part))
    };
    let mut phrases = features::PHRASES.iter();
    let (phrase, feature) = phrases.find(|(phrase, _)| starts_here(phrase))?;
    // A parenthesis at the beginning or the end is only the context.
    let from = at + usize::from(phrase.starts_with(')'));
    let to = at + phrase.split(' ').count() - usize::from(phrase.ends_with('('));
    let name = phrase.trim_matches([' ', '(', ')']).replace("( ", "(");
    Some(Used::new(from..to, format!("`{name}`"), *feature))
}

/// Whether the query of a `HAVING` has a `GROUP BY`.
fn has_group(step: &Step<'_>, having: usize) -> bool {
    let depth = step.words.get(having).map_or(0, |word| word.depth);
    let before = (0..having).rev().filter_map(|at| step.words.get(at));
    let mut here = before.filter(|word| word.depth == depth);
    here.find(|word| word.is("GROUP") || word.is("SELECT"))
        .is_some_and(|word| word.is("GROUP"))
}

/// `->` or `->>`.
fn arrow(step: &Step<'_>, at: usize) -> Option<Used> {
    let words = &step.words;
    if !words.is(at + 1, ">") {
        return None;
    }
    let end = at + if words.is(at + 2, ">") { 3 } else { 2 };
    let shown = if end == at + 3 { "->>" } else { "->" };
    let is_negative = words.is(end, "-") && words.get(end + 1).is_some_and(is_number);
    let (name, feature) = if is_negative {
        let name = format!("a negative index after `{shown}`");
        (name, features::NEGATIVE_INDEX)
    } else {
        (format!("`{shown}`"), features::ARROW)
    };
    Some(Used::new(at..end, name, feature))
}

fn is_number(word: &Word<'_>) -> bool {
    word.text.starts_with(|c: char| c.is_ascii_digit())
}

/// The features of a call: the function itself, and what its arguments contain.
fn of_call(step: &Step<'_>, call: &Call, target: SqliteTarget<'_>, used: &mut Vec<Used>) {
    let name = call.name.as_str();
    let mut own = target.functions.iter();
    if own.any(|(own, _)| own.eq_ignore_ascii_case(name)) {
        return;
    }
    let of_pragma = || {
        let feature = features::pragma(name.strip_prefix("pragma_")?)?;
        Some(Feature {
            before: Before::Refuses,
            ..feature
        })
    };
    let feature = features::function(name, call.arguments.len()).or_else(of_pragma);
    let text = format!("the function `{name}`");
    used.extend(feature.map(|it| Used::new(call.at..call.at + 1, text, it)));
    let arguments = call.arguments.iter().enumerate();
    used.extend(arguments.filter_map(|(number, it)| of_argument(step, call, number, it)));
}

fn of_argument(
    step: &Step<'_>,
    call: &Call,
    number: usize,
    argument: &Range<usize>,
) -> Option<Used> {
    let words = &step.words;
    let name = call.name.as_str();
    let used = |text: String, feature| Some(Used::new(argument.clone(), text, feature));
    if call.is_aggregate() {
        let depth = words.get(argument.start)?.depth;
        let is_here = |at: usize| words.get(at).is_some_and(|it| it.depth == depth);
        let mut inside = argument.clone();
        let at = inside.find(|at| is_here(*at) && words.are(*at, &["ORDER", "BY"]))?;
        let text = format!("`ORDER BY` in `{name}`");
        return Some(Used::new(at..at + 2, text, features::AGGREGATE_ORDER));
    }
    let literal = words.get(argument.start);
    let literal = literal.filter(|it| argument.len() == 1 && it.text.starts_with('\''));
    let Some(literal) = literal.map(Word::unquoted) else {
        let is_message = name == "raise" && number == 1 && argument.len() > 1;
        let text = "an expression in `RAISE`".to_owned();
        return used(text, features::RAISE_EXPRESSION).filter(|_| is_message);
    };
    if name == "strftime" && number == 0 {
        let (letter, feature) = features::format(&literal)?;
        return used(format!("the format `%{letter}`"), feature);
    }
    if call.is_of_time() {
        let modifier = literal.to_ascii_lowercase();
        let text = format!("the modifier `{}`", shortened(&modifier));
        return used(text, features::modifier(&modifier)?);
    }
    let is_json5 = number == 0 && name.starts_with("json") && json5::is_json5(&literal);
    used("JSON5".to_owned(), features::JSON5).filter(|_| is_json5)
}
