//! Where the scripts of a migration lie, as the newest ones have it.

use super::existing::Existing;
use migrate_source::SourceMigration;
use std::collections::BTreeSet;

/// The habits of a directory.
pub(super) struct Layout {
    /// Between number and name.
    pub(super) separator: char,
    /// Between the words of a name.
    pub(super) word_separator: char,
    /// The width of the numbers, if there is one yet.
    pub(super) digits: Option<usize>,
    /// Whether migrations have a way down.
    pub(super) has_downs: bool,
    /// The folders that hold migrations; the empty one is the directory itself.
    pub(super) categories: BTreeSet<String>,
    up: Up,
    down: Down,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Up {
    /// `NNN_name.sql`
    Plain,
    /// `NNN_name.up.sql`
    Dotted,
    /// `NNN_name/up.sql`
    Folder,
}

#[derive(Clone, PartialEq, Eq)]
enum Down {
    /// Behind `-- migrate:down`.
    Section,
    /// `NNN_name.down.sql`
    Dotted,
    /// `NNN_name/down.sql`
    Folder,
    /// In a folder for downs, with what follows number and name: `_down.sql`.
    Elsewhere { folder: Elsewhere, ending: String },
}

/// A folder for downs, in a directory that may have categories.
#[derive(Clone, PartialEq, Eq)]
enum Elsewhere {
    /// `category/down`
    Below(String),
    /// `down/category`
    Above(String),
    /// One for all.
    One(String),
}

/// A script's path in its parts.
struct Parts<'a> {
    up: Up,
    category: &'a str,
    stem: &'a str,
}

fn parts<'a>(migration: &'a SourceMigration, existing: &Existing) -> Parts<'a> {
    let path = existing.relative(&migration.up.path);
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = migration.stem.as_str();
    let (category, own) = folder.rsplit_once('/').unwrap_or(("", folder));
    if own == stem {
        let up = Up::Folder;
        return Parts { up, category, stem };
    }
    let up = if file.ends_with(".up.sql") {
        Up::Dotted
    } else {
        Up::Plain
    };
    let category = folder;
    Parts { up, category, stem }
}

impl Layout {
    pub(super) fn of(existing: &Existing) -> Layout {
        let newest = || existing.migrations.iter().rev();
        let sql = || newest().filter(|it| !it.up.is_rust);
        let up = sql().next().map_or(Up::Plain, |it| parts(it, existing).up);
        // A migration without a down does not say where one would be.
        let down = sql()
            .filter(|it| parts(it, existing).up == up)
            .find_map(|it| down(it, existing))
            .unwrap_or(match up {
                Up::Plain => Down::Section,
                Up::Dotted => Down::Dotted,
                Up::Folder => Down::Folder,
            });
        let digits = newest().next().map(|it| it.label.len() - it.name.len() - 1);
        let separator = newest()
            .next()
            .and_then(|it| it.stem.chars().nth(digits?))
            .unwrap_or('_');
        let word_separator = newest()
            .find_map(|it| match (it.name.contains('_'), it.name.contains('-')) {
                (true, false) => Some('_'),
                (false, true) => Some('-'),
                _ => None,
            })
            .unwrap_or(separator);
        let count = existing.migrations.len();
        let downs = existing.migrations.iter();
        let downs = downs.filter(|it| it.down.is_some() || it.irreversible.is_some());
        Layout {
            separator,
            word_separator,
            digits,
            // The first one shows what there is; later ones follow the habit.
            has_downs: count == 0 || downs.count() * 2 > count,
            categories: newest()
                .map(|it| parts(it, existing).category.to_owned())
                .collect(),
            up,
            down,
        }
    }

    /// The path of the up, and that of a down if it is another file.
    pub(super) fn paths(&self, category: &str, stem: &str) -> (String, Option<String>) {
        let base = join(category, stem);
        let up = match self.up {
            Up::Plain => format!("{base}.sql"),
            Up::Dotted => format!("{base}.up.sql"),
            Up::Folder => format!("{base}/up.sql"),
        };
        let down = match &self.down {
            Down::Section => None,
            Down::Dotted => Some(format!("{base}.down.sql")),
            Down::Folder => Some(format!("{base}/down.sql")),
            Down::Elsewhere { folder, ending } => {
                let folder = match folder {
                    Elsewhere::Below(folder) => join(category, folder),
                    Elsewhere::Above(folder) => match category {
                        "" => folder.clone(),
                        _ => join(folder, category),
                    },
                    Elsewhere::One(folder) => folder.clone(),
                };
                Some(format!("{folder}/{stem}{ending}"))
            }
        };
        (up, down)
    }
}

fn down(migration: &SourceMigration, existing: &Existing) -> Option<Down> {
    let down = migration.down.as_ref()?;
    if down.path == migration.up.path {
        return Some(Down::Section);
    }
    let Parts { category, stem, .. } = parts(migration, existing);
    let path = existing.relative(&down.path);
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    if file == "down.sql" {
        return Some(Down::Folder);
    }
    if folder == category {
        return Some(Down::Dotted);
    }
    let below = folder
        .strip_prefix(category)
        .and_then(|it| it.strip_prefix('/'));
    let above = folder
        .strip_suffix(category)
        .and_then(|it| it.strip_suffix('/'));
    let folder = match (below, above) {
        _ if category.is_empty() => Elsewhere::One(folder.to_owned()),
        (Some(below), _) => Elsewhere::Below(below.to_owned()),
        (_, Some(above)) => Elsewhere::Above(above.to_owned()),
        _ => Elsewhere::One(folder.to_owned()),
    };
    let ending = file.strip_prefix(stem).unwrap_or(".sql").to_owned();
    Some(Down::Elsewhere { folder, ending })
}

pub(super) fn join(folder: &str, name: &str) -> String {
    match folder {
        "" => name.to_owned(),
        _ => format!("{folder}/{name}"),
    }
}
