/// The words of a `-- migrate: …` comment, or `None` for another comment.
pub fn directive(comment: &str) -> Option<&str> {
    let text = comment.strip_prefix("--")?.trim_start();
    text.strip_prefix("migrate:").map(str::trim)
}

/// `-- Migrate:down`, `-- migrate : empty "x"` and `-- migrate irreversible "x"`
/// are no directives, but are meant to be.
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
    let (word, behind) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
    let has_reason = behind.contains('"');
    words.len() < rest.len()
        && match word {
            "no-transaction" => behind.is_empty(),
            "irreversible" | "empty" | "allow" | "adopted" => has_reason,
            _ => false,
        }
}

/// `-- +goose Down`, `-- +migrate Down`, `-- Down Migration`, `-- Down`, and
/// `-- Migrate:down` or `/* migrate:down */`, which are no directives.
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
