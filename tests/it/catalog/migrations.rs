//! What migrations do to databases, each by name. All names are qualified.

/// Name and SQL.
pub type Migration = (&'static str, &'static str);

/// Those for what `museum.sql` holds.
pub const MIGRATIONS: &[Migration] = &[
    ("nothing", "SELECT 1"),
    ("drop a table with cascade", "DROP TABLE museum.piece CASCADE"),
    ("drop the hub with cascade", "DROP TABLE museum.organization CASCADE"),
    ("drop every table", "DROP TABLE museum.organization, museum.room, museum.piece, shop.sale CASCADE"),
    (
        "retype keys",
        "ALTER TABLE museum.room DROP CONSTRAINT room_org; ALTER TABLE museum.organization DROP CONSTRAINT organization_parent;
         DROP POLICY members ON museum.room; DROP POLICY add ON museum.piece; DROP VIEW museum.piece_in_room CASCADE;
         DROP VIEW shop.organization_by_key; DROP FUNCTION museum.is_member_of(text);
         ALTER TABLE museum.organization ALTER id TYPE uuid USING md5(id)::uuid, ALTER parent_id TYPE uuid USING md5(parent_id)::uuid;
         ALTER TABLE museum.room ALTER org_id TYPE uuid USING md5(org_id)::uuid;
         ALTER TABLE museum.room ADD CONSTRAINT room_org FOREIGN KEY (org_id) REFERENCES museum.organization;
         CREATE FUNCTION museum.is_member_of(org uuid) RETURNS boolean LANGUAGE sql AS 'SELECT true';
         CREATE POLICY members ON museum.room USING (museum.is_member_of(org_id))",
    ),
    ("rename a column", "ALTER TABLE museum.piece RENAME COLUMN code TO piece_code"),
    ("rename a table", "ALTER TABLE museum.piece RENAME TO exhibit"),
    ("rename the hub and put another in its place", "ALTER TABLE museum.organization RENAME TO old_organization;
        CREATE TABLE museum.organization (id int PRIMARY KEY)"),
    ("rename a schema", "ALTER SCHEMA museum RENAME TO gallery"),
    ("rename the schema of default privileges", "ALTER SCHEMA shop RENAME TO store"),
    ("drop the schema of default privileges", "DROP SCHEMA shop CASCADE"),
    (
        "default privileges",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA shop REVOKE SELECT ON TABLES FROM museum_default; ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC;
         ALTER DEFAULT PRIVILEGES IN SCHEMA museum GRANT ALL ON SEQUENCES TO museum_api WITH GRANT OPTION; ALTER DEFAULT PRIVILEGES REVOKE ALL ON TYPES FROM PUBLIC;
         ALTER DEFAULT PRIVILEGES FOR ROLE museum_owner GRANT SELECT ON TABLES TO PUBLIC; ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO museum_lender;
         DROP TABLE shop.sale; DROP PROCEDURE museum.rename; CREATE TABLE shop.more (id int)",
    ),
    (
        "default privileges of nobody",
        "ALTER DEFAULT PRIVILEGES FOR ROLE museum_lender GRANT ALL ON TABLES TO museum_lender;
         ALTER DEFAULT PRIVILEGES FOR ROLE museum_lender GRANT ALL ON TYPES TO museum_api",
    ),
    (
        "default privileges of nobody else",
        "ALTER DEFAULT PRIVILEGES FOR ROLE museum_lender REVOKE ALL ON FUNCTIONS FROM museum_lender, PUBLIC;
         ALTER DEFAULT PRIVILEGES FOR ROLE museum_lender REVOKE ALL ON SEQUENCES FROM museum_lender;
         ALTER DEFAULT PRIVILEGES FOR ROLE museum_lender GRANT ALL ON TYPES TO museum_lender, PUBLIC",
    ),
    ("drop a schema with cascade", "DROP SCHEMA museum CASCADE"),
    ("drop the odd schema", "DROP SCHEMA \"Odd Schema; --\" CASCADE"),
    ("drop three schemas", "DROP SCHEMA museum, \"Odd Schema; --\", public CASCADE"),
    ("drop an enum with cascade", "DROP TYPE museum.condition CASCADE"),
    ("drop a composite with cascade", "DROP TYPE museum.size CASCADE"),
    ("drop a domain with cascade", "DROP DOMAIN museum.email CASCADE"),
    ("add an enum value", "ALTER TYPE museum.condition ADD VALUE 'new' BEFORE 'worn'"),
    ("rename an enum value", "ALTER TYPE museum.condition RENAME VALUE 'fine' TO 'good'"),
    ("rename types", "ALTER TYPE museum.condition RENAME TO state; ALTER DOMAIN museum.email RENAME TO mail"),
    ("change a composite", "ALTER TYPE museum.framed RENAME ATTRIBUTE state TO stat CASCADE"),
    (
        "change domains",
        "ALTER DOMAIN museum.email DROP CONSTRAINT short; ALTER DOMAIN museum.email SET DEFAULT 'x@y';
         ALTER DOMAIN museum.email ADD CONSTRAINT long CHECK (length(VALUE) > 1) NOT VALID; ALTER DOMAIN museum.positive DROP NOT NULL;
         COMMENT ON CONSTRAINT has_at ON DOMAIN museum.email IS NULL",
    ),
    ("replace a function's body", "CREATE OR REPLACE FUNCTION museum.slug(title text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT upper(title)'"),
    (
        "replace a function with another signature",
        "DROP FUNCTION museum.is_good CASCADE; CREATE FUNCTION museum.is_good(state text) RETURNS int LANGUAGE sql AS 'SELECT 1'",
    ),
    ("drop a function that defaults use", "DROP FUNCTION museum.next_code() CASCADE"),
    ("drop a function that generated columns and indexes use", "DROP FUNCTION museum.slug(text) CASCADE"),
    ("drop trigger functions", "DROP FUNCTION shop.note(), shop.refuse() CASCADE"),
    ("drop procedures and odd functions", "DROP PROCEDURE museum.rename; DROP FUNCTION museum.\"odd \"\"name\"\" (\"(int, int[])"),
    (
        "revoke grants",
        "REVOKE ALL ON ALL TABLES IN SCHEMA museum FROM museum_api, \"museum Reader\" CASCADE;
         REVOKE ALL ON ALL FUNCTIONS IN SCHEMA museum FROM PUBLIC, museum_api; REVOKE USAGE ON SCHEMA museum FROM museum_api;
         REVOKE ALL ON museum.code_seq FROM museum_api; GRANT ALL ON museum.room TO PUBLIC; GRANT SELECT (title) ON museum.room TO museum_lender;
         REVOKE SELECT (id) ON museum.organization FROM \"museum Reader\"; GRANT USAGE ON TYPE museum.positive TO PUBLIC",
    ),
    ("grant in another order", "REVOKE SELECT ON museum.room FROM museum_owner; GRANT SELECT ON museum.room TO museum_api; GRANT SELECT ON museum.room TO museum_owner"),
    (
        "disable security",
        "ALTER TABLE museum.room DISABLE ROW LEVEL SECURITY; ALTER TABLE museum.piece NO FORCE ROW LEVEL SECURITY;
         DROP POLICY members ON museum.room; ALTER POLICY \"write; it\" ON museum.room TO PUBLIC USING (true);
         CREATE POLICY extra ON shop.sale USING (true); ALTER TABLE shop.sale ENABLE ROW LEVEL SECURITY",
    ),
    (
        "change owners",
        "ALTER TABLE museum.organization OWNER TO museum_api; ALTER TABLE museum.piece OWNER TO museum_lender;
         ALTER FUNCTION museum.next_code() OWNER TO CURRENT_USER; ALTER SCHEMA museum OWNER TO museum_api;
         ALTER TABLE museum.room OWNER TO museum_owner; ALTER DOMAIN museum.email OWNER TO museum_api;
         ALTER VIEW museum.fine_piece OWNER TO museum_api; ALTER SEQUENCE museum.code_seq OWNER TO museum_api; ALTER TYPE museum.size OWNER TO museum_api",
    ),
    ("add columns", "ALTER TABLE museum.piece ADD COLUMN region text DEFAULT 'eu', ADD COLUMN n int GENERATED ALWAYS AS IDENTITY"),
    ("drop columns", "ALTER TABLE museum.piece DROP COLUMN code CASCADE, DROP COLUMN amount CASCADE; ALTER TABLE museum.room DROP COLUMN id CASCADE"),
    (
        "reorder columns",
        "ALTER TABLE shop.sale ADD COLUMN new_buyer text; UPDATE shop.sale SET new_buyer = buyer; SET CONSTRAINTS ALL IMMEDIATE;
         DROP POLICY sold ON shop.sale; ALTER TABLE shop.sale DROP COLUMN buyer; ALTER TABLE shop.sale RENAME COLUMN new_buyer TO buyer",
    ),
    ("drop views", "DROP VIEW museum.piece_in_room, shop.writable CASCADE"),
    ("change views", "CREATE OR REPLACE VIEW museum.fine_piece AS SELECT code, room, 1::bigint AS beside FROM museum.piece_in_room;
        ALTER VIEW shop.writable RESET (check_option); ALTER VIEW shop.writable ALTER price SET DEFAULT 6; COMMENT ON COLUMN shop.writable.price IS 'new'"),
    (
        "toggle triggers",
        "ALTER TABLE museum.piece ENABLE TRIGGER off, DISABLE TRIGGER noted, ENABLE TRIGGER always, DISABLE TRIGGER on_replica;
         DROP TRIGGER late ON shop.sale; CREATE TRIGGER extra BEFORE INSERT ON museum.room FOR EACH ROW EXECUTE FUNCTION shop.refuse()",
    ),
    (
        "alter sequences",
        "ALTER SEQUENCE museum.code_seq INCREMENT BY 7 NO CYCLE CACHE 1; ALTER SEQUENCE museum.rooms_counted RENAME TO rooms_other;
         ALTER SEQUENCE museum.piece_id_seq AS bigint OWNED BY NONE; SELECT setval('museum.piece_id_seq', 5000);
         ALTER TABLE shop.sale ALTER id DROP IDENTITY",
    ),
    ("drop a sequence that two tables use", "DROP SEQUENCE museum.code_seq CASCADE"),
    ("drop an owned sequence", "DROP SEQUENCE museum.piece_id_seq CASCADE; CREATE SEQUENCE museum.piece_id_seq OWNED BY museum.piece.price"),
    (
        "change comments",
        "COMMENT ON TABLE museum.organization IS NULL; COMMENT ON COLUMN museum.organization.name IS 'new'; COMMENT ON SCHEMA museum IS 'x';
         COMMENT ON CONSTRAINT organization_pkey ON museum.organization IS NULL; COMMENT ON INDEX museum.organization_pkey IS 'y';
         COMMENT ON POLICY members ON museum.room IS 'z'; COMMENT ON TRIGGER noted ON museum.piece IS NULL; COMMENT ON FUNCTION museum.slug(text) IS NULL;
         COMMENT ON COLUMN museum.size.width IS NULL; COMMENT ON INDEX museum.piece_code_idx IS NULL; COMMENT ON VIEW museum.fine_piece IS NULL",
    ),
    ("truncate", "TRUNCATE museum.organization CASCADE"),
    ("delete and update rows", "DELETE FROM museum.piece WHERE id % 3 = 0 AND id > 5; UPDATE museum.piece SET price = 1 WHERE code <> 'OLD'; UPDATE museum.organization SET name = name || '!';
        INSERT INTO shop.sale (piece_id, kind) VALUES (1, 'cash')"),
    (
        "rows and structure of the same table",
        "ALTER TABLE museum.organization ALTER name DROP NOT NULL, ALTER created DROP DEFAULT, DROP CONSTRAINT organization_name_key;
         UPDATE museum.organization SET name = NULL; SET CONSTRAINTS ALL IMMEDIATE;
         ALTER TABLE museum.piece SET (fillfactor = 100), RESET (toast.autovacuum_vacuum_threshold), ALTER description SET STORAGE MAIN,
           ALTER description SET STATISTICS 10, ALTER price RESET (n_distinct), ALTER price SET DEFAULT 1, DROP CONSTRAINT price_sane, ADD CONSTRAINT more CHECK (price > -1);
         DELETE FROM museum.piece WHERE id > 5",
    ),
    (
        "indexes",
        "DROP INDEX museum.piece_lower_idx, museum.room_title_idx; CREATE INDEX extra ON museum.piece (price); DROP INDEX museum.piece_code_idx;
         CREATE INDEX piece_code_idx ON museum.piece (code); CLUSTER museum.piece USING piece_code_idx; ALTER TABLE museum.room SET WITHOUT CLUSTER;
         DROP INDEX \"Odd Schema; --\".\"Ind\"\"ex\" CASCADE",
    ),
    ("replica identities", "ALTER TABLE shop.sale REPLICA IDENTITY DEFAULT; ALTER TABLE \"Odd Schema; --\".\"Tab'le\"\"\" REPLICA IDENTITY NOTHING;
        ALTER TABLE museum.room REPLICA IDENTITY USING INDEX room_pkey"),
    ("constraints", "ALTER TABLE museum.piece DROP CONSTRAINT piece_apart, DROP CONSTRAINT old_codes, DROP CONSTRAINT good;
        ALTER TABLE museum.organization DROP CONSTRAINT organization_pkey CASCADE; ALTER TABLE museum.organization ADD PRIMARY KEY (name);
        ALTER TABLE museum.piece ALTER CONSTRAINT piece_room DEFERRABLE"),
    ("identity", "ALTER TABLE museum.room ALTER id DROP IDENTITY; ALTER TABLE shop.sale ALTER id SET GENERATED ALWAYS;
        ALTER TABLE shop.holds_rows ALTER id SET NOT NULL; ALTER TABLE shop.holds_rows ALTER id ADD GENERATED ALWAYS AS IDENTITY"),
    ("create things", "CREATE SCHEMA extra; CREATE TYPE extra.e AS ENUM ('a'); CREATE TABLE extra.t (id serial PRIMARY KEY, e extra.e, org text REFERENCES museum.organization);
        CREATE VIEW extra.v AS SELECT t.*, o.name FROM extra.t t JOIN museum.organization o ON o.id = t.org; CREATE MATERIALIZED VIEW extra.mv AS SELECT * FROM extra.v;
        CREATE FUNCTION extra.f(x extra.t) RETURNS extra.e LANGUAGE sql AS 'SELECT x.e'; CREATE INDEX extra_idx ON museum.room (title, keeper);
        CREATE AGGREGATE extra.total (integer) (SFUNC = int4pl, STYPE = integer); CREATE EXTENSION citext SCHEMA extra; CREATE STATISTICS extra.stats ON id, title FROM museum.room;
        ALTER TABLE shop.log_entry ADD COLUMN e extra.e"),
    ("create other kinds", "CREATE TYPE shop.r AS RANGE (subtype = float8); CREATE PUBLICATION p FOR TABLE museum.room, shop.sale; CREATE EXTENSION postgres_fdw SCHEMA shop;
        CREATE SERVER srv FOREIGN DATA WRAPPER postgres_fdw; CREATE USER MAPPING FOR \"museum Reader\" SERVER srv; CREATE FOREIGN TABLE shop.far (a int) SERVER srv;
        CREATE RULE \"R\" AS ON DELETE TO museum.room DO ALSO NOTIFY x; CREATE OPERATOR shop.=== (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq);
        CREATE COLLATION shop.col (LOCALE = 'C'); CREATE TEXT SEARCH CONFIGURATION shop.tsc (COPY = simple); CREATE CAST (museum.size AS museum.framed) WITH INOUT;
        CREATE OPERATOR CLASS shop.cls FOR TYPE museum.size USING hash AS STORAGE museum.size; CREATE FUNCTION shop.ev() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
        CREATE EVENT TRIGGER et ON sql_drop EXECUTE FUNCTION shop.ev(); CREATE TABLE shop.parted (id int, r shop.r) PARTITION BY LIST (id);
        CREATE TABLE shop.parted_1 PARTITION OF shop.parted FOR VALUES IN (1); CREATE INDEX ON shop.parted (id); ALTER TABLE shop.parted ADD PRIMARY KEY (id), ADD FOREIGN KEY (id) REFERENCES museum.piece, ADD CHECK (id < 9);
        CREATE TABLE shop.to_parted (id int REFERENCES shop.parted); CREATE TRIGGER tr AFTER INSERT ON shop.parted FOR EACH ROW EXECUTE FUNCTION shop.note()"),
    ("default of a created function", "CREATE FUNCTION museum.region() RETURNS text LANGUAGE sql AS $$ SELECT 'eu' $$;
        ALTER TABLE museum.room ALTER title SET DEFAULT museum.region(); ALTER TABLE museum.organization ALTER COLUMN tags DROP DEFAULT"),
    ("unlogged", "ALTER TABLE shop.\"a table with a name that is exactly sixty-three bytes long, ok?\" SET LOGGED; ALTER TABLE shop.holds_rows SET UNLOGGED"),
    ("circle of row types", "DROP TABLE shop.log_entry CASCADE"),
    ("rename parts", "ALTER TABLE museum.piece RENAME CONSTRAINT price_sane TO sane; ALTER INDEX museum.piece_code_idx RENAME TO by_code;
        ALTER INDEX museum.piece_pkey RENAME TO the_key; ALTER TRIGGER noted ON museum.piece RENAME TO written; ALTER POLICY add ON museum.piece RENAME TO added;
        ALTER SEQUENCE museum.piece_id_seq RENAME TO numbers; ALTER VIEW museum.fine_piece RENAME TO best; ALTER FUNCTION museum.slug(text) RENAME TO to_slug;
        ALTER PROCEDURE museum.rename(integer, text) RENAME TO rename_it"),
    ("swap two tables by name", "ALTER TABLE shop.log_entry RENAME TO x; ALTER TABLE shop.unrelated RENAME TO log_entry; ALTER TABLE shop.x RENAME TO unrelated"),
    ("copy, drop and rename", "CREATE TABLE shop.sale_new (LIKE shop.sale INCLUDING ALL); INSERT INTO shop.sale_new OVERRIDING SYSTEM VALUE SELECT * FROM shop.sale WHERE id < 4;
        DROP TABLE shop.sale CASCADE; ALTER TABLE shop.sale_new RENAME TO sale"),
    ("row security on and policies for all", "ALTER TABLE museum.organization ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY a ON museum.organization USING (id = CURRENT_USER);
        ALTER TABLE shop.sale ENABLE ROW LEVEL SECURITY; UPDATE museum.organization SET contact = 'new@x'; UPDATE shop.sale SET code = 'x'"),
    ("types of other columns", "ALTER TABLE shop.log_entry ADD o museum.organization; ALTER TABLE museum.room ALTER keeper TYPE text, ALTER keeper SET DEFAULT 'x'"),
    ("generated columns", "ALTER TABLE museum.room ALTER slug DROP EXPRESSION; ALTER TABLE museum.room ALTER slug SET NOT NULL"),
    ("collations and lengths", "DROP VIEW shop.organization_by_key; DROP POLICY sold ON shop.sale; ALTER TABLE museum.organization ALTER name TYPE varchar(200)"),
    ("move to another schema", "ALTER TABLE museum.room SET SCHEMA shop; ALTER FUNCTION museum.slug(text) SET SCHEMA shop; ALTER TYPE museum.condition SET SCHEMA shop"),
];

/// Those for what `museum_14.sql` holds.
pub const MIGRATIONS_14: &[Migration] = &[
    ("drop what the circle turns on", "DROP FUNCTION late.how_many() CASCADE; UPDATE late.counted SET n = 0"),
    ("drop the circle's table", "DROP TABLE late.counted CASCADE"),
    (
        "retype in the circle",
        "DROP FUNCTION late.how_many() CASCADE; ALTER TABLE late.counted ALTER n TYPE bigint, ALTER note SET COMPRESSION default",
    ),
    ("drop the schema of new things", "DROP SCHEMA late CASCADE"),
    (
        "a procedure's other out",
        "DROP PROCEDURE late.out_of; CREATE PROCEDURE late.out_of(IN a int, OUT b text) LANGUAGE sql AS 'SELECT 1'",
    ),
];

/// Those for what `museum_15.sql` holds.
pub const MIGRATIONS_15: &[Migration] = &[
    ("nulls and invokers", "DROP TABLE late.nulls CASCADE"),
    (
        "lighter and heavier",
        "ALTER SEQUENCE late.light SET LOGGED; ALTER TABLE late.lighter SET LOGGED; ALTER TABLE late.nulls DROP CONSTRAINT nulls_a_key",
    ),
    ("drop the lighter", "DROP TABLE late.lighter; DROP SEQUENCE late.light"),
    ("drop the heavy", "DROP TABLE late.heavy"),
    ("make the heavy light", "ALTER TABLE late.heavy SET UNLOGGED; ALTER TABLE late.lighter SET LOGGED"),
    (
        "sequences the other way",
        "ALTER SEQUENCE late.heavy_id_seq SET LOGGED; ALTER SEQUENCE late.lighter_id_seq SET UNLOGGED",
    ),
    ("without identity", "ALTER TABLE late.heavy ALTER id DROP IDENTITY; ALTER TABLE late.lighter ALTER id DROP IDENTITY"),
];

/// Those for what `museum_17.sql` holds.
pub const MIGRATIONS_17: &[Migration] = &[
    ("never null", "ALTER DOMAIN late.never DROP NOT NULL"),
    ("drop never null", "DROP DOMAIN late.never"),
    ("rename never null", "ALTER DOMAIN late.never RENAME CONSTRAINT never_null TO not_ever"),
    ("say nothing of never null", "COMMENT ON CONSTRAINT never_null ON DOMAIN late.never IS NULL"),
    ("never null again", "ALTER DOMAIN late.never DROP NOT NULL; ALTER DOMAIN late.never ADD CONSTRAINT not_ever NOT NULL"),
];

/// Those for what `museum_18.sql` holds.
pub const MIGRATIONS_18: &[Migration] = &[
    ("drop the strict", "DROP TABLE late.strict CASCADE"),
    ("rows of the strict", "UPDATE late.strict SET a = 7, b = 1; DELETE FROM late.weak"),
    ("not-null marks", "ALTER TABLE late.strict RENAME CONSTRAINT has_id TO other; ALTER TABLE late.strict DROP CONSTRAINT some_b;
        ALTER TABLE museum.room ALTER org_id DROP NOT NULL; COMMENT ON CONSTRAINT strict_valid_not_null ON late.strict IS NULL;
        UPDATE late.strict SET b = 1; ALTER TABLE museum.room ALTER slug SET NOT NULL"),
    ("validate", "UPDATE late.strict SET b = 1; ALTER TABLE late.strict VALIDATE CONSTRAINT some_b; ALTER TABLE late.weak DROP CONSTRAINT weak_o_fkey"),
];
