== 001_threads.sql
CREATE TABLE threads (id INTEGER PRIMARY KEY, title TEXT NOT NULL, is_spam INTEGER NOT NULL DEFAULT 0 CHECK (is_spam IN (0, 1)));
CREATE TABLE replies (id INTEGER PRIMARY KEY, thread_id INTEGER NOT NULL REFERENCES threads (id), body TEXT NOT NULL);
CREATE INDEX replies_thread ON replies (thread_id);
CREATE TRIGGER threads_gone AFTER DELETE ON threads BEGIN DELETE FROM replies WHERE thread_id = old.id; END;
CREATE VIEW open_threads AS SELECT id, title FROM threads WHERE is_spam = 0;
CREATE TRIGGER open_threads_gone INSTEAD OF DELETE ON open_threads BEGIN DELETE FROM threads WHERE id = old.id; END;
-- migrate:down
DROP VIEW open_threads;
DROP TABLE replies;
DROP TABLE threads;
== 002_spam.sql
-- migrate: irreversible "it was spam"
-- migrate: allow rebuild-cascades "replies to spam are spam"
DELETE FROM threads WHERE is_spam = 1;
== 003_hello.sql
-- migrate: allow fails-on-rows "no database has such rows"
INSERT INTO threads (id, title) VALUES (1, 'hello');
INSERT INTO replies (thread_id, body) VALUES (1, 'first');
-- migrate:down
DELETE FROM open_threads WHERE id = 1;
