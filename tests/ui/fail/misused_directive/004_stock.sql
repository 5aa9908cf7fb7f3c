-- migrate: irreversible "no way back"
CREATE TABLE stock(id INTEGER PRIMARY KEY);

-- migrate:down
DROP TABLE stock;
