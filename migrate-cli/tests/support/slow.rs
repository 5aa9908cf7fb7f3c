//! Statements that take a while, on whatever machine.

use migrate_runtime::rusqlite::Connection;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Inserts a row into the table `work`, which takes about so long; on a machine
/// that has other work, longer.
pub(crate) fn statement(time: Duration) -> String {
    static ROWS_PER_SECOND: OnceLock<f64> = OnceLock::new();
    let rate = ROWS_PER_SECOND.get_or_init(measure);
    counting((rate * time.as_secs_f64()) as u64)
}

/// One that no test waits for the end of.
pub(crate) fn endless_statement() -> String {
    counting(1 << 40)
}

fn counting(rows: u64) -> String {
    format!(
        "INSERT INTO work WITH RECURSIVE n (i) AS \
         (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) SELECT max(i) FROM n;\n"
    )
}

fn measure() -> f64 {
    const ROWS: u64 = 200_000;
    let mut conn = Connection::open_in_memory().unwrap();
    conn.execute_batch("CREATE TABLE work (n INTEGER)").unwrap();
    // As in a run that can be stopped during a statement.
    conn.progress_handler(8, Some(|| false)).unwrap();
    let started = Instant::now();
    conn.execute_batch(&counting(ROWS)).unwrap();
    ROWS as f64 / started.elapsed().as_secs_f64()
}
