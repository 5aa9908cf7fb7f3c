== 001_accounts.sql
CREATE TABLE accounts (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, mail TEXT, UNIQUE (mail, name));
-- migrate:down
DROP TABLE accounts;
== 002_index.sql
-- The constraint becomes an index, which can be dropped later.
CREATE TABLE accounts_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT);
INSERT INTO accounts_new SELECT * FROM accounts;
DROP TABLE accounts;
ALTER TABLE accounts_new RENAME TO accounts;
CREATE UNIQUE INDEX accounts_name ON accounts (name);
CREATE UNIQUE INDEX accounts_mail ON accounts (mail, name);
-- migrate:down
DROP INDEX accounts_mail;
DROP INDEX accounts_name;
CREATE TABLE accounts_old (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, mail TEXT, UNIQUE (mail, name));
INSERT INTO accounts_old SELECT * FROM accounts;
DROP TABLE accounts;
ALTER TABLE accounts_old RENAME TO accounts;
