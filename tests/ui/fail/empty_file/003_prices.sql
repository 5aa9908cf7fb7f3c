CREATE TABLE prices(id INTEGER PRIMARY KEY);

-- migrate:down
