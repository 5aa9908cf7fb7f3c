//! The schema of a server, as `pg_dump` prints it.

use crate::Shop;
use insta::assert_snapshot;

#[test]
fn the_schema_is_what_pg_dump_prints_without_the_history() {
    let Some(shop) = Shop::new() else { return };
    let _ = shop.run("up").fine();
    let run = |arguments: &str, path: &str| {
        let mut command = shop.folder.command();
        command
            .args(shop.arguments(arguments).split(' '))
            .env("PATH", path);
        shop.folder.ran(command.output().unwrap())
    };
    let binaries = shop.server.binaries().to_str().unwrap();
    let schema = run("schema", binaries).fine();
    assert!(
        schema.stdout.contains("CREATE TABLE public.orders ("),
        "{schema}"
    );
    for other in ["_migrations", "Dumped", "\\restrict", "OWNER"] {
        assert!(!schema.stdout.contains(other), "{other} in {schema}");
    }
    shop.folder.write("schema.sql", &schema.stdout);
    let _ = run("schema --check schema.sql", binaries).fine();
    shop.psql("ALTER TABLE orders ADD COLUMN cents bigint");
    assert_snapshot!(shop.shown(&run("schema --check schema.sql", binaries).ends_with(4)), @"
    exit code 4
    --- stdout
    -  user_id bigint
    +  user_id bigint,
    +  cents bigint
    --- stderr
    note: `-` is only in `schema.sql`, `+` only in the schema; `migrate schema > schema.sql` accepts it
    ");
    assert_snapshot!(shop.shown(&run("schema", "/nowhere").ends_with(1)), @"
    exit code 1
    --- stderr
    error: the schema of a PostgreSQL database is printed by `pg_dump`, which is not installed
      help: install the PostgreSQL client programs, in the version of the server or newer, and add them to `PATH`
    ");
    assert_snapshot!(shop.shown(&run("schema --replay", binaries).ends_with(2)), @"
    exit code 2
    --- stderr
    error: `--replay` builds the schema in an SQLite database in memory, but these migrations are for PostgreSQL
      help: apply them to an empty database, and use `--database` without `--replay`
    ");
}
