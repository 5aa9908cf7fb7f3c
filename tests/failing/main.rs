//! A program whose `main` returns the error of a migration, as the README's
//! does: `failing FOLDER DATABASE`, where the database is a file or a URL.

use migrate_runtime::postgres::{Blocking, Connector};
use migrate_runtime::{Migrator, Numbering, Version};
use migrate_tools::read_directory;
use rusqlite::Connection;
use std::error::Error;
use std::time::Duration;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("which folder?")?;
    let database = arguments.next().ok_or("which database?")?;
    let report = if database.starts_with("postgres:") {
        let connector = Connector::parse(&database)?.connect_timeout(Duration::ZERO);
        let mut db = Blocking::connect(&connector)?;
        let migrator = migrate_tests::postgres::folder(folder.as_ref());
        db.run(async |client| migrator.up(client).await)?
    } else {
        let registry = read_directory(&folder, Numbering::DEFAULT)?;
        let migrator = Migrator::<Version>::new(registry).lock_timeout(Duration::from_millis(20));
        migrator.up(&mut Connection::open(database)?)?
    };
    println!("{report}");
    Ok(())
}
