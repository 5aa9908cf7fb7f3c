//! Unsafe and safe migrations of the kinds that are published as such: each unsafe one has its
//! finding, and no safe one has any.

use crate::findings;

/// What earlier migrations have created.
const BEFORE: &str = "
CREATE SCHEMA app;
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE DOMAIN email AS text;
CREATE TABLE users(id int PRIMARY KEY, name varchar(20), age int, mood mood, note text);
CREATE TABLE app.orders(id bigint, user_id int, total numeric(8, 2), CONSTRAINT orders_key PRIMARY KEY (id));
CREATE TABLE \"Event\"(id int PRIMARY KEY, \"createdAt\" timestamptz);
CREATE TABLE logs(id bigint, at timestamptz NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE logs_1(id bigint, at timestamptz NOT NULL);
CREATE TABLE logs_2(id bigint, at timestamptz NOT NULL,
    CHECK (at >= '2026-01-01' AND at < '2026-02-01'));
CREATE TABLE logs_3(id bigint, at timestamptz NOT NULL, CHECK (id > 0 AND id < 101));
CREATE MATERIALIZED VIEW totals AS SELECT count(*) AS n FROM users;
CREATE MATERIALIZED VIEW empty AS SELECT count(*) AS n FROM users WITH NO DATA;
CREATE INDEX users_name ON users(name);
CREATE INDEX \"Event_createdAt_idx\" ON \"Event\"(\"createdAt\");
CREATE PROCEDURE batches() LANGUAGE plpgsql AS $$ BEGIN UPDATE users SET age = 1 WHERE id < 9; COMMIT; END $$;
CREATE PROCEDURE plain() LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'COMMIT;'; END $$;
";

const OUTSIDE: &str = "-- migrate: no-transaction\n";

/// A code, and a migration that has a finding of it.
const UNSAFE: &str = "
P01 CREATE INDEX ON users(age);
P01 CREATE UNIQUE INDEX IF NOT EXISTS a ON ONLY app.orders USING btree (user_id);
P01 DROP INDEX users_name;
P01 DROP INDEX IF EXISTS \"Event_createdAt_idx\";
P01 REINDEX INDEX users_name;
P01 REINDEX TABLE users;
P01 outside REINDEX SCHEMA app;
P01 outside REINDEX DATABASE;
P01 ALTER TABLE logs DETACH PARTITION logs_9;
P01 DO $$ BEGIN IF true THEN CREATE INDEX a ON users(age); END IF; END $$;
M020 CREATE INDEX CONCURRENTLY a ON users(age);
M020 DROP INDEX CONCURRENTLY users_name;
P03 outside CREATE INDEX CONCURRENTLY IF NOT EXISTS a ON users(age);
P06 ALTER TABLE app.orders ADD CONSTRAINT a FOREIGN KEY (user_id) REFERENCES users(id);
P06 ALTER TABLE users ADD CHECK (age > 0);
P06 ALTER TABLE IF EXISTS ONLY users ADD CONSTRAINT c CHECK (age > 0);
P06 ALTER TABLE users ADD COLUMN b int CHECK (b > 0);
P06 ALTER TABLE users ADD COLUMN b int DEFAULT 1 REFERENCES app.orders(id);
P06 ALTER TABLE logs ATTACH PARTITION logs_1 FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
P06 ALTER TABLE logs ATTACH PARTITION logs_2 FOR VALUES FROM ('2026-01-01') TO ('2026-03-01');
P06 ALTER TABLE logs_1 ADD CONSTRAINT c CHECK (at >= '2026-01-01' AND at < '2026-02-01') NOT VALID; ALTER TABLE logs ATTACH PARTITION logs_1 FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
P06 ALTER TABLE logs ATTACH PARTITION elsewhere DEFAULT;
P06 ALTER TABLE logs ATTACH PARTITION app.unknown FOR VALUES IN ('a', 'b');
P06 CREATE TABLE all_logs(LIKE logs) PARTITION BY RANGE (at); ALTER TABLE all_logs ATTACH PARTITION logs_1 FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
P06 ALTER TABLE logs ATTACH PARTITION logs_3 FOR VALUES FROM (1) TO (10);
P06 ALTER DOMAIN email ADD CONSTRAINT c CHECK (value <> '');
P06 ALTER DOMAIN email SET NOT NULL;
P06 DO $$ BEGIN ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0); EXCEPTION WHEN duplicate_object THEN NULL; END $$;
P07 ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0) NOT VALID; ALTER TABLE users VALIDATE CONSTRAINT c;
P08 ALTER TABLE users ALTER COLUMN age SET NOT NULL;
P08 ALTER TABLE ONLY public.users ALTER note SET NOT NULL, ALTER note SET DEFAULT '';
P08 ALTER TABLE users ADD CONSTRAINT n NOT NULL age;
P09 ALTER TABLE users ADD COLUMN b text NOT NULL;
P09 ALTER TABLE app.orders ADD b int NOT NULL DEFAULT NULL;
P10 ALTER TABLE users ADD COLUMN b uuid DEFAULT gen_random_uuid();
P10 ALTER TABLE users ADD COLUMN b timestamptz DEFAULT clock_timestamp();
P10 ALTER TABLE users ADD COLUMN b bigserial;
P10 ALTER TABLE users ADD COLUMN b int GENERATED ALWAYS AS IDENTITY;
P10 ALTER TABLE users ADD COLUMN b int GENERATED ALWAYS AS (id * 2) STORED;
P11 ALTER TABLE users ALTER COLUMN id TYPE bigint;
P11 ALTER TABLE app.orders ALTER total TYPE numeric(8, 3);
P11 ALTER TABLE users ALTER name SET DATA TYPE varchar(10);
P12 ALTER TABLE users ADD CONSTRAINT u UNIQUE (name);
P12 ALTER TABLE unknown ADD PRIMARY KEY (id);
P12 ALTER TABLE users ADD COLUMN b text UNIQUE;
P12 ALTER TABLE app.orders ADD CONSTRAINT u UNIQUE (id, user_id WITHOUT OVERLAPS);
P13 ALTER TABLE users ADD CONSTRAINT e EXCLUDE USING gist (age WITH =);
P14 DROP TABLE users;
P14 DROP TABLE IF EXISTS app.orders CASCADE;
P14 ALTER TABLE users DROP COLUMN IF EXISTS age;
P14 DROP SCHEMA app CASCADE;
P14 TRUNCATE users CASCADE;
P14 DROP TYPE mood CASCADE;
P14 DROP DOMAIN IF EXISTS email CASCADE;
P14 DO $$ BEGIN DROP TABLE users; END $$;
P14 CREATE TEMP TABLE copy AS SELECT * FROM users; DROP TABLE users;
P14 CREATE TABLE copy AS SELECT id FROM users; ALTER TABLE users DROP COLUMN age;
P14 UPDATE users SET note = '', age = 1 WHERE id = 1; ALTER TABLE users DROP COLUMN age;
P14 INSERT INTO users(id) SELECT id FROM app.orders; DROP TABLE users;
P14 CREATE TABLE a(b int GENERATED ALWAYS AS IDENTITY, c int REFERENCES users); DROP TABLE users CASCADE;
P54 CREATE TABLE copy AS SELECT * FROM users; DROP TABLE users;
P54 CREATE TABLE copy(id int); INSERT INTO copy SELECT id FROM app.orders; DROP TABLE app.orders;
P54 CREATE TABLE copy AS SELECT id, age FROM users; ALTER TABLE users DROP COLUMN age;
P54 UPDATE users SET note = age::text WHERE id > 0; ALTER TABLE users DROP COLUMN age;
P54 CREATE TABLE \"Copy\" AS TABLE \"Event\"; DROP TABLE \"Event\";
P54 WITH moved AS (SELECT * FROM users) INSERT INTO app.orders(id) SELECT id FROM moved; TRUNCATE users;
P15 ALTER TABLE users DROP CONSTRAINT users_pkey;
P15 ALTER TABLE IF EXISTS app.orders DROP CONSTRAINT IF EXISTS orders_key CASCADE;
P15 ALTER TABLE \"Event\" DROP CONSTRAINT \"Event_pkey\";
P15 ALTER TABLE unknown DROP CONSTRAINT unknown_pkey, ADD COLUMN b int;
P16 ALTER TABLE users RENAME TO people;
P16 ALTER TABLE users RENAME name TO title;
P16 ALTER TYPE mood RENAME VALUE 'sad' TO 'blue';
P16 ALTER SCHEMA app RENAME TO service;
P16 ALTER TABLE users SET SCHEMA app;
P18 outside VACUUM FULL;
P18 outside VACUUM (FULL, ANALYZE) users;
P18 outside VACUUM FULL VERBOSE app.orders;
P18 CLUSTER users USING users_name;
P18 outside CLUSTER;
P18 CLUSTER users_name ON users;
P18 REFRESH MATERIALIZED VIEW totals;
P18 outside REFRESH MATERIALIZED VIEW app.totals WITH NO DATA;
P18 ALTER TABLE users SET TABLESPACE fast;
P18 ALTER TABLE users SET UNLOGGED;
P18 ALTER TABLE app.orders SET LOGGED;
P18 ALTER TABLE users SET ACCESS METHOD columnar;
P18 ALTER TABLE users ALTER COLUMN age SET EXPRESSION AS (id * 3);
P20 UPDATE users SET age = 1;
P20 DELETE FROM app.orders;
P20 DO $$ BEGIN UPDATE users SET age = 1; END $$;
P20 DO $$ BEGIN DELETE FROM users; END $$;
P21 ALTER TYPE mood ADD VALUE 'calm'; INSERT INTO users(id, mood) VALUES (1, 'calm');
P21 ALTER TYPE mood ADD VALUE 'calm'; INSERT INTO users VALUES (1, 'a', 1, 'calm', '');
P21 ALTER TYPE mood ADD VALUE IF NOT EXISTS 'calm'; UPDATE users SET mood = 'calm' WHERE id = 1;
P21 ALTER TYPE public.mood ADD VALUE 'calm'; UPDATE users SET age = 1 WHERE mood IN ('sad', 'calm');
P21 ALTER TYPE app.state ADD VALUE 'calm'; UPDATE elsewhere SET state = 'calm' WHERE id = 1;
P21 ALTER TYPE mood ADD VALUE 'calm'; ALTER TABLE users ALTER mood SET DEFAULT 'calm';
P21 ALTER TYPE mood ADD VALUE 'calm'; CREATE VIEW v AS SELECT id FROM users WHERE mood = 'calm';
P21 ALTER TYPE mood ADD VALUE 'calm'; CREATE TABLE t(m mood DEFAULT 'calm');
P27 ALTER TABLE users ADD COLUMN b json;
P27 CREATE TABLE t(a timestamp, b text);
P27 CREATE TABLE t(a char(4));
P39 ALTER TABLE users DISABLE TRIGGER ALL;
P39 ALTER TABLE users DISABLE TRIGGER ALL; ALTER TABLE users ENABLE TRIGGER ALL;
P39 ALTER TABLE IF EXISTS ONLY app.orders DISABLE TRIGGER USER;
P39 ALTER TABLE users DISABLE TRIGGER \"onChange\";
P39 outside ALTER TABLE users DISABLE TRIGGER t; ALTER TABLE users ENABLE TRIGGER t;
P39 SET session_replication_role = replica;
P39 SET LOCAL session_replication_role TO 'replica';
M020 DO $$ BEGIN FOR i IN 1..9 LOOP UPDATE users SET age = 1 WHERE id = i; COMMIT; END LOOP; END $$;
M020 DO LANGUAGE plpgsql $body$ BEGIN IF true THEN ROLLBACK; END IF; END $body$;
M020 DO $$ BEGIN BEGIN PERFORM 1; EXCEPTION WHEN others THEN NULL; END; COMMIT; END $$;
M020 CALL batches();
M020 CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN COMMIT AND CHAIN; END $$; CALL p();
";

const SAFE: &str = "
CREATE TABLE t(id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id int REFERENCES users(id));
CREATE TABLE t(a int); CREATE INDEX ON t(a); ALTER TABLE t ADD CHECK (a > 0), ALTER a SET NOT NULL; DROP TABLE t;
outside CREATE INDEX CONCURRENTLY a ON users(age);
outside DROP INDEX CONCURRENTLY IF EXISTS a; CREATE INDEX CONCURRENTLY IF NOT EXISTS a ON users(age);
outside DROP INDEX CONCURRENTLY \"Event_createdAt_idx\";
outside REINDEX (CONCURRENTLY) TABLE users;
outside REINDEX INDEX CONCURRENTLY users_name;
outside ALTER TABLE logs DETACH PARTITION logs_9 CONCURRENTLY;
CREATE INDEX ON logs(id);
ALTER TABLE users ADD COLUMN b text;
ALTER TABLE users ADD COLUMN b int NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN b timestamptz DEFAULT now();
ALTER TABLE users ADD COLUMN b bigint REFERENCES app.orders(id);
ALTER TABLE users ADD COLUMN b int GENERATED ALWAYS AS (id * 2) VIRTUAL;
ALTER TABLE app.orders ADD CONSTRAINT a FOREIGN KEY (user_id) REFERENCES users(id) NOT VALID;
ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT of_an_earlier_migration;
ALTER TABLE users ADD CONSTRAINT n NOT NULL age NOT VALID;
ALTER TABLE users ADD CONSTRAINT u UNIQUE USING INDEX users_name;
ALTER TABLE users DROP CONSTRAINT users_pkey, ADD CONSTRAINT users_pkey PRIMARY KEY USING INDEX users_new;
ALTER TABLE users DROP CONSTRAINT users_age_check;
ALTER TABLE app.orders DROP CONSTRAINT IF EXISTS orders_user_id_fkey;
ALTER TABLE users ALTER COLUMN age DROP NOT NULL, ALTER age DROP DEFAULT;
ALTER TABLE users ALTER COLUMN age SET DEFAULT 1;
ALTER TABLE users ALTER COLUMN name TYPE varchar(40);
ALTER TABLE users ALTER COLUMN name TYPE text;
ALTER TABLE app.orders ALTER COLUMN total TYPE numeric(10, 2);
ALTER TABLE users ALTER COLUMN age SET STATISTICS 500;
ALTER TABLE users SET (fillfactor = 70), SET WITHOUT CLUSTER;
ALTER TABLE users CLUSTER ON users_name;
ALTER TABLE logs ATTACH PARTITION logs_2 FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE logs_5(LIKE logs INCLUDING ALL); ALTER TABLE logs ATTACH PARTITION logs_5 FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
CREATE TABLE logs_4 PARTITION OF logs FOR VALUES FROM ('2026-04-01') TO ('2026-05-01');
ALTER DOMAIN email ADD CONSTRAINT c CHECK (value <> '') NOT VALID;
ALTER DOMAIN email DROP NOT NULL;
CREATE DOMAIN d AS text; ALTER DOMAIN d ADD CHECK (value <> '');
outside VACUUM users;
outside VACUUM (FULL false, ANALYZE) users;
outside VACUUM (ANALYZE, VERBOSE) app.orders;
outside REFRESH MATERIALIZED VIEW CONCURRENTLY totals;
REFRESH MATERIALIZED VIEW CONCURRENTLY totals;
REFRESH MATERIALIZED VIEW empty;
CREATE MATERIALIZED VIEW v AS SELECT 1 AS a WITH NO DATA; REFRESH MATERIALIZED VIEW v;
CREATE UNLOGGED TABLE t(a int); ALTER TABLE t SET LOGGED; CLUSTER t;
ALTER TYPE mood ADD VALUE 'calm' AFTER 'sad';
ALTER TYPE mood ADD VALUE 'calm'; UPDATE users SET note = 'calm' WHERE id = 1;
ALTER TYPE mood ADD VALUE 'calm'; UPDATE users SET age = 1 WHERE mood::text IN ('calm', 'wild');
ALTER TYPE mood ADD VALUE 'calm'; UPDATE users SET age = 1 WHERE CAST(mood AS text) = 'calm';
ALTER TYPE mood ADD VALUE 'calm'; UPDATE elsewhere SET note = 'calm'::text WHERE id = 1;
outside ALTER TYPE mood ADD VALUE 'calm'; UPDATE users SET mood = 'calm' WHERE id = 1;
CREATE TYPE own AS ENUM ('a'); ALTER TYPE own ADD VALUE 'b'; CREATE TABLE t(x own DEFAULT 'b');
ALTER TABLE users DISABLE TRIGGER t; UPDATE users SET age = 1 WHERE id = 1; ALTER TABLE users ENABLE TRIGGER t;
ALTER TABLE users DISABLE TRIGGER USER; UPDATE users SET age = 1 WHERE id = 1; ALTER TABLE users ENABLE TRIGGER USER;
ALTER TABLE users ENABLE TRIGGER ALL;
ALTER TABLE users ENABLE ALWAYS TRIGGER t;
CREATE TABLE t(a int); ALTER TABLE t DISABLE TRIGGER ALL;
SET LOCAL session_replication_role = origin;
UPDATE users SET age = 1 WHERE age IS NULL;
DELETE FROM users WHERE id = 1;
DO $$ BEGIN IF true THEN ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0) NOT VALID; END IF; END $$;
DO $$ BEGIN RAISE NOTICE 'COMMIT;'; EXCEPTION WHEN others THEN RAISE NOTICE 'drop table users;'; END $$;
outside DO $$ BEGIN FOR i IN 1..9 LOOP UPDATE users SET age = 1 WHERE id = i; COMMIT; END LOOP; END $$;
outside CALL batches();
CALL plain();
CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$;
CREATE OR REPLACE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM users; RETURN NEW; END $$;
CREATE TRIGGER t BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
DROP VIEW IF EXISTS v;
DROP TYPE IF EXISTS unused;
CREATE VIEW v AS SELECT id FROM users;
ALTER TABLE users RENAME TO people; CREATE VIEW users AS SELECT * FROM people;
ALTER TABLE users SET SCHEMA app; CREATE VIEW users AS SELECT * FROM app.users;
SET LOCAL lock_timeout = '2s'; ALTER TABLE users ADD COLUMN b int;
COMMENT ON TABLE users IS 'DROP TABLE users';
GRANT SELECT ON users TO PUBLIC;
ALTER SEQUENCE IF EXISTS s RESTART WITH 10;
INSERT INTO users(id, name) VALUES (1, 'a') ON CONFLICT DO NOTHING;
";

/// The codes that are found in a migration that comes after [`BEFORE`].
fn codes(sql: &str) -> Vec<&'static str> {
    let sql = match sql.strip_prefix("outside ") {
        Some(sql) => format!("{OUTSIDE}{}", sql.replace("; ", ";\n")),
        None => sql.to_owned(),
    };
    let before = format!("-- migrate: adopted sqlx \"1\"\n{BEFORE}");
    let found = findings(&[("001_before.sql", &before), ("002_sql.sql", &sql)]);
    found.iter().map(|it| it.code.as_str()).collect()
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|it| !it.is_empty())
}

#[test]
fn each_unsafe_migration_has_its_finding() {
    assert!(lines(UNSAFE).count() >= 90);
    let cases = lines(UNSAFE).map(|it| it.split_once(' ').expect("a code"));
    let missed: Vec<String> = cases
        .filter_map(|(code, sql)| {
            let found = codes(sql);
            (!found.contains(&code)).then(|| format!("{code} {found:?}: {sql}"))
        })
        .collect();
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn no_safe_migration_has_a_finding() {
    assert!(lines(SAFE).count() >= 70);
    let wrong: Vec<String> = lines(SAFE)
        .filter_map(|sql| {
            let found = codes(sql);
            (!found.is_empty()).then(|| format!("{found:?}: {sql}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
