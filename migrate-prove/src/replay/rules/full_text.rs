//! S42: a full-text index that does not match its content.

use crate::replay::catalogue::{Kind, Object};
use crate::replay::change::Change;
use crate::replay::finding::{Findings, beginning, place_of, word_in};
use crate::replay::full_text::{FullTextIndex, Trouble};
use crate::replay::memory::Memory;
use crate::replay::table::{Table, as_written};
use migrate_scan::sqlite::Head;
use migrate_source::diagnostic::Code;
use rusqlite::{Connection, Result};

/// Finds the indexes that match their content before a script, and not after it.
pub(super) fn stale(
    scratch: &Memory,
    change: Change<'_, '_>,
    findings: &mut Findings<'_, '_>,
) -> Result<()> {
    let part = change.task.part;
    for index in FullTextIndex::all(&change.after.catalogue) {
        let Some(trouble) = index.trouble(&scratch.conn) else {
            continue;
        };
        let name = index.name.to_ascii_lowercase();
        let is_new = change.before.catalogue.table(&name).is_none();
        let is_known = if is_new {
            // What the script writes into its own index is what the index is meant to have.
            part.is_rust || fills(change, &name)
        } else {
            was_so(change, &index)?
        };
        if is_known {
            continue;
        }
        let is_so = |memory: &Memory| Ok(index.trouble(&memory.conn).is_some());
        let since = change.since(change.has_rows, &is_so)?.unwrap_or_default();
        let place = word_in(part, since, &index.content);
        let (message, help) = explain(scratch, change, (&index, is_new), &trouble)?;
        findings.add(
            part,
            Code::StaleFullTextIndex,
            place.unwrap_or_else(|| beginning(part, since)),
            message,
            &help,
        );
    }
    renumbered(change, findings)?;
    vacuumed(change, findings)
}

/// Whether a script inserts into a table.
fn fills(change: Change<'_, '_>, table: &str) -> bool {
    let mut statements = change.task.part.words().iter();
    statements.any(|words| {
        let is_insert = matches!(words[0].as_str(), "insert" | "replace" | "with");
        is_insert && words.iter().any(|word| word == table)
    })
}

/// Whether an index had something wrong before the script.
fn was_so(change: Change<'_, '_>, index: &FullTextIndex) -> Result<bool> {
    let before = change.begin(change.has_rows)?;
    Ok(before.is_none_or(|it| index.trouble(&it.conn).is_some()))
}

fn explain(
    scratch: &Memory,
    change: Change<'_, '_>,
    (index, is_new): (&FullTextIndex, bool),
    trouble: &Trouble,
) -> Result<(String, String)> {
    let FullTextIndex { name, content, .. } = index;
    let is_rebuilt = |table: &str| {
        let mut rebuilt = change.rebuilt();
        rebuilt.any(|(old, _)| old.table == table)
    };
    let message = match trouble {
        Trouble::Unreadable(error) => {
            let message =
                format!("the full-text index `{name}` cannot be read after this: {error}");
            let help = "drop it, and create it again for the table and the columns that there are";
            return Ok((message, help.to_owned()));
        }
        Trouble::Differs if is_new => {
            format!("the full-text index `{name}` is created without the rows that `{content}` has")
        }
        Trouble::Differs
            if is_rebuilt(content)
                && index.has_hidden_rowid(&scratch.conn, &change.after.catalogue)? =>
        {
            format!(
                "the rowids of `{content}` are new after this, and the full-text index `{name}` \
                 refers to the old ones"
            )
        }
        Trouble::Differs => format!(
            "the full-text index `{name}` does not match the rows of `{content}` after this"
        ),
    };
    Ok((message, rebuild(&scratch.conn, name)))
}

fn rebuild(conn: &Connection, index: &str) -> String {
    let name = as_written(conn, index);
    format!(
        "fill it again at the end of this migration: `INSERT INTO {name}({name}) VALUES ('rebuild')`"
    )
}

/// Finds a rebuild that gives rows new rowids, while triggers have written the old ones to another
/// virtual table: a full-text index with a content of its own or none, or an R*Tree.
fn renumbered(change: Change<'_, '_>, findings: &mut Findings<'_, '_>) -> Result<()> {
    let (part, before) = (change.task.part, &change.before.catalogue);
    if change.is_down() || part.is_rust || !before.has_virtual_tables() {
        return Ok(());
    }
    let is_rowid = |word: &String| ["rowid", "_rowid_", "oid"].contains(&word.as_str());
    for (old, _) in change.rebuilt() {
        let main = &change.trial.main.conn;
        let keeps = part.words().iter().any(|words| {
            words[0] == "insert" && words.contains(&old.table) && words.iter().any(is_rowid)
        });
        if keeps || !Table::read(main, old)?.has_hidden_rowid() {
            continue;
        }
        let writes_rowid = |it: &Object| {
            let mut triples = it.tokens.windows(3);
            it.kind == Kind::Trigger
                && it.table == old.table
                && triples.any(|it| it[0] == "new" && it[1] == "." && is_rowid(&it[2]))
        };
        let triggers: Vec<_> = before.objects().filter(|it| writes_rowid(it)).collect();
        let is_fed = |it: &Object| {
            it.kind == Kind::Virtual
                && FullTextIndex::of(it).is_none()
                && triggers
                    .iter()
                    .any(|trigger| trigger.tokens.contains(&it.table))
        };
        for fed in before.objects().filter(|it| is_fed(it)) {
            let stays = change.after.catalogue.table(&fed.table).is_some();
            if !stays || fills(change, &fed.table) {
                continue;
            }
            let (table, name) = (&old.name, &fed.name);
            findings.add(
                part,
                Code::StaleFullTextIndex,
                place_of(part, table),
                format!(
                    "the rowids of `{table}` are new after this, and `{name}` has the old ones, \
                     which triggers have written"
                ),
                "copy the rowids too: `INSERT INTO new(rowid, …) SELECT rowid, …`; or delete and \
                 insert its rows again",
            );
        }
    }
    Ok(())
}

/// Finds a `VACUUM`, which the replay skips: it may renumber the rowids that no column shows.
fn vacuumed(change: Change<'_, '_>, findings: &mut Findings<'_, '_>) -> Result<()> {
    let part = change.task.part;
    let (main, catalogue) = (&change.trial.main.conn, change.trial.catalogue);
    if part.in_transaction || part.is_rust {
        return Ok(());
    }
    let vacuum = |at: &usize| Head::of(part.statement(*at)).word(0) == "VACUUM";
    let Some(at) = (0..part.statements.len()).rfind(vacuum) else {
        return Ok(());
    };
    for index in FullTextIndex::all(catalogue) {
        let name = index.name.to_ascii_lowercase();
        let mut later = part.words()[at + 1..].iter().flat_map(|words| words.iter());
        if later.any(|word| *word == name) || !index.has_hidden_rowid(main, catalogue)? {
            continue;
        }
        let FullTextIndex { name, content, .. } = &index;
        findings.add(
            part,
            Code::StaleFullTextIndex,
            beginning(part, at),
            format!(
                "`VACUUM` may renumber the rows of `{content}`, and the full-text index `{name}` \
                 refers to the old numbers"
            ),
            &rebuild(main, name),
        );
    }
    Ok(())
}
