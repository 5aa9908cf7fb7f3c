== 001_customers.sql
CREATE TABLE customer (
  id INTEGER PRIMARY KEY,
  email TEXT NOT NULL COLLATE NOCASE UNIQUE,
  name TEXT NOT NULL,
  phone TEXT,
  country TEXT NOT NULL DEFAULT 'DE' CHECK (length(country) = 2),
  created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
== 002_products.sql
CREATE TABLE product (
  id INTEGER PRIMARY KEY,
  sku TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  price INTEGER NOT NULL CHECK (price >= 0),
  weight INTEGER,
  note TEXT
);
CREATE INDEX product_title ON product (title COLLATE NOCASE);
CREATE INDEX product_price ON product (price DESC, title);
== 003_orders.sql
CREATE TABLE orders (
  id INTEGER PRIMARY KEY,
  customer_id INTEGER NOT NULL REFERENCES customer (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'paid', 'sent')),
  coupon TEXT,
  placed_at TEXT NOT NULL,
  paid_at TEXT
);
CREATE INDEX orders_customer ON orders (customer_id, placed_at DESC);
CREATE UNIQUE INDEX orders_coupon ON orders (coupon) WHERE coupon IS NOT NULL;
CREATE TABLE order_line (
  order_id INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
  product_id INTEGER NOT NULL REFERENCES product (id),
  quantity INTEGER NOT NULL DEFAULT 1 CHECK (quantity > 0),
  remark TEXT,
  PRIMARY KEY (order_id, product_id)
);
CREATE INDEX order_line_product ON order_line (product_id);
== 004_order_total.sql
CREATE VIEW order_total AS
SELECT l.order_id, sum(l.quantity * p.price) AS total
FROM order_line AS l JOIN product AS p ON p.id = l.product_id
GROUP BY l.order_id;
== 005_cancelled.sql
CREATE TABLE orders_new (
  id INTEGER PRIMARY KEY,
  customer_id INTEGER NOT NULL REFERENCES customer (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'paid', 'sent', 'cancelled')),
  coupon TEXT,
  placed_at TEXT NOT NULL,
  paid_at TEXT
);
INSERT INTO orders_new (id, customer_id, status, coupon, placed_at, paid_at)
SELECT id, customer_id, status, coupon, placed_at, paid_at FROM orders;
DROP TABLE orders;
ALTER TABLE orders_new RENAME TO orders;
CREATE INDEX orders_customer ON orders (customer_id, placed_at DESC);
CREATE UNIQUE INDEX orders_coupon ON orders (coupon) WHERE coupon IS NOT NULL;
== 006_vat.sql
ALTER TABLE customer ADD COLUMN vat TEXT NOT NULL DEFAULT '';
ALTER TABLE customer ADD COLUMN newsletter INTEGER NOT NULL DEFAULT 0 CHECK (newsletter IN (0, 1));
== 007_currency.sql
DROP VIEW order_total;
CREATE TABLE product_new (
  id INTEGER PRIMARY KEY,
  sku TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  price INTEGER NOT NULL CHECK (price >= 0),
  currency TEXT NOT NULL DEFAULT 'EUR',
  weight INTEGER,
  note TEXT NOT NULL DEFAULT ''
);
INSERT INTO product_new (id, sku, title, price, weight, note)
SELECT id, sku, title, price, weight, coalesce(note, '') FROM product;
DROP TABLE product;
ALTER TABLE product_new RENAME TO product;
CREATE INDEX product_title ON product (title COLLATE NOCASE);
CREATE INDEX product_price ON product (price DESC, title);
CREATE VIEW order_total AS
SELECT l.order_id, sum(l.quantity * p.price) AS total
FROM order_line AS l JOIN product AS p ON p.id = l.product_id
GROUP BY l.order_id;
== 008_line_discount.sql
DROP VIEW order_total;
CREATE TABLE order_line_new (
  order_id INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
  product_id INTEGER NOT NULL REFERENCES product (id),
  quantity INTEGER NOT NULL DEFAULT 1 CHECK (quantity > 0),
  discount INTEGER NOT NULL DEFAULT 0 CHECK (discount BETWEEN 0 AND 100),
  remark TEXT,
  PRIMARY KEY (order_id, product_id)
);
INSERT INTO order_line_new (order_id, product_id, quantity, remark)
SELECT order_id, product_id, quantity, remark FROM order_line;
DROP TABLE order_line;
ALTER TABLE order_line_new RENAME TO order_line;
CREATE INDEX order_line_product ON order_line (product_id);
CREATE VIEW order_total AS
SELECT l.order_id, sum(l.quantity * p.price) AS total
FROM order_line AS l JOIN product AS p ON p.id = l.product_id
GROUP BY l.order_id;
== 009_paid.sql
UPDATE orders SET paid_at = placed_at WHERE status = 'paid' AND paid_at IS NULL;
== 010_customer_locale.sql
CREATE TABLE customer_new (
  id INTEGER PRIMARY KEY,
  email TEXT NOT NULL COLLATE NOCASE UNIQUE,
  name TEXT NOT NULL,
  phone TEXT,
  country TEXT NOT NULL DEFAULT 'DE' CHECK (length(country) = 2),
  locale TEXT NOT NULL DEFAULT 'en' CHECK (locale <> ''),
  created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
  vat TEXT NOT NULL DEFAULT '',
  newsletter INTEGER NOT NULL DEFAULT 0 CHECK (newsletter IN (0, 1))
);
INSERT INTO customer_new (id, email, name, phone, country, created_at, vat, newsletter)
SELECT id, email, name, phone, country, created_at, vat, newsletter FROM customer;
DROP TABLE customer;
ALTER TABLE customer_new RENAME TO customer;
