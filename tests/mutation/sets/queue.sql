== 001_jobs.sql
CREATE TABLE job (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(payload)),
  state TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'running', 'done')),
  attempts INTEGER NOT NULL DEFAULT 0,
  priority INTEGER NOT NULL DEFAULT 0,
  dedup TEXT,
  worker TEXT,
  run_at INTEGER
);
CREATE UNIQUE INDEX job_dedup ON job (kind, dedup) WHERE state <> 'done';
CREATE INDEX job_next ON job (priority DESC, run_at);
== 001_jobs.down.sql
-- migrate: allow destructive-drop "undoes the first migration"
DROP TABLE job;
== 002_attempts.sql
CREATE TABLE attempt (
  id INTEGER PRIMARY KEY,
  job_id INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
  error TEXT,
  started_at INTEGER NOT NULL
);
CREATE INDEX attempt_job ON attempt (job_id);
== 002_attempts.down.sql
-- migrate: allow destructive-drop "undoes the migration"
DROP TABLE attempt;
== 003_old_attempts.sql
-- migrate: irreversible "old attempts are not needed"
DELETE FROM attempt WHERE started_at < 1600000000;
== 004_failed.sql
CREATE TABLE job_new (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(payload)),
  state TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'running', 'done', 'failed')),
  attempts INTEGER NOT NULL DEFAULT 0,
  priority INTEGER NOT NULL DEFAULT 0,
  dedup TEXT,
  worker TEXT,
  run_at INTEGER
);
INSERT INTO sqlite_sequence (name, seq) SELECT 'job_new', seq FROM sqlite_sequence WHERE name = 'job';
INSERT INTO job_new (id, kind, payload, state, attempts, priority, dedup, worker, run_at)
SELECT id, kind, payload, state, attempts, priority, dedup, worker, run_at FROM job;
DROP TABLE job;
ALTER TABLE job_new RENAME TO job;
CREATE UNIQUE INDEX job_dedup ON job (kind, dedup) WHERE state <> 'done';
CREATE INDEX job_next ON job (priority DESC, run_at);
== 005_worker.sql
CREATE TABLE worker (name TEXT PRIMARY KEY NOT NULL, seen_at INTEGER);
INSERT INTO worker (name) SELECT DISTINCT worker FROM job WHERE worker IS NOT NULL;
== 005_worker.down.sql
-- migrate: allow destructive-drop "the names are in the jobs"
DROP TABLE worker;
== 006_stats.sql
CREATE VIEW job_stats AS SELECT kind, state, count(*) AS jobs FROM job GROUP BY kind, state;
ALTER TABLE attempt ADD COLUMN duration INTEGER NOT NULL DEFAULT 0;
== 006_stats.down.sql
-- migrate: allow destructive-drop "undoes the migration"
ALTER TABLE attempt DROP COLUMN duration;
DROP VIEW job_stats;
== 007_attempt_host.sql
CREATE TABLE attempt_new (
  id INTEGER PRIMARY KEY,
  job_id INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
  host TEXT,
  error TEXT,
  started_at INTEGER NOT NULL,
  duration INTEGER NOT NULL DEFAULT 0
);
INSERT INTO attempt_new (id, job_id, error, started_at, duration)
SELECT id, job_id, error, started_at, duration FROM attempt;
DROP TABLE attempt;
ALTER TABLE attempt_new RENAME TO attempt;
CREATE INDEX attempt_job ON attempt (job_id);
