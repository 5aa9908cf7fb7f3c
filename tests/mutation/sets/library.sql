== 001_books.sql
CREATE TABLE shelf (id INTEGER PRIMARY KEY, label TEXT NOT NULL UNIQUE, floor INTEGER);
CREATE TABLE book (
  isbn TEXT PRIMARY KEY NOT NULL,
  title TEXT NOT NULL,
  subtitle TEXT,
  shelf_id INTEGER REFERENCES shelf (id) ON DELETE SET NULL,
  pages INTEGER CHECK (pages > 0)
);
CREATE INDEX book_shelf ON book (shelf_id);
CREATE TABLE reader (id INTEGER PRIMARY KEY, name TEXT NOT NULL, card TEXT NOT NULL UNIQUE, city TEXT, street TEXT);
== 002_loans.sql
CREATE TABLE loan (
  id INTEGER PRIMARY KEY,
  isbn TEXT NOT NULL REFERENCES book (isbn) ON UPDATE CASCADE,
  reader_id INTEGER NOT NULL REFERENCES reader (id) ON DELETE CASCADE,
  due TEXT NOT NULL DEFAULT '2000-01-01',
  returned TEXT,
  remark TEXT
);
CREATE INDEX loan_isbn ON loan (isbn);
CREATE INDEX loan_reader ON loan (reader_id, due DESC);
CREATE UNIQUE INDEX loan_open ON loan (isbn, reader_id) WHERE returned IS NULL;
== 003_loan_renewals.sql
-- The old table is renamed away first: nothing refers to it.
ALTER TABLE loan RENAME TO loan_old;
CREATE TABLE loan (
  id INTEGER PRIMARY KEY,
  isbn TEXT NOT NULL REFERENCES book (isbn) ON UPDATE CASCADE,
  reader_id INTEGER NOT NULL REFERENCES reader (id) ON DELETE CASCADE,
  due TEXT NOT NULL DEFAULT '2000-01-01',
  returned TEXT,
  remark TEXT,
  renewals INTEGER NOT NULL DEFAULT 0
);
INSERT INTO loan (id, isbn, reader_id, due, returned, remark)
SELECT id, isbn, reader_id, due, returned, remark FROM loan_old;
DROP TABLE loan_old;
CREATE INDEX loan_isbn ON loan (isbn);
CREATE INDEX loan_reader ON loan (reader_id, due DESC);
CREATE UNIQUE INDEX loan_open ON loan (isbn, reader_id) WHERE returned IS NULL;
== 004_reader_mail.sql
-- The rows wait in a temporary table.
CREATE TEMP TABLE reader_rows AS SELECT id, name, card, city, street FROM reader;
-- migrate: allow destructive-drop "the rows were copied"
DROP TABLE reader;
CREATE TABLE reader (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  card TEXT NOT NULL UNIQUE,
  city TEXT,
  street TEXT,
  mail TEXT NOT NULL DEFAULT ''
);
INSERT INTO reader (id, name, card, city, street) SELECT id, name, card, city, street FROM reader_rows;
DROP TABLE reader_rows;
== 005_subjects.sql
CREATE TABLE subject (isbn TEXT NOT NULL REFERENCES book (isbn) ON DELETE CASCADE, word TEXT NOT NULL, PRIMARY KEY (isbn, word)) WITHOUT ROWID;
INSERT INTO subject (isbn, word) SELECT isbn, lower(subtitle) FROM book WHERE subtitle IS NOT NULL;
== 006_short_titles.sql
ALTER TABLE book ADD COLUMN sort_title TEXT NOT NULL DEFAULT '';
UPDATE book SET sort_title = lower(title) WHERE sort_title = '';
CREATE INDEX book_sort ON book (sort_title COLLATE NOCASE);
== 007_shelf_room.sql
CREATE TABLE "shelf new" (id INTEGER PRIMARY KEY, label TEXT NOT NULL UNIQUE, floor INTEGER NOT NULL DEFAULT 0, room TEXT);
INSERT INTO "shelf new" (id, label, floor) SELECT id, label, ifnull(floor, 0) FROM shelf;
DROP TABLE shelf;
ALTER TABLE "shelf new" RENAME TO shelf;
== 008_book_language.sql
CREATE TABLE book_new (
  isbn TEXT PRIMARY KEY NOT NULL,
  title TEXT NOT NULL,
  subtitle TEXT,
  shelf_id INTEGER REFERENCES shelf (id) ON DELETE SET NULL,
  pages INTEGER CHECK (pages > 0),
  sort_title TEXT NOT NULL DEFAULT '',
  language TEXT NOT NULL DEFAULT 'en'
);
INSERT INTO book_new (isbn, title, subtitle, shelf_id, pages, sort_title)
SELECT isbn, title, subtitle, shelf_id, pages, sort_title FROM book;
DROP TABLE book;
ALTER TABLE book_new RENAME TO book;
CREATE INDEX book_shelf ON book (shelf_id);
CREATE INDEX book_sort ON book (sort_title COLLATE NOCASE);
