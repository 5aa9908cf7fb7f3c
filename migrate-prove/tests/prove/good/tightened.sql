== 001_loose.sql
CREATE TABLE trips (id INTEGER PRIMARY KEY, starts TEXT, ends TEXT, seats INTEGER, code TEXT, state TEXT NOT NULL DEFAULT 'open', owner TEXT NOT NULL);
-- migrate:down
DROP TABLE trips;
== 002_tight.sql
CREATE TABLE trips_new (
    id INTEGER PRIMARY KEY,
    starts TEXT NOT NULL CHECK (starts GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*'),
    ends TEXT NOT NULL,
    seats INTEGER NOT NULL DEFAULT 1 CHECK (seats > 0),
    code TEXT UNIQUE CHECK (length(code) = 6),
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
    owner TEXT NOT NULL CHECK (owner <> ''),
    CHECK (starts <= ends)
);
INSERT INTO trips_new (id, starts, ends, seats, code, state, owner)
    SELECT id, COALESCE(date(starts), '1970-01-01'), COALESCE(date(ends), '9999-12-31'), max(COALESCE(seats, 1), 1),
        CASE WHEN length(code) = 6 AND row_number() OVER (PARTITION BY code) = 1 THEN code END,
        CASE state WHEN 'closed' THEN 'closed' ELSE 'open' END, COALESCE(NULLIF(owner, ''), 'nobody') FROM trips;
DROP TABLE trips;
ALTER TABLE trips_new RENAME TO trips;
-- migrate:down
CREATE TABLE trips_old (id INTEGER PRIMARY KEY, starts TEXT, ends TEXT, seats INTEGER, code TEXT, state TEXT NOT NULL DEFAULT 'open', owner TEXT NOT NULL);
INSERT INTO trips_old SELECT id, starts, ends, seats, code, state, owner FROM trips;
DROP TABLE trips;
ALTER TABLE trips_old RENAME TO trips;
== 003_delete_first.sql
-- migrate: irreversible "trips without a code are gone"
DELETE FROM trips WHERE code IS NULL;
CREATE TABLE trips_new (id INTEGER PRIMARY KEY, starts TEXT NOT NULL CHECK (starts GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*'), ends TEXT NOT NULL, seats INTEGER NOT NULL DEFAULT 1 CHECK (seats > 0), code TEXT NOT NULL UNIQUE CHECK (length(code) = 6), state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')), owner TEXT NOT NULL CHECK (owner <> ''), CHECK (starts <= ends));
INSERT INTO trips_new SELECT id, starts, ends, seats, code, state, owner FROM trips;
DROP TABLE trips;
ALTER TABLE trips_new RENAME TO trips;
