== 001_pages.sql
-- migrate: no-transaction
PRAGMA page_size = 8192;
PRAGMA auto_vacuum = INCREMENTAL;
VACUUM;
-- migrate:down
-- migrate: empty "the size of a page does no harm"
== 002_table.sql
CREATE TABLE a (id INTEGER PRIMARY KEY, b TEXT);
PRAGMA user_version = 7;
PRAGMA application_id = 42;
ANALYZE;
-- migrate:down
DROP TABLE a;
== 003_wal.sql
-- migrate: no-transaction
PRAGMA journal_mode = wal;
VACUUM;
REINDEX;
ANALYZE a;
PRAGMA optimize;
PRAGMA wal_checkpoint(TRUNCATE);
-- migrate:down
-- migrate: no-transaction
VACUUM;
== 004_index.sql
CREATE INDEX a_b ON a (b COLLATE NOCASE);
REINDEX a;
REINDEX a_b;
REINDEX nocase;
ANALYZE a_b;
-- migrate:down
DROP INDEX a_b;
== 005_statistics.sql
DELETE FROM sqlite_stat1 WHERE tbl = 'a';
ANALYZE;
-- migrate:down
-- migrate: empty "statistics do no harm"
== 006_sequence.sql
CREATE TABLE c (id INTEGER PRIMARY KEY AUTOINCREMENT, d TEXT);
INSERT INTO sqlite_sequence (name, seq) VALUES ('c', 1000);
-- migrate:down
DROP TABLE c;
== 007_sequence.sql
UPDATE sqlite_sequence SET seq = 2000 WHERE name = 'c';
-- migrate:down
UPDATE sqlite_sequence SET seq = 1000 WHERE name = 'c';
== 008_settings.sql
PRAGMA recursive_triggers = ON;
PRAGMA legacy_alter_table = ON;
PRAGMA ignore_check_constraints = ON;
PRAGMA cache_size = 100;
PRAGMA reverse_unordered_selects = ON;
-- migrate:down
-- migrate: empty "they are settings"
== 009_rows.sql
-- migrate: no-transaction
INSERT INTO a (id, b) VALUES (1, 'x') ON CONFLICT DO NOTHING;
UPDATE a SET b = 'y' WHERE id = 1;
DELETE FROM a WHERE id = 1;
-- migrate:down
-- migrate: empty "nothing is left"
