CREATE TABLE orders(id INTEGER PRIMARY KEY);
-- migrate: irreversible "no way back"
