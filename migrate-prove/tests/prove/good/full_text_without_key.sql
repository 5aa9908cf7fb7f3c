== 001_notes.sql
CREATE TABLE notes (body TEXT, author TEXT);
CREATE VIRTUAL TABLE notes_fts USING fts5 (body, author, content='notes');
CREATE VIRTUAL TABLE notes_old USING fts4 (content="notes", body, author);
CREATE TRIGGER notes_in AFTER INSERT ON notes BEGIN
    INSERT INTO notes_fts (rowid, body, author) VALUES (new.rowid, new.body, new.author);
    INSERT INTO notes_old (docid, body, author) VALUES (new.rowid, new.body, new.author);
END;
-- migrate:down
DROP TABLE notes_old;
DROP TABLE notes_fts;
DROP TABLE notes;
== 002_seed.sql
INSERT INTO notes (body, author) VALUES ('welcome', 'us'), ('first steps', NULL);
== 003_not_null.sql
CREATE TABLE notes_new (body TEXT NOT NULL, author TEXT);
INSERT INTO notes_new (body, author) SELECT coalesce(body, ''), author FROM notes;
DROP TABLE notes;
ALTER TABLE notes_new RENAME TO notes;
CREATE TRIGGER notes_in AFTER INSERT ON notes BEGIN
    INSERT INTO notes_fts (rowid, body, author) VALUES (new.rowid, new.body, new.author);
    INSERT INTO notes_old (docid, body, author) VALUES (new.rowid, new.body, new.author);
END;
INSERT INTO notes_fts (notes_fts) VALUES ('rebuild');
INSERT INTO notes_old (notes_old) VALUES ('rebuild');
== 004_key.sql
CREATE TABLE notes_new (id INTEGER PRIMARY KEY, body TEXT NOT NULL, author TEXT);
INSERT INTO notes_new (id, body, author) SELECT rowid, body, author FROM notes;
DROP TABLE notes;
ALTER TABLE notes_new RENAME TO notes;
CREATE TRIGGER notes_in AFTER INSERT ON notes BEGIN
    INSERT INTO notes_fts (rowid, body, author) VALUES (new.id, new.body, new.author);
    INSERT INTO notes_old (docid, body, author) VALUES (new.id, new.body, new.author);
END;
== 005_compact.sql
-- migrate: no-transaction
VACUUM;
