== 001_odd.sql
CREATE TABLE "order" ("group" INTEGER PRIMARY KEY, "select" TEXT NOT NULL, [from where] TEXT, `back tick` TEXT);
CREATE TABLE [group] (id INTEGER PRIMARY KEY, "order" INTEGER NOT NULL REFERENCES "order" ("group"));
CREATE INDEX "group order" ON [group] ("order");
CREATE TABLE "we""ird" ("a""b" TEXT NOT NULL, "it's" TEXT);
CREATE TABLE "#tags" ("@name" TEXT PRIMARY KEY, "100%" INTEGER);
CREATE TABLE "Größe" ("Länge" INTEGER NOT NULL, "写真" TEXT, "😀" TEXT UNIQUE);
CREATE TABLE 'single' ('quoted' TEXT);
CREATE TABLE "select from" ("" TEXT, " " TEXT);
CREATE VIEW "a view" AS SELECT o."select", g.id FROM "order" AS o JOIN [group] AS g ON g."order" = o."group";
CREATE VIEW "we""iew" AS SELECT "a""b" FROM "we""ird";
CREATE VIEW "#view" AS SELECT "@name" FROM "#tags";
CREATE TRIGGER "the ""trigger""" AFTER INSERT ON "we""ird" BEGIN INSERT INTO "#tags" ("@name") VALUES (new."it's"); END;
CREATE TRIGGER "größer" AFTER UPDATE OF "Länge" ON "Größe" BEGIN UPDATE "Größe" SET "写真" = 'neu' WHERE "😀" = new."😀" AND "写真" IS NULL; END;
-- migrate:down
DROP VIEW "#view";
DROP VIEW "we""iew";
DROP VIEW "a view";
DROP TABLE "select from";
DROP TABLE single;
DROP TABLE "Größe";
DROP TABLE "#tags";
DROP TABLE "we""ird";
DROP TABLE [group];
DROP TABLE "order";
== 002_change.sql
ALTER TABLE "order" ADD COLUMN "limit" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "we""ird" RENAME COLUMN "a""b" TO "c""d";
ALTER TABLE "#tags" RENAME TO "$tags";
UPDATE 'single' SET quoted = 'x' WHERE quoted IS NULL;
UPDATE "Größe" SET "Länge" = "Länge" * 2;
ALTER TABLE "Größe" RENAME COLUMN "写真" TO "фото";
INSERT INTO "we""ird" ("c""d", "it's") VALUES ('x', 'y');
-- migrate:down
DELETE FROM "we""ird" WHERE "it's" = 'y';
DELETE FROM "$tags" WHERE "@name" = 'y';
ALTER TABLE "Größe" RENAME COLUMN "фото" TO "写真";
UPDATE "Größe" SET "Länge" = "Länge" / 2;
ALTER TABLE "$tags" RENAME TO "#tags";
ALTER TABLE "we""ird" RENAME COLUMN "c""d" TO "a""b";
ALTER TABLE "order" DROP COLUMN "limit";
== 003_rebuild.sql
DROP VIEW "we""iew";
CREATE TABLE "new we""ird" ("c""d" TEXT NOT NULL CHECK ("c""d" <> ''), "it's" TEXT);
INSERT INTO "new we""ird" SELECT coalesce(nullif("c""d", ''), '-'), "it's" FROM "we""ird";
DROP TABLE "we""ird";
ALTER TABLE "new we""ird" RENAME TO "we""ird";
CREATE TRIGGER "the ""trigger""" AFTER INSERT ON "we""ird" BEGIN INSERT INTO "$tags" ("@name") VALUES (new."it's"); END;
CREATE VIEW "we""iew" AS SELECT "c""d" FROM "we""ird";
-- migrate:down
DROP VIEW "we""iew";
CREATE TABLE "old we""ird" ("c""d" TEXT NOT NULL, "it's" TEXT);
INSERT INTO "old we""ird" SELECT "c""d", "it's" FROM "we""ird";
DROP TABLE "we""ird";
ALTER TABLE "old we""ird" RENAME TO "we""ird";
CREATE TRIGGER "the ""trigger""" AFTER INSERT ON "we""ird" BEGIN INSERT INTO "$tags" ("@name") VALUES (new."it's"); END;
CREATE VIEW "we""iew" AS SELECT "c""d" FROM "we""ird";
== 004_drop.sql
-- migrate: irreversible "they were odd"
DROP TABLE IF EXISTS "we""ird_not_there";
DROP VIEW "#view";
DROP TABLE "$tags";
DROP VIEW "we""iew";
DROP TABLE "we""ird";
