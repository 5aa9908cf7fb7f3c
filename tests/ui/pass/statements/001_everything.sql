-- A semicolon; in a comment, and 'one quote.
/* BEGIN; COMMIT; ? */
CREATE TABLE "odd; name"(
    [id]  INTEGER PRIMARY KEY,
    `n`   TEXT NOT NULL DEFAULT 'it''s; :here' CHECK (n <> '?'),
    total REAL GENERATED ALWAYS AS (id * 1.5) STORED
) STRICT;

CREATE TRIGGER stamped AFTER INSERT ON "odd; name"
BEGIN
    UPDATE "odd; name"
    SET n = CASE WHEN new.id > 1 THEN 'many' ELSE 'one; END;' END
    WHERE id = new.id;
    SELECT 1;
END;

CREATE VIRTUAL TABLE words USING fts5(body, tokenize = 'unicode61');;
CREATE UNIQUE INDEX "by n" ON "odd; name"(n COLLATE NOCASE) WHERE id > 0;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2)
INSERT INTO "odd; name"(id) SELECT i FROM n;
PRAGMA user_version = 7;
INSERT INTO words(body) VALUES ('größe 数 🙂')