== 001_contacts.sql
CREATE TABLE people (id INTEGER PRIMARY KEY, first TEXT NOT NULL, last TEXT NOT NULL);
CREATE TABLE phones (id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES people (id), number TEXT NOT NULL);
CREATE INDEX phones_person ON phones (person_id);
CREATE VIEW contacts AS SELECT p.id, p.first || ' ' || p.last AS name, h.number FROM people AS p LEFT JOIN phones AS h ON h.person_id = p.id;
CREATE VIEW swiss AS SELECT * FROM contacts WHERE number LIKE '+41%';
CREATE VIEW swiss_count AS SELECT count(*) AS many FROM swiss;
CREATE TRIGGER contacts_insert INSTEAD OF INSERT ON contacts BEGIN
    INSERT INTO people (first, last) VALUES (substr(new.name, 1, instr(new.name, ' ') - 1), substr(new.name, instr(new.name, ' ') + 1));
    INSERT INTO phones (person_id, number) SELECT max(id), new.number FROM people WHERE new.number IS NOT NULL;
END;
CREATE TRIGGER contacts_delete INSTEAD OF DELETE ON contacts BEGIN
    DELETE FROM phones WHERE person_id = old.id;
    DELETE FROM people WHERE id = old.id;
END;
CREATE TRIGGER contacts_update INSTEAD OF UPDATE OF number ON contacts BEGIN
    UPDATE phones SET number = new.number WHERE person_id = new.id;
END;
-- migrate:down
DROP VIEW swiss_count;
DROP VIEW swiss;
DROP VIEW contacts;
DROP TABLE phones;
DROP TABLE people;
== 002_first.sql
INSERT INTO contacts (name, number) VALUES ('Ada Lovelace', '+44 1'), ('Leonhard Euler', '+41 2');
-- migrate:down
DELETE FROM contacts WHERE name IN ('Ada Lovelace', 'Leonhard Euler');
== 003_prefix.sql
UPDATE contacts SET number = '00' || substr(number, 2) WHERE number LIKE '+%';
ALTER TABLE people RENAME COLUMN first TO given_name;
ALTER TABLE people RENAME TO persons;
-- migrate:down
ALTER TABLE persons RENAME TO people;
ALTER TABLE people RENAME COLUMN given_name TO first;
UPDATE contacts SET number = '+' || substr(number, 3) WHERE number LIKE '00%';
== 004_drop_number.sql
DROP VIEW swiss_count;
DROP VIEW swiss;
DROP VIEW contacts;
ALTER TABLE phones ADD COLUMN note TEXT;
CREATE VIEW contacts AS SELECT p.id, p.given_name || ' ' || p.last AS name FROM persons AS p;
-- migrate:down
DROP VIEW contacts;
ALTER TABLE phones DROP COLUMN note;
CREATE VIEW contacts AS SELECT p.id, p."given_name" || ' ' || p.last AS name, h.number FROM "persons" AS p LEFT JOIN phones AS h ON h.person_id = p.id;
CREATE VIEW swiss AS SELECT * FROM contacts WHERE number LIKE '+41%';
CREATE VIEW swiss_count AS SELECT count(*) AS many FROM swiss;
CREATE TRIGGER contacts_insert INSTEAD OF INSERT ON contacts BEGIN
    INSERT INTO persons (given_name, last) VALUES (substr(new.name, 1, instr(new.name, ' ') - 1), substr(new.name, instr(new.name, ' ') + 1));
    INSERT INTO phones (person_id, number) SELECT max(id), new.number FROM persons WHERE new.number IS NOT NULL;
END;
CREATE TRIGGER contacts_delete INSTEAD OF DELETE ON contacts BEGIN
    DELETE FROM phones WHERE person_id = old.id;
    DELETE FROM persons WHERE id = old.id;
END;
CREATE TRIGGER contacts_update INSTEAD OF UPDATE OF number ON contacts BEGIN
    UPDATE phones SET number = new.number WHERE person_id = new.id;
END;
