== 001_vault.sql
CREATE TABLE vault (id INTEGER PRIMARY KEY CHECK (id = 0), salt BLOB NOT NULL CHECK (length(salt) = 16), kdf TEXT NOT NULL DEFAULT 'argon2id' CHECK (kdf IN ('argon2id', 'scrypt')), verifier BLOB NOT NULL CHECK (length(verifier) = 32)) STRICT;
CREATE TABLE items (uuid BLOB PRIMARY KEY NOT NULL CHECK (length(uuid) = 16), kind TEXT NOT NULL CHECK (kind IN ('login', 'note', 'card')), nonce BLOB NOT NULL UNIQUE CHECK (length(nonce) = 24), sealed BLOB NOT NULL, revision INTEGER NOT NULL DEFAULT 1 CHECK (revision >= 1), trashed_at INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE history (item BLOB NOT NULL REFERENCES items (uuid) ON DELETE CASCADE, revision INTEGER NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (item, revision)) STRICT, WITHOUT ROWID;
CREATE TRIGGER items_keep AFTER UPDATE OF sealed ON items WHEN new.revision = old.revision + 1 BEGIN INSERT INTO history (item, revision, sealed) VALUES (old.uuid, old.revision, old.sealed); END;
CREATE TRIGGER items_order BEFORE UPDATE OF revision ON items WHEN new.revision <= old.revision BEGIN SELECT RAISE(ABORT, 'a revision only grows'); END;
-- migrate:down
DROP TABLE history;
DROP TABLE items;
DROP TABLE vault;
== 002_folders.sql
CREATE TABLE folders (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE) STRICT;
INSERT INTO folders (id, name) VALUES (1, 'Inbox'), (2, 'Trash');
ALTER TABLE items ADD COLUMN folder_id INTEGER REFERENCES folders (id);
CREATE INDEX items_folder ON items (folder_id);
UPDATE items SET folder_id = CASE WHEN trashed_at IS NULL THEN 1 ELSE 2 END;
-- migrate:down
DROP INDEX items_folder;
ALTER TABLE items DROP COLUMN folder_id;
DROP TABLE folders;
== 003_not_null.sql
DROP TRIGGER items_keep;
DROP TRIGGER items_order;
CREATE TABLE items_new (uuid BLOB PRIMARY KEY NOT NULL CHECK (length(uuid) = 16), kind TEXT NOT NULL CHECK (kind IN ('login', 'note', 'card', 'key')), nonce BLOB NOT NULL UNIQUE CHECK (length(nonce) = 24), sealed BLOB NOT NULL, revision INTEGER NOT NULL DEFAULT 1 CHECK (revision >= 1), trashed_at INTEGER, folder_id INTEGER NOT NULL DEFAULT 1 REFERENCES folders (id)) STRICT, WITHOUT ROWID;
INSERT INTO items_new (uuid, kind, nonce, sealed, revision, trashed_at, folder_id) SELECT uuid, kind, nonce, sealed, revision, trashed_at, COALESCE(folder_id, (SELECT id FROM folders WHERE name = 'Inbox')) FROM items;
DROP TABLE items;
ALTER TABLE items_new RENAME TO items;
CREATE INDEX items_folder ON items (folder_id);
CREATE TRIGGER items_keep AFTER UPDATE OF sealed ON items WHEN new.revision = old.revision + 1 BEGIN INSERT INTO history (item, revision, sealed) VALUES (old.uuid, old.revision, old.sealed); END;
CREATE TRIGGER items_order BEFORE UPDATE OF revision ON items WHEN new.revision <= old.revision BEGIN SELECT RAISE(ABORT, 'a revision only grows'); END;
-- migrate:down
DROP TRIGGER items_keep;
DROP TRIGGER items_order;
CREATE TABLE items_old (uuid BLOB PRIMARY KEY NOT NULL CHECK (length(uuid) = 16), kind TEXT NOT NULL CHECK (kind IN ('login', 'note', 'card')), nonce BLOB NOT NULL UNIQUE CHECK (length(nonce) = 24), sealed BLOB NOT NULL, revision INTEGER NOT NULL DEFAULT 1 CHECK (revision >= 1), trashed_at INTEGER, folder_id INTEGER REFERENCES folders (id)) STRICT, WITHOUT ROWID;
INSERT INTO items_old SELECT uuid, CASE kind WHEN 'key' THEN 'note' ELSE kind END, nonce, sealed, revision, trashed_at, folder_id FROM items;
DROP TABLE items;
ALTER TABLE items_old RENAME TO items;
CREATE INDEX items_folder ON items (folder_id);
CREATE TRIGGER items_keep AFTER UPDATE OF sealed ON items WHEN new.revision = old.revision + 1 BEGIN INSERT INTO history (item, revision, sealed) VALUES (old.uuid, old.revision, old.sealed); END;
CREATE TRIGGER items_order BEFORE UPDATE OF revision ON items WHEN new.revision <= old.revision BEGIN SELECT RAISE(ABORT, 'a revision only grows'); END;
