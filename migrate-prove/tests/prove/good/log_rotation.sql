== 001_logs.sql
CREATE TABLE logs (id INTEGER PRIMARY KEY, at TEXT NOT NULL, line TEXT NOT NULL);
CREATE INDEX logs_at ON logs (at);
== 001_logs.down.sql
DROP TABLE logs;
== 002_archive.sql
-- The old table is kept under another name.
ALTER TABLE logs RENAME TO logs_archive;
CREATE TABLE logs (id INTEGER PRIMARY KEY, at TEXT NOT NULL, level INTEGER NOT NULL DEFAULT 0, line TEXT NOT NULL);
CREATE INDEX logs_at_level ON logs (at, level);
CREATE VIEW all_logs AS SELECT id, at, line FROM logs UNION ALL SELECT id, at, line FROM logs_archive;
== 002_archive.down.sql
DROP VIEW all_logs;
INSERT INTO logs_archive (at, line) SELECT at, line FROM logs;
DROP TABLE logs;
ALTER TABLE logs_archive RENAME TO logs;
