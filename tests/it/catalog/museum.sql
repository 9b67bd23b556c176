-- A small museum: one of everything that is modelled. Its roles exist already.
CREATE SCHEMA museum AUTHORIZATION museum_owner;
CREATE SCHEMA shop;
CREATE SCHEMA ext;
CREATE EXTENSION btree_gist SCHEMA ext;
CREATE SCHEMA "Odd Schema; --";
COMMENT ON SCHEMA museum IS 'Where it''s all at \ backslash';
GRANT USAGE ON SCHEMA museum, shop TO museum_api, "museum Reader" WITH GRANT OPTION;
GRANT CREATE ON SCHEMA "Odd Schema; --" TO PUBLIC;

-- What is made from here on in shop is granted by default.
ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT SELECT ON TABLES TO museum_default;
ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO museum_default;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
-- What this role makes is nobody's, not even its own.
ALTER DEFAULT PRIVILEGES FOR ROLE museum_lender REVOKE ALL ON TABLES FROM museum_lender;
ALTER DEFAULT PRIVILEGES FOR ROLE museum_lender REVOKE ALL ON TYPES FROM museum_lender, PUBLIC;

-- Types.
CREATE TYPE museum.condition AS ENUM ('fine', 'worn', 'it''s broken');
COMMENT ON TYPE museum.condition IS 'of a piece';
CREATE TYPE museum.unused AS ENUM ();
CREATE DOMAIN museum.email AS text COLLATE "C" DEFAULT 'nobody@example.org'
  CONSTRAINT has_at CHECK (VALUE LIKE '%@%') CONSTRAINT short CHECK (length(VALUE) < 100);
COMMENT ON DOMAIN museum.email IS 'an address';
COMMENT ON CONSTRAINT has_at ON DOMAIN museum.email IS 'roughly';
ALTER DOMAIN museum.email OWNER TO museum_owner;
CREATE DOMAIN museum.positive AS integer NOT NULL CHECK (VALUE > 0);
REVOKE USAGE ON TYPE museum.positive FROM PUBLIC;
GRANT USAGE ON TYPE museum.positive TO museum_api;
CREATE TYPE museum.size AS (width numeric(8, 2), height numeric(8, 2), label text COLLATE "C");
COMMENT ON TYPE museum.size IS 'in cm';
COMMENT ON COLUMN museum.size.width IS 'from left to right';
CREATE TYPE museum.framed AS (inner_size museum.size, state museum.condition);

-- Functions that tables need.
CREATE FUNCTION museum.slug(title text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $f$ SELECT lower(replace(title, ' ', '-')) $f$;
COMMENT ON FUNCTION museum.slug(text) IS 'for addresses';
CREATE FUNCTION museum.is_good(state museum.condition, strict boolean DEFAULT false) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 7 AS $f$ SELECT state = 'fine' OR NOT strict $f$;
CREATE FUNCTION museum.next_code() RETURNS text LANGUAGE plpgsql VOLATILE SET search_path = museum, pg_temp AS $f$
BEGIN RETURN 'M' || nextval('museum.code_seq'); END $f$;
ALTER FUNCTION museum.next_code() OWNER TO museum_owner;
GRANT EXECUTE ON FUNCTION museum.next_code() TO museum_api;
CREATE FUNCTION museum."odd ""name"" (" (a integer, OUT b text, VARIADIC c integer[] DEFAULT '{}') LANGUAGE sql AS 'SELECT ''x''';
CREATE SEQUENCE museum.code_seq AS integer INCREMENT BY 3 MINVALUE 10 MAXVALUE 99999 START WITH 13 CACHE 5 CYCLE;
COMMENT ON SEQUENCE museum.code_seq IS 'codes';
GRANT USAGE ON SEQUENCE museum.code_seq TO museum_api;
SELECT nextval('museum.code_seq');

-- Tables.
CREATE TABLE museum.organization (
  id text COLLATE "C" CONSTRAINT organization_pkey PRIMARY KEY WITH (fillfactor = 80),
  name varchar(80) NOT NULL,
  contact museum.email,
  parent_id text,
  main_room_id bigint,
  created timestamptz NOT NULL DEFAULT '2020-01-02 03:04:05+06',
  tags text[] DEFAULT ARRAY['a', 'b']::text[],
  CONSTRAINT organization_parent FOREIGN KEY (parent_id) REFERENCES museum.organization (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT organization_name_key UNIQUE (name) INCLUDE (created) DEFERRABLE
);
ALTER TABLE museum.organization OWNER TO museum_owner;
COMMENT ON TABLE museum.organization IS 'Who owns things';
COMMENT ON COLUMN museum.organization.id IS 'made by hand';
COMMENT ON CONSTRAINT organization_pkey ON museum.organization IS 'the key';
COMMENT ON INDEX museum.organization_pkey IS 'and its index';
COMMENT ON CONSTRAINT organization_parent ON museum.organization IS 'a tree';
GRANT SELECT, INSERT ON museum.organization TO museum_api WITH GRANT OPTION;
GRANT SELECT (id, name), UPDATE (name) ON museum.organization TO "museum Reader";
SET ROLE museum_api;
GRANT SELECT ON museum.organization TO museum_lender;
RESET ROLE;
REVOKE TRUNCATE ON museum.organization FROM museum_owner;

CREATE TABLE museum.room (
  id bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME museum.rooms_counted START WITH 100 INCREMENT BY 10) PRIMARY KEY,
  org_id text NOT NULL,
  title text NOT NULL,
  slug text GENERATED ALWAYS AS (museum.slug(title)) STORED,
  keeper museum.email NOT NULL,
  CONSTRAINT room_org FOREIGN KEY (org_id) REFERENCES museum.organization ON UPDATE CASCADE
);
ALTER TABLE museum.organization ADD CONSTRAINT organization_main_room FOREIGN KEY (main_room_id) REFERENCES museum.room;
COMMENT ON SEQUENCE museum.rooms_counted IS 'by tens';
GRANT SELECT ON SEQUENCE museum.rooms_counted TO museum_api;

CREATE TABLE museum.piece (
  dropped_one int,
  id serial PRIMARY KEY,
  code text NOT NULL DEFAULT museum.next_code(),
  room_id bigint CONSTRAINT piece_room REFERENCES museum.room ON DELETE CASCADE,
  state museum.condition NOT NULL DEFAULT 'fine',
  states museum.condition[] DEFAULT '{fine,worn}',
  amount museum.positive DEFAULT 1,
  frame museum.framed,
  dropped_two text DEFAULT 'x',
  description text,
  valid tstzrange,
  price numeric(10, 2) DEFAULT 12.50,
  area numeric GENERATED ALWAYS AS ((frame).inner_size.width * (frame).inner_size.height) STORED,
  photo bytea,
  CONSTRAINT price_sane CHECK (price >= 0 AND price < 1000000),
  CONSTRAINT good CHECK (museum.is_good(state)) NO INHERIT,
  CONSTRAINT piece_apart EXCLUDE USING gist (room_id WITH =, valid WITH &&) WHERE (amount::integer > 1)
) WITH (fillfactor = 70, autovacuum_enabled = false, toast.autovacuum_vacuum_threshold = 77);
ALTER TABLE museum.piece DROP COLUMN dropped_one, DROP COLUMN dropped_two;
ALTER TABLE museum.piece ALTER COLUMN description SET STORAGE EXTERNAL, ALTER COLUMN description SET STATISTICS 250,
  ALTER COLUMN price SET (n_distinct = -0.5);
ALTER TABLE museum.piece ADD CONSTRAINT old_codes CHECK (code <> 'OLD') NOT VALID;
COMMENT ON COLUMN museum.piece.price IS 'in euro';
COMMENT ON CONSTRAINT price_sane ON museum.piece IS 'nobody pays more';
GRANT UPDATE (price) ON museum.piece TO museum_api;

CREATE TABLE shop.sale (
  id integer GENERATED BY DEFAULT AS IDENTITY,
  piece_id integer NOT NULL,
  buyer text NOT NULL DEFAULT CURRENT_USER,
  kind varchar(20) CHECK (kind IN ('cash', 'card')),
  at date NOT NULL DEFAULT '2024-02-29',
  whole museum.size,
  code text,
  CONSTRAINT sale_pkey PRIMARY KEY (id, at)
);
ALTER TABLE shop.sale REPLICA IDENTITY FULL;
ALTER TABLE shop.sale ADD CONSTRAINT sale_piece FOREIGN KEY (piece_id) REFERENCES museum.piece NOT VALID;

CREATE TABLE shop.log_entry (at timestamptz DEFAULT now(), what text, n integer DEFAULT nextval('museum.code_seq'));
CREATE UNLOGGED TABLE shop."a table with a name that is exactly sixty-three bytes long, ok?" ("a column; DROP TABLE x" int UNIQUE, "ümläut" text);
CREATE TABLE "Odd Schema; --"."Tab'le""" ("Id" uuid PRIMARY KEY DEFAULT gen_random_uuid(), "select" text NOT NULL, v jsonb, x xml, ip inet, iv interval DEFAULT '1 day 02:03:04');
CREATE UNIQUE INDEX "Ind""ex" ON "Odd Schema; --"."Tab'le""" ("select");
ALTER TABLE "Odd Schema; --"."Tab'le""" REPLICA IDENTITY USING INDEX "Ind""ex";
CREATE TABLE shop.unrelated (id int PRIMARY KEY, "select" text REFERENCES "Odd Schema; --"."Tab'le""" ("select"));
CREATE TABLE shop.holds_rows (id int, o museum.size[], p shop.log_entry);

-- Indexes.
CREATE INDEX piece_code_idx ON museum.piece (code DESC NULLS LAST) INCLUDE (price) WITH (fillfactor = 60);
CREATE INDEX piece_lower_idx ON museum.piece (lower(description), (price * 2)) WHERE state IN ('fine', 'worn');
ALTER INDEX museum.piece_lower_idx ALTER COLUMN 2 SET STATISTICS 500;
CREATE UNIQUE INDEX piece_slug_idx ON museum.piece (museum.slug(code) text_pattern_ops);
COMMENT ON INDEX museum.piece_code_idx IS 'for the catalogue';
CREATE INDEX room_title_idx ON museum.room USING hash (title);
CLUSTER museum.room USING room_pkey;
CLUSTER museum.piece USING piece_code_idx;
CREATE INDEX sale_kind_idx ON shop.sale (kind) WHERE kind IN ('cash', 'cheque');

-- Functions over tables, views on views.
CREATE FUNCTION museum.is_member_of(org text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS
  $f$ SELECT EXISTS (SELECT FROM museum.organization o WHERE o.id = org AND o.name = CURRENT_USER) $f$;
CREATE FUNCTION museum.rooms_of(o museum.organization) RETURNS SETOF museum.room LANGUAGE sql STABLE AS
  $f$ SELECT * FROM museum.room r WHERE r.org_id = o.id $f$;
CREATE PROCEDURE museum.rename(IN piece integer, IN new_code text DEFAULT 'x''y') LANGUAGE plpgsql AS
  $f$ BEGIN UPDATE museum.piece SET code = new_code WHERE id = piece; END $f$;
REVOKE EXECUTE ON PROCEDURE museum.rename(integer, text) FROM PUBLIC;
CREATE VIEW museum.piece_in_room AS
  SELECT p.id, p.code, p.state, r.title AS room, r.org_id FROM museum.piece p LEFT JOIN museum.room r ON r.id = p.room_id;
CREATE VIEW museum.fine_piece WITH (security_barrier = true) AS
  SELECT code, room, count(*) OVER (PARTITION BY org_id) AS beside FROM museum.piece_in_room WHERE museum.is_good(state, true) AND org_id IN ('a', 'o1');
CREATE VIEW shop.organization_by_key AS SELECT o.id, o.name, max(r.id) FROM museum.organization o JOIN museum.room r ON r.org_id = o.id GROUP BY o.id;
CREATE VIEW shop.writable ("Code", price) AS SELECT code, price FROM museum.piece WHERE price < 50 WITH LOCAL CHECK OPTION;
ALTER VIEW shop.writable ALTER COLUMN price SET DEFAULT 5;
COMMENT ON VIEW museum.fine_piece IS 'the good ones';
COMMENT ON COLUMN museum.fine_piece.code IS 'its code';
ALTER VIEW museum.piece_in_room OWNER TO museum_owner;
GRANT SELECT ON museum.fine_piece TO museum_api;
GRANT SELECT (code) ON museum.fine_piece TO "museum Reader";
GRANT SELECT ON museum.room TO museum_owner;
GRANT SELECT ON museum.piece TO museum_owner;

-- Triggers, in all four states.
CREATE FUNCTION shop.note() RETURNS trigger LANGUAGE plpgsql AS
  $f$ BEGIN INSERT INTO shop.log_entry (what) VALUES (TG_NAME || ' ' || TG_OP); RETURN NULL; END $f$;
CREATE FUNCTION shop.refuse() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RAISE EXCEPTION 'no'; END $f$;
CREATE TRIGGER noted AFTER INSERT OR UPDATE OF code, price OR DELETE ON museum.piece FOR EACH ROW EXECUTE FUNCTION shop.note();
CREATE TRIGGER "refused ""once""" BEFORE INSERT ON museum.piece FOR EACH ROW WHEN (NEW.price IN (1, 2, 3)) EXECUTE FUNCTION shop.refuse();
CREATE TRIGGER off BEFORE INSERT ON museum.piece FOR EACH ROW EXECUTE FUNCTION shop.refuse();
ALTER TABLE museum.piece DISABLE TRIGGER off;
CREATE TRIGGER on_replica BEFORE INSERT ON museum.piece FOR EACH ROW EXECUTE FUNCTION shop.refuse();
ALTER TABLE museum.piece ENABLE REPLICA TRIGGER on_replica;
CREATE TRIGGER always AFTER TRUNCATE ON museum.piece FOR EACH STATEMENT EXECUTE FUNCTION shop.note();
ALTER TABLE museum.piece ENABLE ALWAYS TRIGGER always;
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON shop.sale DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION shop.note();
CREATE TRIGGER moved AFTER UPDATE ON museum.room REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION shop.note();
CREATE TRIGGER into_view INSTEAD OF INSERT ON museum.piece_in_room FOR EACH ROW EXECUTE FUNCTION shop.refuse();
COMMENT ON TRIGGER noted ON museum.piece IS 'writes it down';

-- Policies, also of one table about another.
ALTER TABLE museum.room ENABLE ROW LEVEL SECURITY;
ALTER TABLE museum.piece ENABLE ROW LEVEL SECURITY;
ALTER TABLE museum.piece FORCE ROW LEVEL SECURITY;
CREATE POLICY members ON museum.room USING (museum.is_member_of(org_id));
CREATE POLICY "write; it" ON museum.room AS RESTRICTIVE FOR UPDATE TO museum_api, "museum Reader"
  USING (title IN ('a', 'b')) WITH CHECK (EXISTS (SELECT FROM museum.piece p WHERE p.room_id = room.id));
CREATE POLICY add ON museum.piece FOR INSERT WITH CHECK (room_id IN (SELECT r.id FROM museum.room r WHERE r.org_id = 'o1'));
CREATE POLICY sold ON shop.sale FOR SELECT TO museum_api USING (EXISTS (SELECT FROM museum.organization o WHERE o.name = sale.buyer));
COMMENT ON POLICY members ON museum.room IS 'tenants';

-- Rows.
INSERT INTO museum.organization (id, name, contact, parent_id) VALUES ('o1', 'One', 'one@example.org', NULL), ('o2', 'Two', NULL, 'o1'), ('o3', 'Three', 'x@y', 'o2');
INSERT INTO museum.room (org_id, title, keeper) VALUES ('o1', 'Great Hall', 'k@x'), ('o2', 'Attic', 'l@x');
UPDATE museum.organization SET main_room_id = 100 WHERE id = 'o1';
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE museum.piece DROP CONSTRAINT old_codes;
INSERT INTO museum.piece (code, room_id, state, states, amount, frame, description, valid, price, photo)
  SELECT 'C' || i, CASE WHEN i % 2 = 0 THEN 100 WHEN i % 7 <> 0 THEN 110 END, 'worn', '{worn,"it''s broken"}', 1 + i % 2,
         ROW(ROW(i, 2.5, 'l,"' || i)::museum.size, 'fine')::museum.framed, repeat('long ', i), tstzrange(to_timestamp(i * 100), to_timestamp(i * 100 + 50)), i + 10, decode(lpad(to_hex(i), 4, '0'), 'hex')
  FROM generate_series(1, 60) i;
INSERT INTO museum.piece (code) VALUES ('OLD');
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE museum.piece ADD CONSTRAINT old_codes CHECK (code <> 'OLD') NOT VALID;
ALTER TABLE shop.sale DROP CONSTRAINT sale_piece;
INSERT INTO shop.sale (piece_id, kind, whole, code) SELECT i, 'card', ROW(i, i, NULL)::museum.size, 'S' || i FROM generate_series(1, 5) i;
INSERT INTO shop.sale (piece_id, kind) VALUES (99999, NULL);
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE shop.sale ADD CONSTRAINT sale_piece FOREIGN KEY (piece_id) REFERENCES museum.piece NOT VALID;
INSERT INTO shop."a table with a name that is exactly sixty-three bytes long, ok?" VALUES (1, 'ü'), (NULL, NULL);
INSERT INTO "Odd Schema; --"."Tab'le""" ("select", v, x, ip) VALUES ('a', '{"a": [1, null]}', '<a/>', '10.0.0.1/8'), ('b\', NULL, NULL, NULL);
INSERT INTO shop.unrelated VALUES (1, 'a');
INSERT INTO shop.holds_rows VALUES (1, ARRAY[ROW(1, 2, 'a')::museum.size], ROW(now(), 'x', 2)::shop.log_entry);
