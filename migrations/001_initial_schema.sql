-- Saved links ("nodes"), what was extracted from them, and who publishes them.
-- Every table is STRICT: a value of the wrong type fails here, not years later in a report.

CREATE TABLE organizations (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE CHECK (name <> ''),
    homepage   TEXT,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;

-- A node stands in two trees at once: by what it is for (function) and by whose it is
-- (organization). A node without url is a folder. Deleting sets deleted_at; the row itself
-- goes only when the trash is emptied, and its children then become roots, hence SET NULL.
CREATE TABLE nodes (
    id                     INTEGER PRIMARY KEY,
    title                  TEXT NOT NULL CHECK (title <> ''),
    url                    TEXT UNIQUE CHECK (url GLOB '[a-z]*://?*'),
    source_domain          TEXT,
    description            TEXT NOT NULL DEFAULT '',
    organization_id        INTEGER REFERENCES organizations (id) ON DELETE SET NULL,
    function_parent_id     INTEGER REFERENCES nodes (id) ON DELETE SET NULL,
    function_position      INTEGER NOT NULL DEFAULT 0 CHECK (function_position >= 0),
    organization_parent_id INTEGER REFERENCES nodes (id) ON DELETE SET NULL,
    organization_position  INTEGER NOT NULL DEFAULT 0 CHECK (organization_position >= 0),
    extracted_fields       TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(extracted_fields)),
    date_added             TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    created_at             TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    updated_at             TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    deleted_at             TEXT,
    CHECK ((url IS NULL) = (source_domain IS NULL)),
    CHECK (function_parent_id <> id),
    CHECK (organization_parent_id <> id)
) STRICT;

-- Both of these are parts of their node and mean nothing without it, hence CASCADE.
-- Their UNIQUE constraints begin with node_id, so they need no index of their own for it.
CREATE TABLE key_concepts (
    id        INTEGER PRIMARY KEY,
    node_id   INTEGER NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    concept   TEXT NOT NULL CHECK (concept <> ''),
    relevance REAL NOT NULL DEFAULT 1.0 CHECK (relevance BETWEEN 0.0 AND 1.0),
    UNIQUE (node_id, concept)
) STRICT;

CREATE TABLE segments (
    id       INTEGER PRIMARY KEY,
    node_id  INTEGER NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    heading  TEXT,
    content  TEXT NOT NULL,
    UNIQUE (node_id, position)
) STRICT;

-- The index keeps no copy of the text (content = 'nodes'), so these triggers are what keeps
-- it right. Write nodes with upserts: by default, REPLACE deletes a row and fires no trigger.
CREATE VIRTUAL TABLE nodes_fts USING fts5 (
    title, description, source_domain,
    content = 'nodes', content_rowid = 'id'
);

CREATE TRIGGER nodes_fts_after_insert AFTER INSERT ON nodes BEGIN
    INSERT INTO nodes_fts (rowid, title, description, source_domain)
    VALUES (new.id, new.title, new.description, new.source_domain);
END;

CREATE TRIGGER nodes_fts_after_delete AFTER DELETE ON nodes BEGIN
    INSERT INTO nodes_fts (nodes_fts, rowid, title, description, source_domain)
    VALUES ('delete', old.id, old.title, old.description, old.source_domain);
END;

-- Only the indexed columns: moving a node or putting it in the trash costs no index write.
CREATE TRIGGER nodes_fts_after_update
AFTER UPDATE OF id, title, description, source_domain ON nodes BEGIN
    INSERT INTO nodes_fts (nodes_fts, rowid, title, description, source_domain)
    VALUES ('delete', old.id, old.title, old.description, old.source_domain);
    INSERT INTO nodes_fts (rowid, title, description, source_domain)
    VALUES (new.id, new.title, new.description, new.source_domain);
END;

-- The two trees: a node's children.
CREATE INDEX idx_nodes_function_parent ON nodes (function_parent_id);
CREATE INDEX idx_nodes_organization_parent ON nodes (organization_parent_id);
-- The newest links, and the trash.
CREATE INDEX idx_nodes_live ON nodes (date_added) WHERE deleted_at IS NULL;
CREATE INDEX idx_nodes_deleted ON nodes (deleted_at) WHERE deleted_at IS NOT NULL;
