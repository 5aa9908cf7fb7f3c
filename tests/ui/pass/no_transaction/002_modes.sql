-- migrate: no-transaction
PRAGMA journal_mode = WAL;
PRAGMA page_size = 8192;
PRAGMA auto_vacuum = FULL;
VACUUM;
-- migrate:down
-- migrate: no-transaction
VACUUM;
