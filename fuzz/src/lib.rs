//! Properties that must hold for every input: docs/internals/README.md,
//! "Property tests and fuzzing".
//!
//! The fuzz targets call these functions; so does `tests/fuzz.rs`, on every
//! commit and without a fuzzer.

use migrate_model::files::{Files, Listed};
use migrate_scan::Token;
use migrate_scan::text::{canonicalize, line_at, position};
use migrate_scan::{Engine, postgres, sqlite};
use migrate_source::Options;
use migrate_source::directive;
use migrate_source::directory::read;
use migrate_source::file_name::{FileKind, NameProblem, Role, ScriptName, classify};
use migrate_source::render::render;

/// A path that is accepted says what it means, and is understood the same when
/// it is written anew; one that is refused is told a name that is accepted.
pub fn file_name(path: &str) {
    for timestamps in [false, true] {
        match classify(path, timestamps) {
            FileKind::Ignored => {}
            FileKind::Script(script) => script_name(path, timestamps, &script),
            FileKind::Unknown(problem) if !path.contains('/') => {
                suggestion(timestamps, &problem);
            }
            FileKind::Unknown(_) => {}
        }
    }
}

fn script_name(path: &str, timestamps: bool, script: &ScriptName) {
    let (version, digits, name) = (script.version, script.digits, &script.name);
    let is_good = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
    assert!(!name.is_empty() && name.bytes().all(is_good), "{path:?}");
    assert!((3..=19).contains(&digits), "{path:?}");
    assert!(!timestamps || digits == 14, "{path:?}");
    let number = format!("{:0digits$}", version.get());
    assert_eq!(number.len(), digits, "{path:?}");
    let is_there = ['_', '-']
        .iter()
        .any(|separator| path.contains(&format!("{number}{separator}{name}")));
    assert!(is_there, "{path:?}");
    if let Some(shorter) = &script.name_without_suffix {
        let suffixed = ["_down", "-down"].map(|suffix| format!("{shorter}{suffix}"));
        assert!(suffixed.contains(name) && !shorter.is_empty(), "{path:?}");
    }
    let ending = match script.role {
        Role::Up => ".sql",
        Role::Down => ".down.sql",
        Role::Rust => ".rs",
    };
    let plain = ScriptName {
        name_without_suffix: None,
        ..script.clone()
    };
    let written = format!("{number}_{name}{ending}");
    let again = classify(&written, timestamps);
    assert_eq!(again, FileKind::Script(plain), "{path:?}");
}

fn suggestion(timestamps: bool, problem: &NameProblem) {
    let better = match problem {
        NameProblem::TooFewDigits(better) | NameProblem::BadName(better) => better.clone(),
        // The number is for the author to choose.
        NameProblem::NoNumber(better) if timestamps => format!("20260131235959_{better}"),
        NameProblem::NoNumber(better) => format!("001_{better}"),
        _ => return,
    };
    match classify(&better, timestamps) {
        FileKind::Script(_) => {}
        // What is wrong with the number is the next thing to say.
        FileKind::Unknown(NameProblem::OutOfRange | NameProblem::NotATimestamp) => {}
        other => panic!("{better:?} is no better: {other:?}"),
    }
}

/// Tokens cover the text; statements lie in it in order, with nothing but gaps
/// between them; and a script that is put together from them is split at the
/// same places.
pub fn scanner(text: &str) {
    tokens(text, sqlite::Tokens::new(text));
    statements(text, Engine::Sqlite);
}

/// The same for PostgreSQL.
pub fn scanner_postgres(text: &str) {
    tokens(text, postgres::Tokens::new(text));
    statements(text, Engine::Postgres);
}

fn tokens(text: &str, tokens: impl Iterator<Item = Token>) {
    let mut end = 0;
    for token in tokens {
        assert_eq!(token.range.start, end);
        assert!(
            text.get(token.range.clone())
                .is_some_and(|it| !it.is_empty())
        );
        end = token.range.end;
    }
    assert_eq!(end, text.len());
}

fn statements(text: &str, engine: Engine) {
    let scan = engine.scan(text);
    let unterminated = scan.unterminated.iter().map(|(_, range)| range);
    let places = scan.directives.iter().chain(&scan.foreign_downs);
    for range in places.chain(&scan.parameters).chain(unterminated) {
        assert!(text.get(range.clone()).is_some_and(|it| !it.is_empty()));
    }
    let mut parts: Vec<(usize, usize, bool)> = Vec::new();
    for range in scan.shell_commands.iter().chain(&scan.copied_rows) {
        parts.push((range.start, range.end, false));
    }
    for statement in &scan.statements {
        let (start, end) = (statement.start as usize, statement.end as usize);
        assert_eq!(statement.line as usize, position(text, start).line);
        parts.push((start, end, true));
    }
    assert!(scan.statements.is_sorted_by_key(|it| it.start));
    parts.sort_unstable();
    let mut end = 0;
    for &(start, next, _) in &parts {
        assert!(end <= start && start < next);
        assert!(is_gap(&text[end..start], engine), "{:?}", &text[end..start]);
        end = next;
    }
    assert!(is_gap(&text[end..], engine), "{:?}", &text[end..]);

    let statements = parts.iter().filter(|part| part.2);
    let statements: Vec<&str> = statements.map(|part| &text[part.0..part.1]).collect();
    // A statement that a command of psql has cut off goes on in the next, rows
    // need a line of their own, and a text in quotes goes on behind a line end.
    let is_cut = !scan.shell_commands.is_empty() || !scan.copied_rows.is_empty();
    if engine == Engine::Postgres && is_cut {
        return;
    }
    // Not with line ends: after one, `.read` is a shell command, and a vertical
    // tab is white space. Behind a semicolon neither is.
    let joined = format!(";{}", statements.concat());
    let again = engine.scan(&joined).statements;
    let again = again
        .iter()
        .map(|it| &joined[it.start as usize..it.end as usize]);
    assert_eq!(again.collect::<Vec<_>>(), statements);
}

/// White space, comments and semicolons; not with the tokens under test.
fn is_gap(mut text: &str, engine: Engine) -> bool {
    loop {
        text = text.trim_start_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}', '\u{feff}', ';']);
        if let Some(comment) = text.strip_prefix("--") {
            text = comment.find('\n').map_or("", |end| &comment[end..]);
        } else if let Some(comment) = text.strip_prefix("/*") {
            text = match engine {
                Engine::Postgres => behind_nested(text),
                _ => comment.find("*/").map_or("", |end| &comment[end + 2..]),
            };
        } else {
            return text.is_empty();
        }
    }
}

/// What follows a comment that holds others.
fn behind_nested(text: &str) -> &str {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(pair) = text.as_bytes().get(at..at + 2) {
        match pair {
            b"/*" => depth += 1,
            b"*/" => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return &text[at..];
        }
    }
    ""
}

const FILE: &str = "001_a.sql";

/// The content of a file, whatever it is: no panic, and every problem has a
/// place that is in the text.
pub fn header(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = directive::parse(text);
        if let Some(words) = migrate_scan::directive(text) {
            let _ = directive::parse(words);
        }
    }
    for engine in [Engine::Sqlite, Engine::Postgres] {
        judged(bytes, engine);
    }
}

fn judged(bytes: &[u8], engine: Engine) {
    let mut options = Options::default();
    options.engine = engine;
    let directory = read(&mut OneFile(bytes), &options);
    let text = canonicalize(bytes);
    for diagnostic in directory.diagnostics.iter().chain(&directory.warnings) {
        assert!(!diagnostic.message.is_empty() && !diagnostic.help.is_empty());
        assert!(render(diagnostic).contains(&diagnostic.message));
        // What is no text has places in what could be read of it.
        let (Some(excerpt), Ok(text)) = (&diagnostic.excerpt, &text) else {
            continue;
        };
        assert_eq!(diagnostic.path, FILE);
        let start = excerpt.range.start;
        assert!(text.get(excerpt.range.clone()).is_some(), "{diagnostic:?}");
        assert_eq!(excerpt.position, position(text, start), "{diagnostic:?}");
        assert_eq!(excerpt.line, line_at(text, start).1, "{diagnostic:?}");
    }
    if text.is_err() || directory.migrations.is_empty() {
        assert!(!directory.diagnostics.is_empty());
    }
    for migration in &directory.migrations {
        for script in std::iter::once(&migration.up).chain(&migration.down) {
            for place in &script.statements {
                let statement = script.text.get(place.start as usize..place.end as usize);
                assert!(statement.is_some_and(|statement| !statement.is_empty()));
            }
        }
    }
}

struct OneFile<'a>(&'a [u8]);

impl Files for OneFile<'_> {
    fn list(&mut self, _folder: &str) -> Result<Vec<Listed>, String> {
        Ok(vec![Listed {
            name: FILE.to_owned(),
            is_folder: false,
        }])
    }

    fn read(&mut self, _path: &str) -> Result<Vec<u8>, String> {
        Ok(self.0.to_vec())
    }
}

/// Any text is judged, and what follows the last item changes nothing: a file
/// with an `up` still has it when a comment comes behind it.
pub fn rust_file(text: &str) {
    let found = migrate_source::rust_file::check(text, Engine::Sqlite);
    let commented =
        migrate_source::rust_file::check(&format!("{text}\n// fn down\n"), Engine::Sqlite);
    if found.is_ok_and(|file| !file.has_down) {
        assert!(commented.is_ok_and(|file| !file.has_down));
    }
}
