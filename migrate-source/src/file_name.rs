//! The grammar of file names in a migrations directory.

mod corrected;

pub use corrected::{Corrected, corrected};

use migrate_model::Version;
use migrate_model::files::is_ignored;

/// The meaning of a path in a migrations directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// An ignored file: in `archive/`, `README*`, dot files, the lock file.
    Ignored,
    /// One script of a migration.
    Script(ScriptName),
    /// A file that does not belong in a migrations directory.
    Unknown(NameProblem),
}

/// The parts of a script's path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptName {
    /// The number.
    pub version: Version,
    /// The number of digits of the version.
    pub digits: usize,
    /// The name, without number and separator.
    pub name: String,
    /// For `down/NNN_name_down.sql`: the name if `_down` is a suffix. The up script decides
    /// which of the two names is right.
    pub name_without_suffix: Option<String>,
    /// The script that the file holds.
    pub role: Role,
}

/// The script of a migration that a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The SQL that applies the migration; the down may follow in a section.
    Up,
    /// The SQL that undoes it.
    Down,
    /// The migration as Rust code.
    Rust,
}

/// The reason why a path is not part of a migrations directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameProblem {
    /// The extension is neither `.sql` nor `.rs`.
    Extension,
    /// An SQL file without a leading number; holds a valid name with its extension.
    NoNumber(String),
    /// Fewer than three digits; holds the corrected file name.
    TooFewDigits(String),
    /// Zero, or too large for a version.
    OutOfRange,
    /// Not 14 digits, although the directory is numbered by timestamps.
    NotATimestamp,
    /// Nothing after the number; holds the digits.
    NoName(String),
    /// A name that does not match `[a-z0-9_-]+`; holds the corrected file name.
    BadName(String),
    /// A file other than `up.sql` and `down.sql` in the folder of a single migration.
    InsideMigration,
}

/// Classifies a path, which is relative to the directory and separated by `/`.
///
/// ```
/// use migrate_source::file_name::{classify, FileKind, Role};
///
/// let FileKind::Script(script) = classify("schema/001_add-users.sql", false) else {
///     panic!("a script");
/// };
/// assert_eq!((script.version.get(), script.name.as_str()), (1, "add-users"));
/// assert_eq!(script.role, Role::Up);
/// assert_eq!(classify("archive/old.txt", false), FileKind::Ignored);
/// ```
pub fn classify(path: &str, timestamps: bool) -> FileKind {
    let (folders, file) = path.rsplit_once('/').unwrap_or(("", path));
    if is_ignored(path) {
        return FileKind::Ignored;
    }
    let folder = folders.rsplit('/').next().unwrap_or_default();
    let parsed = if looks_numbered(folder) {
        migration_folder(folder, file, timestamps)
    } else {
        plain_file(is_in_down_folder(folders), file, timestamps)
    };
    match parsed {
        Ok(script) => FileKind::Script(script),
        Err(problem) => FileKind::Unknown(problem),
    }
}

/// The part of a script's path that ends with its number and name: the path itself, or the
/// folder of a single migration.
pub fn named_part(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some((folders, "up.sql" | "down.sql"))
            if looks_numbered(folders.rsplit('/').next().unwrap_or_default()) =>
        {
            folders
        }
        _ => path,
    }
}

/// The number and name as written in a script's path: `012-add-users`.
pub fn stem_of(path: &str) -> &str {
    let file = named_part(path).rsplit('/').next().unwrap_or_default();
    file.split('.').next().unwrap_or_default()
}

/// The number of `012-add-users`, or `None` if the name is not valid.
pub fn version_of_stem(text: &str) -> Option<Version> {
    let stem = stem(text, "", false, Role::Up);
    stem.ok().map(|stem| stem.version)
}

/// Whether scripts in these folders are downs: one of the folders is `down` or `rollbacks`.
pub fn is_in_down_folder(folders: &str) -> bool {
    folders
        .split('/')
        .any(|folder| folder == "down" || folder == "rollbacks")
}

/// `NNN_name/up.sql` and `NNN_name/down.sql`.
fn migration_folder(folder: &str, file: &str, timestamps: bool) -> Result<ScriptName, NameProblem> {
    let role = match file {
        "up.sql" => Role::Up,
        "down.sql" => Role::Down,
        _ => return Err(NameProblem::InsideMigration),
    };
    stem(folder, "", timestamps, role)
}

fn plain_file(
    in_down_folder: bool,
    file: &str,
    timestamps: bool,
) -> Result<ScriptName, NameProblem> {
    if let Some(base) = file.strip_suffix(".rs") {
        return stem(base, ".rs", timestamps, Role::Rust).map_err(|problem| match problem {
            // A `mod.rs` is not a migration without a number.
            NameProblem::NoNumber(_) => NameProblem::Extension,
            problem => problem,
        });
    }
    let (base, suffix, role) = if let Some(base) = file.strip_suffix(".down.sql") {
        (base, ".down.sql", Role::Down)
    } else if let (false, Some(base)) = (in_down_folder, file.strip_suffix(".up.sql")) {
        (base, ".up.sql", Role::Up)
    } else if let Some(base) = file.strip_suffix(".sql") {
        (
            base,
            ".sql",
            if in_down_folder { Role::Down } else { Role::Up },
        )
    } else if let Some(base) = strip_suffix_ignoring_case(file, ".sql") {
        // `.SQL`: suggest a correction of the whole name.
        return Err(stem(base, ".sql", timestamps, Role::Up)
            .err()
            .unwrap_or_else(|| NameProblem::BadName(format!("{base}.sql"))));
    } else {
        return Err(NameProblem::Extension);
    };
    let mut script = stem(base, suffix, timestamps, role)?;
    if in_down_folder && suffix == ".sql" {
        script.name_without_suffix = script
            .name
            .strip_suffix("_down")
            .or_else(|| script.name.strip_suffix("-down"))
            .filter(|name| !name.is_empty())
            .map(str::to_owned);
    }
    Ok(script)
}

/// The number of digits of the highest version.
const MAX_DIGITS: usize = 19;

/// Parses `NNN_name` or `NNN-name`. `suffix` is the rest of the file name, for suggestions.
fn stem(base: &str, suffix: &str, timestamps: bool, role: Role) -> Result<ScriptName, NameProblem> {
    if let Some((number, name)) = hyphenated_timestamp(base) {
        let name = slug(name);
        return Err(NameProblem::BadName(format!("{number}_{name}{suffix}")));
    }
    let digits = base.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = base.split_at(digits);
    if number.is_empty() {
        return Err(without_number(base, suffix));
    }
    let name = rest.strip_prefix(['_', '-']).unwrap_or(rest);
    if name.is_empty() {
        return Err(NameProblem::NoName(pad(number)));
    }
    let good_name = is_good_name(name);
    if !timestamps && digits < 3 {
        let name = slug(name);
        return Err(NameProblem::TooFewDigits(format!(
            "{}_{name}{suffix}",
            pad(number)
        )));
    }
    if name.len() == rest.len() || !good_name {
        return Err(NameProblem::BadName(format!(
            "{number}_{}{suffix}",
            slug(name)
        )));
    }
    if timestamps && digits != 14 {
        return Err(NameProblem::NotATimestamp);
    }
    let version = number
        .parse()
        .ok()
        .and_then(Version::from_u64)
        .filter(|_| digits <= MAX_DIGITS)
        .ok_or(NameProblem::OutOfRange)?;
    Ok(ScriptName {
        version,
        digits,
        name: name.to_owned(),
        name_without_suffix: None,
        role,
    })
}

/// Splits a diesel name such as `2026-01-31-235959_name` into the 14 digits and the rest.
pub fn hyphenated_timestamp(base: &str) -> Option<(String, &str)> {
    let (digits, name) = base.split_at_checked("2026-01-31-235959".len())?;
    let is_timestamp = digits.bytes().enumerate().all(|(i, byte)| match i {
        4 | 7 | 10 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    (is_timestamp && name.starts_with(['_', '-'])).then(|| (digits.replace('-', ""), name))
}

/// The problem of a name without a leading number. `V1__name.sql`, `v001_name.sql` and
/// ` 001_name.sql` have a number after all, and so does `U1__name.sql`, which is a down.
fn without_number(base: &str, suffix: &str) -> NameProblem {
    let is_undo = suffix == ".sql" && base.starts_with(['U', 'u']) && base.contains("__");
    let rest = if is_undo {
        &base[1..]
    } else {
        base.strip_prefix(['V', 'v']).unwrap_or(base.trim_start())
    };
    let suffix = if is_undo { ".down.sql" } else { suffix };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (number, name) = rest.split_at(digits);
    let name = slug(name);
    if !number.is_empty() && !name.is_empty() {
        return NameProblem::BadName(format!("{}_{name}{suffix}", pad(number)));
    }
    NameProblem::NoNumber(format!("{}{suffix}", slug(base)))
}

/// Whether a name starts like that of a migration: with digits and a separator.
pub fn looks_numbered(folder: &str) -> bool {
    let digits = folder.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0 && folder[digits..].starts_with(['_', '-'])
}

fn is_good_name(name: &str) -> bool {
    name.bytes()
        .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'))
}

fn pad(number: &str) -> String {
    format!("{number:0>3}")
}

/// Like [`nearest_name`], with `name` as a placeholder if nothing is left.
pub fn slug(name: &str) -> String {
    nearest_name(name).unwrap_or_else(|| "name".to_owned())
}

/// The most similar valid name: in lower case, with `AddUsers` as `add_users` and any other
/// characters as a single `_`. Returns `None` if nothing is left.
///
/// ```
/// use migrate_source::file_name::nearest_name;
///
/// assert_eq!(nearest_name("Add users!").as_deref(), Some("add_users"));
/// assert_eq!(nearest_name("…"), None);
/// ```
pub fn nearest_name(name: &str) -> Option<String> {
    let mut slug = String::new();
    let mut was_lower = false;
    for character in name.chars() {
        if was_lower && character.is_ascii_uppercase() {
            slug.push('_');
        }
        was_lower = character.is_ascii_lowercase();
        let character = character.to_ascii_lowercase();
        if character.is_ascii_alphanumeric() || character == '-' {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('_') {
            slug.push('_');
        }
    }
    let slug = slug.trim_matches(['_', '-']);
    (!slug.is_empty()).then(|| slug.to_owned())
}

fn strip_suffix_ignoring_case<'a>(name: &'a str, suffix: &str) -> Option<&'a str> {
    let at = name.len().checked_sub(suffix.len())?;
    let end = name.get(at..)?;
    end.eq_ignore_ascii_case(suffix).then(|| &name[..at])
}
