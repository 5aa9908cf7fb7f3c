// A word for the address of each organization, which SQL alone would not find.

use migrate_runtime::tokio_postgres::{Error, Transaction};

pub async fn up(tx: &Transaction<'_>) -> Result<(), Error> {
    tx.batch_execute("ALTER TABLE accounts.organizations ADD COLUMN slug text UNIQUE")
        .await?;
    let rows = tx
        .query("SELECT id, name FROM accounts.organizations ORDER BY id", &[])
        .await?;
    for row in rows {
        let (id, name): (i64, String) = (row.get(0), row.get(1));
        let slug = format!("{}-{id}", slug(&name));
        tx.execute(
            "UPDATE accounts.organizations SET slug = $2 WHERE id = $1",
            &[&id, &slug],
        )
        .await?;
    }
    Ok(())
}

pub async fn down(tx: &Transaction<'_>) -> Result<(), Error> {
    tx.batch_execute("ALTER TABLE accounts.organizations DROP COLUMN slug")
        .await
}

/// `Müller & Söhne` as `m-ller-s-hne`.
fn slug(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<String> = words
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    words.join("-")
}
