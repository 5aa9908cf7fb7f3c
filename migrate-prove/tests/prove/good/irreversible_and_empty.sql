== 001_a.sql
CREATE TABLE a (b TEXT);
== 002_only_rows.sql
-- migrate: irreversible "rows do no harm"
INSERT INTO a VALUES ('x');
== 003_empty.sql
-- migrate: empty "kept for its number"
== 004_if_exists.sql
DROP TABLE IF EXISTS not_there;
DROP INDEX IF EXISTS not_there;
CREATE TABLE IF NOT EXISTS a (b TEXT);
CREATE INDEX IF NOT EXISTS a_b ON a (b);
-- migrate:down
DROP INDEX IF EXISTS a_b;
== 005_case.sql
CREATE TABLE new_a (b TEXT, c TEXT);
INSERT INTO new_a (b) SELECT b FROM a;
DROP TABLE a;
ALTER TABLE new_a RENAME TO A;
CREATE INDEX IF NOT EXISTS a_b ON A (b);
== 006_allowed.sql
-- migrate: allow rebuild-loses-rows "nobody used it"
-- migrate: irreversible "no"
DROP TABLE a;
CREATE TABLE IF NOT EXISTS a (b TEXT, c TEXT);
CREATE INDEX IF NOT EXISTS a_b ON a (b);
