== 001_tasks.sql
CREATE TABLE lists (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE tasks (id INTEGER PRIMARY KEY, list_id INTEGER NOT NULL REFERENCES lists (id), title TEXT NOT NULL, created TEXT NOT NULL);
CREATE INDEX tasks_list ON tasks (list_id);
-- migrate:down
DROP TABLE tasks;
DROP TABLE lists;
== 002_position.sql
ALTER TABLE tasks ADD COLUMN position INTEGER NOT NULL DEFAULT 0;
WITH ranked AS (SELECT id, row_number() OVER (PARTITION BY list_id ORDER BY created, id) AS place FROM tasks)
UPDATE tasks SET position = (SELECT place FROM ranked WHERE ranked.id = tasks.id) WHERE position = 0;
CREATE UNIQUE INDEX tasks_position ON tasks (list_id, position);
-- migrate:down
DROP INDEX tasks_position;
ALTER TABLE tasks DROP COLUMN position;
== 003_epoch.sql
CREATE TABLE tasks_new (
    id INTEGER PRIMARY KEY,
    list_id INTEGER NOT NULL REFERENCES lists (id),
    title TEXT NOT NULL,
    created_at INTEGER NOT NULL CHECK (created_at > 0),
    position INTEGER NOT NULL DEFAULT 0
);
INSERT INTO tasks_new (id, list_id, title, created_at, position)
    SELECT id, list_id, title, CAST(strftime('%s', created) AS INTEGER), position FROM tasks;
DROP TABLE tasks;
ALTER TABLE tasks_new RENAME TO tasks;
CREATE INDEX tasks_list ON tasks (list_id);
CREATE UNIQUE INDEX tasks_position ON tasks (list_id, position);
-- migrate:down
CREATE TABLE tasks_old (id INTEGER PRIMARY KEY, list_id INTEGER NOT NULL REFERENCES lists (id), title TEXT NOT NULL, created TEXT NOT NULL, position INTEGER NOT NULL DEFAULT 0);
INSERT INTO tasks_old (id, list_id, title, created, position) SELECT id, list_id, title, datetime(created_at, 'unixepoch'), position FROM tasks;
DROP TABLE tasks;
ALTER TABLE tasks_old RENAME TO tasks;
CREATE INDEX tasks_list ON tasks (list_id);
CREATE UNIQUE INDEX tasks_position ON tasks (list_id, position);
== 004_totals.sql
ALTER TABLE lists ADD COLUMN tasks INTEGER NOT NULL DEFAULT 0;
UPDATE lists SET tasks = n FROM (SELECT list_id, count(*) AS n FROM tasks GROUP BY list_id) AS counted WHERE counted.list_id = lists.id;
-- migrate:down
ALTER TABLE lists DROP COLUMN tasks;
