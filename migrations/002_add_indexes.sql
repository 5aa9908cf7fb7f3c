-- Four questions that scanned a whole table. The second column of an index is the order in
-- which the answer is shown, so that nothing is sorted.

-- All links from one site.
CREATE INDEX idx_nodes_source_domain ON nodes (source_domain, date_added);
-- All links of one publisher; deleting an organization needs it too.
CREATE INDEX idx_nodes_organization ON nodes (organization_id, date_added);
-- What changed since the last synchronisation.
CREATE INDEX idx_nodes_updated_at ON nodes (updated_at);
-- The nodes about a concept, most relevant first.
CREATE INDEX idx_key_concepts_concept ON key_concepts (concept, relevance);
