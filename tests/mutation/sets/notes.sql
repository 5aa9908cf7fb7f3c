== 001_notes.sql
CREATE TABLE notebook (id INTEGER PRIMARY KEY, title TEXT NOT NULL);
CREATE TABLE note (
  id INTEGER PRIMARY KEY,
  notebook_id INTEGER REFERENCES notebook (id) ON DELETE SET NULL,
  title TEXT NOT NULL,
  body TEXT,
  color TEXT,
  changed_at TEXT NOT NULL
);
CREATE INDEX note_notebook ON note (notebook_id);
== 002_search.sql
CREATE VIRTUAL TABLE note_fts USING fts5(title, body, content='note', content_rowid='id');
INSERT INTO note_fts(note_fts) VALUES ('rebuild');
CREATE TRIGGER note_insert AFTER INSERT ON note BEGIN
  INSERT INTO note_fts(rowid, title, body) VALUES (new.id, new.title, new.body);
END;
CREATE TRIGGER note_delete AFTER DELETE ON note BEGIN
  INSERT INTO note_fts(note_fts, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
END;
CREATE TRIGGER note_update AFTER UPDATE ON note BEGIN
  INSERT INTO note_fts(note_fts, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
  INSERT INTO note_fts(rowid, title, body) VALUES (new.id, new.title, new.body);
END;
== 003_trim.sql
UPDATE note SET title = trim(title) WHERE title <> trim(title);
== 004_body_required.sql
CREATE TABLE note_new (
  id INTEGER PRIMARY KEY,
  notebook_id INTEGER REFERENCES notebook (id) ON DELETE SET NULL,
  title TEXT NOT NULL,
  body TEXT NOT NULL DEFAULT '',
  color TEXT,
  changed_at TEXT NOT NULL
);
INSERT INTO note_new (id, notebook_id, title, body, color, changed_at)
SELECT id, notebook_id, title, coalesce(body, ''), color, changed_at FROM note;
DROP TABLE note;
ALTER TABLE note_new RENAME TO note;
CREATE INDEX note_notebook ON note (notebook_id);
CREATE TRIGGER note_insert AFTER INSERT ON note BEGIN
  INSERT INTO note_fts(rowid, title, body) VALUES (new.id, new.title, new.body);
END;
CREATE TRIGGER note_delete AFTER DELETE ON note BEGIN
  INSERT INTO note_fts(note_fts, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
END;
CREATE TRIGGER note_update AFTER UPDATE ON note BEGIN
  INSERT INTO note_fts(note_fts, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
  INSERT INTO note_fts(rowid, title, body) VALUES (new.id, new.title, new.body);
END;
INSERT INTO note_fts(note_fts) VALUES ('rebuild');
== 005_pages.sql
CREATE TABLE page (slug TEXT NOT NULL, body TEXT, rank INTEGER);
CREATE UNIQUE INDEX page_slug ON page (lower(slug));
CREATE VIRTUAL TABLE page_fts USING fts5(body, content='page', content_rowid='rowid');
INSERT INTO page_fts(page_fts) VALUES ('rebuild');
== 006_page_language.sql
CREATE TABLE page_new (slug TEXT NOT NULL, body TEXT, rank INTEGER, language TEXT NOT NULL DEFAULT 'en');
INSERT INTO page_new (rowid, slug, body, rank) SELECT rowid, slug, body, rank FROM page;
DROP TABLE page;
ALTER TABLE page_new RENAME TO page;
CREATE UNIQUE INDEX page_slug ON page (lower(slug));
INSERT INTO page_fts(page_fts) VALUES ('rebuild');
== 007_search_title.sql
DROP TABLE page_fts;
CREATE VIRTUAL TABLE page_fts USING fts5(slug, body, content='page', content_rowid='rowid');
INSERT INTO page_fts(page_fts) VALUES ('rebuild');
== 008_notebook_owner.sql
CREATE TABLE notebook_new (id INTEGER PRIMARY KEY, title TEXT NOT NULL, owner TEXT);
INSERT INTO notebook_new (id, title) SELECT id, title FROM notebook;
DROP TABLE notebook;
ALTER TABLE notebook_new RENAME TO notebook;
