pub async fn up(tx: &str) -> Result<(), std::fmt::Error> {
    let _ = tx;
    Ok(())
}
