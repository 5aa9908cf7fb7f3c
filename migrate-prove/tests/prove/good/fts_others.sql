== 001_messages.sql
CREATE TABLE messages (id INTEGER PRIMARY KEY, subject TEXT, body TEXT);
CREATE VIRTUAL TABLE plain USING fts5 (subject, body);
CREATE VIRTUAL TABLE bare USING fts5 (subject, body, content='');
CREATE VIRTUAL TABLE old USING fts4 (subject, body, tokenize=porter);
CREATE VIRTUAL TABLE words USING fts5vocab (plain, row);
-- migrate:down
DROP TABLE words;
DROP TABLE old;
DROP TABLE bare;
DROP TABLE plain;
DROP TABLE messages;
== 002_fill.sql
INSERT INTO plain (rowid, subject, body) SELECT id, subject, body FROM messages;
INSERT INTO bare (rowid, subject, body) SELECT id, subject, body FROM messages;
INSERT INTO old (docid, subject, body) SELECT id, subject, body FROM messages;
INSERT INTO old (old) VALUES ('optimize');
-- migrate:down
DELETE FROM plain WHERE rowid IN (SELECT id FROM messages);
INSERT INTO bare (bare) VALUES ('delete-all');
DELETE FROM old WHERE docid IN (SELECT id FROM messages);
== 003_shadow.sql
ALTER TABLE plain RENAME TO search;
DROP TABLE words;
CREATE VIRTUAL TABLE words USING fts5vocab (search, col);
CREATE VIEW found AS SELECT m.id, highlight(search, 0, '<', '>') AS hit FROM search JOIN messages AS m ON m.id = search.rowid WHERE search MATCH 'x';
-- migrate:down
DROP VIEW found;
DROP TABLE words;
ALTER TABLE search RENAME TO plain;
CREATE VIRTUAL TABLE words USING fts5vocab (plain, row);
