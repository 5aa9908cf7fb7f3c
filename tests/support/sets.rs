//! Sets of migrations that the process tests and their worker both know by a
//! name, so that a name on the command line is enough to agree on one.

use migrate_runtime::{Migrator, Version};

/// Makes the migrator of a set:
///
/// - `steps:<count>:<rows>`: each migration makes a table with rows, changes
///   every row of the first table, and triples the one row of the ledger, so
///   that a migration that took effect twice, or in half, leaves a trace. The
///   downs take all of that back.
/// - `balance:<count>`: a table with one row, then updates that multiply it.
/// - `seed:<megabytes>`: one file of that size, an `INSERT` on each line.
/// - `inserts:<count>`: one file of that many statements with a page of data
///   in each.
/// - `outside:<count>`: a ledger, then a migration without a transaction of
///   `count` statements: the first and every fourth compact the file, the
///   others triple the ledger.
/// - `rust:<count>:<rows>`: as `steps`, with every second one written in Rust.
/// - `panics:<count>:<rows>`: the same, and the last function in Rust panics
///   when its work is done.
///
/// Sets that differ in the count alone begin with the same migrations.
///
/// # Panics
///
/// Panics if there is no such set.
#[must_use]
#[expect(clippy::panic, reason = "a test with a wrong fixture must fail")]
pub fn migrator(set: &str) -> Migrator<Version> {
    let mut words = set.split(':');
    let name = words.next();
    let numbers: Option<Vec<usize>> = words.map(|word| word.parse().ok()).collect();
    let files: Vec<String> = match (name, numbers.as_deref()) {
        (Some("rust"), Some(&[count, rows])) => return in_rust(count, rows, false),
        (Some("panics"), Some(&[count, rows])) => return in_rust(count, rows, true),
        (Some("steps"), Some(&[count, rows])) => (1..=count).map(|n| step(n, rows)).collect(),
        (Some("balance"), Some(&[count])) => (1..=count).map(balance).collect(),
        (Some("seed"), Some(&[megabytes])) => vec![seed(megabytes)],
        (Some("inserts"), Some(&[count])) => vec![inserts(count)],
        (Some("outside"), Some(&[count])) => vec![step(1, 2000), outside(count)],
        _ => panic!("no set is called `{set}`"),
    };
    let names: Vec<String> = (1..=files.len()).map(|n| format!("{n:03}_m.sql")).collect();
    let files: Vec<(&str, &str)> = names
        .iter()
        .zip(&files)
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    crate::migrator(&files)
}

fn in_rust(count: usize, rows: usize, panics: bool) -> Migrator<Version> {
    let is_rust = |n: &usize| n.is_multiple_of(2);
    let files: Vec<(String, String)> = (1..=count)
        .map(|n| {
            if is_rust(&n) {
                (format!("{n:03}_m.rs"), format!("// {n}\n"))
            } else {
                (format!("{n:03}_m.sql"), step(n, rows))
            }
        })
        .collect();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let migrator = crate::migrator(&files);
    (1..=count).filter(is_rust).fold(migrator, |migrator, n| {
        let version = Version::new(n as u64);
        let is_last = n + 2 > count;
        migrator.with_up(version, move |tx| {
            tx.execute_batch(&step_halves(n, rows).0)?;
            assert!(!(panics && is_last), "the function of {n} panics");
            Ok::<(), rusqlite::Error>(())
        })
    })
}

fn step(n: usize, rows: usize) -> String {
    let (up, down) = step_halves(n, rows);
    format!("{up}-- migrate:down\n{down}")
}

/// The way up, and the way down.
fn step_halves(n: usize, rows: usize) -> (String, String) {
    let table = format!(
        "CREATE TABLE t{n}(id INTEGER PRIMARY KEY, touched INTEGER NOT NULL, filler TEXT);\n\
         INSERT INTO t{n}(touched, filler)\n\
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})\n\
         SELECT 0, hex(zeroblob(150)) FROM n;\n"
    );
    match n {
        1 => (
            format!(
                "CREATE TABLE ledger(balance INTEGER NOT NULL);\n\
                 INSERT INTO ledger VALUES (1);\n{table}"
            ),
            "DROP TABLE t1;\nDROP TABLE ledger;\n".to_owned(),
        ),
        _ => (
            format!(
                "UPDATE ledger SET balance = balance * 3;\n{table}\
                 UPDATE t1 SET touched = touched + 1;\n"
            ),
            format!(
                "UPDATE t1 SET touched = touched - 1;\nDROP TABLE t{n};\n\
                 UPDATE ledger SET balance = balance / 3;\n"
            ),
        ),
    }
}

fn balance(n: usize) -> String {
    match n {
        1 => "CREATE TABLE account(balance INTEGER);\nINSERT INTO account VALUES (1);\n".to_owned(),
        _ => "UPDATE account SET balance = balance * 100;\n".to_owned(),
    }
}

fn seed(megabytes: usize) -> String {
    let mut text = String::from("CREATE TABLE seed(id INTEGER PRIMARY KEY, words TEXT);\n");
    let words = "the quick brown fox; ".repeat(20);
    let mut id = 0;
    while text.len() < megabytes << 20 {
        id += 1;
        text += &format!("INSERT INTO seed VALUES ({id}, '{words}');\n");
    }
    text
}

fn inserts(count: usize) -> String {
    let insert = "INSERT INTO big(page) VALUES (zeroblob(4000));\n";
    format!("CREATE TABLE big(page BLOB);\n{}", insert.repeat(count))
}

fn outside(count: usize) -> String {
    let statement = |n: usize| match n % 4 {
        0 => "VACUUM;\n",
        _ => "UPDATE ledger SET balance = balance * 3;\n",
    };
    let statements: String = (0..count).map(statement).collect();
    format!("-- migrate: no-transaction\n{statements}")
}
