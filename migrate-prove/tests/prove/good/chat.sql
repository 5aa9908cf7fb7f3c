== 001_chat.sql
CREATE TABLE users (id TEXT PRIMARY KEY CHECK (length(id) = 36), handle TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (handle GLOB '[a-z]*' AND length(handle) BETWEEN 3 AND 32)) STRICT, WITHOUT ROWID;
CREATE TABLE rooms (id INTEGER PRIMARY KEY, name TEXT, is_direct INTEGER NOT NULL DEFAULT 0 CHECK (is_direct IN (0, 1)), CHECK (is_direct = 1 OR name IS NOT NULL)) STRICT;
CREATE TABLE members (room_id INTEGER NOT NULL REFERENCES rooms (id) ON DELETE CASCADE, user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, role TEXT NOT NULL DEFAULT 'member' CHECK (role IN ('owner', 'member')), PRIMARY KEY (room_id, user_id)) STRICT, WITHOUT ROWID;
CREATE INDEX members_user ON members (user_id);
CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, room_id INTEGER NOT NULL, user_id TEXT NOT NULL, body TEXT NOT NULL CHECK (length(body) > 0), reply_to INTEGER REFERENCES messages (id) ON DELETE SET NULL, sent_at INTEGER NOT NULL DEFAULT (unixepoch()), FOREIGN KEY (room_id, user_id) REFERENCES members (room_id, user_id)) STRICT;
CREATE INDEX messages_room ON messages (room_id, user_id, sent_at);
CREATE INDEX messages_reply ON messages (reply_to) WHERE reply_to IS NOT NULL;
-- migrate:down
DROP TABLE messages;
DROP TABLE members;
DROP TABLE rooms;
DROP TABLE users;
== 002_read_marks.sql
ALTER TABLE members ADD COLUMN last_read INTEGER REFERENCES messages (id) ON DELETE SET NULL;
CREATE INDEX members_last_read ON members (last_read);
UPDATE members SET last_read = (SELECT max(id) FROM messages AS m WHERE m.room_id = members.room_id);
CREATE VIEW unread AS SELECT members.user_id, members.room_id, count(*) AS many FROM members JOIN messages ON messages.room_id = members.room_id AND messages.id > COALESCE(members.last_read, 0) GROUP BY 1, 2;
-- migrate:down
DROP VIEW unread;
DROP INDEX members_last_read;
ALTER TABLE members DROP COLUMN last_read;
== 003_reactions.sql
CREATE TABLE reactions (message_id INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE, user_id TEXT NOT NULL REFERENCES users (id), emoji TEXT NOT NULL CHECK (length(emoji) BETWEEN 1 AND 8), PRIMARY KEY (message_id, user_id, emoji)) STRICT, WITHOUT ROWID;
CREATE INDEX reactions_user ON reactions (user_id);
CREATE TRIGGER reactions_limit BEFORE INSERT ON reactions WHEN (SELECT count(*) FROM reactions WHERE message_id = new.message_id AND user_id = new.user_id) >= 3
BEGIN SELECT RAISE(ABORT, 'at most three'); END;
-- migrate:down
DROP TABLE reactions;
== 004_search.sql
CREATE VIRTUAL TABLE messages_fts USING fts5 (body, content='messages', content_rowid='id');
INSERT INTO messages_fts (rowid, body) SELECT id, body FROM messages;
CREATE TRIGGER messages_ai AFTER INSERT ON messages BEGIN INSERT INTO messages_fts (rowid, body) VALUES (new.id, new.body); END;
CREATE TRIGGER messages_ad AFTER DELETE ON messages BEGIN INSERT INTO messages_fts (messages_fts, rowid, body) VALUES ('delete', old.id, old.body); END;
-- migrate:down
DROP TRIGGER messages_ad;
DROP TRIGGER messages_ai;
DROP TABLE messages_fts;
== 005_clean.sql
-- migrate: irreversible "they are empty"
DELETE FROM messages WHERE trim(body) = '' AND id NOT IN (SELECT message_id FROM reactions) AND id NOT IN (SELECT reply_to FROM messages WHERE reply_to IS NOT NULL) AND id NOT IN (SELECT last_read FROM members WHERE last_read IS NOT NULL);
