-- What they keep.
CREATE SCHEMA links;

CREATE TYPE links.visibility AS ENUM ('private', 'organization', 'public');

CREATE TABLE links.links (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES accounts.users (id) ON DELETE CASCADE,
    url text NOT NULL,
    title text NOT NULL,
    visibility links.visibility NOT NULL DEFAULT 'private',
    saved_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (user_id, url)
);
-- migrate:down
DROP TABLE links.links;
DROP TYPE links.visibility;
DROP SCHEMA links;
