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
        Table::new("public".to_owned(), "_migrations".to_owned())
    }
}

impl Table {
    fn new(schema: String, name: String) -> Table {
        let sql = format!("{}.{}", quote(&schema), quote(&name));
        Table { schema, name, sql }
    }

    pub(super) fn set_name(&mut self, name: &str) {
        *self = Table::new(std::mem::take(&mut self.schema), name.to_owned());
    }

    pub(super) fn set_schema(&mut self, schema: &str) {
        *self = Table::new(schema.to_owned(), std::mem::take(&mut self.name));
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
        let table = |schema: &str, name: &str| Table::new(schema.to_owned(), name.to_owned());
        // Releases must agree on the key, or two of them would run at the same
        // time.
        assert_eq!(Table::default().key(), table("public", "_migrations").key());
        assert_ne!(table("a", "bc").key(), table("ab", "c").key());
        assert_eq!(table("a\"b", "c").sql(), "\"a\"\"b\".\"c\"");
    }
}
