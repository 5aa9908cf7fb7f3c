use migrate_runtime::rusqlite::Transaction;
use std::error::Error;

pub fn up(tx: &Transaction) -> Result<(), Box<dyn Error>> {
    Ok(tx.execute_batch("CREATE TABLE c(x)")?)
}
