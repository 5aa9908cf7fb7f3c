== 001_folders.sql
CREATE TABLE folder (
  id INTEGER PRIMARY KEY,
  parent_id INTEGER REFERENCES folder (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  color TEXT,
  UNIQUE (parent_id, name)
);
CREATE TABLE file (
  id INTEGER PRIMARY KEY,
  folder_id INTEGER NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  name TEXT NOT NULL COLLATE NOCASE,
  digest BLOB,
  mime TEXT,
  size INTEGER NOT NULL DEFAULT 0 CHECK (size >= 0),
  extension TEXT GENERATED ALWAYS AS (lower(substr(name, -3))) VIRTUAL,
  UNIQUE (folder_id, name)
);
CREATE INDEX file_extension ON file (extension);
== 002_usage.sql
CREATE TABLE usage (folder_id INTEGER PRIMARY KEY REFERENCES folder (id) ON DELETE CASCADE, bytes INTEGER NOT NULL DEFAULT 0);
CREATE TRIGGER file_added AFTER INSERT ON file BEGIN
  INSERT OR IGNORE INTO usage (folder_id) VALUES (new.folder_id);
  UPDATE usage SET bytes = bytes + new.size WHERE folder_id = new.folder_id;
END;
CREATE TRIGGER file_removed AFTER DELETE ON file BEGIN
  UPDATE usage SET bytes = bytes - old.size WHERE folder_id = old.folder_id;
END;
CREATE VIEW large_file AS SELECT id, name, size FROM file WHERE size > 1000000;
== 003_shares.sql
CREATE TABLE share (
  file_id INTEGER NOT NULL REFERENCES file (id) ON DELETE CASCADE,
  person TEXT NOT NULL COLLATE NOCASE,
  rights TEXT NOT NULL DEFAULT 'read' CHECK (rights IN ('read', 'write')),
  comment TEXT,
  PRIMARY KEY (file_id, person)
) WITHOUT ROWID;
== 004_file_times.sql
DROP VIEW large_file;
CREATE TABLE file_new (
  id INTEGER PRIMARY KEY,
  folder_id INTEGER NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  name TEXT NOT NULL COLLATE NOCASE,
  digest BLOB,
  mime TEXT,
  size INTEGER NOT NULL DEFAULT 0 CHECK (size >= 0),
  changed_at INTEGER,
  extension TEXT GENERATED ALWAYS AS (lower(substr(name, -3))) VIRTUAL,
  UNIQUE (folder_id, name)
);
INSERT INTO file_new (id, folder_id, name, digest, mime, size)
SELECT id, folder_id, name, digest, mime, size FROM file;
DROP TABLE file;
ALTER TABLE file_new RENAME TO file;
CREATE INDEX file_extension ON file (extension);
CREATE TRIGGER file_added AFTER INSERT ON file BEGIN
  INSERT OR IGNORE INTO usage (folder_id) VALUES (new.folder_id);
  UPDATE usage SET bytes = bytes + new.size WHERE folder_id = new.folder_id;
END;
CREATE TRIGGER file_removed AFTER DELETE ON file BEGIN
  UPDATE usage SET bytes = bytes - old.size WHERE folder_id = old.folder_id;
END;
CREATE VIEW large_file AS SELECT id, name, size FROM file WHERE size > 1000000;
== 005_share_until.sql
CREATE TABLE share_new (
  file_id INTEGER NOT NULL REFERENCES file (id) ON DELETE CASCADE,
  person TEXT NOT NULL COLLATE NOCASE,
  rights TEXT NOT NULL DEFAULT 'read' CHECK (rights IN ('read', 'write', 'own')),
  comment TEXT,
  until INTEGER,
  PRIMARY KEY (file_id, person)
) WITHOUT ROWID;
INSERT INTO share_new (file_id, person, rights, comment)
SELECT file_id, person, rights, comment FROM share;
DROP TABLE share;
ALTER TABLE share_new RENAME TO share;
== 006_folder_owner.sql
CREATE TABLE folder_new (
  id INTEGER PRIMARY KEY,
  parent_id INTEGER REFERENCES folder (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  color TEXT,
  owner TEXT NOT NULL DEFAULT 'root',
  UNIQUE (parent_id, name)
);
INSERT INTO folder_new (id, parent_id, name, color) SELECT id, parent_id, name, color FROM folder;
DROP TABLE folder;
ALTER TABLE folder_new RENAME TO folder;
== 007_names.sql
UPDATE file SET mime = 'application/octet-stream' WHERE mime IS NULL AND extension = 'bin';
CREATE INDEX file_mime ON file (mime);
== 007_names.down.sql
DROP INDEX file_mime;
