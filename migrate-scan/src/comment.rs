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

/// Words that start a down.
const DOWNS: [&str; 8] = [
    "backwards",
    "down",
    "downgrade",
    "downs",
    "revert",
    "rollback",
    "rollbacks",
    "undo",
];

/// Words that may stand beside those: names of tools, and words that say only that this is a
/// part of a script.
const BESIDE: [&str; 20] = [
    "begin",
    "dbmate",
    "flyway",
    "goose",
    "liquibase",
    "micrate",
    "migrate",
    "migration",
    "migrations",
    "mybatis",
    "notransaction",
    "part",
    "rambler",
    "script",
    "scripts",
    "section",
    "sql",
    "sqlx",
    "start",
    "yoyo",
];

/// Whether a comment starts the down migration for another tool, or looks as if it should:
/// `-- +goose Down`, `-- Down Migration`, `-- rollback`, `--//@UNDO`, `/* migrate:down */`. It
/// has such words and no others, so prose does not count.
pub(super) fn is_foreign_down(comment: &str) -> bool {
    const LONGEST: usize = 96;
    const MOST: usize = 4;
    if comment.len() > LONGEST {
        return false;
    }
    let comment = comment.to_ascii_lowercase();
    let words = || {
        let words = comment.split(|c: char| !c.is_alphanumeric());
        words.filter(|word| !word.is_empty())
    };
    words().any(|word| DOWNS.contains(&word))
        && words().count() <= MOST
        && words().all(|word| DOWNS.contains(&word) || BESIDE.contains(&word))
}
