//! The file layout of a directory, taken from its newest migrations.

use super::existing::Existing;
use migrate_source::SourceMigration;
use std::collections::BTreeSet;

pub(super) struct Layout {
    /// Between number and name.
    pub(super) separator: char,
    /// Between the words of a name.
    pub(super) word_separator: char,
    /// The width of the numbers, if there are migrations yet.
    pub(super) digits: Option<usize>,
    pub(super) has_downs: bool,
    /// The folders that contain migrations. An empty string is the directory
    /// itself.
    pub(super) categories: BTreeSet<String>,
    up: Pattern,
    /// `None` if a down is a section of the up file.
    down: Option<Pattern>,
}

/// The path of a script: `above/category/below/stem` and an ending. Each folder
/// is optional.
#[derive(Clone, Default, PartialEq, Eq)]
struct Pattern {
    above: String,
    below: String,
    /// Whether the scripts of all categories are in one folder.
    has_one_folder: bool,
    /// `.sql`, `.up.sql`, or `/up.sql` if each migration has its own folder.
    ending: String,
}

impl Pattern {
    /// A pattern in the folder of the category.
    fn with_ending(ending: &str) -> Pattern {
        Pattern {
            ending: ending.to_owned(),
            ..Pattern::default()
        }
    }

    fn path(&self, category: &str, stem: &str) -> String {
        let category = if self.has_one_folder { "" } else { category };
        let folder = join(&join(&self.above, category), &self.below);
        join(&folder, stem) + &self.ending
    }
}

impl Layout {
    pub(super) fn of(existing: &Existing<'_>) -> Layout {
        let newest = || existing.migrations.iter().rev();
        let sql = || newest().filter(|it| !it.up.is_rust);
        let up = sql().next().map_or(".sql", |it| up(it, existing).1);
        // A migration without a down does not show where one would be.
        let down = sql()
            .filter(|it| self::up(it, existing).1 == up)
            .find_map(|it| down(it, existing))
            .unwrap_or(match up {
                ".up.sql" => Some(Pattern::with_ending(".down.sql")),
                "/up.sql" => Some(Pattern::with_ending("/down.sql")),
                _ => None,
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
        let reversible = newest().filter(|it| it.down.is_some() || it.irreversible.is_some());
        Layout {
            separator,
            word_separator,
            digits,
            // The first migration gets a down as a template; later ones follow
            // the majority.
            has_downs: count == 0 || reversible.count() * 2 > count,
            categories: newest()
                .map(|it| self::up(it, existing).0.to_owned())
                .collect(),
            up: Pattern::with_ending(up),
            down,
        }
    }

    /// The path of the up, and the path of the down if it is a separate file.
    pub(super) fn paths(&self, category: &str, stem: &str) -> (String, Option<String>) {
        let down = self.down.as_ref().map(|it| it.path(category, stem));
        (self.up.path(category, stem), down)
    }
}

/// The category of a migration, and the ending of its up file.
fn up<'a>(migration: &'a SourceMigration, existing: &Existing<'_>) -> (&'a str, &'static str) {
    let (folder, file) = split(existing.relative(&migration.up.path));
    let (parent, own) = split(folder);
    if own == migration.stem {
        (parent, "/up.sql")
    } else if file.ends_with(".up.sql") {
        (folder, ".up.sql")
    } else {
        (folder, ".sql")
    }
}

/// The location of a migration's down, if it has one. `Some(None)` is a section
/// of the up file.
fn down(migration: &SourceMigration, existing: &Existing<'_>) -> Option<Option<Pattern>> {
    let down = migration.down.as_ref()?;
    if down.path == migration.up.path {
        return Some(None);
    }
    let (category, _) = up(migration, existing);
    let (folder, file) = split(existing.relative(&down.path));
    if file == "down.sql" {
        return Some(Some(Pattern::with_ending("/down.sql")));
    }
    if folder == category {
        return Some(Some(Pattern::with_ending(".down.sql")));
    }
    let ending = file.strip_prefix(&migration.stem).unwrap_or(".sql");
    let mut pattern = Pattern::with_ending(ending);
    let after_category = folder.strip_prefix(category);
    let before_category = folder.strip_suffix(category);
    match (
        after_category.and_then(|it| it.strip_prefix('/')),
        before_category.and_then(|it| it.strip_suffix('/')),
    ) {
        (Some(below), _) if !category.is_empty() => below.clone_into(&mut pattern.below),
        (_, Some(above)) if !category.is_empty() => above.clone_into(&mut pattern.above),
        _ => {
            folder.clone_into(&mut pattern.above);
            pattern.has_one_folder = true;
        }
    }
    Some(Some(pattern))
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

pub(super) fn join(folder: &str, name: &str) -> String {
    match (folder, name) {
        ("", _) => name.to_owned(),
        (_, "") => folder.to_owned(),
        _ => format!("{folder}/{name}"),
    }
}
