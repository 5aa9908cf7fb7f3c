-- migrate:up
CREATE TABLE prices(id INTEGER PRIMARY KEY);

-- migrate:down
DROP TABLE prices;
