ATTACH 'other.db' AS other;
CREATE TABLE copy AS SELECT * FROM other.users;
DETACH other;
