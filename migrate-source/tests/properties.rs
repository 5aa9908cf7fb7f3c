//! What holds for every input: nothing panics, nothing is lost, and the same
//! directory is judged the same however it is written or listed.

#[path = "../../migrate-model/tests/cases/mod.rs"]
mod cases;
mod memory;

use cases::cases;
use memory::Memory;
use migrate_model::files::list;
use migrate_model::{Checksum, Numbering, Version};
use migrate_scan::sqlite::{Tokens, scan};
use migrate_scan::text::{Position, canonicalize, line_at, position};
use migrate_source::diagnostic::{Code, Diagnostic};
use migrate_source::directory::read;
use migrate_source::render::render;
use migrate_source::{Options, SyntaxProblem};
use migrate_source::{directive, file_name, nearest};
use proptest::prelude::*;

/// Pieces that mean something to the scanner or to a rule.
const PIECES: [&str; 48] = [
    " ",
    "\n",
    "\r\n",
    "\t",
    ";",
    ";",
    "'",
    "\"",
    "`",
    "[",
    "]",
    "--",
    "/*",
    "*/",
    "(",
    ")",
    "?",
    ":x",
    "$a::b(",
    "@",
    "\\i x",
    ".read x",
    ".5",
    "CREATE ",
    "TEMP ",
    "TRIGGER ",
    "BEGIN ",
    "END",
    "CASE ",
    "EXPLAIN ",
    "COMMIT",
    "VACUUM",
    "PRAGMA ",
    "foreign_keys",
    "=",
    "main.",
    "SELECT 1",
    "DROP TABLE t",
    "-- migrate:down\n",
    "-- migrate: empty \"x\"\n",
    "-- migrate: irreversible \"x\"\n",
    "-- migrate: ",
    "\u{a0}",
    "\u{feff}",
    "ä",
    "表",
    "\0",
    "\u{b}",
];

fn sql() -> impl Strategy<Value = String> {
    let pieces = prop::collection::vec(prop::sample::select(&PIECES[..]), 0..30);
    prop_oneof![4 => pieces.prop_map(|pieces| pieces.concat()), 1 => any::<String>()]
}

fn content() -> impl Strategy<Value = Vec<u8>> {
    let bytes = prop::collection::vec(any::<u8>(), 0..40);
    let damaged =
        (sql(), bytes.clone()).prop_map(|(sql, bytes)| [sql.into_bytes(), bytes].concat());
    prop_oneof![6 => sql().prop_map(String::into_bytes), 1 => bytes, 1 => damaged]
}

fn path() -> impl Strategy<Value = String> {
    let folder = prop::sample::select(
        &[
            "",
            "",
            "",
            "down/",
            "rollbacks/",
            "schema/",
            "archive/",
            "001_a/",
            "1_a/",
            ".git/",
            "schema/down/",
            "002-b/",
        ][..],
    );
    let number = prop::sample::select(
        &[
            "001_",
            "001-",
            "002_",
            "003_",
            "004_",
            "0005_",
            "1_",
            "V6__",
            "",
            "000_",
            "999_",
            "18446744073709551615_",
            "9223372036854775807_",
            "20240131235959_",
            "20240131235960_",
        ][..],
    );
    let name = prop::sample::select(
        &[
            "a", "b", "a_down", "A b", "", "größe", "up", "down", "README", "_", "-",
        ][..],
    );
    let ending = prop::sample::select(
        &[
            ".sql",
            ".sql",
            ".sql",
            ".up.sql",
            ".down.sql",
            ".rs",
            ".SQL",
            ".txt",
            "",
        ][..],
    );
    let written = (folder, number, name, ending)
        .prop_map(|(folder, number, name, ending)| format!("{folder}{number}{name}{ending}"));
    // A name between two slashes is never empty in a file system.
    let any = any::<String>().prop_map(|name| name.replace('/', "_"));
    prop_oneof![12 => written, 1 => any]
}

fn numbering() -> impl Strategy<Value = Numbering> {
    prop_oneof![
        3 => Just(Numbering::DEFAULT),
        1 => Just(Numbering::Timestamp),
        1 => (1..=Version::MAX.get()).prop_map(|first| Numbering::Sequential {
            first: Version::new(first),
        }),
    ]
}

/// White space, comments and semicolons; not with the tokens under test.
fn is_gap(mut text: &str) -> bool {
    loop {
        text = text.trim_start_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}', '\u{feff}', ';']);
        if let Some(comment) = text.strip_prefix("--") {
            text = comment.find('\n').map_or("", |end| &comment[end..]);
        } else if let Some(comment) = text.strip_prefix("/*") {
            text = comment.find("*/").map_or("", |end| &comment[end + 2..]);
        } else {
            return text.is_empty();
        }
    }
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn canonical_text_is_canonical(bytes in content()) {
        match canonicalize(&bytes) {
            Ok(text) => {
                prop_assert!(!text.contains('\r'));
                // One mark is taken off, not all.
                if !text.starts_with('\u{feff}') {
                    prop_assert_eq!(canonicalize(text.as_bytes()), Ok(text));
                }
            }
            Err(at) => {
                prop_assert!(std::str::from_utf8(&bytes[..at]).is_ok());
                prop_assert!(std::str::from_utf8(&bytes[..=at]).is_err());
            }
        }
    }

    #[test]
    fn line_ends_make_no_difference(lines in prop::collection::vec("[^\r\n\u{feff}]*", 0..8)) {
        let canonical = lines.join("\n");
        for line_end in ["\n", "\r\n", "\r"] {
            let text = lines.join(line_end);
            prop_assert_eq!(canonicalize(text.as_bytes()), Ok(canonical.clone()));
            let marked = format!("\u{feff}{text}");
            prop_assert_eq!(canonicalize(marked.as_bytes()), Ok(canonical.clone()));
        }
    }

    #[test]
    fn tokens_cover_the_text(text in sql()) {
        let mut end = 0;
        for token in Tokens::new(&text) {
            prop_assert_eq!(token.range.start, end);
            prop_assert!(token.range.end > end);
            prop_assert!(text.get(token.range.clone()).is_some());
            end = token.range.end;
        }
        prop_assert_eq!(end, text.len());
    }

    #[test]
    fn nothing_is_lost_between_statements(text in sql()) {
        let scan = scan(&text);
        let mut shell = scan.shell_commands.iter().peekable();
        let mut end = 0;
        let statements = scan.statements.iter().map(|it| (it.start as usize, it.end as usize));
        for (start, next) in statements.clone().chain([(text.len(), text.len())]) {
            prop_assert!(end <= start && start <= next);
            while let Some(line) = shell.next_if(|line| line.start < start) {
                prop_assert!(is_gap(&text[end..line.start]));
                end = line.end;
            }
            prop_assert!(is_gap(&text[end..start]), "{:?}", &text[end..start]);
            end = next;
        }
        prop_assert!(shell.next().is_none());
        for (statement, (start, end)) in scan.statements.iter().zip(statements) {
            // A vertical tab is space, but not where a statement could start.
            let is_text = !is_gap(&text[start..end]) || text[start..].starts_with('\u{b}');
            prop_assert!(is_text);
            prop_assert_eq!(statement.line as usize, position(&text, start).line);
        }
        let places = scan.directives.iter().chain(&scan.parameters);
        for range in places.chain(scan.unterminated.iter().map(|(_, range)| range)) {
            prop_assert!(!text[range.clone()].is_empty());
        }
    }

    #[test]
    fn a_position_is_inside_of_its_line(text in sql(), offset in 0..400_usize) {
        let Position { line, column } = position(&text, offset);
        let (start, shown) = line_at(&text, offset);
        prop_assert_eq!(text.split('\n').nth(line - 1), Some(shown));
        prop_assert!(column <= shown.chars().count() + 1);
        prop_assert!(start <= offset);
    }

    #[test]
    fn every_word_can_be_read(text in any::<String>(), known in sql()) {
        let _ = nearest(&text, &["numbering", "first", ""]);
        let _ = directive::parse(&text);
        let _ = directive::parse(&known);
        let _ = migrate_scan::directive(&text);
        let _ = migrate_model::pragma::refused_pragma(&text, Some(&text), true);
        let _ = migrate_model::pragma::refused_pragma(&text, Some(&text), false);
        let checksum = Checksum::of(&text);
        prop_assert_eq!(Checksum::parse(&checksum.to_string()), Some(checksum));
        prop_assert!(checksum.matches(checksum.to_string().as_bytes()));
        prop_assert_eq!(Checksum::parse(&text), None);
    }

    #[test]
    fn every_path_can_be_classified(path in path(), any in any::<String>()) {
        for timestamps in [false, true] {
            let _ = file_name::classify(&path, timestamps);
            let _ = file_name::classify(&any, timestamps);
        }
    }

    #[test]
    fn every_directory_can_be_judged(
        files in prop::collection::vec((path(), content()), 0..8),
        numbering in numbering(),
        syntax in prop::option::of((0..200_usize, 0..200_usize)),
    ) {
        let parse = |_: &str| syntax.map(|(offset, length)| SyntaxProblem {
            offset,
            length,
            message: "a syntax error".to_owned(),
        });
        let mut options = Options::default();
        options.shown_root = "migrations";
        options.numbering = numbering;
        options.syntax = Some(&parse);
        let mut memory = Memory::new(files);
        let directory = read(&mut memory, &options);

        let diagnostics = &directory.diagnostics;
        for diagnostic in diagnostics {
            let rendered = render(diagnostic);
            prop_assert!(rendered.contains(" = help: "), "{}", rendered);
            prop_assert!(!diagnostic.message.is_empty() && !diagnostic.help.is_empty());
        }
        let is_of_order = |it: &&Diagnostic| {
            matches!(it.code, Code::WrongFirstVersion | Code::Gap | Code::DuplicateVersion)
        };
        let of_order = diagnostics.iter().take_while(is_of_order).count();
        prop_assert!(diagnostics[of_order..].iter().all(|it| !is_of_order(&it)));
        prop_assert!(diagnostics[of_order..].iter().map(|it| &it.path).is_sorted());
        let versions = directory.migrations.iter().map(|migration| migration.version);
        prop_assert!(versions.is_sorted());
        if diagnostics.is_empty() {
            prop_assert!(!directory.migrations.is_empty());
        }
        for migration in &directory.migrations {
            prop_assert!(migration.variant().starts_with('V'));
            for script in std::iter::once(&migration.up).chain(&migration.down) {
                for place in &script.statements {
                    prop_assert!(script.text.get(place.start as usize..place.end as usize).is_some());
                }
            }
        }

        let in_order = list(&mut memory);
        memory.reversed = true;
        prop_assert_eq!(in_order, list(&mut memory));
        prop_assert_eq!(&read(&mut memory, &options).diagnostics, diagnostics);
    }
}
