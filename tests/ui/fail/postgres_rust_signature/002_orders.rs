use migrate_runtime::tokio_postgres::Transaction;

pub async fn up(tx: &Transaction<'_>) -> u8 {
    let _ = tx;
    7
}
