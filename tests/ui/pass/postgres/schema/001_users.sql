-- Texts, bodies and operators that SQLite would cut elsewhere.
CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL DEFAULT E'it\'s; a name',
    tags jsonb NOT NULL DEFAULT '{}'::jsonb,
    /* one /* in another; */ */
    CHECK (tags ? 'a' OR tags->>'b' <> $$; "$$)
);

CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    NEW.name := 'a;'; -- it's
    RETURN NEW;
END
$body$;

CREATE FUNCTION double(n int) RETURNS int
BEGIN ATOMIC
    SELECT CASE WHEN $1 > 0 THEN $1 * 2 ELSE 0 END;
END;

CREATE RULE quiet AS ON DELETE TO users DO INSTEAD (SELECT 1; SELECT 2);

-- migrate:down
DROP FUNCTION double;
DROP TABLE users;
DROP FUNCTION touch;
