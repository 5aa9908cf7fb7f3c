//! Applying the rules for PostgreSQL to the scripts of a directory.

use super::action::{Action, actions};
use super::finding::{Finding, Seen};
use super::known::{Known, Own};
use super::parse::guarded;
use super::rules;
use migrate_scan::Engine;
use migrate_source::diagnostic::Diagnostic;
use migrate_source::lint::{Allowances, or_allow};
use migrate_source::{SourceMigration, SourceScript};
use std::cell::LazyCell;

/// The maximum number of findings that are reported for a script.
const MOST: usize = 20;

/// Applies the rules for PostgreSQL to the migrations of a directory, and returns the findings in
/// those that are not released, except for allowed ones. An up is checked against the schema that
/// the earlier ones create. In a down, only statements that would fail are reported.
///
/// ```
/// use migrate_scan::Engine;
/// use migrate_model::files::InMemory;
/// use migrate_source::Options;
/// use migrate_source::directory::read;
/// use migrate_prove::postgres::lint;
///
/// let files = [
///     ("001_users.sql", "CREATE TABLE users(id bigint PRIMARY KEY);"),
///     ("002_name.sql", "ALTER TABLE users ADD COLUMN name text NOT NULL;"),
/// ];
/// let mut options = Options::default();
/// options.engine = Engine::Postgres;
/// let directory = read(&mut InMemory(&files), &options);
/// let findings = lint(&directory.migrations);
/// assert_eq!(findings[0].code.as_str(), "P09");
/// ```
pub fn lint(migrations: &[SourceMigration]) -> Vec<Diagnostic> {
    let mut known = Known::default();
    let mut found = Vec::new();
    for migration in migrations {
        let mut own = Own::default();
        let is_released = migration.is_released();
        let down = migration.down.as_ref().filter(|_| !is_released);
        let scripts = std::iter::once((&migration.up, false)).chain(down.map(|it| (it, true)));
        for (script, is_down) in scripts.filter(|(script, _)| !script.is_rust) {
            let findings = of_script(script, is_down, &mut known, &mut own);
            if !is_released {
                found.extend(diagnostics(script, findings));
            }
        }
    }
    found
}

fn of_script(
    script: &SourceScript,
    is_down: bool,
    known: &mut Known,
    own: &mut Own,
) -> Vec<Finding> {
    let actions = read(script);
    let mut found = Vec::new();
    for (at, (statement, action)) in actions.iter().enumerate() {
        let seen = Seen {
            known,
            own,
            script,
            later: actions.get(at + 1..).unwrap_or_default(),
            statement: *statement,
        };
        found.extend(rules::check(&seen, action, is_down));
        own.apply(action);
        if !is_down {
            known.apply(action);
        }
    }
    found
}

/// The actions of each statement, with the index of the statement.
fn read(script: &SourceScript) -> Vec<(usize, Action)> {
    let mut all = Vec::new();
    for (number, statement) in script.statements.iter().enumerate() {
        let start = statement.start as usize;
        let text = script
            .text
            .get(start..statement.end as usize)
            .filter(|it| is_of_interest(it))
            .unwrap_or_default();
        let found = guarded(text, || actions(text)).unwrap_or_default();
        all.extend(found.into_iter().map(|mut action| {
            action.shift(start);
            (number, action)
        }));
    }
    all
}

/// Whether a statement is parsed. Most of a script can be seed data and functions.
fn is_of_interest(statement: &str) -> bool {
    let first = statement
        .split(|it: char| !it.is_ascii_alphabetic())
        .next()
        .unwrap_or_default()
        .to_ascii_uppercase();
    let known = [
        "ALTER", "CALL", "CLUSTER", "CREATE", "DELETE", "DO", "DROP", "REFRESH", "REINDEX",
        "SELECT", "TRUNCATE", "UPDATE", "VACUUM", "WITH",
    ];
    let is_role = || {
        let statement = statement.to_ascii_lowercase();
        first == "SET" && statement.contains("session_replication_role")
    };
    known.contains(&first.as_str()) || is_role()
}

fn diagnostics(script: &SourceScript, findings: Vec<Finding>) -> Vec<Diagnostic> {
    // Most scripts have no finding, so the scan is lazy.
    let allowed =
        LazyCell::new(|| Allowances::of(&script.text, &Engine::Postgres.scan(&script.text)));
    let mut findings = findings;
    findings.retain(|it| !allowed.has(it.code, it.range.start));
    let findings = findings.into_iter().take(MOST);
    let diagnostics = findings.map(|it| {
        let help = or_allow(it.code, &it.help);
        let text = (script.text.as_str(), script.first_line);
        Diagnostic::in_part(it.code, &script.path, text, it.range, it.message, help)
    });
    diagnostics.collect()
}
