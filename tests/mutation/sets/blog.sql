== 001_posts.sql
CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT NOT NULL, bio TEXT);
CREATE TABLE post (
  id INTEGER PRIMARY KEY,
  author_id INTEGER NOT NULL REFERENCES author (id) ON DELETE CASCADE,
  slug TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  summary TEXT,
  views INTEGER NOT NULL DEFAULT 0,
  likes INTEGER NOT NULL DEFAULT 0,
  published_at TEXT
);
CREATE INDEX post_author ON post (author_id);
CREATE INDEX post_published ON post (published_at DESC) WHERE published_at IS NOT NULL;
== 001_posts.down.sql
-- migrate: allow destructive-drop "undoes the first migration"
DROP TABLE post;
-- migrate: allow destructive-drop "undoes the first migration"
DROP TABLE author;
== 002_tags.sql
CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT NOT NULL COLLATE NOCASE UNIQUE);
CREATE TABLE post_tag (
  post_id INTEGER NOT NULL REFERENCES post (id) ON DELETE CASCADE,
  tag_id INTEGER NOT NULL REFERENCES tag (id) ON DELETE CASCADE,
  position INTEGER,
  UNIQUE (post_id, tag_id)
);
CREATE INDEX post_tag_tag ON post_tag (tag_id);
INSERT INTO tag (id, name) VALUES (1, 'news'), (2, 'release');
== 002_tags.down.sql
-- migrate: allow destructive-drop "undoes the migration"
DROP TABLE post_tag;
-- migrate: allow destructive-drop "undoes the migration"
DROP TABLE tag;
== 003_comments.sql
CREATE TABLE comment (
  id INTEGER PRIMARY KEY,
  post_id INTEGER NOT NULL,
  parent_id INTEGER,
  name TEXT NOT NULL DEFAULT 'anonymous',
  body TEXT NOT NULL,
  CONSTRAINT comment_post FOREIGN KEY (post_id) REFERENCES post (id) ON DELETE CASCADE,
  CONSTRAINT comment_parent FOREIGN KEY (parent_id) REFERENCES comment (id) ON DELETE SET NULL,
  CONSTRAINT comment_body CHECK (length(body) <= 4000)
);
CREATE INDEX comment_post_index ON comment (post_id);
CREATE INDEX comment_parent_index ON comment (parent_id);
== 003_comments.down.sql
DROP INDEX comment_parent_index;
DROP INDEX comment_post_index;
-- migrate: allow destructive-drop "undoes the migration"
DROP TABLE comment;
== 004_summary.sql
-- migrate: irreversible "a summary may have been written since"
UPDATE post SET summary = substr(title, 1, 80) WHERE summary IS NULL;
== 005_counts.sql
ALTER TABLE post ADD COLUMN comments INTEGER NOT NULL DEFAULT 0;
CREATE TRIGGER comment_added AFTER INSERT ON comment BEGIN
  UPDATE post SET comments = comments + 1 WHERE id = new.post_id;
END;
CREATE TRIGGER comment_removed AFTER DELETE ON comment BEGIN
  UPDATE post SET comments = comments - 1 WHERE id = old.post_id;
END;
UPDATE post SET comments = (SELECT count(*) FROM comment WHERE post_id = post.id)
WHERE id IN (SELECT post_id FROM comment);
== 006_tag_position.sql
CREATE TABLE post_tag_new (
  post_id INTEGER NOT NULL REFERENCES post (id) ON DELETE CASCADE,
  tag_id INTEGER NOT NULL REFERENCES tag (id) ON DELETE CASCADE,
  position INTEGER NOT NULL DEFAULT 0,
  UNIQUE (post_id, tag_id)
);
INSERT INTO post_tag_new (post_id, tag_id, position)
SELECT post_id, tag_id, ifnull(position, 0) FROM post_tag;
DROP TABLE post_tag;
ALTER TABLE post_tag_new RENAME TO post_tag;
CREATE INDEX post_tag_tag ON post_tag (tag_id);
== 007_moderation.sql
CREATE TABLE comment_new (
  id INTEGER PRIMARY KEY,
  post_id INTEGER NOT NULL,
  parent_id INTEGER,
  name TEXT NOT NULL DEFAULT 'anonymous',
  body TEXT NOT NULL,
  hidden INTEGER NOT NULL DEFAULT 0,
  CONSTRAINT comment_post FOREIGN KEY (post_id) REFERENCES post (id) ON DELETE CASCADE,
  CONSTRAINT comment_parent FOREIGN KEY (parent_id) REFERENCES comment (id) ON DELETE SET NULL,
  CONSTRAINT comment_body CHECK (length(body) <= 4000)
);
INSERT INTO comment_new (id, post_id, parent_id, name, body)
SELECT id, post_id, parent_id, name, body FROM comment;
DROP TABLE comment;
ALTER TABLE comment_new RENAME TO comment;
CREATE INDEX comment_post_index ON comment (post_id);
CREATE INDEX comment_parent_index ON comment (parent_id);
CREATE TRIGGER comment_added AFTER INSERT ON comment BEGIN
  UPDATE post SET comments = comments + 1 WHERE id = new.post_id;
END;
CREATE TRIGGER comment_removed AFTER DELETE ON comment BEGIN
  UPDATE post SET comments = comments - 1 WHERE id = old.post_id;
END;
== 008_post_state.sql
CREATE VIEW recent_post AS SELECT id, slug, title FROM post WHERE published_at IS NOT NULL;
CREATE INDEX post_title ON post (title);
== 008_post_state.down.sql
DROP INDEX post_title;
DROP VIEW recent_post;
