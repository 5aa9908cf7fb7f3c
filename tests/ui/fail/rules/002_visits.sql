DROP TABLE visits;
-- migrate: allow returns-rows "the function sets a switch"
SELECT enable_search();
DELETE FROM sqlite_stat1 WHERE tbl = 'visits';
