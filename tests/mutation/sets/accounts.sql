== 001_roles.sql
CREATE TABLE role (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, level INTEGER NOT NULL DEFAULT 0);
INSERT INTO role (id, name, level) VALUES (1, 'admin', 9), (2, 'editor', 5), (3, 'guest', 0);
== 001_roles.down.sql
-- migrate: allow destructive-drop "undoes the first migration"
DROP TABLE role;
== 002_accounts.sql
CREATE TABLE account (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  login TEXT NOT NULL COLLATE NOCASE,
  role_id INTEGER NOT NULL DEFAULT 3 REFERENCES role (id) ON DELETE SET DEFAULT,
  manager_id INTEGER REFERENCES account (id) ON DELETE SET NULL,
  display_name TEXT,
  email TEXT,
  active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1))
);
CREATE UNIQUE INDEX account_login ON account (login);
CREATE UNIQUE INDEX account_email ON account (lower(email)) WHERE active = 1;
CREATE INDEX account_role ON account (role_id);
CREATE INDEX account_manager ON account (manager_id);
== 002_accounts.down.sql
-- migrate: allow destructive-drop "undoes the migration"
DROP TABLE account;
== 003_sessions.sql
CREATE TABLE session (
  token TEXT PRIMARY KEY NOT NULL,
  account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  agent TEXT,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX session_account ON session (account_id);
CREATE INDEX session_expires ON session (expires_at DESC);
== 003_sessions.down.sql
DROP INDEX session_expires;
DROP INDEX session_account;
-- migrate: allow destructive-drop "undoes the migration"
DROP TABLE session;
== 004_audit.sql
CREATE TABLE audit (id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, what TEXT NOT NULL);
CREATE TRIGGER account_audit AFTER UPDATE OF role_id ON account WHEN old.role_id <> new.role_id BEGIN
  INSERT INTO audit (account_id, what) VALUES (new.id, 'role');
END;
CREATE VIEW active_account AS SELECT id, login, role_id FROM account WHERE active = 1;
== 004_audit.down.sql
DROP VIEW active_account;
DROP TRIGGER account_audit;
-- migrate: allow destructive-drop "undoes the migration"
DROP TABLE audit;
== 005_last_seen.sql
ALTER TABLE account ADD COLUMN last_seen INTEGER;
CREATE INDEX account_last_seen ON account (last_seen);
== 005_last_seen.down.sql
DROP INDEX account_last_seen;
-- migrate: allow destructive-drop "undoes the migration"
ALTER TABLE account DROP COLUMN last_seen;
== 006_session_scope.sql
CREATE TABLE session_new (
  token TEXT PRIMARY KEY NOT NULL,
  account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  scope TEXT NOT NULL DEFAULT 'all',
  agent TEXT,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO session_new (token, account_id, agent, expires_at)
SELECT token, account_id, agent, expires_at FROM session;
DROP TABLE session;
ALTER TABLE session_new RENAME TO session;
CREATE INDEX session_account ON session (account_id);
CREATE INDEX session_expires ON session (expires_at DESC);
== 007_invited.sql
DROP VIEW active_account;
CREATE TABLE account_new (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  login TEXT NOT NULL COLLATE NOCASE,
  role_id INTEGER NOT NULL DEFAULT 3 REFERENCES role (id) ON DELETE SET DEFAULT,
  manager_id INTEGER REFERENCES account (id) ON DELETE SET NULL,
  display_name TEXT NOT NULL DEFAULT '',
  email TEXT,
  active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1, 2)),
  last_seen INTEGER
);
INSERT INTO account_new (id, login, role_id, manager_id, display_name, email, active, last_seen)
SELECT id, login, role_id, manager_id, coalesce(display_name, login), email, active, last_seen FROM account;
UPDATE sqlite_sequence SET seq = (SELECT seq FROM sqlite_sequence WHERE name = 'account') WHERE name = 'account_new';
INSERT INTO sqlite_sequence (name, seq) SELECT 'account_new', seq FROM sqlite_sequence AS s WHERE name = 'account'
AND NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'account_new');
DROP TABLE account;
ALTER TABLE account_new RENAME TO account;
CREATE UNIQUE INDEX account_login ON account (login);
CREATE UNIQUE INDEX account_email ON account (lower(email)) WHERE active = 1;
CREATE INDEX account_role ON account (role_id);
CREATE INDEX account_manager ON account (manager_id);
CREATE INDEX account_last_seen ON account (last_seen);
CREATE TRIGGER account_audit AFTER UPDATE OF role_id ON account WHEN old.role_id <> new.role_id BEGIN
  INSERT INTO audit (account_id, what) VALUES (new.id, 'role');
END;
CREATE VIEW active_account AS SELECT id, login, role_id FROM account WHERE active = 1;
