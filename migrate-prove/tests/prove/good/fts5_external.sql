== 001_documents.sql
CREATE TABLE documents (id INTEGER PRIMARY KEY, title TEXT NOT NULL, body TEXT NOT NULL DEFAULT '');
CREATE VIRTUAL TABLE documents_fts USING fts5 (title, body, content='documents', content_rowid='id', tokenize = 'porter unicode61');
CREATE TRIGGER documents_ai AFTER INSERT ON documents BEGIN
    INSERT INTO documents_fts (rowid, title, body) VALUES (new.id, new.title, new.body);
END;
CREATE TRIGGER documents_ad AFTER DELETE ON documents BEGIN
    INSERT INTO documents_fts (documents_fts, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
END;
CREATE TRIGGER documents_au AFTER UPDATE ON documents BEGIN
    INSERT INTO documents_fts (documents_fts, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
    INSERT INTO documents_fts (rowid, title, body) VALUES (new.id, new.title, new.body);
END;
-- migrate:down
DROP TRIGGER documents_au;
DROP TRIGGER documents_ad;
DROP TRIGGER documents_ai;
DROP TABLE documents_fts;
DROP TABLE documents;
== 002_seed.sql
-- migrate: allow fails-on-rows "no database has such rows"
INSERT INTO documents (id, title, body) VALUES (1, 'welcome', 'read me'), (2, 'help', 'with umlauts: äöü');
-- migrate:down
DELETE FROM documents WHERE id IN (1, 2);
== 003_rebuild_index.sql
INSERT INTO documents_fts (documents_fts) VALUES ('rebuild');
INSERT INTO documents_fts (documents_fts) VALUES ('optimize');
UPDATE documents SET title = trim(title) WHERE title <> trim(title);
-- migrate:down
-- migrate: empty "an index that was rebuilt is the same"
== 004_rename_content.sql
DROP TRIGGER documents_au;
DROP TRIGGER documents_ad;
DROP TRIGGER documents_ai;
DROP TABLE documents_fts;
ALTER TABLE documents RENAME TO articles;
CREATE VIRTUAL TABLE articles_fts USING fts5 (title, body, content='articles', content_rowid='id');
CREATE TRIGGER articles_ai AFTER INSERT ON articles BEGIN
    INSERT INTO articles_fts (rowid, title, body) VALUES (new.id, new.title, new.body);
END;
CREATE TRIGGER articles_ad AFTER DELETE ON articles BEGIN
    INSERT INTO articles_fts (articles_fts, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
END;
CREATE TRIGGER articles_au AFTER UPDATE ON articles BEGIN
    INSERT INTO articles_fts (articles_fts, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
    INSERT INTO articles_fts (rowid, title, body) VALUES (new.id, new.title, new.body);
END;
INSERT INTO articles_fts (articles_fts) VALUES ('rebuild');
-- migrate:down
DROP TRIGGER articles_au;
DROP TRIGGER articles_ad;
DROP TRIGGER articles_ai;
DROP TABLE articles_fts;
ALTER TABLE articles RENAME TO documents;
CREATE VIRTUAL TABLE documents_fts USING fts5 (title, body, content='documents', content_rowid='id', tokenize = 'porter unicode61');
CREATE TRIGGER documents_ai AFTER INSERT ON documents BEGIN
    INSERT INTO documents_fts (rowid, title, body) VALUES (new.id, new.title, new.body);
END;
CREATE TRIGGER documents_ad AFTER DELETE ON documents BEGIN
    INSERT INTO documents_fts (documents_fts, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
END;
CREATE TRIGGER documents_au AFTER UPDATE ON documents BEGIN
    INSERT INTO documents_fts (documents_fts, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
    INSERT INTO documents_fts (rowid, title, body) VALUES (new.id, new.title, new.body);
END;
INSERT INTO documents_fts (documents_fts) VALUES ('rebuild');
== 005_add_column.sql
ALTER TABLE articles ADD COLUMN slug TEXT;
UPDATE articles SET slug = lower(replace(title, ' ', '-')) WHERE slug IS NULL;
DELETE FROM articles WHERE title = '';
-- migrate:down
ALTER TABLE articles DROP COLUMN slug;
