== 001_places.sql
CREATE TABLE places (id INTEGER PRIMARY KEY, name TEXT NOT NULL, latitude REAL NOT NULL, longitude REAL NOT NULL);
CREATE VIRTUAL TABLE places_box USING rtree (id, min_x, max_x, min_y, max_y, +note TEXT);
CREATE TRIGGER places_in AFTER INSERT ON places BEGIN
    INSERT INTO places_box (id, min_x, max_x, min_y, max_y) VALUES (new.id, new.longitude, new.longitude, new.latitude, new.latitude);
END;
CREATE TRIGGER places_out AFTER DELETE ON places BEGIN
    DELETE FROM places_box WHERE id = old.id;
END;
-- migrate:down
DROP TRIGGER places_out;
DROP TRIGGER places_in;
DROP TABLE places_box;
DROP TABLE places;
== 002_seed.sql
INSERT INTO places (name, latitude, longitude) VALUES ('Zürich', 47.37, 8.54), ('東京', 35.68, 139.69);
-- migrate:down
DELETE FROM places WHERE name IN ('Zürich', '東京');
== 003_grow.sql
UPDATE places_box SET note = 'seen' WHERE min_x > 0;
CREATE VIEW around AS SELECT p.name FROM places AS p JOIN places_box AS b USING (id) WHERE b.min_x > 0 AND b.max_x < 10;
-- migrate:down
DROP VIEW around;
UPDATE places_box SET note = NULL WHERE note = 'seen';
