use crate::catalogue::{Catalogue, Kind, Object};
use crate::memory::Memory;
use migrate_core::sqlite::integrity::Problems;
use migrate_core::sqlite::quote;
use rusqlite::Result;
use std::collections::BTreeMap;

/// A database at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(crate) catalogue: Catalogue,
    /// How many rows each table has, by its name in lower case.
    pub(crate) counts: BTreeMap<String, i64>,
    pub(crate) problems: Problems,
}

impl Snapshot {
    pub(crate) fn take(memory: &Memory) -> Result<Snapshot> {
        let catalogue = Catalogue::read(&memory.conn)?;
        let mut counts = BTreeMap::new();
        for table in catalogue.objects().filter(|it| it.kind == Kind::Table) {
            counts.insert(table.name.to_ascii_lowercase(), count(memory, table)?);
        }
        Ok(Snapshot {
            catalogue,
            counts,
            problems: memory.problems()?,
        })
    }
}

fn count(memory: &Memory, table: &Object) -> Result<i64> {
    memory.number(&format!("SELECT count(*) FROM main.{}", quote(&table.name)))
}
