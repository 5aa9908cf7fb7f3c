//! A record of what a migration touches, as SQLite reports it to the authorizer.

use rusqlite::hooks::{AuthAction, AuthContext};
use std::collections::BTreeSet;

/// The tables and views of the main database that migrations have touched, by
/// their names in lower case.
///
/// SQLite reports an action while it compiles the statement. So a statement that
/// matches no rows counts too, and so does what its views and triggers do. SQLite's
/// own tables are included: a change of the schema writes `sqlite_master`. Temporary
/// and attached tables are left out.
///
/// What SQLite does not report:
///
/// - the new name in `ALTER TABLE … RENAME TO`, and the views, triggers and
///   references of other tables that it rewrites;
/// - the rows that `CREATE TABLE … AS SELECT` inserts, and those that
///   `ALTER TABLE … DROP COLUMN` rewrites;
/// - the statements of a trigger, until a statement fires it.
///
/// ```
/// use migrate_sqlite::authorizer::{Authorizer, Scope};
/// use migrate_sqlite::rusqlite::Connection;
///
/// let mut conn = Connection::open_in_memory()?;
/// let authorizer = Authorizer::new("_migrations");
/// authorizer.install(&mut conn)?;
/// let entered = authorizer.enter(Scope::Transaction);
/// conn.execute_batch("CREATE TABLE a(x); CREATE INDEX i ON a(x)")?;
/// drop(entered);
/// let touched = authorizer.take_touched();
/// assert!(touched.created.contains("a") && touched.altered.contains("a"));
/// # Ok::<(), migrate_sqlite::rusqlite::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Touched {
    /// Tables and views that were read.
    pub read: BTreeSet<String>,
    /// Tables whose rows were inserted, updated or deleted. A dropped table counts.
    pub written: BTreeSet<String>,
    /// Tables and views that were created.
    pub created: BTreeSet<String>,
    /// Tables and views that were dropped.
    pub dropped: BTreeSet<String>,
    /// Tables whose definition was changed, or that had an index or a trigger
    /// created or dropped. A renamed table is listed under its old name.
    pub altered: BTreeSet<String>,
}

impl Touched {
    /// The tables and views that were created, dropped or altered.
    pub fn schema(&self) -> BTreeSet<String> {
        let all = self.created.iter().chain(&self.dropped);
        all.chain(&self.altered).cloned().collect()
    }

    pub(crate) fn record(&mut self, context: &AuthContext<'_>) {
        let database = match context.action {
            // For a dropped column, SQLite reports the name here.
            AuthAction::AlterTable { database_name, .. } => Some(database_name),
            // `None` if the statement names no database.
            _ => context.database_name,
        };
        if database.is_some_and(|name| name != "main") {
            return;
        }
        let (names, name) = match context.action {
            AuthAction::Read { table_name, .. } => (&mut self.read, table_name),
            AuthAction::Insert { table_name }
            | AuthAction::Update { table_name, .. }
            | AuthAction::Delete { table_name } => (&mut self.written, table_name),
            AuthAction::CreateTable { table_name }
            | AuthAction::CreateVtable { table_name, .. }
            | AuthAction::CreateView {
                view_name: table_name,
            } => (&mut self.created, table_name),
            AuthAction::DropTable { table_name }
            | AuthAction::DropVtable { table_name, .. }
            | AuthAction::DropView {
                view_name: table_name,
            } => (&mut self.dropped, table_name),
            AuthAction::AlterTable { table_name, .. }
            | AuthAction::CreateIndex { table_name, .. }
            | AuthAction::DropIndex { table_name, .. }
            | AuthAction::CreateTrigger { table_name, .. }
            | AuthAction::DropTrigger { table_name, .. } => (&mut self.altered, table_name),
            _ => return,
        };
        // SQLite reports each column of a table, mostly in lower case already.
        if !names.contains(name) {
            names.insert(name.to_ascii_lowercase());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorizer::{Authorizer, Scope};
    use rusqlite::Connection;

    /// What a script touches, in a database with some tables.
    fn touched(script: &str) -> String {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(
            "CREATE TABLE A(x INTEGER PRIMARY KEY, y, z);
             CREATE TABLE b(x REFERENCES a(x));
             CREATE VIEW v AS SELECT y FROM a;
             CREATE TABLE log(x);
             CREATE TRIGGER noted AFTER INSERT ON b BEGIN
                INSERT INTO log SELECT max(x) FROM a;
             END;
             CREATE TRIGGER through INSTEAD OF DELETE ON v BEGIN DELETE FROM b; END;
             CREATE INDEX i ON a(y);
             CREATE TEMP TABLE t(x);
             PRAGMA foreign_keys = OFF",
        )
        .unwrap();
        let authorizer = Authorizer::new("_migrations");
        authorizer.install(&mut conn).unwrap();
        let entered = authorizer.enter(Scope::Transaction);
        conn.execute_batch(script).unwrap();
        drop(entered);
        let touched = authorizer.take_touched();
        assert_eq!(authorizer.take_touched(), Touched::default());
        let kinds = [
            ("read", touched.read),
            ("written", touched.written),
            ("created", touched.created),
            ("dropped", touched.dropped),
            ("altered", touched.altered),
        ];
        let shown = kinds.into_iter().filter_map(|(kind, names)| {
            let names: Vec<&str> = names
                .iter()
                .map(String::as_str)
                .filter(|name| !name.starts_with("sqlite_"))
                .collect();
            (!names.is_empty()).then(|| format!("{kind} {}", names.join(" ")))
        });
        shown.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn rows() {
        assert_eq!(touched("SELECT y FROM a WHERE z = 1"), "read a");
        assert_eq!(touched("SELECT count(*) FROM a"), "read a");
        assert_eq!(touched("UPDATE A SET y = 1 WHERE 0"), "written a");
        assert_eq!(touched("UPDATE a SET y = z"), "read a, written a");
        assert_eq!(touched("DELETE FROM log"), "written log");
        assert_eq!(
            touched("INSERT INTO log SELECT y FROM a"),
            "read a, written log"
        );
        assert_eq!(touched("EXPLAIN DELETE FROM log"), "written log");
    }

    #[test]
    fn the_schema() {
        assert_eq!(touched("CREATE TABLE New(x)"), "created new");
        assert_eq!(
            touched("CREATE TABLE new AS SELECT y FROM a"),
            "read a, created new"
        );
        assert_eq!(touched("CREATE VIEW new AS SELECT y FROM a"), "created new");
        assert_eq!(touched("DROP TABLE log"), "written log, dropped log");
        assert_eq!(touched("DROP VIEW V"), "written v, dropped v, altered v");
        assert_eq!(touched("CREATE INDEX j ON A(z)"), "read a, altered a");
        assert_eq!(touched("DROP INDEX i"), "altered a");
        assert_eq!(
            touched("CREATE TRIGGER new AFTER DELETE ON a BEGIN DELETE FROM log; END"),
            "altered a"
        );
        assert_eq!(touched("DROP TRIGGER noted"), "altered b");
        assert_eq!(touched("DROP TRIGGER through"), "altered v");
    }

    #[test]
    fn altered_tables() {
        assert_eq!(touched("ALTER TABLE a RENAME TO c"), "altered a");
        assert_eq!(touched("ALTER TABLE a RENAME COLUMN z TO w"), "altered a");
        assert_eq!(touched("ALTER TABLE a ADD COLUMN w"), "altered a");
        assert_eq!(
            touched("ALTER TABLE a ADD COLUMN w NOT NULL DEFAULT 1"),
            "altered a"
        );
        assert_eq!(touched("ALTER TABLE a DROP COLUMN z"), "altered a");
    }

    /// As SQLite's manual recommends it, but without objects that depend on the table.
    #[test]
    fn a_table_that_is_rebuilt() {
        let rebuild = "DROP TRIGGER noted; DROP VIEW v;
                       CREATE TABLE new(x INTEGER PRIMARY KEY, y NOT NULL);
                       INSERT INTO new SELECT x, y FROM a;
                       DROP TABLE a;
                       ALTER TABLE new RENAME TO a";
        assert_eq!(
            touched(rebuild),
            "read a, written a new v, created new, dropped a v, altered b new v"
        );
    }

    /// The statements of a trigger are compiled with the one that fires it.
    #[test]
    fn views_and_triggers() {
        assert_eq!(touched("SELECT * FROM v"), "read a v");
        assert_eq!(touched("INSERT INTO b VALUES (1)"), "read a, written b log");
        assert_eq!(touched("DELETE FROM v"), "read a v, written b v");
        assert_eq!(
            touched("CREATE TEMP TRIGGER s AFTER UPDATE ON a BEGIN DELETE FROM log; END"),
            ""
        );
    }

    #[test]
    fn only_the_main_database() {
        assert_eq!(touched("INSERT INTO t VALUES (1)"), "");
        assert_eq!(touched("CREATE TEMP TABLE u AS SELECT y FROM a"), "read a");
        assert_eq!(
            touched("CREATE TEMP VIEW w AS SELECT 1; DROP VIEW w; DROP TABLE t"),
            ""
        );
        assert_eq!(touched("SELECT count(*) FROM temp.t"), "");
    }

    #[test]
    fn other_scopes_are_not_recorded() {
        let mut conn = Connection::open_in_memory().unwrap();
        let authorizer = Authorizer::new("_migrations");
        authorizer.install(&mut conn).unwrap();
        conn.execute_batch("CREATE TABLE a(x)").unwrap();
        let entered = authorizer.enter(Scope::Adoption);
        conn.execute_batch("DELETE FROM a").unwrap();
        drop(entered);
        assert_eq!(authorizer.take_touched(), Touched::default());
        let entered = authorizer.enter(Scope::NoTransaction);
        // A refused statement has touched nothing.
        conn.execute_batch("DROP TABLE _migrations").unwrap_err();
        conn.execute_batch("CREATE TABLE _migrations(x)")
            .unwrap_err();
        conn.execute_batch("CREATE INDEX i ON a(x)").unwrap();
        drop(entered);
        let touched = authorizer.take_touched();
        assert_eq!(touched.schema().into_iter().collect::<Vec<_>>(), ["a"]);
    }
}
