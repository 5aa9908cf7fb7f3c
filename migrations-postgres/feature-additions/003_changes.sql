-- When a link was changed, whoever changes it.
ALTER TABLE links.links ADD COLUMN changed_at timestamptz;

CREATE FUNCTION links.touch() RETURNS trigger
LANGUAGE plpgsql AS $body$
BEGIN
    -- Nothing else has happened; the application need not say when.
    NEW.changed_at := now();
    RETURN NEW;
END;
$body$;

CREATE TRIGGER touch BEFORE UPDATE ON links.links
FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
EXECUTE FUNCTION links.touch();

CREATE FUNCTION links.domain(url text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN substring(url FROM '^[a-z]+://([^/:]+)');

CREATE VIEW links.recent AS
SELECT l.id, o.name AS organization, u.email, l.title, l.url, links.domain(l.url) AS domain,
       coalesce(l.changed_at, l.saved_at) AS at
FROM links.links AS l
JOIN accounts.users AS u ON u.id = l.user_id
JOIN accounts.organizations AS o ON o.id = u.organization_id;
-- migrate:down
DROP VIEW links.recent;
DROP FUNCTION links.domain(text);
DROP TRIGGER touch ON links.links;
DROP FUNCTION links.touch();
ALTER TABLE links.links DROP COLUMN changed_at;
