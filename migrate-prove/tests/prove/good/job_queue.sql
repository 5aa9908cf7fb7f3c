== 001_jobs.sql
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL DEFAULT 'default',
    payload BLOB NOT NULL,
    state TEXT NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'running', 'done', 'dead')),
    attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts <= max_attempts),
    max_attempts INTEGER NOT NULL DEFAULT 20 CHECK (max_attempts > 0),
    run_at INTEGER NOT NULL DEFAULT (unixepoch()),
    locked_by TEXT, locked_at INTEGER,
    CHECK ((locked_by IS NULL) = (locked_at IS NULL)),
    CHECK (state <> 'running' OR locked_by IS NOT NULL)
) STRICT;
CREATE INDEX jobs_ready ON jobs (queue, run_at) WHERE state = 'ready';
-- migrate:down
DROP TABLE jobs;
== 002_priority.sql
ALTER TABLE jobs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
DROP INDEX jobs_ready;
CREATE INDEX jobs_ready ON jobs (queue, priority DESC, run_at) WHERE state = 'ready';
-- migrate:down
DROP INDEX jobs_ready;
ALTER TABLE jobs DROP COLUMN priority;
CREATE INDEX jobs_ready ON jobs (queue, run_at) WHERE state = 'ready';
== 003_dead_letters.sql
CREATE TABLE dead_jobs (id INTEGER PRIMARY KEY, queue TEXT NOT NULL, payload BLOB NOT NULL, died_at INTEGER NOT NULL) STRICT;
INSERT INTO dead_jobs (id, queue, payload, died_at) SELECT id, queue, payload, COALESCE(locked_at, run_at) FROM jobs WHERE state = 'dead';
DELETE FROM jobs WHERE state = 'dead';
CREATE TRIGGER jobs_died AFTER UPDATE OF state ON jobs WHEN new.state = 'dead' BEGIN
    INSERT INTO dead_jobs (id, queue, payload, died_at) VALUES (new.id, new.queue, new.payload, unixepoch());
    DELETE FROM jobs WHERE id = new.id;
END;
-- migrate:down
DROP TRIGGER jobs_died;
INSERT INTO jobs (id, queue, payload, state, run_at) SELECT id, queue, payload, 'dead', died_at FROM dead_jobs;
DROP TABLE dead_jobs;
== 004_unique_key.sql
ALTER TABLE jobs ADD COLUMN unique_key TEXT;
CREATE UNIQUE INDEX jobs_unique ON jobs (unique_key) WHERE unique_key IS NOT NULL AND state IN ('ready', 'running');
UPDATE jobs SET state = 'ready', locked_by = NULL, locked_at = NULL WHERE state = 'running' AND locked_at < 1000;
-- migrate:down
DROP INDEX jobs_unique;
ALTER TABLE jobs DROP COLUMN unique_key;
