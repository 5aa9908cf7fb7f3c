== 001_metrics.sql
CREATE TABLE sensors (serial TEXT PRIMARY KEY CHECK (length(serial) = 8), kind TEXT NOT NULL CHECK (kind IN ('heat', 'light'))) STRICT, WITHOUT ROWID;
CREATE TABLE samples (
    serial TEXT NOT NULL REFERENCES sensors (serial) ON UPDATE CASCADE,
    at INTEGER NOT NULL,
    value REAL NOT NULL,
    raw BLOB,
    extra ANY,
    PRIMARY KEY (serial, at)
) WITHOUT ROWID, STRICT;
CREATE INDEX samples_at ON samples (at DESC, serial);
== 001_metrics.down.sql
DROP TABLE samples;
DROP TABLE sensors;
== 002_unit.sql
CREATE TABLE samples_new (
    serial TEXT NOT NULL REFERENCES sensors (serial) ON UPDATE CASCADE,
    at INTEGER NOT NULL,
    unit TEXT NOT NULL DEFAULT 'K',
    value REAL NOT NULL,
    raw BLOB,
    extra ANY,
    PRIMARY KEY (serial, at, unit)
) STRICT, WITHOUT ROWID;
INSERT INTO samples_new (serial, at, value, raw, extra) SELECT serial, at, value, raw, extra FROM samples;
DROP TABLE samples;
ALTER TABLE samples_new RENAME TO samples;
CREATE INDEX samples_at ON samples (at DESC, serial);
== 002_unit.down.sql
CREATE TABLE samples_old (
    serial TEXT NOT NULL REFERENCES sensors (serial) ON UPDATE CASCADE,
    at INTEGER NOT NULL,
    value REAL NOT NULL,
    raw BLOB,
    extra ANY,
    PRIMARY KEY (serial, at)
) WITHOUT ROWID, STRICT;
INSERT INTO samples_old (serial, at, value, raw, extra) SELECT serial, at, value, raw, extra FROM samples;
DROP TABLE samples;
ALTER TABLE samples_old RENAME TO samples;
CREATE INDEX samples_at ON samples (at DESC, serial);
== 003_days.sql
CREATE TABLE days (serial TEXT NOT NULL, day TEXT NOT NULL, low REAL, high REAL, PRIMARY KEY (serial, day)) STRICT, WITHOUT ROWID;
INSERT INTO days (serial, day, low, high)
    SELECT serial, date(at, 'unixepoch'), min(value), max(value) FROM samples WHERE true GROUP BY 1, 2
    ON CONFLICT (serial, day) DO UPDATE SET low = min(low, excluded.low), high = max(high, excluded.high);
== 003_days.down.sql
DROP TABLE days;
