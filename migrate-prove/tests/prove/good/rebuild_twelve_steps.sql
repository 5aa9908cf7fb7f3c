== 001_users.sql
CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    email TEXT COLLATE NOCASE,
    nickname TEXT UNIQUE,
    boss_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
    age INTEGER CHECK (age >= 0)
);
CREATE INDEX users_boss ON users (boss_id);
CREATE INDEX users_email ON users (lower(email)) WHERE email IS NOT NULL;
CREATE TABLE posts (
    id INTEGER PRIMARY KEY,
    author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    title TEXT NOT NULL CHECK (length(title) BETWEEN 1 AND 200)
);
CREATE INDEX posts_author ON posts (author_id);
CREATE TABLE log (at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, what TEXT NOT NULL);
CREATE TRIGGER users_changed AFTER UPDATE ON users BEGIN
    INSERT INTO log (what) VALUES ('user ' || old.id || ' changed');
END;
CREATE VIEW authors AS SELECT u.id, u.email, count(p.id) AS posts
    FROM users AS u JOIN posts AS p ON p.author_id = u.id GROUP BY u.id;
CREATE VIEW busy_authors AS SELECT * FROM authors WHERE posts > 10;
== 001_users.down.sql
DROP VIEW busy_authors;
DROP VIEW authors;
DROP TABLE log;
DROP TABLE posts;
DROP TABLE users;
== 002_rebuild_users.sql
-- https://sqlite.org/lang_altertable.html#otheralter
DROP VIEW busy_authors;
DROP VIEW authors;
DROP TRIGGER users_changed;
CREATE TABLE new_users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    email TEXT NOT NULL COLLATE NOCASE,
    nickname TEXT UNIQUE,
    boss_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
    age INTEGER CHECK (age BETWEEN 0 AND 1000000)
) STRICT;
INSERT INTO new_users (id, email, nickname, boss_id, age)
    SELECT id, COALESCE(email, 'unknown-' || id), nickname, boss_id, min(age, 1000000) FROM users;
DELETE FROM sqlite_sequence WHERE name = 'new_users';
INSERT INTO sqlite_sequence (name, seq) SELECT 'new_users', seq FROM sqlite_sequence WHERE name = 'users';
DROP TABLE users;
ALTER TABLE new_users RENAME TO users;
CREATE INDEX users_boss ON users (boss_id);
CREATE INDEX users_email ON users (lower(email)) WHERE email IS NOT NULL;
CREATE TRIGGER users_changed AFTER UPDATE ON users BEGIN
    INSERT INTO log (what) VALUES ('user ' || old.id || ' changed');
END;
CREATE VIEW authors AS SELECT u.id, u.email, count(p.id) AS posts
    FROM users AS u JOIN posts AS p ON p.author_id = u.id GROUP BY u.id;
CREATE VIEW busy_authors AS SELECT * FROM authors WHERE posts > 10;
== 002_rebuild_users.down.sql
DROP VIEW busy_authors;
DROP VIEW authors;
DROP TRIGGER users_changed;
CREATE TABLE old_users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    email TEXT COLLATE NOCASE,
    nickname TEXT UNIQUE,
    boss_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
    age INTEGER CHECK (age >= 0)
);
INSERT INTO old_users SELECT * FROM users;
DROP TABLE users;
ALTER TABLE old_users RENAME TO users;
CREATE INDEX users_boss ON users (boss_id);
CREATE INDEX users_email ON users (lower(email)) WHERE email IS NOT NULL;
CREATE TRIGGER users_changed AFTER UPDATE ON users BEGIN
    INSERT INTO log (what) VALUES ('user ' || old.id || ' changed');
END;
CREATE VIEW authors AS SELECT u.id, u.email, count(p.id) AS posts
    FROM users AS u JOIN posts AS p ON p.author_id = u.id GROUP BY u.id;
CREATE VIEW busy_authors AS SELECT * FROM authors WHERE posts > 10;
== 003_again.sql
-- The same once more, with a column renamed on the way.
DROP VIEW busy_authors;
DROP VIEW authors;
CREATE TABLE new_posts (
    id INTEGER PRIMARY KEY,
    author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    headline TEXT NOT NULL CHECK (length(headline) BETWEEN 1 AND 300)
);
INSERT INTO new_posts (id, author_id, headline) SELECT id, author_id, title FROM posts;
DROP TABLE posts;
ALTER TABLE new_posts RENAME TO posts;
CREATE INDEX posts_author ON posts (author_id);
CREATE VIEW authors AS SELECT u.id, u.email, count(p.id) AS posts
    FROM users AS u JOIN posts AS p ON p.author_id = u.id GROUP BY u.id;
CREATE VIEW busy_authors AS SELECT * FROM authors WHERE posts > 10;
== 003_again.down.sql
DROP VIEW busy_authors;
DROP VIEW authors;
CREATE TABLE old_posts (
    id INTEGER PRIMARY KEY,
    author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    title TEXT NOT NULL CHECK (length(title) BETWEEN 1 AND 200)
);
INSERT INTO old_posts (id, author_id, title) SELECT id, author_id, substr(headline, 1, 200) FROM posts;
DROP TABLE posts;
ALTER TABLE old_posts RENAME TO posts;
CREATE INDEX posts_author ON posts (author_id);
CREATE VIEW authors AS SELECT u.id, u.email, count(p.id) AS posts
    FROM users AS u JOIN posts AS p ON p.author_id = u.id GROUP BY u.id;
CREATE VIEW busy_authors AS SELECT * FROM authors WHERE posts > 10;
