-- migrate: irreversible "the old rows are gone"
CREATE TABLE users(id INTEGER PRIMARY KEY);
