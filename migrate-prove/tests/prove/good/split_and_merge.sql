== 001_people.sql
CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, street TEXT, city TEXT, phone1 TEXT, phone2 TEXT);
-- migrate:down
DROP TABLE people;
== 002_split_name.sql
ALTER TABLE people ADD COLUMN given TEXT NOT NULL DEFAULT '';
ALTER TABLE people ADD COLUMN family TEXT NOT NULL DEFAULT '';
UPDATE people SET
    given = CASE instr(name, ' ') WHEN 0 THEN name ELSE substr(name, 1, instr(name, ' ') - 1) END,
    family = CASE instr(name, ' ') WHEN 0 THEN '' ELSE substr(name, instr(name, ' ') + 1) END
WHERE given = '';
-- migrate:down
ALTER TABLE people DROP COLUMN family;
ALTER TABLE people DROP COLUMN given;
== 003_cities.sql
CREATE TABLE cities (id INTEGER PRIMARY KEY, name TEXT NOT NULL COLLATE NOCASE UNIQUE);
INSERT INTO cities (name) SELECT DISTINCT trim(city) FROM people WHERE trim(city) <> '' GROUP BY lower(trim(city));
ALTER TABLE people ADD COLUMN city_id INTEGER REFERENCES cities (id);
CREATE INDEX people_city ON people (city_id);
UPDATE people SET city_id = (SELECT id FROM cities WHERE cities.name = trim(people.city)) WHERE city IS NOT NULL;
-- migrate:down
DROP INDEX people_city;
ALTER TABLE people DROP COLUMN city_id;
DROP TABLE cities;
== 004_phones.sql
CREATE TABLE phones (person_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE, place INTEGER NOT NULL CHECK (place IN (1, 2)), number TEXT NOT NULL, PRIMARY KEY (person_id, place)) WITHOUT ROWID;
INSERT INTO phones (person_id, place, number)
    SELECT id, 1, phone1 FROM people WHERE phone1 IS NOT NULL
    UNION ALL SELECT id, 2, phone2 FROM people WHERE phone2 IS NOT NULL;
-- migrate:down
UPDATE people SET phone1 = (SELECT number FROM phones WHERE person_id = people.id AND place = 1),
    phone2 = (SELECT number FROM phones WHERE person_id = people.id AND place = 2);
DROP TABLE phones;
== 005_merge.sql
CREATE TABLE addresses (person_id INTEGER PRIMARY KEY REFERENCES people (id), line TEXT NOT NULL);
INSERT INTO addresses (person_id, line) SELECT id, concat_ws(', ', street, city) FROM people WHERE street IS NOT NULL OR city IS NOT NULL;
-- migrate:down
DROP TABLE addresses;
== 006_dedupe.sql
-- migrate: irreversible "the duplicates are gone"
DELETE FROM people WHERE id NOT IN (SELECT min(id) FROM people GROUP BY lower(name)) AND id NOT IN (SELECT person_id FROM phones) AND id NOT IN (SELECT person_id FROM addresses);
