CREATE TABLE users(name TEXT, changed TEXT);
CREATE TRIGGER users_changed AFTER UPDATE OF name ON users
BEGIN
    UPDATE users SET changed = CASE WHEN new.name IS NULL THEN NULL ELSE datetime() END
    WHERE rowid = new.rowid;

CREATE INDEX users_name ON users(name);
