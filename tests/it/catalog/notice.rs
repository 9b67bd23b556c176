//! Objects that are modelled no further are noticed: each of their changes shows.

use backstop::catalog::{ChangeKind, diff};

use super::{server::Database, way_back::snapshot};

const PLACE: &str = "
    CREATE TABLE public.t (id int PRIMARY KEY, v text, w text);
    CREATE VIEW public.v AS SELECT * FROM public.t;
    CREATE FUNCTION public.f(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1';
    CREATE FUNCTION public.g(text, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 = $2';
    CREATE FUNCTION public.e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
    CREATE TYPE public.c AS (a int);
    CREATE FUNCTION public.to_c(text) RETURNS public.c LANGUAGE sql AS 'SELECT NULL::public.c';
    CREATE EXTENSION postgres_fdw;
";

/// What is made, what it then is called in the snapshot, and a change to it; all in one transaction that is rolled back.
const CASES: &[(&str, &str, &str)] = &[
    (
        "CREATE MATERIALIZED VIEW public.m AS SELECT id FROM public.t WITH NO DATA",
        "materialized view public.m",
        "REFRESH MATERIALIZED VIEW public.m",
    ),
    ("CREATE RULE r AS ON INSERT TO public.t DO ALSO NOTIFY x", "rule r on public.t", "ALTER TABLE public.t DISABLE RULE r"),
    (
        "CREATE STATISTICS public.s ON v, w FROM public.t",
        "statistics public.s",
        "ALTER STATISTICS public.s SET STATISTICS 7",
    ),
    (
        "CREATE AGGREGATE public.agg (integer) (SFUNC = int4pl, STYPE = integer)",
        "aggregate public.agg(integer)",
        "CREATE OR REPLACE AGGREGATE public.agg (integer) (SFUNC = int4mi, STYPE = integer)",
    ),
    ("CREATE TYPE public.r AS RANGE (subtype = float8)", "type public.r", "COMMENT ON TYPE public.r IS 'x'"),
    ("CREATE TYPE public.shell", "type public.shell", "ALTER TYPE public.shell OWNER TO museum_api"),
    (
        "CREATE OPERATOR public.=== (LEFTARG = text, RIGHTARG = text, FUNCTION = public.g)",
        "operator public.===(pg_catalog.text,pg_catalog.text)",
        "ALTER OPERATOR public.=== (text, text) SET (RESTRICT = eqsel)",
    ),
    (
        "CREATE OPERATOR FAMILY public.fam USING btree",
        "operator family public.fam USING btree",
        "ALTER OPERATOR FAMILY public.fam USING btree ADD FUNCTION 1 (text, int) btint4cmp(int, int)",
    ),
    (
        "CREATE OPERATOR CLASS public.cls FOR TYPE public.c USING hash AS STORAGE public.c",
        "operator class public.cls USING hash",
        "",
    ),
    (
        "CREATE CAST (text AS public.c) WITH FUNCTION public.to_c(text)",
        "cast (pg_catalog.text AS public.c)",
        "COMMENT ON CAST (text AS public.c) IS 'x'",
    ),
    ("CREATE COLLATION public.col (LOCALE = 'C')", "collation public.col", "ALTER COLLATION public.col OWNER TO museum_api"),
    (
        "CREATE CONVERSION public.conv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8",
        "conversion public.conv",
        "COMMENT ON CONVERSION public.conv IS 'x'",
    ),
    (
        "CREATE TEXT SEARCH CONFIGURATION public.tsc (COPY = simple)",
        "text search configuration public.tsc",
        "ALTER TEXT SEARCH CONFIGURATION public.tsc DROP MAPPING FOR email",
    ),
    (
        "CREATE TEXT SEARCH DICTIONARY public.tsd (TEMPLATE = simple)",
        "text search dictionary public.tsd",
        "ALTER TEXT SEARCH DICTIONARY public.tsd (Accept = false)",
    ),
    ("CREATE TEXT SEARCH TEMPLATE public.tst (LEXIZE = dsimple_lexize)", "text search template public.tst", ""),
    ("CREATE SERVER srv FOREIGN DATA WRAPPER postgres_fdw", "server srv", "ALTER SERVER srv OPTIONS (ADD host 'x')"),
    (
        "CREATE SERVER srv FOREIGN DATA WRAPPER postgres_fdw; CREATE FOREIGN TABLE public.ft (a int) SERVER srv",
        "foreign table public.ft",
        "ALTER FOREIGN TABLE public.ft ADD b text",
    ),
    (
        "CREATE SERVER srv FOREIGN DATA WRAPPER postgres_fdw; CREATE USER MAPPING FOR museum_api SERVER srv",
        "user mapping museum_api on server srv",
        "",
    ),
    ("CREATE FOREIGN DATA WRAPPER w", "foreign-data wrapper w", "ALTER FOREIGN DATA WRAPPER w OPTIONS (ADD a 'b')"),
    (
        "CREATE EVENT TRIGGER et ON ddl_command_end EXECUTE FUNCTION public.e()",
        "event trigger et",
        "ALTER EVENT TRIGGER et DISABLE",
    ),
    ("CREATE PUBLICATION p", "publication p", "ALTER PUBLICATION p SET (publish = 'insert')"),
    ("CREATE PUBLICATION p FOR TABLE public.t", "table public.t in publication p", ""),
    (
        "CREATE SUBSCRIPTION sub CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false)",
        "subscription sub",
        "ALTER SUBSCRIPTION sub SET PUBLICATION q WITH (refresh = false)",
    ),
    (
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO museum_api",
        "default acl for role postgres in schema public on tables",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT INSERT ON TABLES TO museum_api",
    ),
    (
        "CREATE EXTENSION citext",
        "extension citext",
        "REVOKE EXECUTE ON FUNCTION public.citext_eq(public.citext, public.citext) FROM PUBLIC",
    ),
    (
        "CREATE ACCESS METHOD am TYPE TABLE HANDLER heap_tableam_handler",
        "access method am",
        "COMMENT ON ACCESS METHOD am IS 'x'",
    ),
    ("SELECT lo_create(4242)", "large objects all of them", "ALTER LARGE OBJECT 4242 OWNER TO museum_api"),
    (
        "",
        "database DATABASE",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = 1000', current_database()); END $$",
    ),
    ("", "system objects privileges and comments", "GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_file(text) TO museum_api"),
    (
        "CREATE TABLE public.p (a int) PARTITION BY LIST (a); CREATE TABLE public.q PARTITION OF public.p FOR VALUES IN (1)",
        "table public.q",
        "ALTER TABLE public.p DETACH PARTITION public.q",
    ),
    ("CREATE TABLE public.k () INHERITS (public.t)", "table public.k", "ALTER TABLE public.k NO INHERIT public.t"),
    ("CREATE TABLE public.o OF public.c", "table public.o", "ALTER TABLE public.o NOT OF"),
    (
        "CREATE TABLE public.fk (id int REFERENCES public.t)",
        "constraint fk_id_fkey on public.fk",
        "ALTER TABLE public.fk DISABLE TRIGGER ALL",
    ),
];

#[tokio::test]
async fn every_other_kind_is_noticed_and_so_is_its_change() {
    let database = Database::create("notice", PLACE).await;
    let client = &database.client;
    let before = snapshot(client).await;
    for (make, name, change) in CASES {
        let name = &name.replace("DATABASE", &database.name);
        client.batch_execute("BEGIN").await.unwrap();
        client.batch_execute(make).await.unwrap_or_else(|error| panic!("{make}: {error:?}"));
        let made = snapshot(client).await;
        if !make.is_empty() {
            let added = diff(&before, &made).into_iter().find(|change| change.object.to_string() == *name);
            let added = added.unwrap_or_else(|| panic!("{make}: {:#?}", diff(&before, &made)));
            assert_eq!(added.how, ChangeKind::Added, "{make}");
        }
        if !change.is_empty() {
            client.batch_execute(change).await.unwrap_or_else(|error| panic!("{change}: {error:?}"));
            let changes = diff(&made, &snapshot(client).await);
            let seen = changes.iter().find(|change| change.object.to_string() == *name);
            assert!(seen.is_some_and(|change| change.how == ChangeKind::Changed), "{change}: {changes:#?}");
        }
        client.batch_execute("ROLLBACK").await.unwrap();
    }
    assert_eq!(diff(&before, &snapshot(client).await), []);
}
