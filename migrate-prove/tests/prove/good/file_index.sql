== 001_files.sql
CREATE TABLE volumes (id INTEGER PRIMARY KEY, mount TEXT NOT NULL UNIQUE);
CREATE TABLE files (id INTEGER PRIMARY KEY, volume_id INTEGER NOT NULL REFERENCES volumes (id) ON DELETE CASCADE, path TEXT NOT NULL, size INTEGER NOT NULL, mtime INTEGER NOT NULL, hash BLOB CHECK (hash IS NULL OR length(hash) = 32), name TEXT GENERATED ALWAYS AS (replace(path, rtrim(path, replace(path, '/', '')), '')) STORED, UNIQUE (volume_id, path));
CREATE INDEX files_name ON files (name COLLATE NOCASE);
CREATE INDEX files_hash ON files (hash) WHERE hash IS NOT NULL;
-- migrate:down
DROP TABLE files;
DROP TABLE volumes;
== 002_directories.sql
CREATE TABLE directories (id INTEGER PRIMARY KEY, volume_id INTEGER NOT NULL REFERENCES volumes (id), path TEXT NOT NULL, UNIQUE (volume_id, path));
INSERT INTO directories (volume_id, path) SELECT DISTINCT volume_id, rtrim(path, replace(path, '/', '')) FROM files;
ALTER TABLE files ADD COLUMN directory_id INTEGER REFERENCES directories (id);
CREATE INDEX files_directory ON files (directory_id);
UPDATE files SET directory_id = (SELECT id FROM directories AS d WHERE d.volume_id = files.volume_id AND d.path = rtrim(files.path, replace(files.path, '/', '')));
-- migrate:down
DROP INDEX files_directory;
ALTER TABLE files DROP COLUMN directory_id;
DROP TABLE directories;
== 003_duplicates.sql
CREATE VIEW duplicates AS SELECT hex(hash) AS hash, count(*) AS many, sum(size) AS size FROM files WHERE hash IS NOT NULL GROUP BY hash HAVING count(*) > 1;
CREATE TABLE scans (id INTEGER PRIMARY KEY, started INTEGER NOT NULL, ended INTEGER, files INTEGER NOT NULL DEFAULT 0, CHECK (ended IS NULL OR ended >= started));
ALTER TABLE files ADD COLUMN scan_id INTEGER REFERENCES scans (id) ON DELETE SET NULL DEFAULT NULL;
CREATE INDEX files_scan ON files (scan_id);
-- migrate:down
DROP INDEX files_scan;
ALTER TABLE files DROP COLUMN scan_id;
DROP TABLE scans;
DROP VIEW duplicates;
