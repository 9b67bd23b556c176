-- Names and texts that nobody would choose: quotes, dollars, comments, backslashes, line breaks, other alphabets, and names
-- of exactly 63 bytes, in every kind of object.
CREATE SCHEMA "s""$$--\'
ü";
COMMENT ON SCHEMA "s""$$--\'
ü" IS E'it''s $$ -- \\ \n "ü" $_$ /* ';

CREATE TYPE "s""$$--\'
ü"."e""$$--\'
ü" AS ENUM ('a', 'it''s $$ -- "b"', E'back\\slash\nü');
CREATE DOMAIN "s""$$--\'
ü"."d""$$--\'
ü" AS text CONSTRAINT "c""$$--\'
ü" CHECK (VALUE <> E'\\ $$ ''\n');
COMMENT ON CONSTRAINT "c""$$--\'
ü" ON DOMAIN "s""$$--\'
ü"."d""$$--\'
ü" IS E'a\\b''c\n';
CREATE TYPE "s""$$--\'
ü"."t""$$--\'
ü" AS ("a""$$--\'
ü" integer, b text);
CREATE TYPE "s""$$--\'
ü"."r""$$--\'
ü" AS RANGE (SUBTYPE = numeric);
CREATE SEQUENCE "s""$$--\'
ü"."q""$$--\'
ü";
CREATE FUNCTION "s""$$--\'
ü"."f""$$--\'
ü"("x""$$--\'
ü" integer, y text DEFAULT E'$$ ''\\') RETURNS integer LANGUAGE sql IMMUTABLE AS E'SELECT 1 -- $function$ \\ ''$$''';
CREATE AGGREGATE "s""$$--\'
ü"."g""$$--\'
ü"("x""$$--\'
ü" integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0');
CREATE TABLE "s""$$--\'
ü"."t2""$$--\'
ü" (
  "i""$$--\'
ü" integer GENERATED ALWAYS AS IDENTITY CONSTRAINT "p""$$--\'
ü" PRIMARY KEY,
  "v""$$--\'
ü" varchar(90) DEFAULT E'it''s \\ $$ \n' CONSTRAINT "k""$$--\'
ü" CHECK ("v""$$--\'
ü" IN ('a', E'it''s \\ $$ \n', '(ARRAY[')),
  "n""$$--\'
ü" integer DEFAULT nextval('"s""$$--\''
ü"."q""$$--\''
ü"'),
  "w""$$--\'
ü" "s""$$--\'
ü"."e""$$--\'
ü" DEFAULT E'back\\slash\nü',
  "z""$$--\'
ü" "s""$$--\'
ü"."r""$$--\'
ü",
  "y""$$--\'
ü" "s""$$--\'
ü"."d""$$--\'
ü",
  "g""$$--\'
ü" integer GENERATED ALWAYS AS ("s""$$--\'
ü"."f""$$--\'
ü"("i""$$--\'
ü")) STORED
);
CREATE TABLE "s""$$--\'
ü"."t3""$$--\'
ü" ("i""$$--\'
ü" integer CONSTRAINT "fk""$$--\'
ü" REFERENCES "s""$$--\'
ü"."t2""$$--\'
ü" UNIQUE DEFERRABLE);
CREATE TABLE "s""$$--\'
ü"."t4""$$--\'
ü" OF "s""$$--\'
ü"."t""$$--\'
ü" (b WITH OPTIONS DEFAULT '$$');
COMMENT ON COLUMN "s""$$--\'
ü"."t2""$$--\'
ü"."v""$$--\'
ü" IS E'$$ \\ '' -- \n ü';
COMMENT ON CONSTRAINT "k""$$--\'
ü" ON "s""$$--\'
ü"."t2""$$--\'
ü" IS 'it''s';
GRANT SELECT ("v""$$--\'
ü") ON "s""$$--\'
ü"."t2""$$--\'
ü" TO "museum Reader" WITH GRANT OPTION;
INSERT INTO "s""$$--\'
ü"."t2""$$--\'
ü" ("v""$$--\'
ü") VALUES (DEFAULT), ('a');
INSERT INTO "s""$$--\'
ü"."t3""$$--\'
ü" VALUES (1);
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE "s""$$--\'
ü"."t3""$$--\'
ü" DISABLE TRIGGER ALL;
CREATE INDEX "x""$$--\'
ü" ON "s""$$--\'
ü"."t2""$$--\'
ü" ("v""$$--\'
ü") WHERE "v""$$--\'
ü" IN ('a', E'\\');
COMMENT ON INDEX "s""$$--\'
ü"."x""$$--\'
ü" IS '$$';
CREATE VIEW "s""$$--\'
ü"."w1""$$--\'
ü" AS SELECT "v""$$--\'
ü", "i""$$--\'
ü" AS "j""$$--\'
ü" FROM "s""$$--\'
ü"."t2""$$--\'
ü" WHERE "v""$$--\'
ü" NOT IN ('a', E'\\ $$');
ALTER VIEW "s""$$--\'
ü"."w1""$$--\'
ü" ALTER COLUMN "v""$$--\'
ü" SET DEFAULT E'\\';
CREATE MATERIALIZED VIEW "s""$$--\'
ü"."m""$$--\'
ü" AS SELECT "v""$$--\'
ü" AS "o""$$--\'
ü", "s""$$--\'
ü"."g""$$--\'
ü"("j""$$--\'
ü") FROM "s""$$--\'
ü"."w1""$$--\'
ü" GROUP BY 1;
CREATE INDEX "mx""$$--\'
ü" ON "s""$$--\'
ü"."m""$$--\'
ü" ("o""$$--\'
ü");
COMMENT ON COLUMN "s""$$--\'
ü"."m""$$--\'
ü"."o""$$--\'
ü" IS '$$';
CREATE STATISTICS "s""$$--\'
ü"."st""$$--\'
ü" ON "v""$$--\'
ü", "n""$$--\'
ü" FROM "s""$$--\'
ü"."t2""$$--\'
ü";
CREATE RULE "ru""$$--\'
ü" AS ON INSERT TO "s""$$--\'
ü"."t2""$$--\'
ü" WHERE NEW."v""$$--\'
ü" IN ('x', E'\\') DO ALSO DELETE FROM "s""$$--\'
ü"."t3""$$--\'
ü" WHERE "i""$$--\'
ü" = 77;
ALTER TABLE "s""$$--\'
ü"."t2""$$--\'
ü" DISABLE RULE "ru""$$--\'
ü";
COMMENT ON RULE "ru""$$--\'
ü" ON "s""$$--\'
ü"."t2""$$--\'
ü" IS '$$';
CREATE TRIGGER "tr""$$--\'
ü" BEFORE UPDATE ON "s""$$--\'
ü"."t2""$$--\'
ü" FOR EACH ROW WHEN (OLD."v""$$--\'
ü" IN ('a', E'\\')) EXECUTE FUNCTION suppress_redundant_updates_trigger(E'$$ ''\\');
ALTER TABLE "s""$$--\'
ü"."t2""$$--\'
ü" ENABLE ALWAYS TRIGGER "tr""$$--\'
ü";
CREATE POLICY "po""$$--\'
ü" ON "s""$$--\'
ü"."t2""$$--\'
ü" USING ("v""$$--\'
ü" IN ('a', E'it''s \\'));
ALTER TABLE "s""$$--\'
ü"."t2""$$--\'
ü" CLUSTER ON "p""$$--\'
ü";
CREATE PUBLICATION "pu""$$--\'
ü" FOR TABLE "s""$$--\'
ü"."t2""$$--\'
ü" WITH (publish = 'insert');
COMMENT ON PUBLICATION "pu""$$--\'
ü" IS '$$';
CREATE SCHEMA "schema of sixty-three bytes, which is all that a name can ever ";

CREATE TYPE "schema of sixty-three bytes, which is all that a name can ever "."e of sixty-three bytes, which is all that a name can ever have " AS ENUM ('a', 'it''s $$ -- "b"', E'back\\slash\nü');
CREATE DOMAIN "schema of sixty-three bytes, which is all that a name can ever "."d of sixty-three bytes, which is all that a name can ever have " AS text CONSTRAINT "c of sixty-three bytes, which is all that a name can ever have " CHECK (VALUE <> E'\\ $$ ''\n');
COMMENT ON CONSTRAINT "c of sixty-three bytes, which is all that a name can ever have " ON DOMAIN "schema of sixty-three bytes, which is all that a name can ever "."d of sixty-three bytes, which is all that a name can ever have " IS E'a\\b''c\n';
CREATE TYPE "schema of sixty-three bytes, which is all that a name can ever "."t of sixty-three bytes, which is all that a name can ever have " AS ("a of sixty-three bytes, which is all that a name can ever have " integer, b text);
CREATE TYPE "schema of sixty-three bytes, which is all that a name can ever "."r of sixty-three bytes, which is all that a name can ever have " AS RANGE (SUBTYPE = numeric);
CREATE SEQUENCE "schema of sixty-three bytes, which is all that a name can ever "."q of sixty-three bytes, which is all that a name can ever have ";
CREATE FUNCTION "schema of sixty-three bytes, which is all that a name can ever "."f of sixty-three bytes, which is all that a name can ever have "("x of sixty-three bytes, which is all that a name can ever have " integer, y text DEFAULT E'$$ ''\\') RETURNS integer LANGUAGE sql IMMUTABLE AS E'SELECT 1 -- $function$ \\ ''$$''';
CREATE AGGREGATE "schema of sixty-three bytes, which is all that a name can ever "."g of sixty-three bytes, which is all that a name can ever have "("x of sixty-three bytes, which is all that a name can ever have " integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0');
CREATE TABLE "schema of sixty-three bytes, which is all that a name can ever "."t2 of sixty-three bytes, which is all that a name can ever have" (
  "i of sixty-three bytes, which is all that a name can ever have " integer GENERATED ALWAYS AS IDENTITY CONSTRAINT "p of sixty-three bytes, which is all that a name can ever have " PRIMARY KEY,
  "v of sixty-three bytes, which is all that a name can ever have " varchar(90) DEFAULT E'it''s \\ $$ \n' CONSTRAINT "k of sixty-three bytes, which is all that a name can ever have " CHECK ("v of sixty-three bytes, which is all that a name can ever have " IN ('a', E'it''s \\ $$ \n', '(ARRAY[')),
  "n of sixty-three bytes, which is all that a name can ever have " integer DEFAULT nextval('"schema of sixty-three bytes, which is all that a name can ever "."q of sixty-three bytes, which is all that a name can ever have "'),
  "w of sixty-three bytes, which is all that a name can ever have " "schema of sixty-three bytes, which is all that a name can ever "."e of sixty-three bytes, which is all that a name can ever have " DEFAULT E'back\\slash\nü',
  "z of sixty-three bytes, which is all that a name can ever have " "schema of sixty-three bytes, which is all that a name can ever "."r of sixty-three bytes, which is all that a name can ever have ",
  "y of sixty-three bytes, which is all that a name can ever have " "schema of sixty-three bytes, which is all that a name can ever "."d of sixty-three bytes, which is all that a name can ever have ",
  "g of sixty-three bytes, which is all that a name can ever have " integer GENERATED ALWAYS AS ("schema of sixty-three bytes, which is all that a name can ever "."f of sixty-three bytes, which is all that a name can ever have "("i of sixty-three bytes, which is all that a name can ever have ")) STORED
);
CREATE TABLE "schema of sixty-three bytes, which is all that a name can ever "."t3 of sixty-three bytes, which is all that a name can ever have" ("i of sixty-three bytes, which is all that a name can ever have " integer CONSTRAINT "fk of sixty-three bytes, which is all that a name can ever have" REFERENCES "schema of sixty-three bytes, which is all that a name can ever "."t2 of sixty-three bytes, which is all that a name can ever have" UNIQUE DEFERRABLE);
CREATE TABLE "schema of sixty-three bytes, which is all that a name can ever "."t4 of sixty-three bytes, which is all that a name can ever have" OF "schema of sixty-three bytes, which is all that a name can ever "."t of sixty-three bytes, which is all that a name can ever have " (b WITH OPTIONS DEFAULT '$$');
COMMENT ON COLUMN "schema of sixty-three bytes, which is all that a name can ever "."t2 of sixty-three bytes, which is all that a name can ever have"."v of sixty-three bytes, which is all that a name can ever have " IS E'$$ \\ '' -- \n ü';
COMMENT ON CONSTRAINT "k of sixty-three bytes, which is all that a name can ever have " ON "schema of sixty-three bytes, which is all that a name can ever "."t2 of sixty-three bytes, which is all that a name can ever have" IS 'it''s';
GRANT SELECT ("v of sixty-three bytes, which is all that a name can ever have ") ON "schema of sixty-three bytes, which is all that a name can ever "."t2 of sixty-three bytes, which is all that a name can ever have" TO "museum Reader" WITH GRANT OPTION;
INSERT INTO "schema of sixty-three bytes, which is all that a name can ever "."t2 of sixty-three bytes, which is all that a name can ever have" ("v of sixty-three bytes, which is all that a name can ever have ") VALUES (DEFAULT), ('a');
INSERT INTO "schema of sixty-three bytes, which is all that a name can ever "."t3 of sixty-three bytes, which is all that a name can ever have" VALUES (1);
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE "schema of sixty-three bytes, which is all that a name can ever "."t3 of sixty-three bytes, which is all that a name can ever have" DISABLE TRIGGER ALL;
CREATE INDEX "x of sixty-three bytes, which is all that a name can ever have " ON "schema of sixty-three bytes, which is all that a name can ever "."t2 of sixty-three bytes, which is all that a name can ever have" ("v of sixty-three bytes, which is all that a name can ever have ") WHERE "v of sixty-three bytes, which is all that a name can ever have " IN ('a', E'\\');
COMMENT ON INDEX "schema of sixty-three bytes, which is all that a name can ever "."x of sixty-three bytes, which is all that a name can ever have " IS '$$';
CREATE VIEW "schema of sixty-three bytes, which is all that a name can ever "."w1 of sixty-three bytes, which is all that a name can ever have" AS SELECT "v of sixty-three bytes, which is all that a name can ever have ", "i of sixty-three bytes, which is all that a name can ever have " AS "j of sixty-three bytes, which is all that a name can ever have " FROM "schema of sixty-three bytes, which is all that a name can ever "."t2 of sixty-three bytes, which is all that a name can ever have" WHERE "v of sixty-three bytes, which is all that a name can ever have " NOT IN ('a', E'\\ $$');
ALTER VIEW "schema of sixty-three bytes, which is all that a name can ever "."w1 of sixty-three bytes, which is all that a name can ever have" ALTER COLUMN "v of sixty-three bytes, which is all that a name can ever have " SET DEFAULT E'\\';
CREATE MATERIALIZED VIEW "schema of sixty-three bytes, which is all that a name can ever "."m of sixty-three bytes, which is all that a name can ever have " AS SELECT "v of sixty-three bytes, which is all that a name can ever have " AS "o of sixty-three bytes, which is all that a name can ever have ", "schema of sixty-three bytes, which is all that a name can ever "."g of sixty-three bytes, which is all that a name can ever have "("j of sixty-three bytes, which is all that a name can ever have ") FROM "schema of sixty-three bytes, which is all that a name can ever "."w1 of sixty-three bytes, which is all that a name can ever have" GROUP BY 1;
CREATE INDEX "mx of sixty-three bytes, which is all that a name can ever have" ON "schema of sixty-three bytes, which is all that a name can ever "."m of sixty-three bytes, which is all that a name can ever have " ("o of sixty-three bytes, which is all that a name can ever have ");
COMMENT ON COLUMN "schema of sixty-three bytes, which is all that a name can ever "."m of sixty-three bytes, which is all that a name can ever have "."o of sixty-three bytes, which is all that a name can ever have " IS '$$';
CREATE STATISTICS "schema of sixty-three bytes, which is all that a name can ever "."st of sixty-three bytes, which is all that a name can ever have" ON "v of sixty-three bytes, which is all that a name can ever have ", "n of sixty-three bytes, which is all that a name can ever have " FROM "schema of sixty-three bytes, which is all that a name can ever "."t2 of sixty-three bytes, which is all that a name can ever have";
CREATE RULE "ru of sixty-three bytes, which is all that a name can ever have" AS ON INSERT TO "schema of sixty-three bytes, which is all that a name can ever "."t2 of sixty-three bytes, which is all that a name can ever have" WHERE NEW."v of sixty-three bytes, which is all that a name can ever have " IN ('x', E'\\') DO ALSO DELETE FROM "schema of sixty-three bytes, which is all that a name can ever "."t3 of sixty-three bytes, which is all that a name can ever have" WHERE "i of sixty-three bytes, which is all that a name can ever have " = 77;
ALTER TABLE "schema of sixty-three bytes, which is all that a name can ever "."t2 of sixty-three bytes, which is all that a name can ever have" DISABLE RULE "ru of sixty-three bytes, which is all that a name can ever have";
COMMENT ON RULE "ru of sixty-three bytes, which is all that a name can ever have" ON "schema of sixty-three bytes, which is all that a name can ever "."t2 of sixty-three bytes, which is all that a name can ever have" IS '$$';
CREATE TRIGGER "tr of sixty-three bytes, which is all that a name can ever have" BEFORE UPDATE ON "schema of sixty-three bytes, which is all that a name can ever "."t2 of sixty-three bytes, which is all that a name can ever have" FOR EACH ROW WHEN (OLD."v of sixty-three bytes, which is all that a name can ever have " IN ('a', E'\\')) EXECUTE FUNCTION suppress_redundant_updates_trigger(E'$$ ''\\');
ALTER TABLE "schema of sixty-three bytes, which is all that a name can ever "."t2 of sixty-three bytes, which is all that a name can ever have" ENABLE ALWAYS TRIGGER "tr of sixty-three bytes, which is all that a name can ever have";
CREATE POLICY "po of sixty-three bytes, which is all that a name can ever have" ON "schema of sixty-three bytes, which is all that a name can ever "."t2 of sixty-three bytes, which is all that a name can ever have" USING ("v of sixty-three bytes, which is all that a name can ever have " IN ('a', E'it''s \\'));
ALTER TABLE "schema of sixty-three bytes, which is all that a name can ever "."t2 of sixty-three bytes, which is all that a name can ever have" CLUSTER ON "p of sixty-three bytes, which is all that a name can ever have ";
CREATE PUBLICATION "pu of sixty-three bytes, which is all that a name can ever have" FOR TABLE "schema of sixty-three bytes, which is all that a name can ever "."t2 of sixty-three bytes, which is all that a name can ever have" WITH (publish = 'insert');
COMMENT ON PUBLICATION "pu of sixty-three bytes, which is all that a name can ever have" IS '$$';

-- Nobody can read a view that reads itself, but it is there.
CREATE VIEW "schema of sixty-three bytes, which is all that a name can ever ".mirror AS SELECT 1 AS a, 'x'::varchar(5) COLLATE "C" AS b;
CREATE OR REPLACE VIEW "schema of sixty-three bytes, which is all that a name can ever ".mirror AS SELECT a, b FROM "schema of sixty-three bytes, which is all that a name can ever ".mirror;
