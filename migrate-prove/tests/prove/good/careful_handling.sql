== 001_shop.sql
CREATE TABLE customers (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT, name TEXT, vip INTEGER, score REAL, notes TEXT, created_at TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'paid', 'sent')), total INTEGER NOT NULL CHECK (total >= 0), placed_on TEXT NOT NULL);
CREATE INDEX orders_customer ON orders (customer_id);
CREATE TABLE lines (order_id INTEGER NOT NULL REFERENCES orders (id), position INTEGER NOT NULL, what TEXT NOT NULL, amount NUMERIC, PRIMARY KEY (order_id, position)) WITHOUT ROWID;
CREATE TABLE friends (a INTEGER NOT NULL REFERENCES customers (id), b INTEGER NOT NULL REFERENCES customers (id), CHECK (a <> b), UNIQUE (a, b));
CREATE INDEX friends_b ON friends (b);
CREATE TABLE limits (kind TEXT PRIMARY KEY, most INTEGER NOT NULL);
CREATE TRIGGER limits_guard BEFORE INSERT ON limits WHEN new.kind NOT IN ('day', 'week') BEGIN SELECT RAISE(ABORT, 'what is that?'); END;
== 002_unique_mails.sql
DELETE FROM customers WHERE email IS NOT NULL AND id NOT IN (SELECT min(id) FROM customers GROUP BY email) AND id NOT IN (SELECT customer_id FROM orders WHERE customer_id IS NOT NULL) AND id NOT IN (SELECT a FROM friends UNION SELECT b FROM friends);
UPDATE customers SET email = NULL WHERE id NOT IN (SELECT min(id) FROM customers GROUP BY lower(email));
UPDATE customers SET email = lower(email);
CREATE UNIQUE INDEX customers_email ON customers (email);
== 003_tags.sql
CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
INSERT INTO tags (name) SELECT DISTINCT notes FROM customers WHERE notes IS NOT NULL;
CREATE TABLE customer_tags (customer_id INTEGER NOT NULL REFERENCES customers (id), tag_id INTEGER NOT NULL REFERENCES tags (id), PRIMARY KEY (customer_id, tag_id));
CREATE INDEX customer_tags_tag ON customer_tags (tag_id);
INSERT INTO customer_tags SELECT c.id, t.id FROM customers AS c JOIN tags AS t ON t.name = c.notes;
== 004_strict.sql
CREATE TABLE customers_new (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT UNIQUE, name TEXT NOT NULL, vip INTEGER NOT NULL CHECK (vip IN (0, 1)), score REAL NOT NULL, notes TEXT, created_at TEXT NOT NULL) STRICT;
INSERT INTO customers_new (id, email, name, vip, score, notes, created_at)
    SELECT id, email, coalesce(name, ''), CASE WHEN vip IS NULL OR vip = 0 THEN 0 ELSE 1 END, coalesce(score, 0), notes, coalesce(created_at, '1970-01-01') FROM customers;
UPDATE sqlite_sequence SET seq = (SELECT seq FROM sqlite_sequence WHERE name = 'customers') WHERE name = 'customers_new';
DROP TABLE customers;
ALTER TABLE customers_new RENAME TO customers;
CREATE UNIQUE INDEX customers_email ON customers (email);
== 005_wider.sql
CREATE TABLE orders_new (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'paid', 'sent', 'lost')), total INTEGER NOT NULL CHECK (total >= -100), placed_on TEXT NOT NULL, year INTEGER);
INSERT INTO orders_new SELECT id, customer_id, state, total, placed_on, CAST(strftime('%Y', placed_on) AS INTEGER) FROM orders;
DROP TABLE orders;
ALTER TABLE orders_new RENAME TO orders;
CREATE INDEX orders_customer ON orders (customer_id);
== 006_totals.sql
ALTER TABLE customers ADD COLUMN spent INTEGER NOT NULL DEFAULT 0;
UPDATE customers SET spent = (SELECT coalesce(sum(total), 0) FROM orders WHERE customer_id = customers.id) WHERE spent = 0;
ALTER TABLE lines ADD COLUMN net NUMERIC;
UPDATE lines SET net = amount * 100 / 119 WHERE amount IS NOT NULL;
UPDATE orders SET customer_id = NULL WHERE customer_id NOT IN (SELECT id FROM customers);
ALTER TABLE limits ADD COLUMN note TEXT;
UPDATE limits SET most = max(most, 1) WHERE most < 1;
ALTER TABLE friends ADD COLUMN since TEXT;
== 007_seeds.sql
INSERT OR IGNORE INTO tags (id, name) VALUES (1, 'new'), (2, 'old');
INSERT INTO tags (name) VALUES ('other') ON CONFLICT (name) DO NOTHING;
INSERT INTO limits (kind, most) VALUES ('day', 5) ON CONFLICT (kind) DO UPDATE SET most = excluded.most;
== 008_one_row.sql
CREATE TABLE accounts (customer_id INTEGER PRIMARY KEY REFERENCES customers (id), balance INTEGER NOT NULL DEFAULT 0);
INSERT INTO accounts (customer_id, balance) SELECT customer_id, sum(total) FROM orders WHERE customer_id IS NOT NULL GROUP BY customer_id;
CREATE TABLE latest (customer_id INTEGER PRIMARY KEY REFERENCES customers (id), order_id INTEGER NOT NULL REFERENCES orders (id));
CREATE INDEX latest_order ON latest (order_id);
INSERT OR REPLACE INTO latest SELECT customer_id, id FROM orders WHERE customer_id IS NOT NULL ORDER BY placed_on;
== 009_numbered.sql
ALTER TABLE orders ADD COLUMN number INTEGER;
UPDATE orders SET number = (SELECT count(*) FROM orders AS o WHERE o.customer_id IS orders.customer_id AND o.id <= orders.id) WHERE number IS NULL;
CREATE UNIQUE INDEX orders_number ON orders (customer_id, number);
ALTER TABLE customers ADD COLUMN slug TEXT;
UPDATE customers SET slug = replace(lower(trim(name)), ' ', '-') || '-' || id WHERE slug IS NULL;
CREATE UNIQUE INDEX customers_slug ON customers (slug);
