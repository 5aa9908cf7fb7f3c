== 001_a.sql
DROP TABLE IF EXISTS accounts;
DROP TABLE IF EXISTS account_tags;
CREATE TABLE IF NOT EXISTS accounts (id INTEGER PRIMARY KEY, mail TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS "account_tags" (account_id INTEGER NOT NULL REFERENCES accounts (id), tag TEXT);
CREATE INDEX IF NOT EXISTS account_tags_account ON account_tags (account_id);
-- migrate:down
DROP TABLE IF EXISTS account_tags;
DROP TABLE IF EXISTS accounts;
== 002_again.sql
CREATE TABLE IF NOT EXISTS accounts (
    id INTEGER PRIMARY KEY,
    mail TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS account_tags_account ON "account_tags" ("account_id");
-- migrate: allow new-unique-on-old-columns "the application checks"
CREATE UNIQUE INDEX IF NOT EXISTS accounts_mail ON accounts (mail);
-- migrate:down
DROP INDEX IF EXISTS accounts_mail;
== 003_rebuild.sql
DROP TABLE IF EXISTS accounts_new;
CREATE TABLE IF NOT EXISTS accounts_new (id INTEGER PRIMARY KEY, mail TEXT NOT NULL, name TEXT);
INSERT INTO accounts_new (id, mail) SELECT id, mail FROM accounts;
DROP TABLE IF EXISTS accounts;
ALTER TABLE accounts_new RENAME TO accounts;
CREATE UNIQUE INDEX IF NOT EXISTS accounts_mail ON accounts (mail);
== 004_triggers.sql
DROP TRIGGER IF EXISTS accounts_gone;
CREATE TRIGGER IF NOT EXISTS accounts_gone AFTER DELETE ON accounts BEGIN DELETE FROM account_tags WHERE account_id = old.id; END;
DROP VIEW IF EXISTS account_names;
CREATE VIEW IF NOT EXISTS account_names AS SELECT name FROM accounts;
-- migrate:down
DROP VIEW IF EXISTS account_names;
DROP TRIGGER IF EXISTS accounts_gone;
== 005_temp.sql
DROP TABLE IF EXISTS temp.kept;
CREATE TEMP TABLE IF NOT EXISTS kept AS SELECT id FROM accounts;
UPDATE accounts SET name = mail WHERE name IS NULL AND id IN (SELECT id FROM kept);
DROP TABLE IF EXISTS kept;
