== 001_items.sql
CREATE TABLE items (
    id INTEGER PRIMARY KEY,
    price INTEGER NOT NULL,
    tax INTEGER NOT NULL DEFAULT 19,
    total INTEGER GENERATED ALWAYS AS (price * (100 + tax) / 100) STORED,
    label TEXT AS ('item ' || id) VIRTUAL
);
CREATE INDEX items_total ON items (total);
-- migrate:down
DROP TABLE items;
== 002_rebuild.sql
CREATE TABLE items_new (
    id INTEGER PRIMARY KEY,
    price INTEGER NOT NULL CHECK (price > 0),
    tax INTEGER NOT NULL DEFAULT 20,
    total INTEGER AS (price * (100 + tax) / 100) STORED,
    label TEXT AS ('item ' || id)
);
INSERT INTO items_new (id, price, tax) SELECT id, max(price, 1), tax FROM items;
DROP TABLE items;
ALTER TABLE items_new RENAME TO items;
CREATE INDEX items_total ON items (total);
-- migrate:down
CREATE TABLE items_old (
    id INTEGER PRIMARY KEY,
    price INTEGER NOT NULL,
    tax INTEGER NOT NULL DEFAULT 19,
    total INTEGER GENERATED ALWAYS AS (price * (100 + tax) / 100) STORED,
    label TEXT AS ('item ' || id) VIRTUAL
);
INSERT INTO items_old (id, price, tax) SELECT id, price, tax FROM items;
DROP TABLE items;
ALTER TABLE items_old RENAME TO items;
CREATE INDEX items_total ON items (total);
== 003_more.sql
ALTER TABLE items ADD COLUMN half INTEGER AS (price / 2) VIRTUAL;
CREATE UNIQUE INDEX items_label ON items (label);
-- migrate:down
DROP INDEX items_label;
ALTER TABLE items DROP COLUMN half;
