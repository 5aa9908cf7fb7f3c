CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT) STRICT;
CREATE INDEX users_name ON users(json_pretty(name), slug(name), unhex(name));
