CREATE TABLE users (
    id bigint PRIMARY KEY AUTOINCREMENT,
    name text
);
CREATE FUNCTION names() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT name FORM users
$$;
CREATE TABEL more (id bigint);
