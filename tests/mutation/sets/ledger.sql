== 001_accounts.sql
CREATE TABLE book (
  id INTEGER PRIMARY KEY,
  code TEXT NOT NULL,
  name TEXT NOT NULL COLLATE NOCASE,
  parent_id INTEGER REFERENCES book (id) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED
) STRICT;
CREATE UNIQUE INDEX book_code ON book (code DESC);
CREATE INDEX book_parent ON book (parent_id);
== 002_entries.sql
CREATE TABLE entry (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  debit INTEGER NOT NULL REFERENCES book (id) ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
  credit INTEGER NOT NULL REFERENCES book (id) ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
  amount INTEGER NOT NULL CHECK (amount > 0),
  fee INTEGER NOT NULL DEFAULT 0 CHECK (fee >= 0),
  net INTEGER GENERATED ALWAYS AS (amount - fee) VIRTUAL,
  memo TEXT,
  reference TEXT
) STRICT;
CREATE INDEX entry_debit ON entry (debit);
CREATE INDEX entry_credit ON entry (credit);
CREATE UNIQUE INDEX entry_reference ON entry (upper(reference)) WHERE reference IS NOT NULL;
CREATE TRIGGER entry_fixed BEFORE UPDATE OF amount ON entry BEGIN
  SELECT raise(ABORT, 'an entry is never changed');
END;
== 003_tax.sql
ALTER TABLE book ADD COLUMN tax_rate INTEGER NOT NULL DEFAULT 19;
ALTER TABLE book ADD COLUMN closed_on TEXT;
== 004_entry_day.sql
CREATE TABLE entry_new (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  debit INTEGER NOT NULL REFERENCES book (id) ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
  credit INTEGER NOT NULL REFERENCES book (id) ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
  amount INTEGER NOT NULL CHECK (amount > 0),
  fee INTEGER NOT NULL DEFAULT 0 CHECK (fee >= 0),
  net INTEGER GENERATED ALWAYS AS (amount - fee) VIRTUAL,
  memo TEXT,
  reference TEXT,
  day TEXT NOT NULL DEFAULT '1970-01-01'
) STRICT;
INSERT INTO sqlite_sequence (name, seq) SELECT 'entry_new', seq FROM sqlite_sequence WHERE name = 'entry';
INSERT INTO entry_new (id, debit, credit, amount, fee, memo, reference)
SELECT id, debit, credit, amount, fee, memo, reference FROM entry;
DROP TABLE entry;
ALTER TABLE entry_new RENAME TO entry;
CREATE INDEX entry_debit ON entry (debit);
CREATE INDEX entry_credit ON entry (credit);
CREATE UNIQUE INDEX entry_reference ON entry (upper(reference)) WHERE reference IS NOT NULL;
CREATE TRIGGER entry_fixed BEFORE UPDATE OF amount ON entry BEGIN
  SELECT raise(ABORT, 'an entry is never changed');
END;
== 005_book_currency.sql
CREATE TABLE book_new (
  id INTEGER PRIMARY KEY,
  code TEXT NOT NULL,
  name TEXT NOT NULL COLLATE NOCASE,
  parent_id INTEGER REFERENCES book (id) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED,
  tax_rate INTEGER NOT NULL DEFAULT 19,
  closed_on TEXT,
  currency TEXT NOT NULL DEFAULT 'EUR'
) STRICT;
INSERT INTO book_new (id, code, name, parent_id, tax_rate, closed_on)
SELECT id, code, name, parent_id, tax_rate, closed_on FROM book;
DROP TABLE book;
ALTER TABLE book_new RENAME TO book;
CREATE UNIQUE INDEX book_code ON book (code DESC);
CREATE INDEX book_parent ON book (parent_id);
== 006_balance.sql
CREATE VIEW balance AS
SELECT b.id, b.name, coalesce(sum(e.net), 0) AS balance FROM book AS b LEFT JOIN entry AS e ON e.debit = b.id GROUP BY b.id;
