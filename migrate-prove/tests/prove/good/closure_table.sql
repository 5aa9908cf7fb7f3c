== 001_tree.sql
CREATE TABLE nodes (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES nodes (id), name TEXT NOT NULL);
CREATE INDEX nodes_parent ON nodes (parent_id);
CREATE TABLE paths (ancestor INTEGER NOT NULL REFERENCES nodes (id), descendant INTEGER NOT NULL REFERENCES nodes (id), depth INTEGER NOT NULL,
    PRIMARY KEY (ancestor, descendant)) WITHOUT ROWID;
CREATE INDEX paths_descendant ON paths (descendant);
-- migrate:down
DROP TABLE paths;
DROP TABLE nodes;
== 002_triggers.sql
INSERT OR IGNORE INTO paths (ancestor, descendant, depth)
    WITH RECURSIVE up (ancestor, descendant, depth) AS (
        SELECT id, id, 0 FROM nodes
        UNION
        SELECT n.parent_id, up.descendant, up.depth + 1 FROM up JOIN nodes AS n ON n.id = up.ancestor
        WHERE n.parent_id IS NOT NULL AND up.depth < 100
    ) SELECT ancestor, descendant, min(depth) FROM up GROUP BY 1, 2;
CREATE TRIGGER nodes_insert AFTER INSERT ON nodes BEGIN
    INSERT INTO paths (ancestor, descendant, depth)
        SELECT ancestor, new.id, depth + 1 FROM paths WHERE descendant = new.parent_id
        UNION ALL SELECT new.id, new.id, 0;
END;
CREATE TRIGGER nodes_delete BEFORE DELETE ON nodes BEGIN
    DELETE FROM paths WHERE descendant = old.id OR ancestor = old.id;
END;
-- migrate:down
DROP TRIGGER nodes_delete;
DROP TRIGGER nodes_insert;
DELETE FROM paths;
== 003_root.sql
-- migrate: allow fails-on-rows "no database has such rows"
INSERT INTO nodes (id, parent_id, name) VALUES (1, NULL, 'root'), (2, 1, 'trash');
-- migrate:down
DELETE FROM nodes WHERE id IN (1, 2);
== 004_depth.sql
PRAGMA recursive_triggers = ON;
CREATE TABLE countdown (n INTEGER NOT NULL CHECK (n >= 0));
CREATE TRIGGER countdown_next AFTER INSERT ON countdown WHEN new.n > 0 AND new.n <= 50 BEGIN
    INSERT INTO countdown (n) VALUES (new.n - 1);
END;
INSERT INTO countdown (n) VALUES (20);
-- migrate:down
DROP TABLE countdown;
== 005_numbers.sql
CREATE TABLE numbers (n INTEGER PRIMARY KEY, spelled TEXT);
WITH RECURSIVE c (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM c WHERE n < 1000)
INSERT INTO numbers (n) SELECT n FROM c;
WITH odd AS (SELECT n FROM numbers WHERE n % 2 = 1)
UPDATE numbers SET spelled = 'odd' WHERE n IN odd;
WITH few AS (SELECT n FROM numbers ORDER BY n DESC LIMIT 3)
DELETE FROM numbers WHERE n IN (SELECT n FROM few);
-- migrate:down
DROP TABLE numbers;
