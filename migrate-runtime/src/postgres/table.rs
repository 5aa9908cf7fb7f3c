//! The name of the history table, and the key of its lock.

use hmac_sha256::Hash as Sha256;
use migrate_scan::sqlite::quote;

/// The history table of a migrator.
#[derive(Clone, Debug)]
pub struct Table {
    schema: String,
    name: String,
    /// The qualified name as it is written in a statement.
    sql: String,
}

impl Default for Table {
    fn default() -> Table {
        Table::new("public", "_migrations")
    }
}

impl Table {
    pub(super) fn new(schema: &str, name: &str) -> Table {
        Table {
            schema: schema.to_owned(),
            name: name.to_owned(),
            sql: format!("{}.{}", quote(schema), quote(name)),
        }
    }

    /// The name, without its schema.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The schema.
    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// The qualified name as it is written in a statement, quoted.
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// The qualified name in messages.
    pub(super) fn shown(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }

    /// The table of leases, for servers without advisory locks.
    pub(super) fn lease(&self) -> String {
        format!(
            "{}.{}",
            quote(&self.schema),
            quote(&format!("{}_lock", self.name))
        )
    }

    /// The key of the advisory lock: 64 bits that are the same in every program
    /// that uses this table, and differ from those of other tables.
    pub(super) fn key(&self) -> i64 {
        let mut hash = Sha256::new();
        for part in ["migrate-runtime", &self.schema, &self.name] {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            hash.update(part);
        }
        let digest = hash.finalize();
        let mut key = [0; 8];
        key.copy_from_slice(&digest[..8]);
        i64::from_le_bytes(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_has_a_key_of_its_own() {
        let table = Table::new;
        // Releases must agree on the key, or two of them would run at the same
        // time.
        assert_eq!(Table::default().key(), table("public", "_migrations").key());
        assert_ne!(table("a", "bc").key(), table("ab", "c").key());
        assert_eq!(table("a\"b", "c").sql(), "\"a\"\"b\".\"c\"");
    }
}
