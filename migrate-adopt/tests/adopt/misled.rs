//! What a user is told who has said something else than was meant, or whose
//! database has more than one history.

use crate::support::{A, B, abc, adopted, left, mapped, migrator, options, refused};
use migrate_adopt::{Options, Tool, Verify};

const ONE: &str = "INSERT INTO __diesel_schema_migrations VALUES ('1', '')";
const TWO: &str = "INSERT INTO __diesel_schema_migrations VALUES ('1', ''), ('2', '')";

fn table(name: &str) -> Options {
    let mut options = options();
    options.table = Some(name.to_owned());
    options
}

#[test]
fn a_table_is_named_that_is_not_there() {
    let mut old = left(Tool::Diesel, 1, ONE);
    let error = refused(&mut old, &abc(), Tool::Diesel, &table("nope"));
    insta::assert_snapshot!(error, @"the database has no table `nope`, in which diesel keeps its history: it has one in `__diesel_schema_migrations`, which is read without `--table`");
    let error = refused(&mut old, &abc(), Tool::Sqlx, &table("nope"));
    insta::assert_snapshot!(error, @"the database has no table `nope`, in which sqlx keeps its history: it has that of diesel, which `--from diesel` adopts; if the table has another name, give it with `--table`");
}

#[test]
fn the_map_says_otherwise_than_the_scripts() {
    let a = format!("-- migrate: adopted diesel \"1\"\n{A}");
    let b = format!("-- migrate: adopted diesel \"2\"\n{B}");
    let both = migrator(&[("001_a.sql", &a), ("002_b.sql", &b)]);
    let mut old = left(Tool::Diesel, 2, TWO);
    let adoption = adopted(
        &mut old,
        &both,
        Tool::Diesel,
        &mapped(&[("1", 2), ("2", 1)]),
    );
    insta::assert_snapshot!(adoption, @"
    2 migrations of diesel, from `__diesel_schema_migrations`:
      2  ->  001_a  not compared
      1  ->  002_b  not compared
    The schema is the one that these migrations produce.
    Note: `--map 1=002` contradicts `002_b`, which says `2`.
    Note: `--map 2=001` contradicts `001_a`, which says `1`.
    Nothing is pending.
    ");
    let mut old = left(Tool::Diesel, 2, TWO);
    let adoption = adopted(&mut old, &both, Tool::Diesel, &mapped(&[("1", 1)]));
    assert_eq!(adoption.notes, [""; 0]);
}

/// Of a tool that was left earlier.
#[test]
fn another_history_is_no_difference() {
    let there = format!(
        "{ONE}; CREATE TABLE schema_migrations(version varchar(128) primary key);
         INSERT INTO schema_migrations VALUES ('20240101')"
    );
    let mut old = left(Tool::Diesel, 1, &there);
    insta::assert_snapshot!(adopted(&mut old, &abc(), Tool::Diesel, &options()), @"
    1 migration of diesel, from `__diesel_schema_migrations`:
      1  ->  001_a  not compared
    The schema is the one that these migrations produce.
    Note: the table `schema_migrations` was not compared: it is the history of dbmate.
    Pending: 002_b, 003_c
    ");
    let there = format!("{ONE}; CREATE TABLE other(version varchar(128) primary key)");
    let mut old = left(Tool::Diesel, 1, &there);
    insta::assert_snapshot!(refused(&mut old, &abc(), Tool::Diesel, &options()), @"nothing was recorded: the schema is not the one that the migrations up to `001_a` produce, although diesel has applied them: the table `other` is not made by the migrations; correct the database or the files, or skip the comparison with `--verify checksum` if the differences are intentional");
}

#[test]
fn an_empty_table_stands_in_our_place() {
    let mut old = left(Tool::Names, 0, "");
    let mut renaming = options();
    renaming.rename_to = Some("before".to_owned());
    let error = refused(&mut old, &abc(), Tool::Names, &renaming);
    insta::assert_snapshot!(error, @"`_migrations` records no applied migration of the old runner, so there is nothing to adopt: drop the table, because our history table is also named `_migrations`, or give ours another name with `--history-table`; then `migrate up` applies all migrations");
    assert!(error.is_missing());
}

/// The script that stands for a program now is not what it made of itself.
#[test]
fn refinery_has_the_checksum_of_a_program() {
    let row = "INSERT INTO refinery_schema_history VALUES (1, 'a', '', '5')";
    let mut old = left(Tool::Refinery, 1, row);
    let error = refused(&mut old, &abc(), Tool::Refinery, &options());
    insta::assert_snapshot!(error, @"a migration that was applied by refinery had a different text: `1 a`, whose file is `001_a.sql`; give the files as they were applied with `--originals DIR`, or compare only the schema with `--verify schema`, which is also right for a migration that was a program, because no file has its checksum");
    let mut schema = options();
    schema.verify = Verify::Schema;
    adopted(&mut old, &abc(), Tool::Refinery, &schema);
}
