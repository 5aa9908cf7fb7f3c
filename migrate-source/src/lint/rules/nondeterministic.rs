//! S25: data that differs between machines.

use crate::lint::action::Action;
use crate::lint::calls::TIME_FUNCTIONS;
use crate::lint::finding::Finding;
use crate::lint::script::{Script, Step};
use crate::lint::words::Word;

/// Finds random values and the current time in what `INSERT` and `UPDATE` write. A default, a
/// trigger or a view may use them, because they are evaluated later.
pub(super) fn check(script: &Script<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for step in &script.steps {
        if !matches!(step.action, Action::Insert(_) | Action::Update(_)) {
            continue;
        }
        let words = step.words.iter();
        let found =
            words.filter(|(at, word)| is_random(step, *at, word) || is_now(step, *at, word));
        findings.extend(found.map(|(at, word)| {
            let help = if is_random(step, at, word) {
                "write the value itself, or compute it from the row"
            } else {
                "write the value itself"
            };
            let name = word.text.to_ascii_lowercase();
            let message =
                format!("`{name}` gives a different value on each machine and in each run");
            Finding::new(word.range(), message, help)
        }));
    }
    findings
}

fn is_random(step: &Step<'_>, at: usize, word: &Word<'_>) -> bool {
    (word.is("random") || word.is("randomblob")) && step.words.is(at + 1, "(")
}

fn is_now(step: &Step<'_>, at: usize, word: &Word<'_>) -> bool {
    const KEYWORDS: [&str; 3] = ["CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME"];
    if KEYWORDS.iter().any(|keyword| word.is(keyword)) {
        return true;
    }
    let is_format = word.is("strftime");
    if !step.words.is(at + 1, "(") || !TIME_FUNCTIONS.iter().any(|name| word.is(name)) {
        return false;
    }
    let arguments = step.words.parts(at + 1);
    let is_now = |argument: &std::ops::Range<usize>| {
        // `unixepoch('subsec')` has a modifier but no time.
        let texts: &[&str] = &["now", "subsec", "subsecond"];
        let word = step.words.get(argument.start);
        word.is_some_and(|word| texts.iter().any(|text| word.is_string(text)))
    };
    let times = arguments.get(usize::from(is_format)..).unwrap_or_default();
    times.is_empty() || times.first().is_some_and(is_now) || {
        word.is("timediff") && times.iter().any(is_now)
    }
}
