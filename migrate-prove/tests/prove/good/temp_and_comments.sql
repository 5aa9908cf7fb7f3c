== 001_stock.sql
/* A comment /* that is not nested, */
-- another; with a semicolon and 'a quote
CREATE TABLE stock (id INTEGER PRIMARY KEY /* the key */, sku TEXT NOT NULL -- the name
    , amount INTEGER NOT NULL DEFAULT 0 /* never; negative */);
-- migrate:down
/* gone */ DROP TABLE /* really */ stock;
== 002_temp.sql
CREATE TEMP TABLE sums (sku TEXT PRIMARY KEY, amount INTEGER NOT NULL);
INSERT INTO sums SELECT sku, sum(amount) FROM stock GROUP BY sku;
CREATE TEMPORARY VIEW positive AS SELECT * FROM sums WHERE amount > 0;
UPDATE stock SET amount = (SELECT s.amount FROM sums AS s WHERE s.sku = stock.sku) WHERE id IN (SELECT min(id) FROM stock GROUP BY sku);
DELETE FROM stock WHERE id NOT IN (SELECT min(id) FROM stock GROUP BY sku);
CREATE UNIQUE INDEX stock_sku ON stock (sku);
DROP VIEW positive;
DROP TABLE temp.sums;
-- migrate:down
DROP INDEX stock_sku;
== 003_temp_left.sql
-- A temporary table goes with the connection.
CREATE TEMP TABLE ids AS SELECT id FROM stock WHERE amount > 3;
UPDATE stock SET amount = 3 WHERE id IN (SELECT id FROM temp.ids);
-- migrate:down
-- migrate: empty "the old numbers are not known"
== 004_main.sql
CREATE TABLE main.shelves (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE INDEX main.shelves_name ON shelves (name);
ALTER TABLE main.stock ADD COLUMN shelf_id INTEGER REFERENCES shelves (id);
CREATE INDEX main.stock_shelf ON stock (shelf_id);
INSERT INTO main.shelves (name) VALUES ('a;b'), ('c''d'), ('-- e'), ('/* f */');;
-- migrate:down
DROP INDEX main.stock_shelf;
ALTER TABLE main.stock DROP COLUMN shelf_id;
DROP TABLE main.shelves;
