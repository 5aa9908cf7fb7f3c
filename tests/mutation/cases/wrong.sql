=== an insert that fails hides a default that is not constant: S37 S06
== 001_a.sql
CREATE TABLE category (id INTEGER PRIMARY KEY, title TEXT NOT NULL, UNIQUE (title));
CREATE TABLE article (id INTEGER PRIMARY KEY, section TEXT, body TEXT);
== 002_b.sql
INSERT INTO category (title) SELECT coalesce(section, 'none') FROM article;
ALTER TABLE article ADD COLUMN added_at TEXT DEFAULT CURRENT_TIMESTAMP;
=== an update that fails on some rows hides a lost trigger: S37 S14
== 001_a.sql
CREATE TABLE stock (id INTEGER PRIMARY KEY, amount INTEGER NOT NULL CHECK (amount >= 0), shelf TEXT);
CREATE TABLE bin (id INTEGER PRIMARY KEY, label TEXT);
CREATE TRIGGER bin_label AFTER INSERT ON bin BEGIN UPDATE bin SET label = upper(label) WHERE id = new.id; END;
== 002_b.sql
UPDATE stock SET amount = amount - 10 WHERE shelf IS NOT NULL;
CREATE TABLE bin_new (id INTEGER PRIMARY KEY, label TEXT, room TEXT);
INSERT INTO bin_new (id, label) SELECT id, label FROM bin;
DROP TABLE bin;
ALTER TABLE bin_new RENAME TO bin;
=== a trigger that refuses hides a unique index: S10
== 001_a.sql
CREATE TABLE entry (id INTEGER PRIMARY KEY, day TEXT NOT NULL, amount INTEGER NOT NULL);
CREATE TRIGGER entry_fixed BEFORE UPDATE ON entry WHEN old.amount <> new.amount BEGIN SELECT raise(ABORT, 'fixed'); END;
CREATE TABLE person (id INTEGER PRIMARY KEY, mail TEXT);
== 002_b.sql
UPDATE entry SET amount = amount + 1 WHERE day > '2020';
CREATE UNIQUE INDEX person_mail ON person (mail);
=== an allow at an update hides a lost index: S14
== 001_a.sql
CREATE TABLE slot (id INTEGER PRIMARY KEY, room TEXT, seats INTEGER CHECK (seats < 500));
CREATE TABLE visit (id INTEGER PRIMARY KEY, who TEXT);
CREATE INDEX visit_who ON visit (who);
== 002_b.sql
-- migrate: allow fails-on-rows "no room is that large"
UPDATE slot SET seats = seats * 100 WHERE room IS NOT NULL;
CREATE TABLE visit_new (id INTEGER PRIMARY KEY, who TEXT, at TEXT);
INSERT INTO visit_new (id, who) SELECT id, who FROM visit;
DROP TABLE visit;
ALTER TABLE visit_new RENAME TO visit;
=== an allowed unique index hides a new NOT NULL column: S05
== 001_a.sql
CREATE TABLE device (id INTEGER PRIMARY KEY, serial TEXT);
CREATE TABLE site (id INTEGER PRIMARY KEY, city TEXT);
== 002_b.sql
-- migrate: allow new-unique-on-old-columns "serials are unique by contract"
CREATE UNIQUE INDEX device_serial ON device (serial);
ALTER TABLE site ADD COLUMN zone INTEGER NOT NULL;
=== OR REPLACE with a pair that becomes unique: S15
== 001_a.sql
CREATE TABLE grade (pupil TEXT NOT NULL, subject TEXT NOT NULL, mark INTEGER, note TEXT);
== 002_b.sql
CREATE TABLE grade_new (pupil TEXT NOT NULL, subject TEXT NOT NULL, mark INTEGER, note TEXT, UNIQUE (pupil, subject));
INSERT OR REPLACE INTO grade_new SELECT pupil, subject, mark, note FROM grade;
DROP TABLE grade;
ALTER TABLE grade_new RENAME TO grade;
=== ON CONFLICT DO NOTHING with a unique index made first: S15
== 001_a.sql
CREATE TABLE member (id INTEGER PRIMARY KEY, card TEXT, name TEXT);
== 002_b.sql
CREATE TABLE m2 (id INTEGER PRIMARY KEY, card TEXT, name TEXT);
CREATE UNIQUE INDEX m2_card ON m2 (card);
INSERT INTO m2 (id, card, name) SELECT id, card, name FROM member WHERE true ON CONFLICT (card) DO NOTHING;
DROP TABLE member;
ALTER TABLE m2 RENAME TO member;
=== a JOIN loses what has no parent: S15
== 001_a.sql
CREATE TABLE owner (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE pet (id INTEGER PRIMARY KEY, owner_id INTEGER REFERENCES owner (id), name TEXT NOT NULL);
CREATE INDEX pet_owner ON pet (owner_id);
== 002_b.sql
CREATE TABLE pet_new (id INTEGER PRIMARY KEY, owner_id INTEGER REFERENCES owner (id), owner_name TEXT NOT NULL, name TEXT NOT NULL);
INSERT INTO pet_new SELECT p.id, p.owner_id, o.name, p.name FROM pet AS p JOIN owner AS o ON o.id = p.owner_id;
DROP TABLE pet;
ALTER TABLE pet_new RENAME TO pet;
CREATE INDEX pet_owner ON pet (owner_id);
=== OR IGNORE drops what a check refuses: S15
== 001_a.sql
CREATE TABLE reading (id INTEGER PRIMARY KEY, celsius INTEGER NOT NULL, place TEXT);
== 002_b.sql
CREATE TABLE reading_new (id INTEGER PRIMARY KEY, celsius INTEGER NOT NULL CHECK (celsius > 0), place TEXT);
INSERT OR IGNORE INTO reading_new SELECT id, celsius, place FROM reading;
DROP TABLE reading;
ALTER TABLE reading_new RENAME TO reading;
=== a table made from an aggregate: S15
== 001_a.sql
CREATE TABLE hit (page TEXT, day TEXT, many INTEGER);
== 002_b.sql
CREATE TABLE hit_new (page TEXT, day TEXT, many INTEGER);
INSERT INTO hit_new SELECT page, day, max(many) FROM hit GROUP BY page, day;
DROP TABLE hit;
ALTER TABLE hit_new RENAME TO hit;
=== numbers swapped by their names: error
== 001_a.sql
CREATE TABLE box (id INTEGER PRIMARY KEY, width INTEGER NOT NULL, height INTEGER NOT NULL);
== 002_b.sql
CREATE TABLE box_new (id INTEGER PRIMARY KEY, width INTEGER NOT NULL, height INTEGER NOT NULL, depth INTEGER);
INSERT INTO box_new (id, height, width) SELECT id, width, height FROM box;
DROP TABLE box;
ALTER TABLE box_new RENAME TO box;
=== columns in another order after the old table was renamed away: error
== 001_a.sql
CREATE TABLE name (id INTEGER PRIMARY KEY, given TEXT, family TEXT);
== 002_b.sql
ALTER TABLE name RENAME TO name_old;
CREATE TABLE name (id INTEGER PRIMARY KEY, family TEXT, given TEXT);
INSERT INTO name SELECT * FROM name_old;
DROP TABLE name_old;
=== a column forgotten in a table with another key: error
== 001_a.sql
CREATE TABLE country (code TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, capital TEXT) WITHOUT ROWID;
== 002_b.sql
CREATE TABLE country_new (code TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, capital TEXT, area INTEGER) WITHOUT ROWID;
INSERT INTO country_new (code, name) SELECT code, name FROM country;
DROP TABLE country;
ALTER TABLE country_new RENAME TO country;
=== a unique pair by rebuild: S10|S37
== 001_a.sql
CREATE TABLE seat (id INTEGER PRIMARY KEY, line INTEGER NOT NULL, number INTEGER NOT NULL);
== 002_b.sql
CREATE TABLE seat_new (id INTEGER PRIMARY KEY, line INTEGER NOT NULL, number INTEGER NOT NULL, UNIQUE (line, number));
INSERT INTO seat_new SELECT id, line, number FROM seat;
DROP TABLE seat;
ALTER TABLE seat_new RENAME TO seat;
=== another primary key by rebuild: S10|S37
== 001_a.sql
CREATE TABLE setting (id INTEGER PRIMARY KEY, name TEXT NOT NULL, value TEXT);
== 002_b.sql
-- migrate: allow destructive-drop "the ids are not needed"
CREATE TABLE setting_new (name TEXT PRIMARY KEY NOT NULL, value TEXT);
INSERT INTO setting_new (name, value) SELECT name, value FROM setting;
DROP TABLE setting;
ALTER TABLE setting_new RENAME TO setting;
=== equal but for the case: S10|S37
== 001_a.sql
CREATE TABLE login (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
== 002_b.sql
CREATE TABLE login_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL COLLATE NOCASE UNIQUE);
INSERT INTO login_new SELECT id, name FROM login;
DROP TABLE login;
ALTER TABLE login_new RENAME TO login;
=== a unique pair becomes a triple: S14
== 001_a.sql
CREATE TABLE booking (id INTEGER PRIMARY KEY, room INTEGER NOT NULL, day TEXT NOT NULL, hour INTEGER NOT NULL);
CREATE UNIQUE INDEX booking_once ON booking (room, day);
== 002_b.sql
CREATE TABLE booking_new (id INTEGER PRIMARY KEY, room INTEGER NOT NULL, day TEXT NOT NULL, hour INTEGER NOT NULL, who TEXT);
INSERT INTO booking_new (id, room, day, hour) SELECT id, room, day, hour FROM booking;
DROP TABLE booking;
ALTER TABLE booking_new RENAME TO booking;
CREATE UNIQUE INDEX booking_once ON booking (room, day, hour);
=== a unique index loses its collation: S14
== 001_a.sql
CREATE TABLE label (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE UNIQUE INDEX label_text ON label (text COLLATE NOCASE);
== 002_b.sql
CREATE TABLE label_new (id INTEGER PRIMARY KEY, text TEXT NOT NULL, color TEXT);
INSERT INTO label_new (id, text) SELECT id, text FROM label;
DROP TABLE label;
ALTER TABLE label_new RENAME TO label;
CREATE UNIQUE INDEX label_text ON label (text);
=== a unique index becomes a partial one: S14
== 001_a.sql
CREATE TABLE plan (id INTEGER PRIMARY KEY, code TEXT NOT NULL, old INTEGER NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX plan_code ON plan (code);
== 002_b.sql
CREATE TABLE plan_new (id INTEGER PRIMARY KEY, code TEXT NOT NULL, old INTEGER NOT NULL DEFAULT 0, price INTEGER);
INSERT INTO plan_new (id, code, old) SELECT id, code, old FROM plan;
DROP TABLE plan;
ALTER TABLE plan_new RENAME TO plan;
CREATE UNIQUE INDEX plan_code ON plan (code) WHERE old = 0;
=== a table constraint loses SET NULL: S14
== 001_a.sql
CREATE TABLE team (id INTEGER PRIMARY KEY);
CREATE TABLE player (id INTEGER PRIMARY KEY, team_id INTEGER, FOREIGN KEY (team_id) REFERENCES team (id) ON DELETE SET NULL);
CREATE INDEX player_team ON player (team_id);
== 002_b.sql
CREATE TABLE player_new (id INTEGER PRIMARY KEY, team_id INTEGER, shirt INTEGER, FOREIGN KEY (team_id) REFERENCES team (id));
INSERT INTO player_new (id, team_id) SELECT id, team_id FROM player;
DROP TABLE player;
ALTER TABLE player_new RENAME TO player;
CREATE INDEX player_team ON player (team_id);
=== a reference is not deferred any more: S14
== 001_a.sql
CREATE TABLE step (id INTEGER PRIMARY KEY, next_id INTEGER REFERENCES step (id) DEFERRABLE INITIALLY DEFERRED);
CREATE INDEX step_next ON step (next_id);
== 002_b.sql
CREATE TABLE step_new (id INTEGER PRIMARY KEY, next_id INTEGER REFERENCES step (id), label TEXT);
INSERT INTO step_new (id, next_id) SELECT id, next_id FROM step;
DROP TABLE step;
ALTER TABLE step_new RENAME TO step;
CREATE INDEX step_next ON step (next_id);
=== a table made by AS SELECT has no constraints: S14
== 001_a.sql
CREATE TABLE rate (id INTEGER PRIMARY KEY, percent INTEGER NOT NULL DEFAULT 5 CHECK (percent < 100), name TEXT UNIQUE);
== 002_b.sql
CREATE TABLE rate_new AS SELECT id, percent, name FROM rate;
DROP TABLE rate;
ALTER TABLE rate_new RENAME TO rate;
=== VACUUM renumbers what an index refers to: S42
== 001_a.sql
CREATE TABLE mail (subject TEXT, body TEXT);
CREATE VIRTUAL TABLE mail_fts USING fts5(subject, body, content=mail);
== 002_b.sql
-- migrate: no-transaction
VACUUM;
=== an index of FTS4 with stale rowids: S42
== 001_a.sql
CREATE TABLE doc (title TEXT, body TEXT);
CREATE VIRTUAL TABLE doc_fts USING fts4(content="doc", title, body);
== 002_b.sql
CREATE TABLE doc_new (title TEXT, body TEXT, lang TEXT);
INSERT INTO doc_new (title, body) SELECT title, body FROM doc ORDER BY title;
DROP TABLE doc;
ALTER TABLE doc_new RENAME TO doc;
=== rows changed behind an index without triggers: S42
== 001_a.sql
CREATE TABLE song (id INTEGER PRIMARY KEY, title TEXT NOT NULL, text TEXT);
CREATE VIRTUAL TABLE song_fts USING fts5(title, text, content='song', content_rowid='id');
== 002_b.sql
UPDATE song SET text = 'missing' WHERE text IS NULL;
=== the content table of an index is renamed: error
== 001_a.sql
CREATE TABLE memo (id INTEGER PRIMARY KEY, body TEXT);
CREATE VIRTUAL TABLE memo_fts USING fts5(body, content='memo', content_rowid='id');
== 002_b.sql
ALTER TABLE memo RENAME TO memos;
=== the mark is lost after the old table was renamed away: S14
== 001_a.sql
CREATE TABLE ticket (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT);
== 002_b.sql
ALTER TABLE ticket RENAME TO ticket_old;
CREATE TABLE ticket (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT, priority INTEGER);
INSERT INTO ticket (id, title) SELECT id, title FROM ticket_old;
DROP TABLE ticket_old;
=== the mark is lost while the rows wait elsewhere: S14
== 001_a.sql
CREATE TABLE invoice (id INTEGER PRIMARY KEY AUTOINCREMENT, total INTEGER NOT NULL);
== 002_b.sql
CREATE TEMP TABLE waiting AS SELECT id, total FROM invoice;
-- migrate: allow destructive-drop "copied"
DROP TABLE invoice;
CREATE TABLE invoice (id INTEGER PRIMARY KEY AUTOINCREMENT, total INTEGER NOT NULL, tax INTEGER);
INSERT INTO invoice (id, total) SELECT id, total FROM waiting;
DROP TABLE waiting;
=== a temporary view of an earlier migration: M037
== 001_a.sql
CREATE TABLE sale (id INTEGER PRIMARY KEY, total INTEGER);
CREATE TEMPORARY VIEW large AS SELECT id FROM sale WHERE total > 10;
== 002_b.sql
CREATE TABLE gift (sale_id INTEGER);
INSERT INTO gift (sale_id) SELECT id FROM large;
=== a temporary table with the name of a real one: M037
== 001_a.sql
CREATE TABLE origin (id INTEGER PRIMARY KEY, name TEXT);
CREATE TEMP TABLE origin_extra (id INTEGER, code TEXT);
== 002_b.sql
UPDATE origin SET name = (SELECT code FROM origin_extra AS e WHERE e.id = origin.id) WHERE name IS NULL;
=== a view that is not made: S43
== 001_a.sql
CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT, age INTEGER);
CREATE VIEW adult AS SELECT id, name FROM person WHERE age >= 18;
== 002_b.sql
CREATE VIEW IF NOT EXISTS adult AS SELECT id, name FROM person WHERE age >= 21;
=== a unique index that is not made: S43
== 001_a.sql
CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT);
CREATE INDEX person_name ON person (name);
== 002_b.sql
-- migrate: allow new-unique-on-old-columns "names are unique"
CREATE UNIQUE INDEX IF NOT EXISTS person_name ON person (name);
=== an index that is dropped by another name: S43
== 001_a.sql
CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT);
CREATE INDEX idx_person_name ON person (name);
== 002_b.sql
DROP INDEX IF EXISTS idx_persons_name;
=== a delete that relies on SET NULL: S38
== 001_a.sql
CREATE TABLE area (id INTEGER PRIMARY KEY, kind TEXT);
CREATE TABLE spot (id INTEGER PRIMARY KEY, area_id INTEGER REFERENCES area (id) ON DELETE SET NULL);
CREATE INDEX spot_area ON spot (area_id);
== 002_b.sql
DELETE FROM area WHERE kind IS NULL;
=== an update that relies on ON UPDATE CASCADE: S38
== 001_a.sql
CREATE TABLE currency (code TEXT PRIMARY KEY NOT NULL);
CREATE TABLE price (id INTEGER PRIMARY KEY, currency TEXT NOT NULL REFERENCES currency (code) ON UPDATE CASCADE);
CREATE INDEX price_currency ON price (currency);
== 002_b.sql
UPDATE currency SET code = code || '2' WHERE code <> 'EUR';
=== fixed ids by a SELECT: S37
== 001_a.sql
CREATE TABLE state (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
== 002_b.sql
INSERT INTO state SELECT 1, 'open' UNION ALL SELECT 2, 'closed';
=== fixed ids in a table that others refer to: S37
== 001_a.sql
CREATE TABLE unit (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE part (id INTEGER PRIMARY KEY, unit_id INTEGER REFERENCES unit (id));
CREATE INDEX part_unit ON part (unit_id);
== 002_b.sql
INSERT INTO unit (id, name) VALUES (7, 'kg');
=== a column that becomes NOT NULL in place: S37
== 001_a.sql
CREATE TABLE car (id INTEGER PRIMARY KEY, plate TEXT);
== 002_b.sql
ALTER TABLE car ALTER COLUMN plate SET NOT NULL;
=== a check that old rows violate: S37
== 001_a.sql
CREATE TABLE car (id INTEGER PRIMARY KEY, doors INTEGER NOT NULL);
== 002_b.sql
ALTER TABLE car ADD CONSTRAINT doors CHECK (doors BETWEEN 2 AND 5);
=== a pragma in the wrong spelling: error
== 001_a.sql
CREATE TABLE car (id INTEGER PRIMARY KEY);
PRAGMA main.user_versions = 3;
=== a pragma of another database: error
== 001_a.sql
CREATE TABLE car (id INTEGER PRIMARY KEY);
PRAGMA deferred_foreign_keys(1);
=== rows of a shadow table of FTS4: S24
== 001_a.sql
CREATE VIRTUAL TABLE post USING fts4(body);
== 002_b.sql
UPDATE post_content SET c0body = 'x' WHERE docid = 1;
=== rows of a shadow table of an rtree: S24
== 001_a.sql
CREATE VIRTUAL TABLE place USING rtree(id, min_x, max_x);
== 002_b.sql
DELETE FROM "place_node" WHERE nodeno > 1;
=== a down after the mark of MyBatis: error
== 001_a.sql
CREATE TABLE car (id INTEGER PRIMARY KEY);
-- //@UNDO
DROP TABLE car;
=== a down after the mark of node-pg-migrate: error
== 001_a.sql
CREATE TABLE car (id INTEGER PRIMARY KEY);
-- Down Migration
DROP TABLE car;
=== a down after a mark in capitals: error
== 001_a.sql
CREATE TABLE car (id INTEGER PRIMARY KEY);

-- DOWN

DROP TABLE car;
=== an unknown date modifier in SQLite 3.38: S26
== 001_a.sql
CREATE TABLE log (id INTEGER PRIMARY KEY, at TEXT);
== 002_b.sql
CREATE TRIGGER log_time AFTER INSERT ON log BEGIN UPDATE log SET at = strftime('%R', 'now', 'floor') WHERE id = new.id; END;
=== joins of SQLite 3.39 in SQLite 3.38: S26
== 001_a.sql
CREATE TABLE a (id INTEGER PRIMARY KEY);
CREATE TABLE b (id INTEGER PRIMARY KEY);
== 002_b.sql
CREATE VIEW both AS SELECT a.id AS a, b.id AS b FROM a FULL OUTER JOIN b ON a.id = b.id;
=== a function in an index in SQLite 3.38: S26
== 001_a.sql
CREATE TABLE doc (id INTEGER PRIMARY KEY, name TEXT, lang TEXT);
== 002_b.sql
CREATE INDEX doc_name ON doc (concat_ws('-', name, lang));
=== a LIMIT before the INSERT of a rebuild: S15
== 001_a.sql
CREATE TABLE log (id INTEGER PRIMARY KEY, msg TEXT);
== 002_b.sql
CREATE TABLE log2 (id INTEGER PRIMARY KEY, msg TEXT);
WITH last AS (SELECT id, msg FROM log ORDER BY id DESC LIMIT 5000)
INSERT INTO log2 SELECT id, msg FROM last;
DROP TABLE log;
ALTER TABLE log2 RENAME TO log;
=== an UPDATE OR REPLACE that deletes rows: S15
== 001_a.sql
CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
== 002_b.sql
UPDATE OR REPLACE tag SET name = lower(name) WHERE name <> lower(name);
=== a UNIQUE with a new column that may be NULL: S14
== 001_a.sql
CREATE TABLE account (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE);
== 002_b.sql
CREATE TABLE account2 (id INTEGER PRIMARY KEY, email TEXT NOT NULL, deleted_at INTEGER, UNIQUE (email, deleted_at));
INSERT INTO account2 (id, email) SELECT id, email FROM account;
DROP TABLE account;
ALTER TABLE account2 RENAME TO account;
=== a trigger that fires for a new column alone: S14
== 001_a.sql
CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL);
CREATE TRIGGER guard BEFORE UPDATE ON account BEGIN SELECT raise(ABORT, 'no') WHERE new.balance < 0; END;
== 002_b.sql
CREATE TABLE account2 (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL, currency TEXT);
INSERT INTO account2 (id, balance) SELECT id, balance FROM account;
DROP TABLE account;
ALTER TABLE account2 RENAME TO account;
CREATE TRIGGER guard BEFORE UPDATE OF currency ON account BEGIN SELECT raise(ABORT, 'no') WHERE new.balance < 0; END;
=== postal codes that become numbers: S39
== 001_a.sql
CREATE TABLE city (name TEXT PRIMARY KEY NOT NULL, zip TEXT NOT NULL) WITHOUT ROWID;
== 002_b.sql
CREATE TABLE city2 (name TEXT PRIMARY KEY NOT NULL, zip INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO city2 SELECT name, zip FROM city;
DROP TABLE city;
ALTER TABLE city2 RENAME TO city;
