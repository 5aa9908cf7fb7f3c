//! Which test each block of the guide belongs to.

use migrate_model::files::InMemory;
use migrate_scan::Engine;
use migrate_source::Options;
use migrate_source::directory::read;
use migrate_tests::markdown::{self, Block};

/// The test that a block belongs to, or what is wrong with it.
fn test_of(block: &Block, is_recipe: bool) -> Result<&'static str, String> {
    let note = block.note.as_deref().unwrap_or_default();
    let test = match (block.language.as_str(), note) {
        ("rust", "run" | "check" | "check items" | "check postgres") if !is_recipe => "rebuild",
        ("toml", "resolve") if !is_recipe => "rebuild",
        ("sql", "migration" | "migration for postgres") => "here",
        ("console", note) if note.starts_with("in ") => "transcripts",
        ("yaml" | "dockerfile" | "ini", note) if note.starts_with("file ") => "deployment",
        ("rust" | "sql" | "toml", note) if note.starts_with("file ") => {
            if is_recipe {
                "stacks"
            } else {
                "rebuild"
            }
        }
        // Output of programs that other tests see, and commands of Cargo.
        ("text" | "sh", "") => "none",
        (language, note) => return Err(format!("no test takes `{language}` with {note:?}")),
    };
    Ok(test)
}

/// A block that no test takes would grow old unseen.
#[test]
fn every_block_is_tested() {
    let mut tested = 0;
    for name in markdown::chapters() {
        for block in markdown::blocks(&markdown::chapter(&name)) {
            match test_of(&block, name.starts_with("recipes/")) {
                Ok(test) => tested += usize::from(test != "none"),
                Err(error) => panic!("{name}:{}: {error}", block.line),
            }
        }
    }
    assert!(tested > 80, "only {tested} blocks were found");
}

/// The chapter on rules shows a script that is refused without its first line.
#[test]
fn the_allowed_rule_finds_something() {
    let blocks = markdown::blocks(&markdown::chapter("rules.md"));
    let block = blocks
        .iter()
        .find(|it| it.note.as_deref() == Some("migration"));
    let (_, statement) = block.unwrap().text.split_once('\n').unwrap();
    let mut files = InMemory(&[("001_shown.sql", statement)]);
    let found = read(&mut files, &Options::default()).diagnostics;
    let codes: Vec<&str> = found.iter().map(|it| it.code.as_str()).collect();
    assert_eq!(codes, ["S16"]);
}

/// The compiler would accept a script that the guide shows.
#[test]
fn scripts_are_valid_migrations() {
    let mut checked = 0;
    for name in markdown::chapters() {
        for block in markdown::blocks(&markdown::chapter(&name)) {
            let engine = match block.note.as_deref() {
                Some("migration") => Engine::Sqlite,
                Some("migration for postgres") => Engine::Postgres,
                _ => continue,
            };
            let mut options = Options::default();
            options.engine = engine;
            let directory = read(&mut InMemory(&[("001_shown.sql", &block.text)]), &options);
            let found: Vec<String> = [directory.diagnostics, directory.warnings]
                .concat()
                .iter()
                .map(|it| format!("{}: {}", it.code, it.message))
                .collect();
            assert_eq!(found, [""; 0], "{name}:{}", block.line);
            checked += 1;
        }
    }
    assert!(checked > 3, "only {checked} scripts were found");
}
