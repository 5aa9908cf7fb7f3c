== 001_topics.sql
CREATE TABLE topics (name TEXT PRIMARY KEY, retention INTEGER NOT NULL DEFAULT 604800 CHECK (retention > 0)) WITHOUT ROWID;
CREATE TABLE records (topic TEXT NOT NULL REFERENCES topics (name) ON UPDATE CASCADE ON DELETE CASCADE, part INTEGER NOT NULL CHECK (part BETWEEN 0 AND 63), "offset" INTEGER NOT NULL, "key" BLOB, value BLOB NOT NULL, headers TEXT NOT NULL DEFAULT '{}' CHECK (json_type(headers) = 'object'), at INTEGER NOT NULL, PRIMARY KEY (topic, part, "offset")) WITHOUT ROWID;
CREATE TABLE consumers ("group" TEXT NOT NULL, topic TEXT NOT NULL REFERENCES topics (name) ON DELETE CASCADE, part INTEGER NOT NULL, "offset" INTEGER NOT NULL DEFAULT 0, PRIMARY KEY ("group", topic, part)) WITHOUT ROWID;
CREATE INDEX consumers_topic ON consumers (topic);
-- migrate:down
DROP TABLE consumers;
DROP TABLE records;
DROP TABLE topics;
== 002_internal.sql
INSERT INTO topics (name, retention) VALUES ('__consumer_offsets', 1), ('__dead', 2592000);
-- migrate:down
DELETE FROM topics WHERE name IN ('__consumer_offsets', '__dead');
== 003_lag.sql
CREATE VIEW lag AS SELECT c."group", c.topic, c.part, COALESCE(max(r."offset"), 0) - c."offset" AS lag FROM consumers AS c LEFT JOIN records AS r USING (topic, part) GROUP BY 1, 2, 3;
ALTER TABLE consumers ADD COLUMN seen_at INTEGER;
INSERT INTO consumers ("group", topic, part) SELECT DISTINCT 'dead', '__dead', part FROM records WHERE true ON CONFLICT DO NOTHING;
-- migrate:down
DELETE FROM consumers WHERE topic = '__dead';
ALTER TABLE consumers DROP COLUMN seen_at;
DROP VIEW lag;
== 004_rename.sql
UPDATE records SET topic = 'dead_letters' WHERE topic = '__dead';
UPDATE consumers SET topic = 'dead_letters' WHERE topic = '__dead';
UPDATE topics SET name = 'dead_letters' WHERE name = '__dead';
-- migrate:down
UPDATE records SET topic = '__dead' WHERE topic = 'dead_letters';
UPDATE consumers SET topic = '__dead' WHERE topic = 'dead_letters';
UPDATE topics SET name = '__dead' WHERE name = 'dead_letters';
