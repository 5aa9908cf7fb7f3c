//! What a script may hold, and what of it is embedded.

use migrate_runtime::embed_migrations;
use migrate_runtime::rusqlite::Connection;

embed_migrations! { enum Statements in "./statements", watch = false }
embed_migrations! { enum Unparsed in "./statements", syntax = false, watch = false }
embed_migrations! { enum Windows in "./windows", watch = false }
embed_migrations! { enum Empty in "./empty", watch = false }
embed_migrations! { enum Outside in "./no_transaction", watch = false }
embed_migrations! { enum Irreversible in "./irreversible", watch = false }

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut db = Connection::open_in_memory()?;
    Statements::migrator().up(&mut db)?;
    let names: String = db.query_row(
        "SELECT group_concat(n, '|') FROM \"odd; name\"",
        [],
        |row| row.get(0),
    )?;
    assert_eq!(names, "one; END;|many");
    let found: String = db.query_row(
        "SELECT body FROM words WHERE words MATCH 'größe'",
        [],
        |row| row.get(0),
    )?;
    assert_eq!(found, "größe 数 🙂");
    let version: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    assert_eq!(version, 7);
    assert_eq!(Statements::LATEST.get().up.statements().len(), 7);
    assert_eq!(
        Unparsed::LATEST.get().checksum,
        Statements::LATEST.get().checksum
    );

    // A byte order mark and the line ends of other systems are no part of it.
    let mut db = Connection::open_in_memory()?;
    assert_eq!(Windows::migrator().up(&mut db)?.applied().len(), 2);
    let up = &Windows::V001Users.get().up;
    assert!(up.sql().starts_with("-- Windows.\nCREATE"));
    assert!(!up.sql().contains('\r'));
    assert_eq!(Windows::V002OldMac.get().up.sql().lines().count(), 2);

    let mut db = Connection::open_in_memory()?;
    assert_eq!(Empty::migrator().up(&mut db)?.applied().len(), 2);
    assert_eq!(Empty::V002Nothing.get().up.statements().len(), 0);
    assert!(Empty::migrator().plan(&db)?.is_empty());

    assert!(Irreversible::V001Users.get().down.is_none());

    let mut db = Connection::open_in_memory()?;
    assert_eq!(Outside::migrator().up(&mut db)?.applied().len(), 2);
    assert!(!Outside::V001Users.get().up.in_transaction());
    assert!(Outside::V002Modes.get().down.is_some_and(|down| !down.in_transaction()));
    Ok(())
}
