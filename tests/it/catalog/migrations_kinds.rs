//! What migrations do to objects beside tables.

use super::migrations::Migration;

/// Those for what `museum_kinds.sql` holds.
pub const MIGRATIONS_KINDS: &[Migration] = &[
    ("drop the entries with cascade", "DROP TABLE kinds.entry CASCADE"),
    ("drop the schema of kinds", "DROP SCHEMA kinds CASCADE"),
    ("rows of the entries", "DELETE FROM kinds.child; DELETE FROM kinds.entry WHERE id > 5; UPDATE kinds.entry SET amount = 7; INSERT INTO kinds.entry (id) VALUES (99)"),
    ("rows under rules", "TRUNCATE kinds.entry, kinds.child; INSERT INTO kinds.child VALUES (1, 1, 'x')"),
    ("retype an entry", "ALTER TABLE kinds.child DROP CONSTRAINT child_entry_id_fkey; DROP VIEW kinds.spelled, kinds.writable;
        DROP MATERIALIZED VIEW kinds.by_kind, kinds.empty, kinds.stale CASCADE; DROP RULE also ON kinds.entry;
        DROP FUNCTION IF EXISTS late.of_row(kinds.entry); ALTER TABLE kinds.entry ALTER id TYPE bigint"),
    ("widen an entry", "ALTER TABLE kinds.entry ADD more text; COMMENT ON COLUMN kinds.entry.more IS 'x'"),
    ("refresh what was stale", "REFRESH MATERIALIZED VIEW kinds.stale"),
    ("refresh after changes", "UPDATE kinds.entry SET kind = 'a'; REFRESH MATERIALIZED VIEW kinds.by_kind; REFRESH MATERIALIZED VIEW kinds.on_top"),
    ("refresh what was empty", "REFRESH MATERIALIZED VIEW kinds.empty; REFRESH MATERIALIZED VIEW kinds.over_empty"),
    ("empty what was full", "REFRESH MATERIALIZED VIEW kinds.by_kind WITH NO DATA"),
    ("full over empty", "REFRESH MATERIALIZED VIEW kinds.empty; REFRESH MATERIALIZED VIEW kinds.over_empty; REFRESH MATERIALIZED VIEW kinds.empty WITH NO DATA;
        DROP MATERIALIZED VIEW kinds.on_top"),
    ("drop materialized views", "DROP MATERIALIZED VIEW kinds.by_kind, kinds.empty, kinds.stale CASCADE"),
    ("another query", "DROP MATERIALIZED VIEW kinds.on_top; CREATE MATERIALIZED VIEW kinds.on_top AS SELECT 1 AS one"),
    ("alter materialized views", "ALTER MATERIALIZED VIEW kinds.by_kind SET (fillfactor = 50), SET WITHOUT CLUSTER, ALTER COLUMN kind SET STATISTICS -1,
        ALTER COLUMN kind SET STORAGE EXTENDED, ALTER COLUMN how_many RESET (n_distinct);
        ALTER MATERIALIZED VIEW kinds.by_kind OWNER TO museum_api; COMMENT ON MATERIALIZED VIEW kinds.by_kind IS NULL;
        COMMENT ON COLUMN kinds.by_kind.how_many IS 'x'; COMMENT ON INDEX kinds.by_kind_kind IS NULL;
        REVOKE ALL ON kinds.by_kind FROM museum_api, \"museum Reader\"; GRANT SELECT (smallest) ON kinds.by_kind TO museum_lender; DROP INDEX kinds.by_kind_first"),
    ("rename materialized views", "ALTER MATERIALIZED VIEW kinds.by_kind RENAME TO counted; ALTER MATERIALIZED VIEW kinds.on_top RENAME COLUMN twice TO double;
        ALTER MATERIALIZED VIEW kinds.stale SET SCHEMA shop; ALTER INDEX kinds.by_kind_kind RENAME TO the_kind"),
    ("disable rules", "ALTER TABLE kinds.entry DISABLE RULE also, ENABLE RULE off, ENABLE ALWAYS RULE kept; ALTER TABLE kinds.child DISABLE RULE always;
        COMMENT ON RULE kept ON kinds.entry IS 'other'; UPDATE kinds.entry SET amount = 1"),
    ("replace rules", "CREATE OR REPLACE RULE also AS ON INSERT TO kinds.entry DO ALSO NOTIFY x; DROP RULE kept ON kinds.entry; DROP RULE into_entry ON kinds.writable;
        ALTER RULE off ON kinds.entry RENAME TO switched; CREATE RULE more AS ON INSERT TO kinds.audit DO INSTEAD NOTHING; DELETE FROM kinds.child"),
    ("a rule that swallows", "CREATE RULE swallow AS ON INSERT TO kinds.audit DO INSTEAD NOTHING; CREATE RULE swallow AS ON INSERT TO shop.sale DO INSTEAD NOTHING; DELETE FROM shop.sale"),
    ("statistics", "ALTER STATISTICS kinds.together SET STATISTICS 5; COMMENT ON STATISTICS kinds.together IS NULL; DROP STATISTICS kinds.of_view;
        ALTER STATISTICS shop.elsewhere RENAME TO here; CREATE STATISTICS kinds.more ON word, amount FROM kinds.entry; ALTER STATISTICS kinds.together OWNER TO museum_api"),
    ("aggregates", "DROP AGGREGATE kinds.average(numeric), kinds.place(VARIADIC \"any\" ORDER BY VARIADIC \"any\");
        CREATE OR REPLACE AGGREGATE kinds.joined(value text) (SFUNC = textcat, STYPE = text); ALTER AGGREGATE kinds.joined(text) OWNER TO museum_api;
        COMMENT ON AGGREGATE kinds.how_many(*) IS NULL; GRANT EXECUTE ON FUNCTION kinds.smallest(integer) TO museum_lender;
        REVOKE EXECUTE ON FUNCTION kinds.middle(double precision, double precision) FROM museum_api; CREATE AGGREGATE kinds.mine(integer) (SFUNC = int4larger, STYPE = integer)"),
    ("drop an aggregate with cascade", "DROP AGGREGATE kinds.smallest(integer) CASCADE"),
    ("rename aggregates", "ALTER AGGREGATE kinds.how_many(*) RENAME TO counted; ALTER AGGREGATE kinds.middle(double precision ORDER BY double precision) SET SCHEMA shop"),
    ("drop ranges with cascade", "DROP TYPE kinds.hours CASCADE; DROP TYPE kinds.words CASCADE"),
    ("alter ranges", "ALTER TYPE kinds.hours OWNER TO museum_api; COMMENT ON TYPE kinds.hours IS NULL; GRANT USAGE ON TYPE kinds.words TO PUBLIC;
        GRANT EXECUTE ON FUNCTION kinds.hours(time, time) TO PUBLIC; REVOKE EXECUTE ON FUNCTION kinds.hours(time, time, text) FROM museum_api"),
    ("rename ranges", "ALTER TYPE kinds.hours RENAME TO times; ALTER TYPE kinds.words SET SCHEMA shop"),
    ("another difference", "DROP FUNCTION kinds.apart(time, time) CASCADE"),
    ("typed tables", "ALTER TABLE kinds.shaped NOT OF; UPDATE kinds.shaped SET b = 'y'; CREATE TABLE kinds.also_shaped OF kinds.shape"),
    ("alter the type of a table", "ALTER TYPE kinds.shape ADD ATTRIBUTE d integer CASCADE, ALTER ATTRIBUTE a TYPE bigint CASCADE"),
    ("drop the type of a table", "DROP TYPE kinds.shape CASCADE"),
    ("become typed", "CREATE TYPE kinds.pair AS (what text, n integer); ALTER TABLE kinds.audit OF kinds.pair; INSERT INTO kinds.audit VALUES ('x', 1)"),
    ("drop the strange tables", "DROP TABLE kinds.bare, kinds.wide, kinds.shaped"),
    ("add to the strange tables", "ALTER TABLE kinds.bare ADD x integer DEFAULT 5; ALTER TABLE kinds.wide DROP c500, ADD c500 integer; DELETE FROM kinds.bare"),
    ("internal triggers", "ALTER TABLE kinds.child ENABLE TRIGGER ALL; ALTER TABLE kinds.entry ENABLE TRIGGER ALL; ALTER TABLE museum.piece DISABLE TRIGGER ALL; UPDATE kinds.child SET entry_id = 5"),
    ("constraints with quiet triggers", "ALTER TABLE kinds.child DROP CONSTRAINT child_entry_id_fkey; ALTER TABLE kinds.entry DROP CONSTRAINT entry_word_key"),
    ("leave publications", "ALTER PUBLICATION \"museum, changes\" DROP TABLE museum.piece; ALTER PUBLICATION \"museum, changes\" ADD TABLE shop.sale;
        ALTER PUBLICATION nothing ADD TABLE kinds.entry; ALTER PUBLICATION everything SET (publish = 'insert')"),
    ("drop publications", "DROP PUBLICATION \"museum, changes\", everything; CREATE PUBLICATION mine FOR TABLE kinds.entry; COMMENT ON PUBLICATION nothing IS 'x'"),
    ("alter publications", "ALTER PUBLICATION nothing OWNER TO museum_api; ALTER PUBLICATION nothing RENAME TO something; ALTER PUBLICATION \"museum, changes\" SET (publish = 'delete');
        DELETE FROM kinds.child"),
    ("replace a publication of all", "DROP PUBLICATION everything; CREATE PUBLICATION everything FOR TABLE museum.room WITH (publish = 'insert')"),
    ("respell", "ALTER TABLE kinds.entry DROP CONSTRAINT entry_kind_check, DROP CONSTRAINT entry_other_check, DROP CONSTRAINT entry_net_check;
        DROP INDEX kinds.entry_kind, kinds.entry_form; DROP POLICY by_kind ON kinds.entry; DROP TRIGGER seldom ON kinds.entry; DROP VIEW kinds.spelled; DROP DOMAIN kinds.letter;
        DROP RULE kept ON kinds.entry"),
    ("functions under all of it", "DROP FUNCTION kinds.add(text, text) CASCADE"),
    ("owners of kinds", "REASSIGN OWNED BY museum_owner TO museum_api"),
];

/// Those for what `museum_kinds_15.sql` holds.
pub const MIGRATIONS_KINDS_15: &[Migration] = &[
    ("drop what is figured", "DROP TABLE late.figured CASCADE"),
    ("rows of what is figured", "DELETE FROM late.figured WHERE a > 2; REFRESH MATERIALIZED VIEW late.compressed"),
    ("other expression statistics", "DROP STATISTICS late.formulas; ALTER STATISTICS late.formula SET STATISTICS 5"),
    ("drop a multirange", "DROP TYPE late.minutes CASCADE"),
    (
        "alter a multirange",
        "COMMENT ON TYPE late.many_minutes IS NULL; GRANT EXECUTE ON FUNCTION late.many_minutes(late.minutes) TO PUBLIC; ALTER TYPE late.many_minutes RENAME TO lots",
    ),
    (
        "choose otherwise",
        "ALTER PUBLICATION chosen SET TABLE late.figured (a), late.timed; ALTER PUBLICATION of_schemas DROP TABLES IN SCHEMA kinds;
        ALTER PUBLICATION of_schemas ADD TABLES IN SCHEMA shop",
    ),
    ("drop the chosen", "DROP PUBLICATION chosen, of_schemas; DROP FUNCTION late.of_row(kinds.entry)"),
];
