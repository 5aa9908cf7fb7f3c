== 001_ledger.sql
CREATE TABLE accounts (id INTEGER PRIMARY KEY, owner TEXT NOT NULL, balance INTEGER NOT NULL DEFAULT 0, updated_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, deleted_at TEXT);
CREATE TABLE entries (id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES accounts (id), amount INTEGER NOT NULL CHECK (amount <> 0), note TEXT);
CREATE INDEX entries_account ON entries (account_id);
CREATE TABLE actors (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO actors (id, name) VALUES (1, 'system');
CREATE TABLE audit (id INTEGER PRIMARY KEY AUTOINCREMENT, actor_id INTEGER NOT NULL DEFAULT 1 REFERENCES actors (id), at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')), what TEXT NOT NULL, before TEXT, after TEXT);
CREATE INDEX audit_actor ON audit (actor_id);
CREATE TRIGGER entries_frozen_update BEFORE UPDATE OF amount, account_id ON entries BEGIN SELECT RAISE(ABORT, 'entries are final'); END;
CREATE TRIGGER entries_frozen_delete BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'entries are final'); END;
CREATE TRIGGER entries_booked AFTER INSERT ON entries BEGIN
    UPDATE OR ABORT accounts SET balance = balance + new.amount WHERE id = new.account_id;
END;
CREATE TRIGGER accounts_touched AFTER UPDATE OF owner, balance ON accounts FOR EACH ROW WHEN old.updated_at IS new.updated_at BEGIN
    UPDATE accounts SET updated_at = CURRENT_TIMESTAMP WHERE id = new.id;
END;
CREATE TRIGGER accounts_audit AFTER UPDATE ON accounts BEGIN
    INSERT INTO audit (what, before, after) VALUES ('accounts', json_object('owner', old.owner, 'balance', old.balance), json_object('owner', new.owner, 'balance', new.balance));
END;
CREATE VIEW active_accounts AS SELECT * FROM accounts WHERE deleted_at IS NULL;
CREATE TRIGGER active_accounts_delete INSTEAD OF DELETE ON active_accounts BEGIN
    UPDATE accounts SET deleted_at = CURRENT_TIMESTAMP WHERE id = old.id;
END;
-- migrate:down
DROP VIEW active_accounts;
DROP TABLE audit;
DROP TABLE actors;
DROP TABLE entries;
DROP TABLE accounts;
== 002_owner.sql
UPDATE accounts SET owner = 'nobody' WHERE owner = '';
-- migrate: allow fails-on-rows "no database has such rows"
INSERT INTO accounts (id, owner) VALUES (7, 'bank');
INSERT INTO entries (account_id, amount, note) VALUES (7, 100, 'opening');
DELETE FROM active_accounts WHERE owner = 'closed';
-- migrate:down
DROP TRIGGER entries_frozen_delete;
DELETE FROM entries WHERE account_id = 7;
CREATE TRIGGER entries_frozen_delete BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'entries are final'); END;
DELETE FROM accounts WHERE id = 7;
== 003_entry_kind.sql
ALTER TABLE entries ADD COLUMN kind TEXT NOT NULL DEFAULT 'booking';
UPDATE entries SET kind = 'opening' WHERE note = 'opening';
ALTER TABLE accounts RENAME COLUMN owner TO owner_name;
-- migrate:down
ALTER TABLE accounts RENAME COLUMN owner_name TO owner;
ALTER TABLE entries DROP COLUMN kind;
== 004_rebuild_entries.sql
-- migrate: irreversible "cents cannot become units again"
DROP TRIGGER entries_frozen_update;
DROP TRIGGER entries_frozen_delete;
DROP TRIGGER entries_booked;
CREATE TABLE entries_new (id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES accounts (id), cents INTEGER NOT NULL CHECK (cents <> 0), note TEXT, kind TEXT NOT NULL DEFAULT 'booking');
INSERT INTO entries_new (id, account_id, cents, note, kind) SELECT id, account_id, amount * 100, note, kind FROM entries;
DROP TABLE entries;
ALTER TABLE entries_new RENAME TO entries;
CREATE INDEX entries_account ON entries (account_id);
UPDATE accounts SET balance = (SELECT COALESCE(sum(cents), 0) FROM entries WHERE account_id = accounts.id);
CREATE TRIGGER entries_frozen_update BEFORE UPDATE OF cents, account_id ON entries BEGIN SELECT RAISE(ABORT, 'entries are final'); END;
CREATE TRIGGER entries_frozen_delete BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'entries are final'); END;
CREATE TRIGGER entries_booked AFTER INSERT ON entries BEGIN
    UPDATE OR ABORT accounts SET balance = balance + new.cents WHERE id = new.account_id;
END;
== 005_no_seconds.sql
-- A trigger that deletes what hangs on a row, and a migration that deletes such rows.
CREATE TRIGGER accounts_gone BEFORE DELETE ON accounts BEGIN
    DELETE FROM audit WHERE what = 'accounts' AND before LIKE '%' || old.owner_name || '%';
END;
-- migrate:down
DROP TRIGGER accounts_gone;
== 006_delete.sql
-- migrate: irreversible "they are gone"
DELETE FROM accounts WHERE deleted_at < '2001-01-01' AND id NOT IN (SELECT account_id FROM entries);
