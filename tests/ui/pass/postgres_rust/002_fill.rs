use migrate_runtime::tokio_postgres::{Error, Transaction};

pub async fn up(tx: &Transaction<'_>) -> Result<(), Error> {
    for (id, name) in (1_i64..).zip(super::NAMES) {
        tx.execute("INSERT INTO users VALUES ($1, $2)", &[&id, &name])
            .await?;
    }
    Ok(())
}

pub async fn down(tx: &Transaction<'_>) -> Result<(), Error> {
    tx.batch_execute("DELETE FROM users").await
}
