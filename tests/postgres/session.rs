//! Scripts that change their session: docs/internals/postgres.md, "Settings of the
//! session".

use crate::lab::{EMPTY, block, client, locks};
use migrate_runtime::tokio_postgres::Client;
use migrate_servers::{Database, Server};

type Setting = (String, String);

/// What a session is set to.
async fn own(client: &Client) -> Vec<Setting> {
    let sql = "SELECT name, setting FROM pg_settings WHERE name NOT LIKE 'custom.%' \
               UNION ALL SELECT 'role', current_setting('role') \
               UNION ALL SELECT 'user', session_user::text || current_user::text \
               UNION ALL SELECT 'search_path', current_setting('search_path') \
               UNION ALL SELECT 'custom', coalesce(current_setting('custom.x', true), '') \
               ORDER BY 1";
    let rows = client.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

/// The settings that are others now.
fn differences(now: &[Setting], before: &[Setting]) -> Vec<Setting> {
    let changed = now.iter().filter(|setting| !before.contains(setting));
    let gone = before.iter().filter(|setting| !now.contains(setting));
    changed.chain(gone).cloned().collect()
}

/// Applies the script and one more, which makes the table `after`, and looks at
/// the session.
#[track_caller]
fn check(database: &Database, before: &str, script: &str) {
    let migrator = migrate_tests::postgres::migrator(&[
        ("001_m.sql", script),
        (
            "002_after.sql",
            "CREATE TABLE after (id bigint);\nINSERT INTO after VALUES (1);\n",
        ),
    ]);
    block(async {
        let mut client = client(database.url()).await;
        client.batch_execute(before).await.unwrap();
        let was = own(&client).await;
        migrator.up(&mut client).await.unwrap();
        assert_eq!(differences(&own(&client).await, &was), [], "{script}");
        // Nothing pending, on the same client.
        assert!(migrator.up(&mut client).await.unwrap().is_empty());
    });
    let rows = "SELECT string_agg(version || state, ' ' ORDER BY version) FROM public._migrations";
    assert_eq!(database.psql(rows), "1applied 2applied", "{script}");
    assert_eq!(
        database.psql("SELECT id FROM public.after"),
        "1",
        "{script}"
    );
    assert_eq!(locks(database), "0", "{script}");
}

const SCRIPTS: &[&str] = &[
    "SELECT set_config('search_path', '', false);\nCREATE TABLE public.a ();\n",
    "SET search_path = pg_catalog;\nCREATE TABLE public.a ();\n",
    "CREATE SCHEMA evil;\nSET search_path = evil, pg_catalog;\n\
     CREATE FUNCTION evil.to_char(timestamp, text) RETURNS text LANGUAGE sql AS 'SELECT ''x''';\n",
    "SET LOCAL search_path = '';\n",
    "SET ROLE other;\n",
    "SET LOCAL ROLE other;\n",
    "SET SESSION AUTHORIZATION other;\n",
    "SET SESSION AUTHORIZATION other;\nSET ROLE other;\n",
    "CREATE TEMP TABLE _migrations (version bigint);\nINSERT INTO _migrations VALUES (7);\n",
    "CREATE TEMP TABLE pg_class (oid bigint);\n",
    "SET work_mem = '7MB';\nSET custom.x = 'one';\n",
    "SET standard_conforming_strings = off;\n",
    "SET standard_conforming_strings = off;\nSET search_path = 'a\\\\b', public;\n",
    "SET TIME ZONE 'Asia/Kolkata';\nSET DateStyle = 'German';\nSET lock_timeout = 1;\n",
    "SET statement_timeout = '1min';\nSET idle_in_transaction_session_timeout = '1min';\n",
    "SET client_encoding = 'LATIN1';\n",
    "SET application_name = 'script';\nSET session_replication_role = replica;\n",
    "SET default_transaction_read_only = on;\nSET default_transaction_isolation = serializable;\n",
    "SET row_security = off;\nSET extra_float_digits = 0;\nSET bytea_output = 'escape';\n",
    "RESET ALL;\n",
    "SET client_min_messages = error;\nSET synchronous_commit = off;\n",
    "DECLARE one CURSOR WITH HOLD FOR SELECT 1;\n",
    "PREPARE one AS SELECT 1;\n",
    "SET CONSTRAINTS ALL DEFERRED;\n",
    "LISTEN one;\n",
];

#[test]
fn what_a_script_sets_ends_with_it() {
    let Some(server) = Server::shared() else {
        return;
    };
    server.psql("CREATE ROLE other");
    let database = server.database();
    for before in [
        "",
        "SET search_path = public; SET work_mem = '9MB'; SET custom.x = 'mine'; \
         SET lock_timeout = '3s'; SET statement_timeout = '20s'; SET TIME ZONE 'UTC'; \
         SET standard_conforming_strings = off",
    ] {
        for script in SCRIPTS {
            // What an application has named itself, no list shows that could be
            // put back.
            if script.starts_with("RESET ALL") && before.contains("custom") {
                continue;
            }
            database.psql(EMPTY);
            check(&database, before, script);
        }
    }
}

/// What no statement of the script says, but a function that it calls does, or
/// one that is called for each table that it creates.
#[test]
fn what_a_function_sets_ends_with_the_script() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    let sets = "set_config('work_mem', '7MB', false), set_config('DateStyle', 'German', false), \
                set_config('search_path', 'pg_catalog', false)";
    database.psql(EMPTY);
    database.psql(&format!(
        "CREATE FUNCTION public.sets() RETURNS void LANGUAGE sql AS $$ SELECT {sets} $$"
    ));
    check(&database, "", "SELECT public.sets();\n");
    database.psql(EMPTY);
    database.psql(&format!(
        "CREATE FUNCTION public.sets() RETURNS event_trigger LANGUAGE plpgsql AS \
         $$ BEGIN PERFORM {sets}; END $$; \
         CREATE EVENT TRIGGER sets ON ddl_command_end WHEN TAG IN ('CREATE VIEW') \
         EXECUTE FUNCTION public.sets()"
    ));
    // Otherwise its own settings would come up in between.
    check(
        &database,
        "LOAD 'plpgsql'",
        "CREATE TABLE public.a ();\nCREATE VIEW public.v AS SELECT 1;\n",
    );
}

/// The same without a transaction, where each setting is for the session.
#[test]
fn without_a_transaction_as_well() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    for script in SCRIPTS {
        // What is for a transaction alone; and what keeps the runner from writing
        // how far it got, which is an error.
        let is_local = [
            "read_only",
            "LOCAL",
            "ROLE",
            "AUTHORIZATION",
            "CURSOR",
            "CONSTRAINTS",
            "RESET ALL",
        ];
        if is_local.iter().any(|word| script.contains(word)) {
            continue;
        }
        database.psql(EMPTY);
        check(
            &database,
            "",
            &format!("-- migrate: no-transaction\n{script}"),
        );
    }
}

/// A script that fails leaves nothing set either.
#[test]
fn a_failed_script_leaves_the_session_as_it_was() {
    let Some(server) = Server::shared() else {
        return;
    };
    for mode in ["", "-- migrate: no-transaction\n"] {
        let database = server.database();
        let text = format!("{mode}SET work_mem = '7MB';\nSET custom.x = 'one';\nSELECT 1 / 0;\n");
        let migrator = migrate_tests::postgres::migrator(&[("001_m.sql", &text)]);
        block(async {
            let mut client = client(database.url()).await;
            let was = own(&client).await;
            migrator.up(&mut client).await.unwrap_err();
            assert_eq!(differences(&own(&client).await, &was), [], "{text}");
        });
        assert_eq!(locks(&database), "0");
    }
}
