CREATE TABLE stock(id INTEGER PRIMARY KEY);

-- migrate:down
BEGIN;
DROP TABLE stock;
END;
