//! PostgreSQL statements that cannot run in a transaction.

use migrate_scan::postgres::{Tokens, words};

/// The name of a statement that cannot run in a transaction, or `None` if it can.
///
/// The answer depends on the text alone. For example, `REINDEX` of a partitioned table cannot run
/// in a transaction either, but whether a table is partitioned is unknown here. `has_no_slot` is
/// whether an earlier statement disassociated the subscription from its replication slot, so that
/// it can be dropped in a transaction.
///
/// ```
/// use migrate_source::outside_transaction;
///
/// let sql = "create unique index concurrently on users(mail);";
/// assert_eq!(outside_transaction(sql, false), Some("CREATE INDEX CONCURRENTLY"));
/// assert_eq!(outside_transaction("REFRESH MATERIALIZED VIEW CONCURRENTLY a", false), None);
/// ```
pub fn outside_transaction(statement: &str, has_no_slot: bool) -> Option<&'static str> {
    // Only the first word is read at first, because `INSERT` statements can be long.
    let first = words(statement).next()?.0;
    if !matches!(
        first.as_str(),
        "ALTER" | "CLUSTER" | "CREATE" | "DISCARD" | "DO" | "DROP" | "REINDEX" | "VACUUM"
    ) {
        return None;
    }
    let words: Vec<String> = words(statement)
        .map(|(word, _)| word)
        .filter(|word| word != ";")
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["VACUUM", ..] => Some("VACUUM"),
        ["DO", ..] => match ends_transaction(statement)? {
            "COMMIT" => Some("DO … COMMIT"),
            _ => Some("DO … ROLLBACK"),
        },
        ["CREATE", "DATABASE", ..] => Some("CREATE DATABASE"),
        ["DROP", "DATABASE", ..] => Some("DROP DATABASE"),
        ["ALTER", "DATABASE", _, ref rest @ ..] => moves_database(rest),
        ["CREATE", "TABLESPACE", ..] => Some("CREATE TABLESPACE"),
        ["DROP", "TABLESPACE", ..] => Some("DROP TABLESPACE"),
        ["ALTER", "SYSTEM", ..] => Some("ALTER SYSTEM"),
        ["DISCARD", "ALL"] => Some("DISCARD ALL"),
        ["CREATE", "INDEX", "CONCURRENTLY", ..]
        | ["CREATE", "UNIQUE", "INDEX", "CONCURRENTLY", ..] => Some("CREATE INDEX CONCURRENTLY"),
        ["DROP", "INDEX", "CONCURRENTLY", ..] => Some("DROP INDEX CONCURRENTLY"),
        ["REINDEX", ref rest @ ..] => reindex(rest),
        ["CLUSTER", ref rest @ ..] => {
            let rest = after_options(rest);
            matches!(rest, [] | ["VERBOSE"]).then_some("CLUSTER")
        }
        ["ALTER", "TABLE", .., "CONCURRENTLY"] => words
            .windows(2)
            .any(|pair| pair == ["DETACH", "PARTITION"])
            .then_some("ALTER TABLE … DETACH PARTITION … CONCURRENTLY"),
        ["CREATE", "SUBSCRIPTION", _, ref rest @ ..] => {
            let creates_no_slot = is_off(rest, "connect") || is_off(rest, "create_slot");
            (!creates_no_slot).then_some("CREATE SUBSCRIPTION")
        }
        ["DROP", "SUBSCRIPTION", ..] => (!has_no_slot).then_some("DROP SUBSCRIPTION"),
        ["ALTER", "SUBSCRIPTION", _, "REFRESH", ..] => {
            Some("ALTER SUBSCRIPTION … REFRESH PUBLICATION")
        }
        [
            "ALTER",
            "SUBSCRIPTION",
            _,
            "SET" | "ADD" | "DROP",
            "PUBLICATION",
            ref rest @ ..,
        ] => (!is_off(rest, "refresh")).then_some("ALTER SUBSCRIPTION … PUBLICATION"),
        _ => None,
    }
}

/// The statement in the body of a `DO` block or a procedure that ends the transaction: `COMMIT` or
/// `ROLLBACK`. One in an exception handler does not count.
///
/// ```
/// use migrate_source::ends_transaction;
///
/// assert_eq!(ends_transaction("DO $$ BEGIN LOOP COMMIT; END LOOP; END $$"), Some("COMMIT"));
/// assert_eq!(ends_transaction("DO $$ BEGIN RAISE NOTICE 'COMMIT;'; END $$"), None);
/// ```
pub fn ends_transaction(statement: &str) -> Option<&'static str> {
    let bodies = Tokens::new(statement).filter_map(|token| body(statement.get(token.range)?));
    let mut found = bodies.filter_map(|body| {
        let words: Vec<String> = words(body).map(|(word, _)| word).collect();
        let is_start = |at: usize| {
            let before = at.checked_sub(1).and_then(|at| words.get(at));
            matches!(
                before.map(String::as_str),
                None | Some(";" | "BEGIN" | "THEN" | "ELSE" | "LOOP")
            )
        };
        let ends = |at: usize| matches!(words.get(at).map(String::as_str), Some(";" | "AND"));
        // A handler may never run.
        let mut is_handler = false;
        let mut ending = words.iter().enumerate().filter_map(|(at, word)| {
            let next = words.get(at + 1).map(String::as_str);
            let is_block_end = word == "END" && !matches!(next, Some("IF" | "LOOP" | "CASE"));
            is_handler = (is_handler || word == "EXCEPTION" && is_start(at)) && !is_block_end;
            let word = ["COMMIT", "ROLLBACK"].into_iter().find(|it| it == word)?;
            (!is_handler && is_start(at) && ends(at + 1)).then_some(word)
        });
        ending.next()
    });
    found.next()
}

/// The text in dollar quotes or single quotes.
fn body(token: &str) -> Option<&str> {
    if let Some(text) = token.strip_prefix('\'') {
        return text.strip_suffix('\'');
    }
    let length = token.strip_prefix('$')?.find('$')? + 2;
    token.get(length..token.len().checked_sub(length)?)
}

/// Whether a statement disassociates a subscription from its replication slot.
pub(crate) fn detaches_slot(statement: &str) -> bool {
    let mut words = words(statement).map(|(word, _)| word);
    let is_alter =
        words.next().as_deref() == Some("ALTER") && words.next().as_deref() == Some("SUBSCRIPTION");
    let rest: Vec<String> = if is_alter {
        words.collect()
    } else {
        Vec::new()
    };
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    option(&rest, "slot_name").is_some_and(|value| named(value) == "none")
}

/// The direction of a `COPY` from or to the client: `FROM` or `TO`.
pub(crate) fn copies(statement: &str) -> Option<&'static str> {
    let mut depth = 0_usize;
    let mut direction = None;
    for (word, _) in words(statement) {
        match word.as_str() {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            "STDIN" | "STDOUT" if direction.is_some() => return direction,
            _ => {}
        }
        direction = match word.as_str() {
            "FROM" if depth == 0 => Some("FROM"),
            "TO" if depth == 0 => Some("TO"),
            _ => None,
        };
    }
    None
}

fn moves_database(rest: &[&str]) -> Option<&'static str> {
    let moves = match rest {
        ["SET", second, ..] => *second == "TABLESPACE",
        ["RENAME" | "OWNER" | "RESET" | "REFRESH", ..] => false,
        _ => rest.contains(&"TABLESPACE"),
    };
    moves.then_some("ALTER DATABASE … SET TABLESPACE")
}

fn reindex(rest: &[&str]) -> Option<&'static str> {
    let is_option = option(rest, "concurrently").is_some() && !is_off(rest, "concurrently");
    match after_options(rest) {
        ["SCHEMA", ..] => Some("REINDEX SCHEMA"),
        ["DATABASE", ..] => Some("REINDEX DATABASE"),
        ["SYSTEM", ..] => Some("REINDEX SYSTEM"),
        [_, "CONCURRENTLY", ..] => Some("REINDEX CONCURRENTLY"),
        _ => is_option.then_some("REINDEX CONCURRENTLY"),
    }
}

/// The words after a leading `( … )`, or all words if there is none.
fn after_options<'a, 'b>(words: &'a [&'b str]) -> &'a [&'b str] {
    match (words.first(), words.iter().position(|word| *word == ")")) {
        (Some(&"("), Some(end)) => &words[end + 1..],
        _ => words,
    }
}

/// Whether an option is set to off, such as `connect = false`.
fn is_off(words: &[&str], name: &str) -> bool {
    let value = option(words, name).map(named);
    value.is_some_and(|value| matches!(value.as_str(), "false" | "off" | "0"))
}

/// The value of an option in parentheses; empty if it has no value.
fn option<'a>(words: &[&'a str], name: &str) -> Option<&'a str> {
    let list = words.iter().position(|word| *word == "(")?;
    let options = words.get(list..)?;
    let at = options
        .windows(2)
        .position(|pair| matches!(pair[0], "(" | ",") && named(pair[1]) == name)?;
    Some(match options.get(at + 2..)? {
        ["=", value, ..] => value,
        [")" | ",", ..] | [] => "",
        [value, ..] => value,
    })
}

/// A name or a string without its quotes, in lower case.
fn named(word: &str) -> String {
    word.trim_matches(['"', '\'']).to_ascii_lowercase()
}
