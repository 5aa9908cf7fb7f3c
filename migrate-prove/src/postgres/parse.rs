//! Calling the parser, which is recursive, without risking a stack overflow.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

/// The maximum depth of nesting. Deeper statements are left to the server.
const DEEPEST: usize = 400;

/// The maximum number of signs without a space between them: the parser's time grows with the
/// square of their number.
const TIGHTEST: usize = 1_000;

/// Up to this depth and length, the stack of any thread suffices.
const SHALLOW: usize = 40;
const SHORT: usize = 16 * 1024;

/// The stack that [`DEEPEST`] levels and a chain of operators of [`LONGEST`] bytes may need: about
/// 10 KB for each level and 200 bytes for each operator. Only the used part takes memory.
const STACK: usize = 64 * 1024 * 1024;
const LONGEST: usize = 256 * 1024;

/// Calls a parser on a text, on a thread with enough stack. Returns `None` if the text is too deep
/// or too long, or if the parser panics: a bug of the parser must not fail a build.
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

/// A lower bound of how deep the expressions of a text nest. Strings count too, because the bodies
/// of functions are strings.
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
    // A table has a `NOT NULL` for each column, and a line of dashes is not an operator.
    deepest + prefixes.saturating_sub(SHALLOW) + signs.saturating_sub(SHALLOW)
}

/// The maximum number of signs without a space, comma, quote or bracket between them.
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
