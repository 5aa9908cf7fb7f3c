== 001_series.sql
CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  unit TEXT NOT NULL DEFAULT '',
  labels TEXT,
  CONSTRAINT series_name UNIQUE (name, unit)
) STRICT;
CREATE TABLE sample (
  series_id INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  value REAL NOT NULL,
  low REAL,
  high REAL,
  PRIMARY KEY (series_id, at)
) STRICT, WITHOUT ROWID;
== 002_alerts.sql
CREATE TABLE alert (
  id INTEGER PRIMARY KEY,
  series_id INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE,
  threshold REAL NOT NULL,
  severity INTEGER NOT NULL DEFAULT 1 CHECK (severity IN (1, 2, 3)),
  note TEXT,
  label TEXT GENERATED ALWAYS AS (coalesce(note, '') || '/' || severity) STORED
) STRICT;
CREATE INDEX alert_series ON alert (series_id);
CREATE INDEX alert_label ON alert (label);
== 003_source.sql
CREATE TABLE sample_new (
  series_id INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  value REAL NOT NULL,
  low REAL,
  high REAL,
  source TEXT NOT NULL DEFAULT 'agent',
  PRIMARY KEY (series_id, at)
) STRICT, WITHOUT ROWID;
INSERT INTO sample_new (series_id, at, value, low, high)
SELECT series_id, at, value, low, high FROM sample;
DROP TABLE sample;
ALTER TABLE sample_new RENAME TO sample;
== 004_severity.sql
CREATE TABLE alert_new (
  id INTEGER PRIMARY KEY,
  series_id INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE,
  threshold REAL NOT NULL,
  severity INTEGER NOT NULL DEFAULT 1 CHECK (severity IN (1, 2, 3, 4)),
  note TEXT,
  silenced INTEGER NOT NULL DEFAULT 0,
  label TEXT GENERATED ALWAYS AS (coalesce(note, '') || '/' || severity) STORED
) STRICT;
INSERT INTO alert_new (id, series_id, threshold, severity, note)
SELECT id, series_id, threshold, severity, note FROM alert;
DROP TABLE alert;
ALTER TABLE alert_new RENAME TO alert;
CREATE INDEX alert_series ON alert (series_id);
CREATE INDEX alert_label ON alert (label);
== 005_line.sql
CREATE TABLE line (at INTEGER NOT NULL, host TEXT, text TEXT);
CREATE INDEX line_at ON line (at DESC);
== 006_line_level.sql
CREATE TABLE line_new (at INTEGER NOT NULL, host TEXT, text TEXT, level INTEGER NOT NULL DEFAULT 0);
INSERT INTO line_new (at, host, text) SELECT at, host, text FROM line;
DROP TABLE line;
ALTER TABLE line_new RENAME TO line;
CREATE INDEX line_at ON line (at DESC);
== 007_series_kind.sql
CREATE TABLE series_new (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  unit TEXT NOT NULL DEFAULT '',
  labels TEXT NOT NULL DEFAULT '',
  CONSTRAINT series_name UNIQUE (name, unit)
) STRICT;
INSERT INTO series_new (id, name, unit, labels) SELECT id, name, unit, coalesce(labels, '') FROM series;
DROP TABLE series;
ALTER TABLE series_new RENAME TO series;
== 008_daily.sql
CREATE VIEW daily AS
SELECT series_id, at / 86400 AS day, avg(value) AS value FROM sample GROUP BY series_id, at / 86400;
