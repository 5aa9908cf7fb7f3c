CREATE TABLE orders (id INTEGER PRIMARY KEY, cents INTEGER NOT NULL, euros TEXT) STRICT;
-- migrate:down
DROP TABLE orders;
