//! Statements that affect more than the connected database. They cannot be tried on a
//! scratch database, because their effect would stay.

use crate::error::{Error, ProofKind};
use migrate_model::{Migration, Postgres, Registry, Script, Version};
use migrate_scan::TokenKind;
use migrate_scan::postgres::Tokens;

/// The objects that the databases of a server share.
const SHARED: [&str; 6] = [
    "ROLE",
    "USER",
    "GROUP",
    "DATABASE",
    "TABLESPACE",
    "SUBSCRIPTION",
];

/// Functions that act on the server, on its files, or on another database.
const FUNCTIONS: [&str; 14] = [
    "DBLINK",
    "DBLINK_CONNECT",
    "DBLINK_CONNECT_U",
    "DBLINK_EXEC",
    "DBLINK_SEND_QUERY",
    "LO_EXPORT",
    "PG_CANCEL_BACKEND",
    "PG_CREATE_LOGICAL_REPLICATION_SLOT",
    "PG_CREATE_PHYSICAL_REPLICATION_SLOT",
    "PG_DROP_REPLICATION_SLOT",
    "PG_FILE_WRITE",
    "PG_PROMOTE",
    "PG_RELOAD_CONF",
    "PG_TERMINATE_BACKEND",
];

/// Refuses migrations that reach beyond a database.
pub(super) fn refuse(registry: &Registry<Postgres>, up_to: Option<Version>) -> Result<(), Error> {
    let migrations = registry.migrations().iter();
    for migration in migrations.filter(|it| Some(it.version) <= up_to) {
        if let Some(what) = in_script(&migration.up) {
            let label = migration.label.to_owned();
            return Err(ProofKind::Shared { label, what }.into());
        }
    }
    Ok(())
}

/// The statement of a migration, in either direction, that affects more than its
/// database.
pub(super) fn in_migration(migration: &Migration) -> Option<String> {
    in_script(&migration.up).or_else(|| in_script(migration.down.as_ref()?))
}

fn in_script(script: &Script) -> Option<String> {
    let mut statements = script.statements();
    statements.find_map(|statement| in_statement(script.text(statement)))
}

fn in_statement(statement: &str) -> Option<String> {
    let mut all = Vec::new();
    collect(statement, false, &mut all);
    let words: Vec<&str> = all.iter().map(|(word, _)| word.as_str()).collect();
    let at_start = match &words[..] {
        [verb @ ("GRANT" | "REVOKE"), rest @ ..] => of_rights(verb, rest),
        ["COPY", rest @ ..] => of_copy(rest),
        _ => of_command(&words),
    };
    at_start.or_else(|| {
        // Inside a body the beginnings of statements are not known.
        let in_body = |at: usize| all.get(at).is_some_and(|(_, is_body)| *is_body);
        (0..words.len()).find_map(|at| {
            let rest = &words[at..];
            let command = in_body(at).then(|| of_command(rest)).flatten();
            command.or_else(|| of_call(rest))
        })
    })
}

/// `GRANT role TO role` has no `ON`.
fn of_rights(verb: &str, rest: &[&str]) -> Option<String> {
    match rest.iter().position(|word| *word == "ON") {
        None => Some(format!(
            "{verb} … {}",
            if verb == "GRANT" { "TO" } else { "FROM" }
        )),
        Some(on) => {
            let object = rest.get(on + 1)?;
            let is_shared = ["DATABASE", "TABLESPACE", "PARAMETER"].contains(object);
            is_shared.then(|| format!("{verb} … ON {object}"))
        }
    }
}

/// A `COPY` with a file of the server, or a program.
fn of_copy(rest: &[&str]) -> Option<String> {
    let at = rest
        .iter()
        .rposition(|word| matches!(*word, "FROM" | "TO"))?;
    let is_stream = matches!(rest.get(at + 1), Some(&("STDIN" | "STDOUT")));
    (!is_stream).then(|| format!("COPY … {}", rest[at]))
}

fn of_call(words: &[&str]) -> Option<String> {
    match words {
        [function, "(", ..] if FUNCTIONS.contains(function) => Some(function.to_ascii_lowercase()),
        _ => None,
    }
}

fn of_command(words: &[&str]) -> Option<String> {
    match words {
        ["CREATE" | "ALTER" | "DROP", "USER", "MAPPING", ..] => None,
        [verb @ ("CREATE" | "ALTER" | "DROP"), object, ..] if SHARED.contains(object) => {
            Some(format!("{verb} {object}"))
        }
        ["ALTER", "SYSTEM", ..] => Some("ALTER SYSTEM".to_owned()),
        [verb @ ("DROP" | "REASSIGN"), "OWNED", ..] => Some(format!("{verb} OWNED")),
        ["COMMENT", "ON", object, ..] if SHARED.contains(object) => {
            Some(format!("COMMENT ON {object}"))
        }
        _ => None,
    }
}

/// The words of a statement in upper case, including those of the bodies in it, and
/// whether they are in one. A function may be called later, and a text in a body may
/// be executed.
fn collect(text: &str, is_body: bool, words: &mut Vec<(String, bool)>) {
    let first = words.len();
    for token in Tokens::new(text).filter(|token| !token.kind.is_blank()) {
        let written = &text[token.range];
        let is_do = words.get(first).is_some_and(|(word, _)| word == "DO");
        match (token.kind, body(written)) {
            (TokenKind::Quoted, Some(body)) if is_body || is_do || written.starts_with('$') => {
                collect(body, true, words);
            }
            (TokenKind::Quoted, _) => words.push((String::new(), is_body)),
            _ => words.push((written.to_uppercase(), is_body)),
        }
    }
}

/// The text between quotes or dollar quotes.
fn body(written: &str) -> Option<&str> {
    let delimiter = match written.strip_prefix('$') {
        Some(rest) => &written[..rest.find('$')? + 2],
        None => written.get(..1).filter(|quote| *quote == "'")?,
    };
    written.strip_prefix(delimiter)?.strip_suffix(delimiter)
}

#[cfg(test)]
mod tests {
    use super::in_statement;

    #[test]
    fn what_others_have_a_part_in_is_seen() {
        for (statement, what) in [
            ("CREATE ROLE app", "CREATE ROLE"),
            ("alter user app set search_path = a", "ALTER USER"),
            ("DROP DATABASE IF EXISTS orders", "DROP DATABASE"),
            ("GRANT app TO owner", "GRANT … TO"),
            (
                "GRANT CONNECT ON DATABASE orders TO app",
                "GRANT … ON DATABASE",
            ),
            ("REVOKE app FROM owner", "REVOKE … FROM"),
            ("COMMENT ON ROLE app IS 'x'", "COMMENT ON ROLE"),
            ("COPY a FROM '/tmp/a'", "COPY … FROM"),
            ("COPY (SELECT 1) TO PROGRAM 'sh'", "COPY … TO"),
            ("ALTER SYSTEM SET work_mem = '1GB'", "ALTER SYSTEM"),
            ("DO $$ BEGIN CREATE ROLE app; END $$", "CREATE ROLE"),
            ("DO 'BEGIN CREATE ROLE app; END'", "CREATE ROLE"),
            (
                "DO $a$ BEGIN EXECUTE 'CREATE ROLE app'; END $a$",
                "CREATE ROLE",
            ),
            (
                "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ ALTER SYSTEM RESET ALL $$",
                "ALTER SYSTEM",
            ),
            ("SELECT dblink_exec('x', 'y')", "dblink_exec"),
        ] {
            assert_eq!(
                in_statement(statement).as_deref(),
                Some(what),
                "{statement}"
            );
        }
        for statement in [
            "CREATE TABLE role(database text, \"user\" text)",
            "CREATE USER MAPPING FOR app SERVER other",
            "GRANT SELECT ON a TO app",
            "INSERT INTO notes VALUES ('create role app')",
            "COPY a FROM STDIN",
            "-- CREATE ROLE app\nSELECT 1",
            "ALTER TABLE a OWNER TO app",
            "ALTER TABLE a DROP role, ALTER user SET NOT NULL",
            "DO $$ BEGIN RAISE NOTICE 'x'; END $$",
        ] {
            assert_eq!(in_statement(statement), None, "{statement}");
        }
    }
}
