CREATE TABLE visits(id INTEGER PRIMARY KEY);
-- migrate:down
DROP TABLE visits;
