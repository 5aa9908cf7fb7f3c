-- migrate: no-transaction
-- While it is made, links can still be saved.
CREATE INDEX CONCURRENTLY links_title ON links.links (lower(title) text_pattern_ops);
-- migrate:down
-- migrate: no-transaction
DROP INDEX CONCURRENTLY links.links_title;
