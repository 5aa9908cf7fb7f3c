\i other.sql
CREATE TABLE orders(id INTEGER PRIMARY KEY);
