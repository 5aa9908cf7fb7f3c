//! No byte of what is frozen changes unseen.

use super::cases::cases;
use super::memory::Memory;
use migrate_model::Version;
use migrate_scan::Engine;
use migrate_source::Options;
use migrate_source::diagnostic::Diagnostic;
use migrate_source::directory::read;
use migrate_source::lock_file::{FILE_NAME, LockFile, freeze};
use migrate_source::rust_file::RustFile;
use migrate_tools::renumber::drafts::{Renumber, renumber};
use proptest::prelude::*;
use proptest::sample::Index;

/// The form of one migration.
#[derive(Clone, Copy, Debug)]
enum Form {
    Alone,
    DownFile,
    DownFolder,
    Section,
    Folder,
    Rust,
}

/// What is done to one byte.
#[derive(Clone, Debug)]
enum Change {
    Flip(u8),
    Replace(u8),
    Insert(u8),
    Delete,
}

type Tree = Vec<(String, Vec<u8>)>;

/// The files of a migration; the file with its up comes first.
fn files(version: usize, form: Form, is_hyphened: bool, is_sorted: bool, gap: usize) -> Tree {
    let separator = if is_hyphened { '-' } else { '_' };
    let folder = if is_sorted { "schema/" } else { "" };
    let stem = format!("{version:03}{separator}add-t{version}");
    let up = format!("-- ä table\nCREATE TABLE t{version}(x TEXT, y);\n");
    let down = format!("DROP TABLE t{version};\n");
    let files = match form {
        Form::Alone => vec![(format!("{folder}{stem}.sql"), up)],
        Form::DownFile => vec![
            (format!("{folder}{stem}.up.sql"), up),
            (format!("{folder}{stem}.down.sql"), down),
        ],
        Form::DownFolder => vec![
            (format!("{folder}{stem}.sql"), up),
            (format!("{folder}down/{stem}_down.sql"), down),
        ],
        Form::Section => {
            let blank = "\n".repeat(gap);
            vec![(
                format!("{folder}{stem}.sql"),
                format!("{up}{blank}-- migrate:down\n{down}"),
            )]
        }
        Form::Folder => vec![
            (format!("{folder}{stem}/up.sql"), up),
            (format!("{folder}{stem}/down.sql"), down),
        ],
        Form::Rust => vec![(
            format!("{folder}{stem}.rs"),
            "pub fn up(_: &T) {}\npub fn down(_: &T) {}\n".to_owned(),
        )],
    };
    let bytes = files
        .into_iter()
        .map(|(path, text)| (path, text.into_bytes()));
    bytes.collect()
}

fn problems(files: &Tree) -> (Vec<Diagnostic>, Vec<migrate_source::SourceMigration>) {
    let functions = |text: &str, _: Engine| {
        Ok(RustFile {
            has_down: text.contains("fn down"),
        })
    };
    let mut options = Options::default();
    options.rust = Some(&functions);
    let directory = read(&mut Memory::new(files.clone()), &options);
    (directory.diagnostics, directory.migrations)
}

fn changed(bytes: &[u8], at: usize, change: &Change) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    match *change {
        Change::Flip(mask) => bytes[at] ^= mask,
        Change::Replace(byte) => bytes[at] = byte,
        Change::Insert(byte) => bytes.insert(at, byte),
        Change::Delete => {
            bytes.remove(at);
        }
    }
    bytes
}

/// A frozen line that is right as the first one.
fn lock_line() -> String {
    super::lock(&["001_a"], 1)
        .lines()
        .nth(1)
        .unwrap()
        .to_owned()
}

fn canonical(bytes: &[u8]) -> Option<String> {
    migrate_scan::text::canonicalize(bytes).ok()
}

fn form() -> impl Strategy<Value = (Form, bool, bool, usize)> {
    let forms = [
        Form::Alone,
        Form::DownFile,
        Form::DownFolder,
        Form::Section,
        Form::Folder,
        Form::Rust,
    ];
    (
        prop::sample::select(forms.to_vec()),
        any::<bool>(),
        any::<bool>(),
        0_usize..3,
    )
}

fn change() -> impl Strategy<Value = Change> {
    // White space and what the lock file is made of, oftener than by chance.
    let likely = || prop::sample::select(b" \n\r\t-_:;#0af=".to_vec());
    prop_oneof![
        (1..=255_u8).prop_map(Change::Flip),
        likely().prop_map(Change::Replace),
        prop_oneof![any::<u8>(), likely()].prop_map(Change::Insert),
        Just(Change::Delete),
    ]
}

proptest! {
    #![proptest_config(cases(3000))]

    /// Whatever a lock file holds, there is an answer; and what is accepted is
    /// written back to the byte.
    #[test]
    fn no_text_is_too_much(
        lines in prop::collection::vec(
            prop_oneof![
                "<{6,8}( [a-z]{0,3})?|[|]{7}|={7}|>{7} x|",
                "[0-9]{0,4}[_-][a-cä]{0,2} (draft|frozen)?",
                Just(lock_line()),
                any::<String>(),
            ],
            0..8,
        ),
        label in prop::option::of("[0-9]{0,3}[_-]?[a-cä]{0,2}"),
    ) {
        let header = LockFile::default().to_string();
        let text = header + &lines.join("\n") + "\n";
        if let Ok(lock) = LockFile::parse("x", &text) {
            prop_assert_eq!(lock.to_string(), text.clone());
        }
        let paths = ["001_a.sql", "002_b/up.sql", "003_c.rs"].map(str::to_owned);
        let mut options = Renumber::default();
        options.label = label.as_deref();
        if let Ok(plan) = renumber(&paths, "x", &text, &options) {
            prop_assert!(LockFile::parse("x", &plan.lock.unwrap()).is_ok());
        }
        let files = [("001_a.sql", "CREATE TABLE a(x);\n"), (FILE_NAME, &text)];
        let _ = read(&mut Memory::new(files), &Options::default());
    }

    #[test]
    fn one_byte_of_what_is_frozen_is_seen(
        frozen in prop::collection::vec(form(), 1..=6),
        drafts in prop::collection::vec(form(), 0..=2),
        change in change(),
        what in any::<Index>(),
        place in any::<Index>(),
        in_name in any::<bool>(),
        at_end in prop::bool::weighted(0.1),
    ) {
        let mut groups: Vec<Tree> = Vec::new();
        for (i, (form, is_hyphened, is_sorted, gap)) in frozen.iter().chain(&drafts).enumerate() {
            groups.push(files(i + 1, *form, *is_hyphened, *is_sorted, *gap));
        }
        let mut tree: Tree = groups.concat();
        let (before, migrations) = problems(&tree);
        prop_assert_eq!(before, []);
        let last = Version::new(frozen.len() as u64);
        let lock = freeze(&LockFile::default(), &migrations, Some(last)).unwrap().to_string();
        tree.push((FILE_NAME.to_owned(), lock.clone().into_bytes()));
        prop_assert_eq!(problems(&tree).0, []);

        // One of the frozen files, or the lock file; of that no draft's line.
        let files = groups[..frozen.len()].concat().len();
        let file = match what.index(files + 1) {
            at if at == files => tree.len() - 1,
            at => at,
        };
        let ups: Vec<&String> = groups[..frozen.len()].iter().map(|group| &group[0].0).collect();
        let path = tree[file].0.clone();
        if in_name && ups.contains(&&path) {
            // The file's own stem, or that of its folder.
            let named = path.trim_end_matches("/up.sql");
            let start = named.rfind('/').map_or(0, |slash| slash + 1);
            let stem = named[start..].split('.').next().unwrap_or_default();
            let at = start + place.index(stem.len());
            let name = changed(path.as_bytes(), at, &change);
            let Ok(name) = String::from_utf8(name) else {
                // Whoever lists a folder puts another character in its place.
                return Ok(());
            };
            if name.contains('\0') || name[start..].starts_with('.') && name.len() < 2 {
                return Ok(());
            }
            // No folder lists a name that is empty.
            if name == path || name.contains("//") {
                return Ok(());
            }
            tree[file].0 = name;
        } else {
            let length = if file == tree.len() - 1 { lock.lines().take(frozen.len() + 1).map(|line| line.len() + 1).sum() } else { tree[file].1.len() };
            let at = if at_end { length - 1 } else { place.index(length) };
            let bytes = changed(&tree[file].1, at, &change);
            // The one exception: CRLF and CR are LF.
            if canonical(&bytes) == canonical(&tree[file].1) {
                return Ok(());
            }
            tree[file].1 = bytes;
        }
        prop_assert!(!problems(&tree).0.is_empty(), "unseen: {:?}", tree);
    }
}
