DROP INDEX idx_key_concepts_concept;
DROP INDEX idx_nodes_updated_at;
DROP INDEX idx_nodes_organization;
DROP INDEX idx_nodes_source_domain;
