//! Whether what was applied is what lies here.

use crate::support::{A, B, abc, adopted, chain, hex, history, left, migrator, options, refused};
use migrate_adopt::{Options, OriginalMigration, Tool, Verified, Verify};
use sha2::{Digest, Sha384};

/// A history of sqlx whose migrations had these texts.
fn sqlx(texts: &[&str]) -> String {
    let rows: Vec<String> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| {
            let hash = Sha384::digest(text);
            let hex = hex(&hash);
            let name = char::from(b'a' + u8::try_from(index).unwrap());
            format!(
                "({}, '{name}', '2024-01-31 12:00:00', 1, x'{hex}', 5)",
                index + 1
            )
        })
        .collect();
    format!("INSERT INTO _sqlx_migrations VALUES {}", rows.join(", "))
}

fn verifying(verify: Verify) -> Options {
    let mut options = options();
    options.verify = verify;
    options
}

#[test]
fn another_text() {
    let mut old = left(
        Tool::Sqlx,
        2,
        &sqlx(&[A, "CREATE TABLE b(id INTEGER, x);\n"]),
    );
    let error = refused(&mut old, &abc(), Tool::Sqlx, &options());
    insta::assert_snapshot!(error, @"a migration that was applied by sqlx had a different text: `2 b`, whose file is `002_b.sql`; give the files as they were applied with `--originals DIR`, or compare only the schema with `--verify schema`");
    assert!(error.is_unverified() && !error.is_unmapped());
    let mut with = options();
    with.originals = vec![
        OriginalMigration::new("1", "a", "1_a.sql", "CREATE TABLE a(id INTEGER)"),
        OriginalMigration::new("2", "b", "2_b.sql", B),
    ];
    let error = refused(&mut old, &abc(), Tool::Sqlx, &with);
    insta::assert_snapshot!(error, @"2 migrations that were applied by sqlx had a different text: `1 a`, whose file is `1_a.sql`, `2 b`, whose file is `2_b.sql`; restore the files as they were applied, or compare only the schema with `--verify schema`");
    // The schema is right, and counts for more if the user says so.
    let adoption = adopted(&mut old, &abc(), Tool::Sqlx, &verifying(Verify::Schema));
    assert!(adoption.rows.iter().all(|row| row.verified == Verified::No));
    insta::assert_snapshot!(adoption, @"
    2 migrations of sqlx, from `_sqlx_migrations`:
      1 a  ->  001_a  2024-01-31 12:00:00  not compared
      2 b  ->  002_b  2024-01-31 12:00:00  not compared
    The schema is the one that these migrations produce.
    Pending: 003_c
    ");
    insta::assert_snapshot!(history(&old.conn), @"
    1 | a | applied | sqlx 1 | 2024-01-31T12:00:00.000Z | 0 | verified by schema
    2 | b | applied | sqlx 2 | 2024-01-31T12:00:00.000Z | 0 | verified by schema
    ");
}

/// Whoever has changed them all need not read each name.
#[test]
fn messages_name_the_first_of_many() {
    let registry = |first: char| {
        let letters = (first..).take(12).enumerate();
        let files: Vec<(String, String)> = letters
            .map(|(at, letter)| {
                let sql = format!("CREATE TABLE {letter}(id INTEGER);\n");
                (format!("{:03}_{letter}.sql", at + 1), sql)
            })
            .collect();
        let files: Vec<(&str, &str)> = files.iter().map(|(a, b)| (&**a, &**b)).collect();
        migrator(&files)
    };
    let mut old = left(Tool::Sqlx, 2, &sqlx(&["SELECT 1;\n"; 12]));
    let error = refused(&mut old, &registry('a'), Tool::Sqlx, &options());
    insta::assert_snapshot!(error, @"12 migrations that were applied by sqlx had a different text: `1 a`, whose file is `001_a.sql`, `2 b`, whose file is `002_b.sql`, `3 c`, whose file is `003_c.sql`, `4 d`, whose file is `004_d.sql`, `5 e`, whose file is `005_e.sql`, `6 f`, whose file is `006_f.sql`, `7 g`, whose file is `007_g.sql`, `8 h`, whose file is `008_h.sql`, `9 i`, whose file is `009_i.sql`, `10 j`, whose file is `010_j.sql`, and 2 more; give the files as they were applied with `--originals DIR`, or compare only the schema with `--verify schema`");
    let error = refused(&mut old, &registry('n'), Tool::Sqlx, &options());
    insta::assert_snapshot!(error, @"the names do not match the order: `1 a` of sqlx would be `001_n`, `2 b` of sqlx would be `002_o`, `3 c` of sqlx would be `003_p`, `4 d` of sqlx would be `004_q`, `5 e` of sqlx would be `005_r`, `6 f` of sqlx would be `006_s`, `7 g` of sqlx would be `007_t`, `8 h` of sqlx would be `008_u`, `9 i` of sqlx would be `009_v`, `10 j` of sqlx would be `010_w`, and 2 more; give the right pairs with `--map OLD=NEW`, such as `--map 1=001` if these two are the same");
}

/// A text that was converted has another checksum, of which nothing follows
/// until the original is there.
#[test]
fn a_converted_text() {
    let ours = migrator(&[
        ("001_a.sql", &format!("-- migrate: adopted sqlx \"1\"\n{A}")),
        ("002_b.sql", &format!("-- migrate: adopted sqlx \"2\"\n{B}")),
    ]);
    let applied = format!("BEGIN;\n{B}COMMIT;\n");
    let old = || left(Tool::Sqlx, 2, &sqlx(&[A, &applied]));
    let verified = |options: &Options| {
        let adoption = adopted(&mut old(), &ours, Tool::Sqlx, options);
        let rows = adoption.rows.iter();
        rows.map(|row| row.verified).collect::<Vec<_>>()
    };
    // The first has only been given a head.
    assert_eq!(verified(&options()), [Verified::Checksum, Verified::No]);
    let mut with = options();
    with.originals = vec![OriginalMigration::new(
        "2",
        "b",
        "2_b.sql",
        applied.replace('\n', "\r\n"),
    )];
    assert_eq!(verified(&with), [Verified::Checksum, Verified::Checksum]);
    with.originals = vec![OriginalMigration::new("2", "b", "2_b.sql", B)];
    let error = refused(&mut old(), &ours, Tool::Sqlx, &with);
    assert!(error.is_unverified());
    assert_eq!(verified(&verifying(Verify::None)), [Verified::No; 2]);
}

#[test]
fn another_schema() {
    let elsewhere = "DROP TABLE b; CREATE TABLE b(id TEXT); CREATE INDEX by_id ON a(id)";
    let there = format!("{}; {elsewhere}", sqlx(&[A, B]));
    let mut old = left(Tool::Sqlx, 2, &there);
    let error = refused(&mut old, &abc(), Tool::Sqlx, &options());
    insta::assert_snapshot!(error, @"nothing was recorded: the schema is not the one that the migrations up to `002_b` produce, although sqlx has applied them: the table `b` is `CREATE TABLE b(id TEXT)`, and the migrations make it `CREATE TABLE b(id INTEGER)`; the index `by_id` is not made by the migrations; correct the database or the files, or skip the comparison with `--verify checksum` if the differences are intentional");
    assert!(error.is_unverified());
    assert_eq!(error.differences().len(), 2);
    for verify in [Verify::Checksum, Verify::None] {
        let mut old = left(Tool::Sqlx, 2, &there);
        let adoption = adopted(&mut old, &abc(), Tool::Sqlx, &verifying(verify));
        assert_eq!(adoption.schema, None);
    }
}

/// What is not adopted yet need not be there.
#[test]
fn the_schema_is_compared_up_to_the_last_one() {
    for tables in 1..=3_usize {
        let texts = &[A, B, crate::support::C][..tables];
        let mut old = left(Tool::Sqlx, tables, &sqlx(texts));
        let adoption = adopted(&mut old, &abc(), Tool::Sqlx, &options());
        assert_eq!(adoption.pending.len(), 3 - tables);
    }
}

#[test]
fn migrations_that_do_not_run() {
    let ours = migrator(&[("001_a.sql", A), ("002_b.sql", "CREATE TABLE a(x)")]);
    let mut old = left(Tool::RusqliteMigration, 1, "PRAGMA user_version = 2");
    let error = refused(&mut old, &ours, Tool::RusqliteMigration, &options());
    insta::assert_snapshot!(chain(&error), @"the migrations could not be replayed to compare the schema; correct them, or skip the comparison with `--verify checksum`: the database failed while replaying the migrations: migration `002_b` failed at 002_b.sql:1:14 and was rolled back: table a already exists: Error code 1: SQL logic error");
}
