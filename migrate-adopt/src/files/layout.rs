//! The file names of each tool.

use crate::Tool;

/// The role of a file for its tool.
#[derive(Debug)]
pub(super) enum Entry {
    Up(Name),
    Down(Name),
    /// A file with settings of a migration.
    Settings(Name),
    /// A migration that is not SQL.
    Program,
    /// A file without a place in the order, with a description.
    Other(&'static str),
}

/// The parts of a migration's path.
#[derive(Clone, Debug, Default)]
pub(super) struct Name {
    /// The position in the order, before the path.
    pub(super) order: Vec<u64>,
    /// The version as in the history of the tool.
    pub(super) id: String,
    pub(super) name: String,
    /// Whether the tool runs it after all others, and again when it changes.
    pub(super) is_repeatable: bool,
    /// For `001_users_down.sql`: the parts if there is no `001_users.sql`.
    pub(super) or_up: Option<Box<Name>>,
}

const NO_MIGRATION: &str = "is not a migration";
const IN_A_FOLDER: &str = "is in a folder, where the tool does not look";

/// Determines the role of a file from its path relative to the directory.
pub(super) fn entry(tool: Tool, path: &str) -> Entry {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    if is_program(file) {
        return Entry::Program;
    }
    match tool {
        Tool::Sqlx | Tool::GolangMigrate | Tool::Goose | Tool::Dbmate if !folder.is_empty() => {
            Some(Entry::Other(IN_A_FOLDER))
        }
        Tool::Refinery => refinery(file),
        Tool::Flyway => flyway(path, file),
        Tool::Sqlx => sqlx(file),
        Tool::GolangMigrate => golang_migrate(file),
        Tool::Goose => goose(file),
        Tool::Dbmate => dbmate(file),
        Tool::Diesel => diesel(folder, file),
        Tool::RusqliteMigration => rusqlite_migration(folder, file),
        Tool::SeaOrm => None,
        Tool::Names | Tool::Metadata | Tool::Archon | Tool::Numbered => runner(tool, folder, file),
    }
    .unwrap_or(Entry::Other(NO_MIGRATION))
}

/// An example of a file name, for messages.
pub(super) const fn example(tool: Tool) -> &'static str {
    match tool {
        Tool::Refinery | Tool::Flyway => "V1__add_users.sql",
        Tool::Sqlx => "20240101120000_add_users.sql",
        Tool::Diesel => "2024-01-01-120000_add_users/up.sql",
        Tool::RusqliteMigration => "01-add_users/up.sql",
        Tool::SeaOrm => "m20240101_120000_add_users.rs",
        Tool::GolangMigrate => "000001_add_users.up.sql",
        Tool::Goose => "00001_add_users.sql",
        Tool::Dbmate => "20240101120000_add_users.sql",
        Tool::Names | Tool::Metadata | Tool::Archon | Tool::Numbered => "001_add_users.sql",
    }
}

/// `00002_seed.go` and `V2__seed.rs`, but not `mod.rs` or `00002_seed_test.go`.
fn is_program(file: &str) -> bool {
    const ENDINGS: [&str; 13] = [
        "go", "rs", "py", "ts", "js", "mjs", "cjs", "mts", "cts", "rb", "java", "kt", "php",
    ];
    let Some((stem, ending)) = file.rsplit_once('.') else {
        return false;
    };
    let number = stem.strip_prefix(['V', 'U', 'v', 'm']).unwrap_or(stem);
    ENDINGS.contains(&ending)
        && number.starts_with(|c: char| c.is_ascii_digit())
        && !["_test", ".test", ".spec", ".d"]
            .iter()
            .any(|end| stem.ends_with(end))
}

/// Splits off the leading digits.
fn number(text: &str) -> Option<(&str, u64, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at(digits);
    Some((digits, digits.parse().ok()?, rest))
}

/// The parts of a path whose version is a number in the history.
fn counted(value: u64, name: &str) -> Name {
    Name {
        order: vec![value],
        id: value.to_string(),
        name: name.to_owned(),
        ..Name::default()
    }
}

/// `V1__x.sql`, and `U1__x.sql`, which is an up too: `U` means unversioned.
fn refinery(file: &str) -> Option<Entry> {
    let (_, version, rest) = number(file.strip_prefix(['V', 'U'])?)?;
    let name = rest.strip_prefix("__")?.strip_suffix(".sql")?;
    Some(Entry::Up(counted(version, name)))
}

/// `afterMigrate.sql` and `beforeEachMigrate__log.sql`.
fn is_callback(file: &str) -> bool {
    let event = ["before", "after"]
        .iter()
        .find_map(|when| file.strip_suffix(".sql")?.strip_prefix(when));
    event.is_some_and(|event| event.starts_with(|c: char| c.is_ascii_uppercase()))
}

fn flyway(path: &str, file: &str) -> Option<Entry> {
    if let Some(rest) = file.strip_prefix("R__") {
        return repeatable(path, rest);
    }
    if file.starts_with('B') && file.contains("__") && file.ends_with(".sql") {
        return Some(Entry::Other(
            "is a baseline, which represents the migrations before it",
        ));
    }
    if is_callback(file) {
        return Some(Entry::Other(
            "is a callback of flyway, which is not run here: do its work in the application, or in \
             a migration",
        ));
    }
    let (version, rest) = file.strip_prefix(['V', 'U'])?.split_once("__")?;
    let id = version.replace('_', ".");
    let parts: Option<Vec<u64>> = id.split('.').map(|part| part.parse().ok()).collect();
    let mut order = parts?;
    // flyway treats 1.0 as 1.
    while order.len() > 1 && order.last() == Some(&0) {
        order.pop();
    }
    let is_settings = rest.ends_with(".sql.conf");
    let file_name = rest.strip_suffix(".conf").unwrap_or(rest);
    let name = Name {
        order,
        id,
        name: file_name.strip_suffix(".sql")?.to_owned(),
        ..Name::default()
    };
    Some(if is_settings {
        Entry::Settings(name)
    } else if file.starts_with('U') {
        Entry::Down(name)
    } else {
        Entry::Up(name)
    })
}

/// `R__views.sql` has no version; flyway's history identifies it by its path.
fn repeatable(path: &str, rest: &str) -> Option<Entry> {
    let named = |rest: &str, path: &str| {
        Some(Name {
            id: path.to_owned(),
            name: rest.strip_suffix(".sql")?.to_owned(),
            is_repeatable: true,
            ..Name::default()
        })
    };
    match (rest.strip_suffix(".conf"), path.strip_suffix(".conf")) {
        (Some(rest), Some(path)) => named(rest, path).map(Entry::Settings),
        _ => named(rest, path).map(Entry::Up),
    }
}

/// The parts of `1_users.sql`.
fn number_and_name(file: &str) -> Option<(u64, &str)> {
    let (_, version, rest) = number(file)?;
    Some((version, rest.strip_prefix('_')?.strip_suffix(".sql")?))
}

fn sqlx(file: &str) -> Option<Entry> {
    let (version, name) = number_and_name(file)?;
    Some(match name.strip_suffix(".down") {
        Some(name) => Entry::Down(counted(version, name)),
        None => Entry::Up(counted(version, name.strip_suffix(".up").unwrap_or(name))),
    })
}

fn golang_migrate(file: &str) -> Option<Entry> {
    let (version, name) = number_and_name(file)?;
    match name.strip_suffix(".down") {
        Some(name) => Some(Entry::Down(counted(version, name))),
        None => Some(Entry::Up(counted(version, name.strip_suffix(".up")?))),
    }
}

fn goose(file: &str) -> Option<Entry> {
    let (version, name) = number_and_name(file)?;
    (version > 0).then(|| Entry::Up(counted(version, name)))
}

/// dbmate orders by file name.
fn dbmate(file: &str) -> Option<Entry> {
    let (digits, _, rest) = number(file)?;
    Some(Entry::Up(Name {
        id: digits.to_owned(),
        name: rest.strip_suffix(".sql")?.to_owned(),
        ..Name::default()
    }))
}

/// diesel orders by versions as text, and so by folders.
fn diesel(folder: &str, file: &str) -> Option<Entry> {
    let (version, name) = folder.split_once('_').unwrap_or((folder, ""));
    number(version).filter(|_| !folder.contains('/'))?;
    let name = Name {
        id: version.replace('-', ""),
        name: name.to_owned(),
        ..Name::default()
    };
    in_a_folder(name, file)
}

fn rusqlite_migration(folder: &str, file: &str) -> Option<Entry> {
    let (number, name) = folder.split_once('-')?;
    in_a_folder(counted(number.parse().ok()?, name), file)
}

fn in_a_folder(name: Name, file: &str) -> Option<Entry> {
    match file {
        "up.sql" => Some(Entry::Up(name)),
        "down.sql" => Some(Entry::Down(name)),
        "metadata.toml" => Some(Entry::Settings(name)),
        _ => None,
    }
}

/// The layouts of home-made runners: `001_users.sql` in any folder, and a down
/// in a separate folder or with an ending.
fn runner(tool: Tool, folder: &str, file: &str) -> Option<Entry> {
    let (digits, version, rest) = number(file)?;
    let stem = rest.strip_suffix(".sql")?;
    let rest = stem.strip_prefix(['_', '-', '.']).unwrap_or(stem);
    let named = |name: &str| Name {
        order: vec![version],
        id: match tool {
            Tool::Archon => file.to_owned(),
            Tool::Names => file
                .trim_end_matches(".sql")
                .trim_end_matches(".up")
                .to_owned(),
            Tool::Numbered => digits.to_owned(),
            _ => version.to_string(),
        },
        name: name.to_owned(),
        ..Name::default()
    };
    let is_down_folder =
        |folder: &str| matches!(folder, "down" | "downs" | "rollbacks" | "rollback");
    let is_in_down_folder = folder.split('/').any(is_down_folder);
    let base = ["down", "rollback"].iter().find_map(|ending| {
        let base = rest.strip_suffix(ending)?;
        Some(base.strip_suffix(['.', '_', '-']).unwrap_or(base))
            .filter(|cut| cut.is_empty() || cut.len() < base.len())
    });
    Some(match base {
        Some(base) if is_in_down_folder => Entry::Down(named(base)),
        None if is_in_down_folder => Entry::Down(named(rest)),
        Some(base) => Entry::Down(Name {
            or_up: Some(Box::new(named(rest))),
            ..named(base)
        }),
        None => Entry::Up(named(rest.strip_suffix(".up").unwrap_or(rest))),
    })
}
