== 001_roles.sql
CREATE TABLE roles (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE);
INSERT INTO roles (id, name) VALUES (1, 'admin'), (2, 'editor'), (10, 'guest');
CREATE TABLE kinds AS SELECT 1 AS id, 'big' AS name UNION ALL SELECT 2, 'small';
-- migrate:down
DROP TABLE kinds;
DROP TABLE roles;
== 002_users.sql
CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    role_id INTEGER NOT NULL REFERENCES roles (id),
    kind INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX users_role ON users (role_id);
INSERT INTO users (id, name, role_id) VALUES (1, 'root', (SELECT id FROM roles WHERE name = 'admin'));
-- migrate:down
DROP TABLE users;
== 003_settings.sql
CREATE TABLE settings (id INTEGER PRIMARY KEY CHECK (id = 1), theme TEXT NOT NULL DEFAULT 'dark', owner_id INTEGER NOT NULL REFERENCES users (id));
CREATE INDEX settings_owner ON settings (owner_id);
INSERT INTO settings (id, owner_id) VALUES (1, (SELECT id FROM users WHERE name = 'root'));
-- migrate:down
DROP TABLE settings;
== 004_more_roles.sql
INSERT OR IGNORE INTO roles (name) VALUES ('auditor'), ('admin');
INSERT INTO roles (name) VALUES ('bot') ON CONFLICT (name) DO NOTHING;
UPDATE users SET role_id = (SELECT id FROM roles WHERE name = 'guest') WHERE role_id = (SELECT id FROM roles WHERE name = 'editor');
INSERT INTO users (name, role_id) SELECT 'auditor', id FROM roles WHERE name = 'auditor';
-- migrate:down
DELETE FROM users WHERE name = 'auditor';
DELETE FROM roles WHERE name IN ('auditor', 'bot') AND id NOT IN (SELECT role_id FROM users);
== 005_kinds.sql
UPDATE users SET kind = (SELECT id FROM kinds WHERE name = 'small') WHERE name = 'auditor';
CREATE TABLE kinds_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO kinds_new SELECT id, COALESCE(name, '') FROM kinds;
DROP TABLE kinds;
ALTER TABLE kinds_new RENAME TO kinds;
CREATE TABLE kind_checks (kind INTEGER NOT NULL REFERENCES kinds (id), name TEXT NOT NULL);
CREATE INDEX kind_checks_kind ON kind_checks (kind);
INSERT INTO kind_checks (kind, name) VALUES ((SELECT id FROM kinds WHERE name = 'small'), 'x'), ((SELECT id FROM kinds WHERE name = 'big'), 'y');
-- migrate:down
DROP TABLE kind_checks;
CREATE TABLE kinds_old (id, name);
INSERT INTO kinds_old SELECT id, name FROM kinds;
DROP TABLE kinds;
ALTER TABLE kinds_old RENAME TO kinds;
== 006_singleton.sql
UPDATE settings SET theme = 'light' WHERE id = 1;
INSERT INTO settings (id, owner_id) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET theme = excluded.theme;
ALTER TABLE settings ADD COLUMN language TEXT NOT NULL DEFAULT 'en' CHECK (length(language) = 2);
UPDATE settings SET language = 'de';
-- migrate:down
ALTER TABLE settings DROP COLUMN language;
