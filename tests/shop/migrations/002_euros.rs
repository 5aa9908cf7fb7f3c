pub fn up(tx: &rusqlite::Transaction<'_>) -> rusqlite::Result<()> {
    let orders: Vec<(i64, i64)> = tx.prepare("SELECT id, cents FROM orders")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (id, cents) in orders {
        let euros = format!("{}.{:02}", cents / 100, cents % 100);
        tx.execute("UPDATE orders SET euros = ?2 WHERE id = ?1", (id, euros))?;
    }
    Ok(())
}

pub fn down(tx: &rusqlite::Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute_batch("UPDATE orders SET euros = NULL WHERE euros IS NOT NULL")
}
