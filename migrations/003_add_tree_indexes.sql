-- Opening a folder found its children by index but sorted them and looked each one up to see
-- whether it was in the trash. Composite indexes answer both questions.

-- All children in order; these begin with the same column as the indexes that they replace.
CREATE INDEX idx_nodes_function_tree ON nodes (function_parent_id, function_position);
CREATE INDEX idx_nodes_organization_tree ON nodes (organization_parent_id, organization_position);
-- Live (or deleted) children in order. The parent comes first: an index that began with
-- deleted_at would lure the planner away from idx_nodes_live for the newest links.
CREATE INDEX idx_nodes_deleted_function_tree
    ON nodes (function_parent_id, deleted_at, function_position);
CREATE INDEX idx_nodes_deleted_organization_tree
    ON nodes (organization_parent_id, deleted_at, organization_position);

DROP INDEX idx_nodes_function_parent;
DROP INDEX idx_nodes_organization_parent;

-- migrate:down
CREATE INDEX idx_nodes_function_parent ON nodes (function_parent_id);
CREATE INDEX idx_nodes_organization_parent ON nodes (organization_parent_id);

DROP INDEX idx_nodes_deleted_organization_tree;
DROP INDEX idx_nodes_deleted_function_tree;
DROP INDEX idx_nodes_organization_tree;
DROP INDEX idx_nodes_function_tree;
