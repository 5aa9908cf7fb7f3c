//! Lint rules: checks of what a migration does, whose findings can be allowed one by one.
//!
//! `-- migrate: allow destructive-drop "exported last year"` goes before its statement, after it
//! on the same line, or at the top of the script, where it applies to all statements.

mod allow;
mod table;

mod action;
mod calls;
mod columns;
mod earlier;
mod features;
mod finding;
mod foreign_keys;
mod json5;
mod rules;
mod script;
mod shadow;
mod words;

pub use allow::Allowances;
pub use calls::TIME_FUNCTIONS;
pub use table::RULES;

use crate::diagnostic::{Code, Diagnostic, MOST};
use crate::nearest;
use crate::source_file::SourceFile;
use crate::{Options, SourceMigration, SourceScript};
use earlier::EarlierMigrations;
use migrate_model::Excerpt;
use migrate_scan::{Engine, sqlite};
use script::Script;
use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The finding fails the build.
    Error,
    /// The finding does not fail the build.
    Warning,
}

/// A rule. Its page in `docs/rules` explains it and shows examples.
///
/// ```
/// use migrate_scan::Engine;
/// use migrate_source::lint::rule;
///
/// assert_eq!(rule("blocking-index").unwrap().engine, Engine::Postgres);
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Rule {
    /// Its code, as in `S16`.
    pub code: Code,
    /// Its name, as in `destructive-drop`.
    pub name: &'static str,
    /// The engine whose scripts it checks.
    pub engine: Engine,
    /// The severity of its findings.
    pub level: Level,
    /// Whether it needs a replay of the migrations, not only their text.
    pub needs_replay: bool,
}

impl Code {
    /// The rule with this code, or `None` if the code cannot be allowed.
    ///
    /// ```
    /// use migrate_source::diagnostic::Code;
    ///
    /// assert_eq!(Code::DestructiveDrop.rule().unwrap().name, "destructive-drop");
    /// assert!(Code::Gap.rule().is_none());
    /// ```
    pub fn rule(self) -> Option<&'static Rule> {
        RULES.iter().find(|rule| rule.code == self)
    }

    /// The severity of a problem of this kind.
    pub fn level(self) -> Level {
        self.rule().map_or(Level::Error, |rule| rule.level)
    }
}

/// Finds a rule by its name or its code.
///
/// # Errors
///
/// Returns the most similar name, if there is one.
///
/// ```
/// use migrate_source::lint::rule;
///
/// assert_eq!(rule("S16").unwrap().name, "destructive-drop");
/// assert_eq!(rule("destructive-drops").unwrap_err(), Some("destructive-drop"));
/// ```
pub fn rule(word: &str) -> Result<&'static Rule, Option<&'static str>> {
    let mut rules = RULES.iter();
    rules
        .find(|rule| rule.name == word || rule.code.as_str() == word)
        .ok_or_else(|| {
            let names: Vec<&'static str> = RULES.iter().map(|rule| rule.name).collect();
            nearest(word, &names)
        })
}

/// The help of a finding, extended by the directive that allows it.
///
/// ```
/// use migrate_source::diagnostic::Code;
/// use migrate_source::lint::or_allow;
///
/// assert_eq!(
///     or_allow(Code::ReturnsRows, "remove it"),
///     "remove it\nor allow it: `-- migrate: allow returns-rows \"why\"`",
/// );
/// ```
pub fn or_allow(code: Code, help: &str) -> String {
    match code.rule() {
        Some(rule) => format!(
            "{help}\nor allow it: `-- migrate: allow {} \"why\"`",
            rule.name
        ),
        None => help.to_owned(),
    }
}

/// Divides findings into errors and warnings.
pub fn by_level(findings: Vec<Diagnostic>) -> (Vec<Diagnostic>, Vec<Diagnostic>) {
    findings
        .into_iter()
        .partition(|finding| finding.code.level() == Level::Error)
}

/// Removes the findings of a replay that the text has already given: the same code on the same
/// line, or the failure of a statement for which another error is known on that line.
pub fn without_repeats(mut found: Vec<Diagnostic>, known: &[Diagnostic]) -> Vec<Diagnostic> {
    let line = |it: &Diagnostic| it.excerpt.as_ref().map(|excerpt| excerpt.position.line);
    let is_repeated = |known: &Diagnostic, it: &Diagnostic| {
        let is_cause = it.code == Code::ReplayFailed && known.code.level() == Level::Error;
        known.path == it.path && line(known) == line(it) && (known.code == it.code || is_cause)
    };
    found.retain(|it| !known.iter().any(|known| is_repeated(known, it)));
    found
}

/// The number of bytes of `INSERT` statements in a directory that are read in full. Seed data is
/// rarely written by hand, and reading all of it would slow down every build.
const INSERTS: usize = 1024 * 1024;

/// Applies the rules that need only the text to the migrations that are not released.
pub(crate) fn check(
    migrations: &[SourceMigration],
    sources: &[SourceFile],
    options: &Options<'_>,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut budget = INSERTS;
    let files: BTreeMap<&str, &SourceFile> =
        sources.iter().map(|it| (it.path.as_str(), it)).collect();
    let mut scripts: BTreeMap<&str, &SourceScript> = BTreeMap::new();
    let earlier = EarlierMigrations::new(migrations, options);
    let drafts = migrations.iter().enumerate();
    for (number, migration) in drafts.filter(|(_, it)| !it.is_released()) {
        if options.downs_required {
            let finding = rules::down_missing(migration);
            found.extend(finding.and_then(|it| {
                of_file(Code::DownDoesNotRestore, &migration.up, it, options.engine)
            }));
        }
        let down = migration.down.iter().map(|down| (down, true));
        for (source, is_down) in std::iter::once((&migration.up, false)).chain(down) {
            let Some(file) = files.get(source.path.as_str()) else {
                continue;
            };
            // For a file with both scripts, a directive in the up applies to the whole file.
            if let Entry::Vacant(entry) = scripts.entry(&source.path) {
                entry.insert(source);
                found.extend(line_ends(file, source, options.engine));
            }
            // These rules understand only SQLite.
            if !source.is_rust && options.engine == Engine::Sqlite {
                let script = Script::read(
                    source,
                    is_down,
                    (&earlier, number),
                    options.sqlite,
                    &mut budget,
                );
                found.extend(of_script(file, &script));
            }
        }
    }
    let mut paths: Vec<&str> = files.keys().copied().collect();
    // Files that can still be renamed come last, so they get the finding.
    paths.sort_by_key(|path| scripts.contains_key(path));
    for (path, part, first) in rules::case_colliding(&paths) {
        let finding = (
            format!(
                "`{part}` and `{first}` differ only by case: on some systems they are the same"
            ),
            "rename one of them".to_owned(),
        );
        let script = scripts.get(path);
        found.extend(
            script.and_then(|script| of_file(Code::CaseColliding, script, finding, options.engine)),
        );
    }
    found
}

/// The findings in one script, except those that it allows.
fn of_script(file: &SourceFile, script: &Script<'_>) -> Vec<Diagnostic> {
    let source = script.source;
    // Most scripts have no finding, so the scan for directives is lazy.
    let allowed = LazyCell::new(|| Allowances::of(&source.text, &sqlite::scan(&source.text)));
    let start = LazyCell::new(|| start_of_line(&file.text, source.first_line));
    let mut found = Vec::new();
    for (code, check) in rules::OF_SCRIPTS {
        let findings = check(script)
            .into_iter()
            .filter(|finding| !allowed.has(code, finding.range.start));
        found.extend(findings.take(MOST).map(|finding| {
            let range = *start + finding.range.start..*start + finding.range.end;
            let (message, help) = (finding.message, or_allow(code, &finding.help));
            Diagnostic::in_text(code, &source.path, &file.text, range, message, help)
        }));
    }
    found
}

/// The offset of a line, counted from 1.
fn start_of_line(text: &str, line: u32) -> usize {
    let before = (line as usize).checked_sub(2);
    let end = before.and_then(|before| text.match_indices('\n').nth(before));
    end.map_or(0, |(at, _)| at + 1)
}

/// A finding about a whole file, unless its script allows it.
fn of_file(
    code: Code,
    script: &SourceScript,
    (message, help): (String, String),
    engine: Engine,
) -> Option<Diagnostic> {
    if script.is_rust {
        // A Rust file has no place for the directive.
        return Some(Diagnostic::of_path(code, &script.path, message, help));
    }
    let help = or_allow(code, &help);
    let allowed = Allowances::of(&script.text, &engine.scan(&script.text));
    let diagnostic = Diagnostic::of_path(code, &script.path, message, help);
    (!allowed.has_everywhere(code)).then_some(diagnostic)
}

fn line_ends(file: &SourceFile, script: &SourceScript, engine: Engine) -> Option<Diagnostic> {
    let finding = rules::mixed_line_ends(file)?;
    let text = (finding.message, finding.help);
    let mut diagnostic = of_file(Code::BadBytes, script, text, engine)?;
    diagnostic.excerpt = Some(Excerpt::new(&file.text, finding.range));
    Some(diagnostic)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::read;
    use crate::file_name::{FileKind, classify};
    use migrate_model::files::{Files, Listed};

    const NAME: &str = "001_a.sql";
    const SQL: &str = "DROP TABLE users;\r\nSELECT 1;\n-- migrate:down\nSELECT 2;\n";

    struct OneFile;

    impl Files for OneFile {
        fn list(&mut self, _folder: &str) -> Result<Vec<Listed>, String> {
            let name = NAME.to_owned();
            Ok(vec![Listed {
                name,
                is_folder: false,
            }])
        }

        fn read(&mut self, _path: &str) -> Result<Vec<u8>, String> {
            Ok(SQL.into())
        }
    }

    /// Released migrations cannot be fixed any more.
    #[test]
    fn frozen_migrations_are_not_linted() {
        let options = Options {
            downs_required: true,
            ..Options::default()
        };
        let directory = read(&mut OneFile, &options);
        assert_eq!(directory.diagnostics.len(), 4);

        let mut migrations = directory.migrations;
        let FileKind::Script(name) = classify(NAME, false) else {
            unreachable!();
        };
        let source = SourceFile {
            path: NAME.to_owned(),
            name,
            text: SQL.replace('\r', ""),
            is_damaged: false,
            mixed_line_ends: crate::text::mixed_line_ends(SQL.as_bytes()),
        };
        let sources = [source];
        assert_eq!(check(&migrations, &sources, &options).len(), 4);
        migrations[0].is_frozen = true;
        assert_eq!(check(&migrations, &sources, &options), []);
        migrations[0].is_frozen = false;
        migrations[0].is_adopted = true;
        assert_eq!(check(&migrations, &sources, &options), []);
    }
}
