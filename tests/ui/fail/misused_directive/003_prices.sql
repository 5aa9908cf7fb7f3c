-- migrate: empty "nothing to do"
CREATE TABLE prices(id INTEGER PRIMARY KEY);
