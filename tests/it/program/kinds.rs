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
