//! The schema and the row counts of a database at one point in time.

use crate::replay::catalogue::{Catalogue, Kind};
use crate::replay::memory::Memory;
use migrate_scan::sqlite::quote;
use rusqlite::Result;
use std::collections::BTreeMap;

/// The state of a database at one point in time.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(crate) catalogue: Catalogue,
    /// The number of rows of each table, by its name in lower case; `None` if it is not
    /// needed.
    pub(crate) counts: Option<BTreeMap<String, i64>>,
}

impl Snapshot {
    /// Reads a database whose schema is `known` from an earlier snapshot.
    pub(crate) fn take(memory: &Memory, known: &Catalogue, with_counts: bool) -> Result<Snapshot> {
        let catalogue = Catalogue::read(memory, known)?;
        Snapshot::of(memory, catalogue, with_counts)
    }

    /// Takes a snapshot with a schema that has just been read.
    pub(crate) fn of(memory: &Memory, catalogue: Catalogue, with_counts: bool) -> Result<Snapshot> {
        let counts = with_counts.then(|| counts(memory, &catalogue));
        let counts = counts.transpose()?;
        Ok(Snapshot { catalogue, counts })
    }
}

/// How many tables one statement counts: the number of columns is limited.
const AT_ONCE: usize = 100;

fn counts(memory: &Memory, catalogue: &Catalogue) -> Result<BTreeMap<String, i64>> {
    let tables = catalogue.objects().filter(|it| it.kind == Kind::Table);
    let names: Vec<&String> = tables.map(|it| &it.name).collect();
    let mut counts = BTreeMap::new();
    for names in names.chunks(AT_ONCE) {
        let columns = names
            .iter()
            .map(|name| format!("(SELECT count(*) FROM main.{})", quote(name)));
        let sql = format!("SELECT {}", columns.collect::<Vec<_>>().join(", "));
        let numbers = memory.conn.query_row(&sql, [], |row| {
            (0..names.len())
                .map(|at| row.get(at))
                .collect::<Result<Vec<i64>>>()
        })?;
        let names = names.iter().map(|name| name.to_ascii_lowercase());
        counts.extend(names.zip(numbers));
    }
    Ok(counts)
}
