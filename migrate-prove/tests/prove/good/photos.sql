== 001_photos.sql
CREATE TABLE photos (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, taken_at TEXT, width INTEGER NOT NULL CHECK (width > 0), height INTEGER NOT NULL CHECK (height > 0), latitude REAL CHECK (latitude BETWEEN -90 AND 90), longitude REAL CHECK (longitude >= -180 AND longitude <= 180), rating INTEGER CHECK (rating IN (1, 2, 3, 4, 5)), ratio REAL AS (1.0 * width / height), CHECK ((latitude IS NULL) = (longitude IS NULL)));
CREATE TABLE albums (id INTEGER PRIMARY KEY, title TEXT NOT NULL, cover_id INTEGER REFERENCES photos (id) ON DELETE SET NULL, filter TEXT CHECK (filter IS NULL OR json_valid(filter)));
CREATE INDEX albums_cover ON albums (cover_id);
CREATE TABLE album_photos (album_id INTEGER NOT NULL REFERENCES albums (id) ON DELETE CASCADE, photo_id INTEGER NOT NULL REFERENCES photos (id) ON DELETE CASCADE, position REAL NOT NULL, UNIQUE (album_id, photo_id));
CREATE INDEX album_photos_photo ON album_photos (photo_id);
CREATE TRIGGER album_photos_last AFTER DELETE ON album_photos WHEN NOT EXISTS (SELECT 1 FROM album_photos WHERE album_id = old.album_id) BEGIN UPDATE albums SET cover_id = NULL WHERE id = old.album_id; END;
-- migrate:down
DROP TABLE album_photos;
DROP TABLE albums;
DROP TABLE photos;
== 002_map.sql
CREATE VIRTUAL TABLE photo_map USING rtree_i32 (id, x0, x1, y0, y1);
INSERT INTO photo_map SELECT id, longitude * 1000, longitude * 1000, latitude * 1000, latitude * 1000 FROM photos WHERE latitude IS NOT NULL;
CREATE TRIGGER photos_map AFTER UPDATE OF latitude, longitude ON photos WHEN new.latitude IS NOT NULL BEGIN
    INSERT OR REPLACE INTO photo_map VALUES (new.id, new.longitude * 1000, new.longitude * 1000, new.latitude * 1000, new.latitude * 1000);
END;
-- migrate:down
DROP TRIGGER photos_map;
DROP TABLE photo_map;
== 003_months.sql
ALTER TABLE photos ADD COLUMN month TEXT AS (strftime('%Y-%m', taken_at)) VIRTUAL;
CREATE INDEX photos_month ON photos (month, taken_at);
CREATE TABLE months (month TEXT PRIMARY KEY, photos INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO months (month, photos) SELECT month, count(*) FROM photos WHERE month IS NOT NULL GROUP BY month;
UPDATE photos SET latitude = round(latitude, 5), longitude = round(longitude, 5) WHERE latitude IS NOT NULL;
-- migrate:down
DROP TABLE months;
DROP INDEX photos_month;
ALTER TABLE photos DROP COLUMN month;
== 004_tags_to_table.sql
CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE faces (id INTEGER PRIMARY KEY, photo_id INTEGER NOT NULL REFERENCES photos (id) ON DELETE CASCADE, person_id INTEGER REFERENCES people (id), x REAL NOT NULL CHECK (x BETWEEN 0 AND 1), y REAL NOT NULL CHECK (y BETWEEN 0 AND 1), w REAL NOT NULL CHECK (w > 0 AND x + w <= 1), vector BLOB NOT NULL CHECK (length(vector) % 4 = 0));
CREATE INDEX faces_photo ON faces (photo_id);
CREATE INDEX faces_person ON faces (person_id);
-- migrate:down
DROP TABLE faces;
DROP TABLE people;
== 005_faces_again.sql
CREATE TABLE faces_new (id INTEGER PRIMARY KEY, photo_id INTEGER NOT NULL REFERENCES photos (id) ON DELETE CASCADE, person_id INTEGER REFERENCES people (id), x REAL NOT NULL CHECK (x BETWEEN 0 AND 1), y REAL NOT NULL CHECK (y BETWEEN 0 AND 1), w REAL NOT NULL CHECK (w > 0 AND x + w <= 1), vector BLOB NOT NULL CHECK (length(vector) % 4 = 0), model TEXT NOT NULL DEFAULT 'v1', UNIQUE (photo_id, person_id, model));
INSERT INTO faces_new (id, photo_id, person_id, x, y, w, vector) SELECT id, photo_id, person_id, x, y, w, vector FROM faces;
DROP TABLE faces;
ALTER TABLE faces_new RENAME TO faces;
CREATE INDEX faces_photo ON faces (photo_id);
CREATE INDEX faces_person ON faces (person_id);
-- migrate:down
CREATE TABLE faces_old (id INTEGER PRIMARY KEY, photo_id INTEGER NOT NULL REFERENCES photos (id) ON DELETE CASCADE, person_id INTEGER REFERENCES people (id), x REAL NOT NULL CHECK (x BETWEEN 0 AND 1), y REAL NOT NULL CHECK (y BETWEEN 0 AND 1), w REAL NOT NULL CHECK (w > 0 AND x + w <= 1), vector BLOB NOT NULL CHECK (length(vector) % 4 = 0));
INSERT INTO faces_old SELECT id, photo_id, person_id, x, y, w, vector FROM faces;
DROP TABLE faces;
ALTER TABLE faces_old RENAME TO faces;
CREATE INDEX faces_photo ON faces (photo_id);
CREATE INDEX faces_person ON faces (person_id);
