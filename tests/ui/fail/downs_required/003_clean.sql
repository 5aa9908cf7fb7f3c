-- migrate: irreversible "rows are gone"
DELETE FROM users WHERE id < 10;
