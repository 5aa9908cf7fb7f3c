//! Directives in comments, and comments that look like one.

/// The words of a `-- migrate: …` comment, or `None` for any other comment.
pub fn directive(comment: &str) -> Option<&str> {
    let text = comment.strip_prefix("--")?.trim_start();
    text.strip_prefix("migrate:").map(str::trim)
}

/// Whether a comment looks like a misspelled directive: `-- Migrate:down`,
/// `-- migrate : empty "x"` or `-- migrate irreversible "x"`.
pub(super) fn resembles_directive(comment: &str) -> bool {
    const WORD: &str = "migrate";
    let Some(text) = comment.strip_prefix("--") else {
        return false;
    };
    let text = text.trim_start();
    let is_word = |word: &str| word.eq_ignore_ascii_case(WORD);
    if !text.get(..WORD.len()).is_some_and(is_word) {
        return false;
    }
    let rest = &text[WORD.len()..];
    let words = rest.trim_start();
    if words.starts_with(':') {
        return true;
    }
    let (word, after) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
    let has_reason = after.contains('"');
    words.len() < rest.len()
        && match word {
            "no-transaction" => after.is_empty(),
            "irreversible" | "empty" | "allow" | "adopted" => has_reason,
            _ => false,
        }
}

/// Whether a comment starts the down migration for another tool, or looks as if it
/// should: `-- +goose Down`, `-- +migrate Down`, `-- Down Migration`, `-- Down`,
/// `/* migrate:down */`.
pub(super) fn is_foreign_down(comment: &str) -> bool {
    const LONGEST: usize = 64;
    if comment.len() > LONGEST {
        return false;
    }
    let comment = comment.to_ascii_lowercase();
    let words: Vec<&str> = comment
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    matches!(
        words[..],
        ["down" | "downs"]
            | ["down", "migration"]
            | [
                "goose" | "migrate" | "micrate" | "migration" | "migrations" | "dbmate" | "rambler",
                "down"
            ]
    )
}
