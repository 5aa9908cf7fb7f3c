//! Calling the parser, which is recursive, so that it cannot end the process.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

/// What could nest deeper than this is left to the server.
const DEEPEST: usize = 400;

/// The parser looks back over operators that no space divides, so that its time
/// grows with the square of their number.
const TIGHTEST: usize = 1_000;

/// Up to here the stack of any thread suffices.
const SHALLOW: usize = 40;
const SHORT: usize = 16 * 1024;

/// What [`DEEPEST`] and a chain of operators over [`LONGEST`] bytes may need,
/// some 10 KB for each level and 200 bytes for each operator. Only what is used
/// of it takes memory.
const STACK: usize = 64 * 1024 * 1024;
const LONGEST: usize = 256 * 1024;

/// Runs something that parses a text, where there is enough stack for it;
/// `None` if it would not do, or if the parser panics. A defect of the parser
/// must not fail a build that PostgreSQL would not.
pub(super) fn guarded<T: Send>(text: &str, parse: impl FnOnce() -> T + Send) -> Option<T> {
    let depth = depth(text);
    if depth > DEEPEST || text.len() > LONGEST || tightness(text) > TIGHTEST {
        return None;
    }
    let run = move || catch_unwind(AssertUnwindSafe(parse)).ok();
    if depth <= SHALLOW && text.len() <= SHORT {
        return run();
    }
    thread::scope(|scope| {
        let thread = thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, run)
            .ok()?;
        thread.join().ok().flatten()
    })
}

/// At least how deep the expressions of a text nest. It counts in strings and
/// comments too, as those of functions hold statements.
fn depth(text: &str) -> usize {
    let (mut open, mut deepest) = (0_usize, 0);
    // Signs may follow each other, as in `- - 1`.
    let (mut run, mut signs) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' => open += 1,
            b')' | b']' => open = open.saturating_sub(1),
            _ => {}
        }
        run = match byte {
            _ if b"+-~@!|#&*/<>=".contains(&byte) => run + 1,
            _ if byte.is_ascii_whitespace() => run,
            _ => 0,
        };
        deepest = deepest.max(open);
        signs = signs.max(run);
    }
    let words = text.split(|it: char| !it.is_alphanumeric() && it != '_');
    let nesting = ["NOT", "CASE", "JOIN"];
    let is_nesting = |word: &&str| nesting.iter().any(|it| word.eq_ignore_ascii_case(it));
    let prefixes = words.filter(is_nesting).count();
    // A table has a `NOT NULL` for each column, and a line of dashes is no sign.
    deepest + prefixes.saturating_sub(SHALLOW) + signs.saturating_sub(SHALLOW)
}

/// The most signs in what no space, comma, quote or bracket divides.
fn tightness(text: &str) -> usize {
    let parts = text.split(|it: char| it.is_whitespace() || ",'()[]".contains(it));
    let signs = |part: &str| {
        part.bytes()
            .filter(|it| !it.is_ascii_alphanumeric())
            .count()
    };
    parts.map(signs).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use squawk_syntax::SourceFile;

    fn errors(text: &str) -> Option<usize> {
        guarded(text, || SourceFile::parse(text).errors().len())
    }

    /// Each of these ends a process that has 8 MB of stack, or is just small
    /// enough to be tried.
    #[test]
    fn nothing_overflows_the_stack() {
        for (left, right) in [
            ("(", ")"),
            ("NOT ", ""),
            ("- ", ""),
            ("CASE WHEN a THEN ", " END"),
            ("ARRAY[", "]"),
            ("(SELECT ", ")"),
            ("EXISTS (SELECT 1 FROM a WHERE ", ")"),
            ("f(", ")"),
        ] {
            for count in [DEEPEST - 5, 100_000] {
                let text = format!("SELECT {}1{};", left.repeat(count), right.repeat(count));
                let expected = (count < DEEPEST).then_some(0);
                assert_eq!(errors(&text), expected, "{left} {count}");
            }
        }
    }

    #[test]
    fn long_chains_are_no_deep_recursion() {
        for link in [" + 1", " AND a", " UNION ALL SELECT 1", " ^ 1"] {
            let text = format!("SELECT 1{};", link.repeat(LONGEST / link.len() - 20));
            assert_eq!(errors(&text), Some(0), "{link}");
        }
        for link in ["+1", "||a", "::int", ".a"] {
            let text = format!("SELECT 1{};", link.repeat(TIGHTEST + 1));
            assert_eq!(errors(&text), None, "{link}");
        }
    }

    #[test]
    fn a_panic_is_no_error() {
        assert_eq!(guarded("", || panic!("a defect")), None::<()>);
    }
}
