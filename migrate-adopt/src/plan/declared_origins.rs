//! The origins that scripts declare: `-- migrate: adopted sqlx "20240101120000"`.

use crate::Tool;
use crate::id::canonical;
use migrate_model::{Migration, Version};
use migrate_source::directive;
use migrate_source::directive::Directive;
use std::collections::{BTreeMap, HashMap};

/// The old versions that the migrations of a registry declare.
#[derive(Clone, Debug, Default)]
pub(super) struct Declared {
    /// The migrations of each old version, in its canonical form.
    by_id: HashMap<String, Vec<&'static Migration>>,
    by_version: BTreeMap<Version, Vec<String>>,
}

impl Declared {
    pub(super) fn read(migrations: &'static [Migration], tool: Tool) -> Declared {
        let mut declared = Declared::default();
        for migration in migrations {
            for id in ids(migration.up.sql(), tool) {
                let of_id = declared.by_id.entry(canonical(&id)).or_default();
                of_id.push(migration);
                let of_version = declared.by_version.entry(migration.version).or_default();
                of_version.push(id);
            }
        }
        declared
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The migrations that declare an old version, wholly or partly.
    pub(super) fn get(&self, id: &str) -> Vec<&'static Migration> {
        self.by_id.get(&canonical(id)).cloned().unwrap_or_default()
    }

    /// The old versions that a migration declares.
    pub(super) fn of(&self, version: Version) -> &[String] {
        self.by_version.get(&version).map_or(&[], Vec::as_slice)
    }

    pub(super) fn has(&self, version: Version, id: &str) -> bool {
        let id = canonical(id);
        self.of(version).iter().any(|said| canonical(said) == id)
    }

    /// All declared old versions.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.by_version.values().flatten().map(String::as_str)
    }
}

/// The old versions declared at the top of a script, in the comments before
/// anything else.
fn ids(sql: &str, tool: Tool) -> impl Iterator<Item = String> {
    head(sql).filter_map(move |line| declared_version(line, tool))
}

fn head(sql: &str) -> impl Iterator<Item = &str> {
    sql.lines()
        .map(str::trim)
        .take_while(|line| line.is_empty() || line.starts_with("--"))
}

fn declared_version(line: &str, tool: Tool) -> Option<String> {
    let words = line.strip_prefix("--")?.trim_start();
    match directive::parse(words.strip_prefix("migrate:")?.trim()) {
        Ok(Directive::Adopted { tool: named, id }) if named == tool.name() => Some(id),
        _ => None,
    }
}

/// A script without the directives at its top.
pub(super) fn without_directives(sql: &str) -> String {
    let lines_of_head = head(sql).count();
    sql.split_inclusive('\n')
        .enumerate()
        .filter(|(index, line)| *index >= lines_of_head || !is_directive(line))
        .map(|(_, line)| line)
        .collect()
}

fn is_directive(line: &str) -> bool {
    let comment = line.trim().strip_prefix("--");
    comment.is_some_and(|comment| comment.trim_start().starts_with("migrate:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_a_script_says_what_it_was() {
        let sql = "-- Users.\n\n-- migrate: adopted sqlx \"7\"\n--migrate:adopted sqlx \"8\"\n\
                   -- migrate: adopted goose \"9\"\n-- migrate: adopted sqlx 10\n\
                   -- migrate: empty \"no\"\nSELECT 1;\n-- migrate: adopted sqlx \"11\"\n";
        let found: Vec<String> = ids(sql, Tool::Sqlx).collect();
        assert_eq!(found, ["7", "8"]);
        assert_eq!(ids(sql, Tool::Goose).collect::<Vec<_>>(), ["9"]);
        assert_eq!(ids("", Tool::Goose).count(), 0);
    }

    #[test]
    fn the_text_below_stays_as_it_is() {
        let sql = "-- migrate: adopted sqlx \"7\"\n-- Users.\n\nSELECT 1;\n-- migrate: x\n";
        assert_eq!(
            without_directives(sql),
            "-- Users.\n\nSELECT 1;\n-- migrate: x\n"
        );
        assert_eq!(without_directives("SELECT 1"), "SELECT 1");
    }
}
