-- migrate: irreversible
CREATE TABLE users(id INTEGER PRIMARY KEY);
