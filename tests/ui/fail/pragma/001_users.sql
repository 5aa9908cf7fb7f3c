PRAGMA foreign_keys = OFF;
CREATE TABLE users(id INTEGER PRIMARY KEY);
PRAGMA foreign_keys = ON;
