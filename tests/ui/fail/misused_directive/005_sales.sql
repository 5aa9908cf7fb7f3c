-- migrate: allow drop-table "nobody uses it"
DROP TABLE stock;
