//! A replay touches no file. The rules of a directory refuse most of these
//! before; here they are not asked.

use migrate_model::{Checksum, Migration, Script, Version};
use migrate_prove::{Options, Subject, prove};

fn replay(sql: &'static str, in_transaction: bool) -> Vec<String> {
    let script = Script::single("001_a.sql", sql);
    let migration = Migration::new(Version::new(1), "001_a", Checksum::of(sql), script);
    let mut subject = Subject::from(&migration);
    subject.up.in_transaction = in_transaction;
    let proof = prove(&[subject], &Options::default()).unwrap();
    let findings = proof.findings.into_iter();
    findings.map(|it| it.message).collect()
}

#[test]
fn no_file_is_written() {
    let folder = std::env::temp_dir().join(format!("prove-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("stolen.db");
    let path = path.to_str().unwrap();
    let mut said = String::new();
    for sql in [
        format!("ATTACH '{path}' AS other"),
        format!("VACUUM INTO '{path}'"),
        format!("/* not the first word */ VACUUM main INTO '{path}'"),
        format!("SELECT load_extension('{path}')"),
        format!("PRAGMA temp_store_directory = '{path}'"),
    ] {
        let sql: &'static str = sql.leak();
        for in_transaction in [true, false] {
            let found = replay(sql, in_transaction).join("; ").replace(path, "FILE");
            said.push_str(&format!("{in_transaction}: {found}\n"));
        }
    }
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().collect();
    assert!(files.is_empty(), "{files:?}");
    std::fs::remove_dir(&folder).unwrap();
    insta::assert_snapshot!(said, @"
    true: the runner refuses this: a migration cannot attach or detach another database
    false: the runner refuses this: a migration cannot attach or detach another database
    true: SQLite refuses this: cannot VACUUM from within a transaction
    false: 
    true: SQLite refuses this: cannot VACUUM from within a transaction
    false: 
    true: SQLite refuses this: not authorized
    false: SQLite refuses this: not authorized
    true: the runner refuses this: `PRAGMA temp_store_directory`: it would stay in effect on the connection after the migration
    false: the runner refuses this: `PRAGMA temp_store_directory`: it would stay in effect on the connection after the migration
    ");
}
