== 001_events.sql
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    payload TEXT NOT NULL CHECK (json_valid(payload)),
    tags TEXT,
    kind TEXT GENERATED ALWAYS AS (json_extract(payload, '$.kind')) VIRTUAL,
    amount INTEGER AS (payload ->> '$.amount') STORED
);
CREATE INDEX events_kind ON events (kind) WHERE kind IS NOT NULL;
CREATE INDEX events_user ON events (json_extract(payload, '$.user.id'));
-- migrate:down
DROP TABLE events;
== 002_tags.sql
CREATE TABLE tags (name TEXT PRIMARY KEY COLLATE NOCASE) WITHOUT ROWID;
CREATE TABLE event_tags (event_id INTEGER NOT NULL REFERENCES events (id) ON DELETE CASCADE, tag TEXT NOT NULL REFERENCES tags (name), PRIMARY KEY (event_id, tag)) WITHOUT ROWID;
CREATE INDEX event_tags_tag ON event_tags (tag);
INSERT OR IGNORE INTO tags (name) SELECT DISTINCT j.value FROM events AS e, json_each(e.tags) AS j WHERE j.type = 'text';
INSERT OR IGNORE INTO event_tags (event_id, tag) SELECT e.id, j.value FROM events AS e, json_each(e.tags) AS j WHERE j.type = 'text';
-- migrate:down
DROP TABLE event_tags;
DROP TABLE tags;
== 003_source.sql
ALTER TABLE events ADD COLUMN source TEXT NOT NULL DEFAULT 'unknown';
UPDATE events SET source = COALESCE(json_extract(payload, '$.source'), 'unknown') WHERE source = 'unknown';
UPDATE events SET payload = json_remove(payload, '$.source') WHERE json_type(payload, '$.source') IS NOT NULL;
-- migrate:down
UPDATE events SET payload = json_set(payload, '$.source', source) WHERE source <> 'unknown';
ALTER TABLE events DROP COLUMN source;
== 004_settings.sql
WITH each_one (document) AS (SELECT payload FROM events)
INSERT OR IGNORE INTO tags (name) SELECT document ->> '$.name' FROM each_one WHERE document ->> '$.name' IS NOT NULL;
-- migrate:down
-- migrate: empty "tags do no harm"
