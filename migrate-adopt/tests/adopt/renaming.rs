//! Old tables that have the name of ours.

use crate::support::{abc, adopted, chain, dump, history, left, lines, options, refused};
use migrate_adopt::{Options, Tool};

const TWO: &str = "INSERT INTO _migrations(name, applied_at) VALUES \
                   ('001_a', '2024-01-31 12:00:00'), ('002_b', '2024-01-31 12:00:01')";

fn renaming(name: &str) -> Options {
    let mut options = options();
    options.rename_to = Some(name.to_owned());
    options
}

#[test]
fn the_old_table_makes_room() {
    let mut old = left(Tool::Names, 2, TWO);
    let error = refused(&mut old, &abc(), Tool::Names, &options());
    insta::assert_snapshot!(error, @"the old runner keeps its history in `_migrations`, which is also the name of our history table: give the old table another name with `--rename-old`, or ours with `--history-table`");
    assert!(error.is_in_our_place());
    let adoption = adopted(&mut old, &abc(), Tool::Names, &renaming("old \"migrations"));
    insta::assert_snapshot!(adoption, @r#"
    2 migrations of the old runner, from `_migrations`:
      001_a  ->  001_a  2024-01-31 12:00:00  not compared
      002_b  ->  002_b  2024-01-31 12:00:01  not compared
    The schema is the one that these migrations produce.
    The table `_migrations` is renamed to `old "migrations`.
    Pending: 003_c
    "#);
    insta::assert_snapshot!(history(&old.conn), @"
    1 | a | applied | names 001_a | 2024-01-31T12:00:00.000Z | 0 | verified by schema
    2 | b | applied | names 002_b | 2024-01-31T12:00:01.000Z | 0 | verified by schema
    ");
    assert_eq!(
        lines(&old.conn, "SELECT name FROM \"old \"\"migrations\""),
        ["001_a", "002_b"]
    );
    assert_eq!(abc().up(&mut old.conn).unwrap().applied().len(), 1);
}

/// Both are one transaction.
#[test]
fn a_refusal_renames_nothing() {
    let mut old = left(Tool::Names, 2, &TWO.replace("002_b", "002_x"));
    let error = refused(&mut old, &abc(), Tool::Names, &renaming("old"));
    assert!(error.is_unmapped());
    let mut taken = left(Tool::Names, 2, TWO);
    let before = dump(&taken.conn);
    let error = migrate_adopt::adopt(&abc(), &mut taken.conn, Tool::Names, &renaming("a"));
    insta::assert_snapshot!(chain(&error.unwrap_err()), @"the table `_migrations` could not be renamed to `a`; give another name with `--rename-old`: there is already another table or index with this name: a: Error code 1: SQL logic error");
    assert_eq!(dump(&taken.conn), before);
}

/// Of a table in our place that is not the tool's, nothing is done.
#[test]
fn another_table_in_our_place() {
    let there = format!(
        "CREATE TABLE _migrations(id INTEGER, name TEXT, applied_at TEXT); {TWO}; \
                         INSERT INTO __diesel_schema_migrations VALUES ('1', '')"
    );
    let mut old = left(Tool::Diesel, 1, &there);
    let error = refused(&mut old, &abc(), Tool::Diesel, &renaming("old"));
    insta::assert_snapshot!(chain(&error), @"the history of diesel was not adopted: the table `_migrations` was created by a runner that records names (its columns are `id`, `name`, `applied_at`); nothing was written: adopt it with `migrate adopt --from names --rename-old _migrations_before`, which renames this table, or choose another name for the history with `history_table` (on the command line `--history-table`)");
    assert!(error.runtime().unwrap().is_foreign_history());
}

/// A table that is in nobody's way can be renamed as well.
#[test]
fn any_table_can_be_renamed() {
    let two = "INSERT INTO __diesel_schema_migrations(version) VALUES ('1'), ('2')";
    let mut old = left(Tool::Diesel, 2, two);
    adopted(&mut old, &abc(), Tool::Diesel, &renaming("diesel_before"));
    assert_eq!(
        lines(&old.conn, "SELECT version FROM diesel_before"),
        ["1", "2"]
    );
}
