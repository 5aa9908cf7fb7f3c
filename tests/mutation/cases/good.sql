=== duplicates are deleted before a unique index
== 001_a.sql
CREATE TABLE person (id INTEGER PRIMARY KEY, mail TEXT, name TEXT);
== 002_b.sql
DELETE FROM person WHERE id NOT IN (SELECT min(id) FROM person GROUP BY mail);
-- migrate: allow new-unique-on-old-columns "the duplicates are gone"
CREATE UNIQUE INDEX person_mail ON person (mail);
=== missing values are filled before NOT NULL
== 001_a.sql
CREATE TABLE person (id INTEGER PRIMARY KEY, mail TEXT, name TEXT);
== 002_b.sql
UPDATE person SET mail = 'nobody@example.org' WHERE mail IS NULL;
CREATE TABLE person_new (id INTEGER PRIMARY KEY, mail TEXT NOT NULL, name TEXT);
INSERT INTO person_new (id, mail, name) SELECT id, mail, name FROM person;
DROP TABLE person;
ALTER TABLE person_new RENAME TO person;
=== a new table from distinct values
== 001_a.sql
CREATE TABLE book (id INTEGER PRIMARY KEY, author TEXT, title TEXT NOT NULL);
== 002_b.sql
CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
INSERT INTO author (name) SELECT DISTINCT author FROM book WHERE author IS NOT NULL;
ALTER TABLE book ADD COLUMN author_id INTEGER REFERENCES author (id);
UPDATE book SET author_id = (SELECT id FROM author WHERE name = book.author) WHERE author IS NOT NULL;
CREATE INDEX book_author ON book (author_id);
=== more seeds in a table that migrations fill
== 001_a.sql
CREATE TABLE role (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
INSERT INTO role (id, name) VALUES (1, 'admin'), (2, 'guest');
== 002_b.sql
INSERT INTO role (id, name) VALUES (3, 'editor');
== 003_c.sql
INSERT INTO role (name) VALUES ('auditor');
=== a conversion by CASE
== 001_a.sql
CREATE TABLE task (id INTEGER PRIMARY KEY, state TEXT NOT NULL CHECK (state IN ('open', 'done')));
== 002_b.sql
-- migrate: allow destructive-drop "the state is kept as a number"

CREATE TABLE task_new (id INTEGER PRIMARY KEY, done INTEGER NOT NULL CHECK (done IN (0, 1)));
INSERT INTO task_new (id, done) SELECT id, CASE state WHEN 'done' THEN 1 ELSE 0 END FROM task;
DROP TABLE task;
ALTER TABLE task_new RENAME TO task;
=== a wider check
== 001_a.sql
CREATE TABLE task (id INTEGER PRIMARY KEY, level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 3));
== 002_b.sql
CREATE TABLE task_new (id INTEGER PRIMARY KEY, level INTEGER NOT NULL CHECK (level BETWEEN 0 AND 5));
INSERT INTO task_new SELECT id, level FROM task;
DROP TABLE task;
ALTER TABLE task_new RENAME TO task;
=== a backfill with UPDATE FROM
== 001_a.sql
CREATE TABLE customer (id INTEGER PRIMARY KEY, city TEXT);
CREATE TABLE invoice (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer (id));
CREATE INDEX invoice_customer ON invoice (customer_id);
== 002_b.sql
ALTER TABLE invoice ADD COLUMN city TEXT;
UPDATE invoice SET city = c.city FROM customer AS c WHERE c.id = invoice.customer_id AND c.city IS NOT NULL;
=== a trigger that guards values
== 001_a.sql
CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL);
CREATE TRIGGER account_guard BEFORE INSERT ON account WHEN new.balance < 0 BEGIN SELECT raise(ABORT, 'negative'); END;
== 002_b.sql
ALTER TABLE account ADD COLUMN owner TEXT NOT NULL DEFAULT '';
UPDATE account SET owner = 'bank' WHERE balance = 0;
=== a full-text index is filled after a rebuild
== 001_a.sql
CREATE TABLE note (body TEXT, tag TEXT);
CREATE VIRTUAL TABLE note_fts USING fts5(body, content='note', content_rowid='rowid');
INSERT INTO note_fts (note_fts) VALUES ('rebuild');
== 002_b.sql
CREATE TABLE note_new (body TEXT NOT NULL, tag TEXT);
INSERT INTO note_new (body, tag) SELECT coalesce(body, ''), tag FROM note;
DROP TABLE note;
ALTER TABLE note_new RENAME TO note;
INSERT INTO note_fts (note_fts) VALUES ('rebuild');
=== an index without content
== 001_a.sql
CREATE VIRTUAL TABLE term USING fts5(word, content='');
INSERT INTO term (rowid, word) VALUES (1, 'one'), (2, 'two');
== 002_b.sql
INSERT INTO term (rowid, word) VALUES (3, 'three');
=== an rtree
== 001_a.sql
CREATE TABLE place (id INTEGER PRIMARY KEY, x REAL NOT NULL, y REAL NOT NULL);
== 002_b.sql
CREATE VIRTUAL TABLE place_box USING rtree(id, min_x, max_x, min_y, max_y);
INSERT INTO place_box SELECT id, x, x, y, y FROM place;
=== the same definition again
== 001_a.sql
CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT);
CREATE INDEX person_name ON person (name);
== 002_b.sql
CREATE TABLE IF NOT EXISTS person (id INTEGER PRIMARY KEY, name TEXT);
CREATE INDEX IF NOT EXISTS person_name ON person (name);
ALTER TABLE person ADD COLUMN age INTEGER;
=== a temporary table inside one script
== 001_a.sql
CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT);
== 002_b.sql
CREATE TEMP TABLE empty_name AS SELECT id FROM person WHERE name = '';
UPDATE person SET name = NULL WHERE id IN (SELECT id FROM empty_name);
DROP TABLE empty_name;
=== the mark of AUTOINCREMENT is carried over
== 001_a.sql
CREATE TABLE ticket (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT);
== 002_b.sql
CREATE TABLE ticket_new (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL);
INSERT INTO sqlite_sequence (name, seq) SELECT 'ticket_new', seq FROM sqlite_sequence WHERE name = 'ticket';
INSERT INTO ticket_new (id, title) SELECT id, coalesce(title, '') FROM ticket;
DROP TABLE ticket;
ALTER TABLE ticket_new RENAME TO ticket;
=== only NOT NULL goes
== 001_a.sql
CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT NOT NULL);
== 002_b.sql
CREATE TABLE person_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT);
INSERT INTO person_new (id, name, mail) SELECT id, name, mail FROM person;
DROP TABLE person;
ALTER TABLE person_new RENAME TO person;
=== seeds that give way to rows
== 001_a.sql
CREATE TABLE role (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
== 002_b.sql
INSERT OR IGNORE INTO role (id, name) VALUES (1, 'admin');
INSERT INTO role (name) VALUES ('guest') ON CONFLICT (name) DO NOTHING;
=== a column renamed
== 001_a.sql
CREATE TABLE person (id INTEGER PRIMARY KEY, nam TEXT NOT NULL);
CREATE INDEX person_nam ON person (nam);
CREATE VIEW people AS SELECT nam FROM person;
== 002_b.sql
ALTER TABLE person RENAME COLUMN nam TO name;
=== a column renamed by rebuild
== 001_a.sql
CREATE TABLE person (id INTEGER PRIMARY KEY, nam TEXT NOT NULL, age INTEGER);
== 002_b.sql
CREATE TABLE person_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INTEGER);
INSERT INTO person_new (id, name, age) SELECT id, nam, age FROM person;
DROP TABLE person;
ALTER TABLE person_new RENAME TO person;
=== an index is replaced on purpose
== 001_a.sql
CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT);
CREATE INDEX person_name ON person (name, city);
== 002_b.sql
DROP INDEX person_name;
CREATE INDEX person_name ON person (name);
=== two different parents
== 001_a.sql
CREATE TABLE station (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE leg (
  id INTEGER PRIMARY KEY,
  start_id INTEGER NOT NULL REFERENCES station (id),
  end_id INTEGER NOT NULL REFERENCES station (id),
  CHECK (start_id <> end_id),
  UNIQUE (start_id, end_id)
);
CREATE INDEX leg_end ON leg (end_id);
== 002_b.sql
ALTER TABLE leg ADD COLUMN minutes INTEGER NOT NULL DEFAULT 0;
UPDATE leg SET minutes = 5 WHERE start_id < end_id;
=== a counter with an upsert
== 001_a.sql
CREATE TABLE visit (id INTEGER PRIMARY KEY, page TEXT NOT NULL);
CREATE TABLE counter (page TEXT PRIMARY KEY NOT NULL, many INTEGER NOT NULL DEFAULT 0);
== 002_b.sql
INSERT INTO counter (page, many) SELECT page, count(*) FROM visit WHERE true GROUP BY page
ON CONFLICT (page) DO UPDATE SET many = many + excluded.many;
=== duplicates are merged
== 001_a.sql
CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE item (id INTEGER PRIMARY KEY, tag_id INTEGER REFERENCES tag (id));
CREATE INDEX item_tag ON item (tag_id);
== 002_b.sql
UPDATE item SET tag_id = (SELECT min(b.id) FROM tag AS a JOIN tag AS b ON b.name = a.name WHERE a.id = item.tag_id)
WHERE tag_id IS NOT NULL;
DELETE FROM tag WHERE id NOT IN (SELECT min(id) FROM tag GROUP BY name);
-- migrate: allow new-unique-on-old-columns "the duplicates are merged"
CREATE UNIQUE INDEX tag_name ON tag (name);
=== a table becomes STRICT
== 001_a.sql
CREATE TABLE sample (id INTEGER PRIMARY KEY, value INTEGER NOT NULL, label TEXT);
== 002_b.sql
CREATE TABLE sample_new (id INTEGER PRIMARY KEY, value INTEGER NOT NULL, label TEXT) STRICT;
INSERT INTO sample_new (id, value, label) SELECT id, value, label FROM sample;
DROP TABLE sample;
ALTER TABLE sample_new RENAME TO sample;
=== comments that mention a rollback
== 001_a.sql
-- rollback of the earlier fix: the column is needed again
CREATE TABLE car (id INTEGER PRIMARY KEY, plate TEXT);
-- undo is not possible for the next statement
CREATE INDEX car_plate ON car (plate);
-- scroll down
CREATE TABLE scroll (id INTEGER PRIMARY KEY);
=== names that are functions elsewhere
== 001_a.sql
CREATE TABLE format (id INTEGER PRIMARY KEY, concat TEXT, sign INTEGER, median REAL, unhex TEXT);
CREATE INDEX format_sign ON format (sign);
== 002_b.sql
INSERT INTO format (concat, sign, median) VALUES ('a', 1, 2.5);
ALTER TABLE format RENAME COLUMN unhex TO string_agg;
=== unique only where it matters
== 001_a.sql
CREATE TABLE address (id INTEGER PRIMARY KEY, person TEXT NOT NULL, main INTEGER NOT NULL DEFAULT 0);
== 002_b.sql
UPDATE address SET main = 0 WHERE main = 1 AND id NOT IN (SELECT min(id) FROM address WHERE main = 1 GROUP BY person);
-- migrate: allow new-unique-on-old-columns "one main address is left"
CREATE UNIQUE INDEX address_main ON address (person) WHERE main = 1;
=== a table becomes WITHOUT ROWID
== 001_a.sql
CREATE TABLE word (text TEXT PRIMARY KEY NOT NULL, many INTEGER NOT NULL);
== 002_b.sql
CREATE TABLE word_new (text TEXT PRIMARY KEY NOT NULL, many INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO word_new SELECT text, many FROM word;
DROP TABLE word;
ALTER TABLE word_new RENAME TO word;
=== a new generated column
== 001_a.sql
CREATE TABLE person (id INTEGER PRIMARY KEY, given TEXT, family TEXT);
== 002_b.sql
ALTER TABLE person ADD COLUMN full TEXT GENERATED ALWAYS AS (given || ' ' || family) VIRTUAL;
CREATE INDEX person_full ON person (full);
=== documents in JSON
== 001_a.sql
CREATE TABLE doc (id INTEGER PRIMARY KEY, body TEXT NOT NULL CHECK (json_valid(body)));
== 002_b.sql
UPDATE doc SET body = json_set(body, '$.version', 2) WHERE json_extract(body, '$.version') IS NULL;
CREATE INDEX doc_version ON doc (json_extract(body, '$.version'));
=== children are deleted before their parents
== 001_a.sql
CREATE TABLE area (id INTEGER PRIMARY KEY, kind TEXT);
CREATE TABLE spot (id INTEGER PRIMARY KEY, area_id INTEGER NOT NULL REFERENCES area (id) ON DELETE CASCADE);
CREATE INDEX spot_area ON spot (area_id);
== 002_b.sql
DELETE FROM spot WHERE area_id IN (SELECT id FROM area WHERE kind IS NULL);
DELETE FROM area WHERE kind IS NULL;
=== a table is dropped if it is there, and made
== 001_a.sql
DROP TABLE IF EXISTS cache;
CREATE TABLE cache (name TEXT PRIMARY KEY NOT NULL, value BLOB);
== 002_b.sql
DROP VIEW IF EXISTS cache_names;
CREATE VIEW cache_names AS SELECT name FROM cache;
=== a foreign key gets an action
== 001_a.sql
CREATE TABLE area (id INTEGER PRIMARY KEY, kind TEXT);
CREATE TABLE spot (id INTEGER PRIMARY KEY, area_id INTEGER NOT NULL REFERENCES area (id));
CREATE INDEX spot_area ON spot (area_id);
== 002_b.sql
CREATE TABLE spot_new (id INTEGER PRIMARY KEY, area_id INTEGER NOT NULL REFERENCES area (id) ON DELETE CASCADE);
INSERT INTO spot_new (id, area_id) SELECT id, area_id FROM spot;
DROP TABLE spot;
ALTER TABLE spot_new RENAME TO spot;
CREATE INDEX spot_area ON spot (area_id);
=== NOT NULL in place after the values are there
== 001_a.sql
CREATE TABLE person (id INTEGER PRIMARY KEY, mail TEXT);
== 002_b.sql
UPDATE person SET mail = '' WHERE mail IS NULL;
ALTER TABLE person ALTER COLUMN mail SET NOT NULL;
=== a table is split
== 001_a.sql
CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT NOT NULL, street TEXT, city TEXT);
== 002_b.sql
CREATE TABLE address (person_id INTEGER PRIMARY KEY REFERENCES person (id), street TEXT, city TEXT);
INSERT INTO address (person_id, street, city) SELECT id, street, city FROM person WHERE street IS NOT NULL OR city IS NOT NULL;
-- migrate: allow destructive-drop "copied to address"
ALTER TABLE person DROP COLUMN street;
-- migrate: allow destructive-drop "copied to address"
ALTER TABLE person DROP COLUMN city;
=== a long script of numbers
== 001_a.sql
CREATE TABLE number (n INTEGER PRIMARY KEY, square INTEGER NOT NULL);
WITH RECURSIVE c (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM c WHERE n < 100)
INSERT INTO number (n, square) SELECT n, n * n FROM c;
=== rows of a grandchild
== 001_a.sql
CREATE TABLE quote (id TEXT PRIMARY KEY NOT NULL, amount INTEGER NOT NULL);
CREATE TABLE request (quote_id TEXT PRIMARY KEY NOT NULL REFERENCES quote (id), fee INTEGER NOT NULL);
CREATE TABLE message (quote_id TEXT NOT NULL REFERENCES request (quote_id), body BLOB NOT NULL);
CREATE INDEX message_quote ON message (quote_id);
== 002_b.sql
CREATE TABLE kept (body BLOB);
INSERT INTO kept (body) SELECT body FROM message;
=== what SQLite 3.38 knows
== 001_a.sql
CREATE TABLE doc (id INTEGER PRIMARY KEY, body TEXT NOT NULL DEFAULT '{}', at INTEGER) STRICT;
CREATE INDEX doc_kind ON doc (body ->> '$.kind');
CREATE VIEW doc_day AS SELECT id, strftime('%Y-%m-%d', at, 'unixepoch') AS day, iif(at > 0, 'new', 'old') AS age FROM doc;
-- In SQLite 3.39 a RIGHT JOIN would do.
CREATE TABLE concat (unhex TEXT, full TEXT);
=== JSON behind a view
== 001_a.sql
CREATE TABLE event (id INTEGER PRIMARY KEY, data TEXT NOT NULL);
CREATE VIEW event_body AS SELECT id, data AS body FROM event;
== 002_b.sql
CREATE TABLE kind (event_id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO kind SELECT id, json_extract(body, '$.kind') FROM event_body;
=== accounts merged with UPDATE OR IGNORE and DELETE
== 001_a.sql
CREATE TABLE favorite (user TEXT NOT NULL, item INTEGER NOT NULL, PRIMARY KEY (user, item)) WITHOUT ROWID;
== 002_b.sql
UPDATE OR IGNORE favorite SET user = lower(user) WHERE user <> lower(user);
DELETE FROM favorite WHERE user <> lower(user);
