-- migrate: no-transaction
CREATE TABLE users(id INTEGER PRIMARY KEY);
