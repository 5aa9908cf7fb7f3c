//! `update` and `freeze`.

use super::{Memory, directory};
use migrate_model::Version;
use migrate_source::Options;
use migrate_source::directory::{Directory, read};
use migrate_source::lock_file::{LockFile, freeze, update};

fn named(stems: &[&str]) -> Directory {
    let files = stems
        .iter()
        .map(|stem| (format!("{stem}.sql"), "CREATE TABLE t(x);\n".to_owned()));
    directory(&files.collect::<Vec<_>>())
}

fn lines(lock: &LockFile) -> Vec<String> {
    let entries = lock.entries.iter();
    entries
        .map(|entry| format!("{} {}", entry.stem, entry.frozen.is_some()))
        .collect()
}

#[test]
fn what_is_new_is_a_draft_until_it_is_frozen() {
    let two = named(&["001_a", "002_b"]);
    let lock = update(&LockFile::default(), &two.migrations).unwrap();
    assert_eq!(lines(&lock), ["001_a false", "002_b false"]);
    let lock = freeze(&lock, &two.migrations, Some(Version::new(1))).unwrap();
    assert_eq!(lines(&lock), ["001_a true", "002_b false"]);

    // The draft is another one now, and a third is new.
    let three = named(&["001_a", "002_other", "003_c"]);
    let lock = update(&lock, &three.migrations).unwrap();
    assert_eq!(
        lines(&lock),
        ["001_a true", "002_other false", "003_c false"]
    );
    let all = freeze(&lock, &three.migrations, None).unwrap();
    assert_eq!(lines(&all), ["001_a true", "002_other true", "003_c true"]);
    // What was frozen before keeps its line to the byte.
    let line = |lock: &LockFile| lock.to_string().lines().nth(1).map(str::to_owned);
    assert_eq!(line(&all), line(&lock));
    assert_eq!(LockFile::parse("x", &all.to_string()), Ok(all.clone()));
    assert_eq!(freeze(&all, &three.migrations, None).unwrap(), all);
    assert_eq!(all.last_frozen().unwrap().stem, "003_c");
}

#[test]
fn nothing_frozen_is_touched() {
    let two = named(&["001_a", "002_b"]);
    let lock = freeze(&LockFile::default(), &two.migrations, None).unwrap();
    let gone = update(&lock, &named(&["001_a"]).migrations).unwrap_err();
    assert_eq!(
        gone,
        "`002_b` is frozen, but its files were changed; restore the committed versions"
    );
    let changed = [
        ("001_a.sql", "CREATE TABLE a(x);\n"),
        ("002_b.sql", "CREATE TABLE t(x);\n"),
    ];
    let changed = read(&mut Memory::new(changed), &Options::default());
    let refusal = freeze(&lock, &changed.migrations, None).unwrap_err();
    assert!(refusal.starts_with("`001_a` is frozen"), "{refusal}");
    let between = named(&["001_a", "002_b", "002_c"]);
    assert_eq!(
        update(&lock, &between.migrations).unwrap_err(),
        "`002_c` is not higher than `002_b`, which is frozen; run `migrate renumber`, which gives \
         it the next free number"
    );
    let unknown = freeze(&lock, &two.migrations, Some(Version::new(3))).unwrap_err();
    assert_eq!(
        unknown,
        "there is no migration 003 to freeze up to; give an existing version, or none to freeze all"
    );
}
