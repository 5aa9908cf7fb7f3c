PRAGMA journal_mode = WAL;
pragma main.synchronous(1);
PRAGMA wal_checkpoint;
PRAGMA writable_schema = ON;
