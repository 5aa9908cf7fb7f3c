//! A server that is older than what is supported. `.ci/postgres-versions` runs
//! this on a real one; otherwise a function gives the version.

use crate::Shop;

const REFUSED: &str = "PostgreSQL 13 or newer is needed, this is 12.22; nothing was changed, \
                       upgrade the server";

#[test]
fn each_verb_says_what_is_needed() {
    let Some(shop) = Shop::new() else { return };
    let is_old = shop.server.major() < 13;
    let number = if is_old {
        shop.psql("SHOW server_version")
    } else {
        "12.22".to_owned()
    };
    if !is_old {
        shop.database.pretend("PostgreSQL 12.22 on x86_64");
    }
    // The history of another tool, for `adopt`.
    let refinery = "CREATE TABLE public.refinery_schema_history (version int4 PRIMARY KEY, \
                    name varchar(255), applied_on varchar(255), checksum varchar(255)); \
                    INSERT INTO public.refinery_schema_history \
                    VALUES (1, 'users', '2024-01-01T00:00:00Z', '1')";
    shop.psql(refinery);
    for verb in [
        "up",
        "up --dry-run",
        "status",
        "plan",
        "verify",
        "down --yes",
        "redo --yes",
        "reset --yes",
        "baseline 1",
        "repair 1 --yes --reason why",
        "check",
    ] {
        let said = shop.shown(&shop.run(verb).ends_with(1));
        let expected = format!("exit code 1\n--- stderr\nerror: {REFUSED}\n");
        assert_eq!(said.replace(&number, "12.22"), expected, "{verb}");
    }
    let said = shop.shown(&shop.run("adopt").ends_with(1));
    insta::assert_snapshot!(said.replace(&number, "12.22"), @"
    exit code 1
    --- stderr
    note: the database has the history of refinery
    error: the history of refinery was not adopted
      because: PostgreSQL 13 or newer is needed, this is 12.22; nothing was changed, upgrade the server
    ");
    let left = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(shop.psql(left), "1");
    shop.has_no_scratch();
}
