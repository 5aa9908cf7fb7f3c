== 001_checks.sql
CREATE TABLE bookings (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    uuid TEXT NOT NULL UNIQUE CHECK (length(uuid) = 36 AND uuid GLOB '*-*-*-*-*'),
    hash TEXT NOT NULL CHECK (length(hash) = 64 AND hash NOT GLOB '*[^0-9a-f]*'),
    mail TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (mail LIKE '%_@_%.__%'),
    starts INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'paid', 'void')),
    guest_id INTEGER,
    member_id INTEGER,
    percent REAL CHECK (percent BETWEEN 0.0 AND 1.0),
    zip TEXT CHECK (zip GLOB '[0-9][0-9][0-9][0-9]'),
    color TEXT CHECK (color LIKE '#______' AND length(color) = 7),
    is_paid INTEGER NOT NULL DEFAULT 0 CHECK (is_paid IN (0, 1)),
    currency TEXT NOT NULL CHECK (length(currency) = 3 AND currency = upper(currency)),
    CHECK (starts < ends),
    CHECK ((guest_id IS NULL) <> (member_id IS NULL))
) WITHOUT ROWID;
CREATE UNIQUE INDEX one_open ON bookings (guest_id) WHERE status = 'open';
CREATE TABLE files (
    path TEXT NOT NULL CHECK (path LIKE '/%' AND path NOT LIKE '%/'),
    version INTEGER NOT NULL CHECK (version > 0),
    size INTEGER NOT NULL CHECK (size >= 0 AND size <= 5000000000),
    digest BLOB NOT NULL CHECK (typeof(digest) = 'blob' AND length(digest) = 32),
    PRIMARY KEY (path, version),
    UNIQUE (digest, size)
);
-- migrate:down
DROP TABLE files;
DROP TABLE bookings;
== 002_more.sql
ALTER TABLE bookings ADD COLUMN nights INTEGER AS ((ends - starts) / 86400);
ALTER TABLE bookings ADD COLUMN source TEXT NOT NULL DEFAULT 'web' CHECK (source IN ('web', 'desk'));
UPDATE bookings SET source = 'desk' WHERE member_id IS NOT NULL;
UPDATE bookings SET is_paid = 1 WHERE status = 'paid';
-- migrate:down
ALTER TABLE bookings DROP COLUMN source;
ALTER TABLE bookings DROP COLUMN nights;
== 003_wider.sql
-- migrate: irreversible "some may be lost by now"
CREATE TABLE bookings_new (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    uuid TEXT NOT NULL UNIQUE CHECK (length(uuid) = 36 AND uuid GLOB '*-*-*-*-*'),
    hash TEXT NOT NULL CHECK (length(hash) = 64 AND hash NOT GLOB '*[^0-9a-f]*'),
    mail TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (mail LIKE '%_@_%.__%'),
    starts INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'paid', 'void', 'lost')),
    guest_id INTEGER,
    member_id INTEGER,
    percent REAL CHECK (percent BETWEEN 0.0 AND 1.0),
    zip TEXT CHECK (zip GLOB '[0-9][0-9][0-9][0-9]'),
    color TEXT CHECK (color LIKE '#______' AND length(color) = 7),
    is_paid INTEGER NOT NULL DEFAULT 0 CHECK (is_paid IN (0, 1)),
    currency TEXT NOT NULL CHECK (length(currency) = 3 AND currency = upper(currency)),
    source TEXT NOT NULL DEFAULT 'web' CHECK (source IN ('web', 'desk')),
    CHECK (starts <= ends),
    CHECK ((guest_id IS NULL) <> (member_id IS NULL))
) WITHOUT ROWID;
INSERT INTO bookings_new (id, uuid, hash, mail, starts, ends, status, guest_id, member_id, percent, zip, color, is_paid, currency, source)
    SELECT id, uuid, hash, mail, starts, ends, status, guest_id, member_id, percent, zip, color, is_paid, currency, source FROM bookings;
DROP TABLE bookings;
ALTER TABLE bookings_new RENAME TO bookings;
ALTER TABLE bookings ADD COLUMN nights INTEGER AS ((ends - starts) / 86400);
CREATE UNIQUE INDEX one_open ON bookings (guest_id) WHERE status = 'open';
