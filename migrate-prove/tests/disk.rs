//! A replay writes nothing. This is a process of its own, because the working
//! directory belongs to all threads.

use migrate_model::{Checksum, Migration, Script, Version};
use migrate_prove::{Options, Subject, prove};

#[test]
fn the_disk_is_not_touched() {
    let scripts = [
        "ATTACH 'one.db' AS one",
        "VACUUM INTO 'two.db'",
        "PRAGMA temp_store_directory = '.'",
        "PRAGMA temp_store = FILE",
        "INSERT INTO t (x) VALUES (load_extension('three'))",
        "INSERT INTO t (x) VALUES (writefile('four', 'x'))",
        "CREATE VIRTUAL TABLE five USING csv (filename = 'six.csv')",
        "CREATE TABLE six AS WITH RECURSIVE c (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM c \
         LIMIT 100000) SELECT hex(randomblob(40)) AS x FROM c ORDER BY x DESC",
    ];
    let outside = [
        "VACUUM INTO 'seven.db'",
        "VACUUM",
        "PRAGMA journal_mode = wal",
        "PRAGMA journal_mode = delete",
    ];
    let folder = std::env::temp_dir().join(format!("prove-disk-{}", std::process::id()));
    std::fs::create_dir(&folder).unwrap();
    std::env::set_current_dir(&folder).unwrap();
    let scripts = scripts.iter().map(|sql| Script::single("002_b", sql));
    let outside = outside
        .iter()
        .map(|sql| Script::single("002_b", sql).without_transaction());
    let mut failed = 0;
    for script in scripts.chain(outside) {
        let table = Script::single("001_a", "CREATE TABLE t (x TEXT)");
        let set = [migration(1, table), migration(2, script)];
        let subjects: Vec<Subject<'_>> = set.iter().map(Subject::from).collect();
        let proof = prove(&subjects, &Options::default()).unwrap();
        failed += usize::from(!proof.findings.is_empty());
    }
    let written: Vec<_> = std::fs::read_dir(&folder).unwrap().collect();
    assert!(written.is_empty(), "{written:?}");
    // Windows removes no folder that is a current one.
    std::env::set_current_dir(std::env::temp_dir()).unwrap();
    std::fs::remove_dir(folder).unwrap();
    // Sorting much, VACUUM and the journal mode are no mistakes.
    assert_eq!(failed, 7);
}

fn migration(number: u64, script: Script) -> Migration {
    let label = if number == 1 { "001_a" } else { "002_b" };
    Migration::new(Version::new(number), label, Checksum::of(label), script)
}
