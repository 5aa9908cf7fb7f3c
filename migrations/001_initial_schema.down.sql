-- Children before parents; indexes go with their tables. The triggers go first, so that none
-- is left that writes to a search index which is no longer there.
DROP TRIGGER nodes_fts_after_update;
DROP TRIGGER nodes_fts_after_delete;
DROP TRIGGER nodes_fts_after_insert;
DROP TABLE nodes_fts;
DROP TABLE segments;
DROP TABLE key_concepts;
DROP TABLE nodes;
DROP TABLE organizations;
