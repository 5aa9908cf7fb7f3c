//! `docs/diagnostics.md` has a section for each code, with examples that are
//! true.

mod memory;

use memory::Memory;
use migrate_scan::Engine;
use migrate_source::Options;
use migrate_source::diagnostic::Code;
use migrate_source::directory::read;

const PAGE: &str = include_str!("../../docs/diagnostics.md");

/// Those whose bad example cannot be written as text, or needs a parser or a
/// replay.
const NOT_SHOWN: [Code; 9] = [
    Code::UnreadableDirectory,
    Code::UnreadableFile,
    Code::NotUtf8,
    Code::NulByte,
    Code::Syntax,
    Code::ReplayFailed,
    Code::DownFails,
    Code::NotRepeatable,
    Code::ReplayTooLong,
];

#[test]
fn each_code_has_a_section_with_a_bad_and_a_good_example() {
    let sections: Vec<&str> = PAGE.split("\n## ").skip(1).collect();
    let documented: Vec<&str> = sections.iter().filter_map(|it| it.get(..4)).collect();
    // Those that can be allowed have a page each.
    let mut codes: Vec<Code> = Code::ALL.to_vec();
    codes.retain(|code| code.rule().is_none());
    let names: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
    assert_eq!(documented, names);
    for (section, code) in sections.iter().zip(&codes) {
        for (engine, of_engine) in ENGINES {
            let example = |kind: &str| example(section, &format!("{kind}{of_engine}"));
            let (Some(good), Some(bad)) = (example("Good"), example("Bad")) else {
                assert_ne!(engine, Engine::Sqlite, "{section}");
                continue;
            };
            let (good, bad) = (codes_of(good, engine), codes_of(bad, engine));
            assert_eq!(good, [], "the good example of {code}{of_engine}");
            let is_shown = !NOT_SHOWN.contains(code);
            assert!(
                bad.contains(code) || !is_shown,
                "the bad example of {code}{of_engine} gives {bad:?}"
            );
        }
    }
    let of_postgres = PAGE.matches("\nBad, for PostgreSQL:\n").count();
    assert!(of_postgres >= 7, "{of_postgres}");
}

/// The examples of an engine, by their headings.
const ENGINES: [(Engine, &str); 2] = [(Engine::Sqlite, ""), (Engine::Postgres, ", for PostgreSQL")];

/// The language and the text of an example.
fn example<'a>(section: &'a str, kind: &str) -> Option<(&'a str, &'a str)> {
    let opening = format!("\n{kind}:\n\n```");
    section
        .split_once(&opening)
        // With the end of its last line, which a lock file needs.
        .and_then(|(_, rest)| Some(&rest[..=rest.find("\n```")?]))
        .and_then(|block| block.split_once('\n'))
}

/// The codes that an example gives: a script, or a tree of files.
fn codes_of((language, text): (&str, &str), engine: Engine) -> Vec<Code> {
    let files = match language {
        "sql" => vec![("001_users.sql", text)],
        "rust" => vec![("001_users.rs", text)],
        // Several files, each below a line with its path.
        _ if text.starts_with("==> ") => text
            .split("==> ")
            .skip(1)
            .filter_map(|file| file.split_once(" <==\n"))
            .map(|(path, text)| (path.trim_start_matches("migrations/"), text))
            .collect(),
        _ => {
            let paths = text
                .lines()
                .filter_map(|line| line.split_once("migrations/"));
            paths
                .map(|(_, path)| (path, "CREATE TABLE t(x);"))
                .collect()
        }
    };
    let mut options = Options::default();
    options.engine = engine;
    options.rust = Some(&migrate_source::rust_file::check);
    let directory = read(&mut Memory::new(files), &options);
    directory.diagnostics.iter().map(|it| it.code).collect()
}
