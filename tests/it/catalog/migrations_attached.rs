//! What migrations do to what stands in `museum_attached.sql`.

use super::migrations::Migration;

/// Those for every version.
pub const MIGRATIONS_ATTACHED: &[Migration] = &[
    ("rewrite a table that foreign keys hang on", "ALTER TABLE attached.parent ALTER x TYPE bigint"),
    (
        "drop a key that a foreign key hangs on",
        "ALTER TABLE attached.parent ALTER x TYPE bigint; ALTER TABLE attached.parent DROP CONSTRAINT parent_pkey CASCADE",
    ),
    ("drop an index that a foreign key hangs on", "DROP INDEX attached.parent_code CASCADE"),
    (
        "hang a foreign key elsewhere",
        "ALTER TABLE attached.child DROP CONSTRAINT child_parent_fkey; ALTER TABLE attached.parent DROP CONSTRAINT parent_pkey;
         ALTER TABLE attached.child ADD CONSTRAINT child_parent_fkey FOREIGN KEY (parent) REFERENCES attached.parent (id);
         ALTER TABLE attached.parent ADD CONSTRAINT parent_pkey PRIMARY KEY (id)",
    ),
    (
        "drop what has something attached",
        "DROP TABLE attached.child; DROP TABLE attached.parent CASCADE; DROP TYPE attached.span; DROP FUNCTION attached.goes_along(attached.hstore)",
    ),
    (
        "take what is attached away",
        "COMMENT ON TYPE attached.parent IS NULL; COMMENT ON TYPE attached.parent[] IS 'other'; GRANT USAGE ON TYPE attached.parent TO PUBLIC;
         REVOKE ALL ON TYPE attached.parent FROM museum_api CASCADE; REVOKE ALL ON TYPE attached.seen FROM museum_api;
         COMMENT ON RULE \"_RETURN\" ON attached.seen IS NULL; COMMENT ON CONSTRAINT watched ON attached.child IS NULL;
         ALTER FUNCTION attached.span(integer, integer) OWNER TO museum_api; COMMENT ON FUNCTION attached.span(integer, integer, text) IS NULL;
         REVOKE ALL (ctid) ON attached.parent FROM museum_api; COMMENT ON COLUMN attached.parent.tableoid IS NULL;
         ALTER TABLE attached.kept REPLICA IDENTITY DEFAULT; REVOKE ALL (ctid) ON attached.kept FROM museum_api",
    ),
    (
        "attach more",
        "COMMENT ON TYPE attached.child IS 'new'; COMMENT ON TYPE attached.seen[] IS 'new'; GRANT USAGE ON TYPE attached.child TO museum_api;
         ALTER FUNCTION attached.span(integer, integer, text) OWNER TO museum_api; COMMENT ON COLUMN attached.child.xmax IS 'new';
         GRANT SELECT (tableoid) ON attached.child TO museum_api; ALTER TABLE attached.kept REPLICA IDENTITY NOTHING;
         COMMENT ON COLUMN attached.kept.ctid IS 'new'",
    ),
    ("rename what a comment is on", "ALTER TABLE attached.child RENAME CONSTRAINT watched TO seen_to"),
    (
        "let go of an extension",
        "ALTER FUNCTION attached.goes_along(attached.hstore) NO DEPENDS ON EXTENSION hstore; ALTER INDEX attached.child_code NO DEPENDS ON EXTENSION hstore;
         ALTER INDEX attached.child_pkey NO DEPENDS ON EXTENSION plpgsql; ALTER TRIGGER watched ON attached.child NO DEPENDS ON EXTENSION hstore;
         ALTER MATERIALIZED VIEW attached.kept DEPENDS ON EXTENSION plpgsql",
    ),
    (
        "make anew what goes with an extension",
        "CREATE OR REPLACE FUNCTION attached.goes_along(attached.hstore) RETURNS text LANGUAGE sql STABLE AS 'SELECT 1';
         ALTER FUNCTION attached.goes_along(attached.hstore) COST 7; ALTER TABLE attached.child ALTER code TYPE varchar(90), ALTER id TYPE bigint",
    ),
    (
        "privileges on what extensions have",
        "REVOKE EXECUTE ON FUNCTION attached.akeys(attached.hstore) FROM museum_api; REVOKE EXECUTE ON FUNCTION attached.avals(attached.hstore) FROM PUBLIC;
         GRANT USAGE ON LANGUAGE plpgsql TO museum_api; COMMENT ON EXTENSION hstore IS 'pairs'",
    ),
    (
        "make what is modelled no further",
        "CREATE OPERATOR CLASS attached.backwards FOR TYPE integer USING btree AS
           OPERATOR 1 >, OPERATOR 2 >=, OPERATOR 3 =, OPERATOR 4 <=, OPERATOR 5 <, FUNCTION 1 btint4cmp(integer, integer);
         CREATE OPERATOR FAMILY attached.kindred USING hash;
         CREATE TRANSFORM FOR integer LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal), TO SQL WITH FUNCTION int4recv(internal));
         COMMENT ON TRANSFORM FOR integer LANGUAGE sql IS 'new'",
    ),
];
