//! A plan whose targets have a materialized view, rules, statistics and a publication: it fails after its steps are committed,
//! and everything comes back.

use super::work::{Work, state};
use crate::support::{TestDatabase, database};

const SHOP: &str = "
    CREATE TABLE public.items (id int PRIMARY KEY, kind varchar CHECK (kind IN ('a', 'b')), price numeric);
    CREATE TABLE public.audit (item int);
    INSERT INTO public.items SELECT i, CASE i % 2 WHEN 0 THEN 'a' ELSE 'b' END, i FROM generate_series(1, 100) AS i;
    CREATE MATERIALIZED VIEW public.totals AS SELECT kind, sum(price) AS total FROM public.items GROUP BY kind;
    CREATE UNIQUE INDEX totals_kind ON public.totals (kind);
    CREATE MATERIALIZED VIEW public.counts AS SELECT count(*) FROM public.items;
    CREATE MATERIALIZED VIEW public.later AS SELECT id FROM public.items WITH NO DATA;
    INSERT INTO public.items VALUES (101, 'a', 1000);
    CREATE RULE noted AS ON INSERT TO public.items DO ALSO INSERT INTO public.audit VALUES (NEW.id);
    CREATE STATISTICS public.together ON kind, price FROM public.items;
    ALTER STATISTICS public.together SET STATISTICS 7;
    CREATE PUBLICATION changes FOR TABLE public.items;";

fn with_shop(name: &str) -> TestDatabase {
    let database = database(name);
    database.execute(SHOP);
    database
}

fn plan(steps: &str) -> String {
    format!(
        "format: backstop/v1\nname: kinds\nbackup: {{targets: [{{tables: [public.items, public.audit]}}]}}\nsteps:\n{steps}\
         \x20 - {{id: fails, sql: SELECT 1 / 0}}\n"
    )
}

#[test]
fn a_table_made_anew_has_its_view_rule_statistics_and_publication_again() {
    let (database, work) = (with_shop("kinds_anew"), Work::new());
    let before = state(&database, &["items", "audit"]);
    let steps = "  - id: retype\n    sql: |\n      DROP MATERIALIZED VIEW totals, counts, later; DROP RULE noted ON items;\n\
                 \x20     DROP STATISTICS together; ALTER PUBLICATION changes DROP TABLE items;\n\
                 \x20     ALTER TABLE items ALTER id TYPE bigint;\n";
    let output = work.apply(&database, &plan(steps)).expect_code(5);
    assert!(
        output.stdout.contains("materialized view public.totals, filled again: it was stale at the backup"),
        "{}",
        output.stdout
    );
    assert_eq!(state(&database, &["items", "audit"]), before);
    assert_eq!(database.one("SELECT sum(total) FROM totals"), "6050");
    assert_eq!(database.one("SELECT count FROM counts"), "101");
    assert_eq!(database.one("SELECT relispopulated FROM pg_class WHERE relname = 'later'"), "f");
    assert_eq!(database.one("SELECT stxstattarget FROM pg_statistic_ext"), "7");
    assert_eq!(database.one("SELECT count(*) FROM pg_publication_tables"), "1");
}

#[test]
fn rows_come_back_past_the_rule_and_a_view_that_nobody_refreshed_stays_stale() {
    let (database, work) = (with_shop("kinds_rows"), Work::new());
    let before = state(&database, &["items", "audit", "totals"]);
    let steps =
        "  - {id: delete, sql: DELETE FROM items WHERE id > 50}\n  - {id: refresh, sql: REFRESH MATERIALIZED VIEW counts}\n";
    let output = work.apply(&database, &plan(steps)).expect_code(5);
    assert!(output.stdout.contains("materialized view public.counts, filled again"), "{}", output.stdout);
    assert!(!output.stdout.contains("materialized view public.totals"), "{}", output.stdout);
    assert_eq!(state(&database, &["items", "audit", "totals"]), before);
    assert_eq!(database.one("SELECT count FROM counts"), "101");
}

/// Their values are numbers, which are others for an object that is made anew.
#[test]
fn values_that_name_objects_name_them_again() {
    let (database, work) = (database("kinds_names"), Work::new());
    database.execute(
        "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'a'), (2, 'b');
         CREATE VIEW seen AS SELECT * FROM t; CREATE INDEX by_v ON t (v);
         CREATE FUNCTION last(t) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE 'never'; END $$;
         CREATE TABLE names (id int PRIMARY KEY, \"Class\" regclass UNIQUE, type regtype, called regproc, how regprocedure, plain text);
         INSERT INTO names VALUES (1, 't', 't', 'last', 'last(t)', 'x'), (2, 'seen', 'seen', '-', NULL, NULL), (3, 't_pkey', 'int', 'now', 'now()', ''),
             (4, 'by_v', 't[]', NULL, 0, 'y'), (5, 4000000, NULL, NULL, NULL, NULL), (6, 'pg_class', 'seen[]', NULL, NULL, NULL);
         CREATE TRIGGER never BEFORE UPDATE ON names FOR EACH ROW EXECUTE FUNCTION never();
         CREATE RULE never AS ON UPDATE TO names DO INSTEAD NOTHING",
    );
    let before = state(&database, &["t", "names"]);
    let failing = "format: backstop/v1\nname: names\nbackup: {verify: restore, targets: [{tables: [t, names]}]}\nsteps:\n  \
        - {id: drop, sql: DROP TABLE t CASCADE}\n  - {id: fails, sql: SELECT 1 / 0}\n";
    work.apply(&database, failing).expect_code(5);
    assert_eq!(state(&database, &["t", "names"]), before);
}

/// The type needs the function, and the function the type, which is there as a shell first.
#[test]
fn a_range_type_with_functions_of_its_own_comes_back() {
    let (database, work) = (database("kinds_range"), Work::new());
    database.execute(
        "CREATE FUNCTION difference(float8, float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT $1 - $2';
         CREATE TYPE spans AS RANGE (subtype = float8, subtype_diff = difference);
         CREATE TYPE days; CREATE FUNCTION round(days) RETURNS days LANGUAGE internal IMMUTABLE STRICT AS 'int4range_canonical';
         CREATE TYPE days AS RANGE (subtype = int4, canonical = round, subtype_diff = int4range_subdiff);
         COMMENT ON TYPE days IS 'whole'; GRANT USAGE ON TYPE days TO PUBLIC;
         CREATE TABLE stays (id int PRIMARY KEY, during days, exactly spans, EXCLUDE USING gist (during WITH &&));
         INSERT INTO stays VALUES (1, '[1,2]', '[1,2]'), (2, '(4,7)', '(1.5,2]')",
    );
    let before = state(&database, &["stays"]);
    let failing = "format: backstop/v1\nname: range\nbackup: {verify: restore, targets: [{tables: [stays]}]}\nsteps:\n  \
        - {id: drop, sql: DROP TYPE days CASCADE; DROP TYPE spans CASCADE; DROP FUNCTION difference}\n  \
        - {id: fails, sql: SELECT 1 / 0}\n";
    work.apply(&database, failing).expect_code(5);
    assert_eq!(state(&database, &["stays"]), before);

    // One that a step made goes again, and what uses it with it.
    let failing = "format: backstop/v1\nname: more\nbackup: {targets: [{tables: [stays]}]}\nsteps:\n  \
        - id: make\n    sql: |\n      CREATE TYPE weeks; CREATE FUNCTION round(weeks) RETURNS weeks LANGUAGE internal IMMUTABLE STRICT AS 'int4range_canonical';\n      \
        CREATE TYPE weeks AS RANGE (subtype = int4, canonical = round); ALTER TABLE stays ADD w weeks DEFAULT '[1,2]';\n      \
        CREATE FUNCTION first(weeks) RETURNS int LANGUAGE sql AS 'SELECT lower($1)'\n  \
        - {id: fails, sql: SELECT 1 / 0}\n";
    work.apply(&database, failing).expect_code(5);
    assert_eq!(state(&database, &["stays"]), before);
}
