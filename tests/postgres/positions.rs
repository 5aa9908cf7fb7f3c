//! 44. Where an error is said to be: exactly where it is in the file.
//!
//! In these texts `§` stands before that place, and in no file.

use crate::set::{Set, migrator};

/// What earlier migrations have made.
const BEFORE: &str = "CREATE TABLE t(x int CHECK (x < 100));\n\
    CREATE FUNCTION raises(n int) RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n\
    \x20 RAISE EXCEPTION 'n is %', n;\nEND $$;\n\
    CREATE FUNCTION broken(x int) RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n\
    \x20 RETURN (SELECT y FROM t);\nEND $$;\n\
    CREATE FUNCTION divides(x int) RETURNS int LANGUAGE sql AS 'SELECT 1 / x';\n";

/// Whether each of these is said to fail where it does.
fn check(texts: &[&str]) {
    let Some(mut set) = Set::new() else { return };
    let before = ("001_before.sql", BEFORE);
    set.up(&migrator(&[before])).unwrap();
    let mut wrong = Vec::new();
    for marked in texts {
        let at = marked.find('§').unwrap();
        let seen = marked[..at].replace("\r\n", "\n");
        let line = seen.matches('\n').count() + 1;
        let column = seen.rsplit('\n').next().unwrap().chars().count() + 1;
        let expected = format!("002_bad.sql:{line}:{column}");
        let text = marked.replace('§', "");
        let migrator = migrator(&[before, ("002_bad.sql", &text)]);
        let Err(error) = set.up(&migrator) else {
            unreachable!("it was applied: {marked}")
        };
        let found = error.location().map(|place| place.to_string());
        if found.as_deref() != Some(&expected) {
            wrong.push(format!("{marked}\n{expected}, not {found:?}: {error:?}\n"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn in_a_plain_statement() {
    check(&[
        "SELECT §nope;",
        "SELECT 'äöü🐘', §nope;",
        "CREATE TABLE \"größe\"(\"höhe\" int, b §nope);",
        "-- ä\nSELECT 1;\n\n  SELECT '🐘🐘',\n    §nope;\n",
        "CREATE §TABEL u(x int);",
        "SELECT 1 +§;",
        "SELECT (1§",
        "SELECT 1; SELECT 2; SELECT §nope; SELECT 3;",
        "/* a comment\nof two lines */ SELECT §nope;",
        "INSERT INTO §nowhere VALUES (1);",
        "CREATE VIEW v AS\n\tSELECT x,\n\t§y FROM t;",
    ]);
}

#[test]
fn with_other_ends_of_lines() {
    check(&[
        "SELECT 1;\r\nSELECT\r\n  §nope;\r\n",
        "-- ä\r\nSELECT '🐘\r\n', §nope;",
        "DO $$\r\nBEGIN\r\n  PERFORM 1;\r\n  UPDATE t SET x = §nope;\r\nEND $$;\r\n",
        "DO $$\r\nBEGIN\r\n  PERFORM 1;\r\n  §RAISE EXCEPTION 'no';\r\nEND $$;\r\n",
    ]);
}

/// Then it is the whole statement.
#[test]
fn of_which_the_server_tells_no_place() {
    check(&[
        "SELECT 1;\n  §SELECT 1 / 0;\n",
        "SELECT 1; §INSERT INTO t VALUES (1), (100);",
        "-- first\n\n§COPY t FROM '/no/such/file';",
        "§COPY t FROM PROGRAM 'printf \"1\\nx\\n\"';",
        "SELECT 1;\n§CREATE TABLE t(x int);",
        "§DROP TABLE nowhere;",
        "§ALTER TABLE t ADD COLUMN y int DEFAULT nope;",
        "SELECT 1; §CREATE FUNCTION f() RETURNS nothing LANGUAGE sql AS 'SELECT 1';",
    ]);
}

#[test]
fn in_the_body_of_a_do() {
    check(&[
        "DO $$\nBEGIN\n  UPDATE t SET x = §nope;\nEND $$;",
        "DO $$\nBEGIN\n  PERFORM 'ä', §nope;\nEND $$;",
        "DO $body$ BEGIN PERFORM 1;\n\n  §RAISE EXCEPTION 'no';\nEND $body$;",
        "DO $$ BEGIN §RAISE EXCEPTION 'no'; END $$;",
        "DO $$\nBEGIN\n  PERFORM 1; PERFORM 2; §RAISE EXCEPTION 'no'; END $$;",
        "DO '\nBEGIN\n  PERFORM ''ä'';\n  §RAISE EXCEPTION ''no'';\nEND';",
        "DO LANGUAGE 'plpgsql' $$\nBEGIN\n\t§RAISE EXCEPTION 'no';\nEND $$;",
        "DO $$\nBEGIN\n  §RAISE EXCEPTION 'no';\nEND $$ LANGUAGE 'plpgsql';",
        "SELECT 1;\nDO $$\nBEGIN\n  PERFORM 1;\n  §INSERT INTO t VALUES (100);\nEND $$;",
        "DO $$\nDECLARE\n  body int := 1;\nBEGIN\n  IF body = 1 AND §y THEN\n    NULL;\n  END IF;\nEND $$;",
        "DO $$\nDECLARE\n  yes int;\nBEGIN\n  yes := §y;\nEND $$;",
        // The same text twice: the first is not run.
        "DO $$\nBEGIN\n  IF false THEN\n    UPDATE t SET x = nope;\n  END IF;\n  UPDATE t SET x = §nope;\nEND $$;",
        "DO $$\nBEGIN\n  FOR i IN 1..3 LOOP\n    INSERT INTO t\n    VALUES (i), (§nope);\n  END LOOP;\nEND $$;",
        "DO $$\nBEGIN\n  PERFORM 1;\n  §PERFROM 2;\nEND $$;",
    ]);
}

#[test]
fn in_the_body_of_a_function() {
    check(&[
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$\n  SELECT 'ä', §nope\n$$;",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT ''a'' || §nope';",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql\nBEGIN ATOMIC\n  SELECT 1;\n  SELECT §nope;\nEND;",
        "SELECT 1;\nCREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n  RETURN 1\nEND §$$;",
        "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$\nDECLARE\n  x §nothing;\nBEGIN\n  RETURN 1;\nEND $$;",
        "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n  SELECT 1 FORM §t;\n  RETURN 1;\nEND $$;",
        "CREATE §FUNKTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';",
    ]);
}

/// What it is about is in another file, so that the call is shown.
#[test]
fn in_a_function_of_an_earlier_migration() {
    check(&[
        "SELECT 1;\n  §SELECT raises(1);",
        // A column `y` is missing there, and stands here by chance.
        "SELECT 1;\n§SELECT broken(1) AS \"SELECT y FROM t\", '(SELECT y FROM t)';",
        "§SELECT divides(0);",
        "DO $$\nBEGIN\n  PERFORM 1;\n  §PERFORM raises(1);\nEND $$;",
        "DO $$\nBEGIN\n  §PERFORM divides(0), '1 / x';\nEND $$;",
        "CREATE FUNCTION calls() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n\n\n\n  RETURN raises(2);\nEND $$;\n\n\
         DO $$\nBEGIN\n  PERFORM 1;\n  §PERFORM calls();\nEND $$;",
        "CREATE TRIGGER r BEFORE INSERT ON t EXECUTE FUNCTION suppress_redundant_updates_trigger();\n\
         §INSERT INTO t VALUES (1);",
    ]);
}

#[test]
fn in_a_text_that_is_executed() {
    check(&[
        "DO $$\nBEGIN\n  EXECUTE 'SELECT §nope';\nEND $$;",
        "DO $$\nDECLARE\n  name text := 'no';\nBEGIN\n  PERFORM 1;\n  §EXECUTE 'SELECT ' || name || 'pe';\nEND $$;",
        "DO $$\nBEGIN\n  §EXECUTE format('DROP TABLE %I', 'nowhere');\nEND $$;",
    ]);
}
