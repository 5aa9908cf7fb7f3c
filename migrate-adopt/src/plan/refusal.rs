//! The reasons for refusing an old history.

use crate::Tool;
use crate::history::OldRow;
use crate::id::slug;
use migrate_model::{Migration, Version};
use std::fmt;

/// A reason for refusing an old history. Messages name options of the command
/// line.
#[derive(Clone, Debug)]
pub(crate) enum Refusal {
    /// The map contains a version that does not exist.
    NoSuchVersion {
        old: String,
        version: Version,
        latest: &'static str,
    },
    /// Rows that match no migration.
    Unmapped {
        rows: Vec<OldRow>,
        of: usize,
        /// Whether scripts declare their old versions.
        by_declaration: bool,
    },
    /// The order matches, but the names do not.
    Disagree {
        migrations: &'static [Migration],
        rows: Vec<(OldRow, &'static Migration)>,
    },
    /// A merged migration is only partly applied.
    Part {
        label: &'static str,
        ids: Vec<String>,
        missing: Vec<String>,
    },
    /// Migrations are missing before later ones that are applied.
    Gap {
        missing: Vec<&'static str>,
        last: &'static str,
    },
    /// The newest version is not known.
    UnknownVersion {
        version: u64,
        newest: String,
    },
    /// The applied migrations cannot be determined.
    NeedsOriginals {
        version: u64,
        of: usize,
    },
    TooMany {
        count: u64,
        of: usize,
    },
    /// The files differ from those that were applied.
    Differs {
        /// The rows, with their files.
        rows: Vec<(OldRow, String)>,
        has_originals: bool,
    },
}

impl Refusal {
    /// Whether the files differ from those that were applied.
    pub(crate) fn is_of_contents(&self) -> bool {
        matches!(self, Refusal::Differs { .. })
    }

    /// Writes the message about the history of a tool.
    pub(crate) fn write(&self, f: &mut fmt::Formatter<'_>, tool: Tool) -> fmt::Result {
        let old = tool.called();
        match self {
            Refusal::NoSuchVersion {
                old,
                version,
                latest,
            } => write!(
                f,
                "`--map {old}={version}` names a version that does not exist: the newest migration \
                 is `{latest}`"
            ),
            Refusal::Unmapped {
                rows,
                of,
                by_declaration,
            } => {
                let first = rows.first().map_or("", |row| row.id.as_str());
                let rows = listed(rows);
                if *by_declaration {
                    write!(
                        f,
                        "{old} has applied {rows}, and no script here says so with `-- migrate: \
                         adopted {tool} \"{first}\"`: add the files, or give their migrations \
                         with `--map OLD=NEW`"
                    )
                } else {
                    write!(
                        f,
                        "{old} has applied {rows}, for which none of the {of} migrations here is \
                         left: add the files, or give the migrations that were merged with `--map \
                         OLD=NEW`"
                    )
                }
            }
            Refusal::Disagree { migrations, rows } => write_disagreement(f, old, migrations, rows),
            Refusal::Part {
                label,
                ids,
                missing,
            } => write!(
                f,
                "`{label}` was merged from {} of {old}, of which {} {} not applied to this \
                 database: apply them with {old} first",
                listed(ids),
                listed(missing),
                if missing.len() == 1 { "is" } else { "are" }
            ),
            Refusal::Gap { missing, last } => {
                let (come, them, they_are) = match missing.len() {
                    1 => ("comes", "it", "it is"),
                    _ => ("come", "them", "they are"),
                };
                write!(
                    f,
                    "{old} has applied `{last}`, but not {}, which {come} before it: apply {them} \
                     with {old} first, or give with `--map OLD=NEW` the version under which \
                     {they_are} recorded",
                    listed(missing)
                )
            }
            Refusal::UnknownVersion { version, newest } => write!(
                f,
                "{old} says that the database is at version `{version}`, which is not a known \
                 version (the newest is `{newest}`): give all of its files with \
                 `--originals DIR`"
            ),
            Refusal::NeedsOriginals { version, of } => write!(
                f,
                "{old} records only its newest version, `{version}`, which does not show how many \
                 of the {of} migrations here are applied: give its files with `--originals DIR`, \
                 or the old version of each migration with `--map OLD=NEW`"
            ),
            Refusal::TooMany { count, of } => write!(
                f,
                "{old} has applied {count} migrations, but there are only {of} here: add the \
                 missing ones, or give the migrations that were merged with `--map OLD=NEW`"
            ),
            Refusal::Differs {
                rows,
                has_originals,
            } => {
                let what = match rows.len() {
                    1 => "a migration that was".to_owned(),
                    count => format!("{count} migrations that were"),
                };
                let files = series(rows.iter().map(|(row, path)| {
                    // The name of a repeatable is its file.
                    if row.to_string() == *path {
                        format!("`{row}`")
                    } else {
                        format!("`{row}`, whose file is `{path}`")
                    }
                }));
                write!(f, "{what} applied by {old} had a different text: {files}")?;
                f.write_str(if !has_originals {
                    "; give the files as they were applied with `--originals DIR`, "
                } else if rows.iter().any(|(row, _)| row.is_repeatable) {
                    "; let flyway run the repeatable migrations again, restore other files as they \
                     were applied, "
                } else {
                    "; restore the files as they were applied, "
                })?;
                f.write_str("or compare only the schema with `--verify schema`")?;
                match tool {
                    Tool::Refinery => f.write_str(
                        ", which is also right for a migration that was a program, because no file \
                         has its checksum",
                    ),
                    _ => Ok(()),
                }
            }
        }
    }
}

/// The maximum number of items in a message.
const SHOWN: usize = 10;

/// Lists names in backticks, and the number of further ones.
pub(crate) fn listed<T: fmt::Display>(items: &[T]) -> String {
    listed_up_to(SHOWN, items)
}

/// Lists at most `most` names in backticks, and the number of further ones.
pub(crate) fn listed_up_to<T: fmt::Display>(most: usize, items: &[T]) -> String {
    let shown: Vec<String> = items
        .iter()
        .take(most)
        .map(|item| format!("`{item}`"))
        .collect();
    let more = items.len().saturating_sub(most);
    match (more, shown.split_last()) {
        (0, Some((last, []))) => last.clone(),
        (0, Some((last, others))) => format!("{} and {last}", others.join(", ")),
        (0, None) => "none".to_owned(),
        _ => format!("{} and {more} more", shown.join(", ")),
    }
}

/// The first items, and the number of further ones.
fn series(items: impl ExactSizeIterator<Item = String>) -> String {
    let more = items.len().saturating_sub(SHOWN);
    let shown: Vec<String> = items.take(SHOWN).collect();
    match more {
        0 => shown.join(", "),
        _ => format!("{}, and {more} more", shown.join(", ")),
    }
}

fn write_disagreement(
    f: &mut fmt::Formatter<'_>,
    old: &str,
    migrations: &'static [Migration],
    rows: &[(OldRow, &'static Migration)],
) -> fmt::Result {
    let pairs = rows
        .iter()
        .map(|(row, migration)| format!("`{row}` of {old} would be `{}`", migration.label));
    write!(f, "the names do not match the order: {}", series(pairs))?;
    // Migrations with the same name are most likely the right ones.
    let meant: Vec<String> = rows
        .iter()
        .filter_map(|(row, _)| {
            let name = slug(row.name.as_deref()?);
            let mut named = migrations.iter();
            let migration = named.find(|migration| slug(migration.name) == name)?;
            Some(format!("{}={}", row.id, migration.version))
        })
        .collect();
    if meant.len() == rows.len() && meant.len() <= SHOWN {
        write!(
            f,
            "; by their names, the map would be `--map {}`",
            meant.join(",")
        )
    } else {
        let (row, migration) = &rows[0];
        write!(
            f,
            "; give the right pairs with `--map OLD=NEW`, such as `--map {}={}` if these two are \
             the same",
            row.id, migration.version
        )
    }
}
