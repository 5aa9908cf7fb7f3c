use migrate_runtime::tokio_postgres::{Error, Transaction};
use std::rc::Rc;

pub async fn up(tx: &Transaction<'_>) -> Result<(), Error> {
    let text = Rc::new("SELECT 1".to_owned());
    tx.batch_execute(&text).await
}
