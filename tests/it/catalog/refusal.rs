//! What can't be brought back is said before anything is touched.

use std::collections::BTreeSet;

use backstop::catalog::{ObjectKey, ObjectKind, Scope, diff, obstacles, script};

use super::{
    server::Database,
    way_back::{Backup, snapshot},
};

const PLACE: &str = "
    CREATE TABLE public.a (id int PRIMARY KEY, v text);
    CREATE TABLE public.b (id int PRIMARY KEY, a_id int REFERENCES public.a, v text);
    CREATE TYPE public.mood AS ENUM ('ok', 'bad');
    CREATE TABLE public.c (id int, m public.mood);
    CREATE SEQUENCE public.s;
";

/// What stands in the way: setup, migration, whether `b` and `c` are covered beside `a`, and what is said of which object.
const CASES: &[(&str, &str, bool, &str)] = &[
    ("", "DROP TABLE public.b", false, "table public.b: was dropped, and its rows have no copy"),
    ("", "ALTER TABLE public.b ALTER v TYPE varchar", false, "table public.b: must be made anew, and its rows have no copy"),
    (
        "",
        "ALTER TYPE public.mood RENAME VALUE 'bad' TO 'sad'",
        false,
        "table public.c: depends on type public.mood, and its rows have no copy",
    ),
    (
        "CREATE MATERIALIZED VIEW public.m AS SELECT * FROM public.a",
        "DROP TABLE public.a CASCADE",
        true,
        "",
    ),
    (
        "CREATE RULE r AS ON DELETE TO public.a DO ALSO NOTIFY x",
        "DROP RULE r ON public.a; ALTER TABLE public.a ADD x int",
        true,
        "",
    ),
    (
        "CREATE STATISTICS public.st ON id, v FROM public.a",
        "DROP TABLE public.a CASCADE",
        true,
        "",
    ),
    (
        "CREATE PUBLICATION p FOR TABLE public.a",
        "ALTER PUBLICATION p DROP TABLE public.a; ALTER TABLE public.a ADD x int",
        true,
        "",
    ),
    (
        "CREATE TABLE public.rows_of (r public.b)",
        "ALTER TABLE public.b DROP v CASCADE",
        false,
        "table public.b: must be made anew, and its rows have no copy",
    ),
    (
        "CREATE TEXT SEARCH CONFIGURATION public.tsc (COPY = simple)",
        "DROP TEXT SEARCH CONFIGURATION public.tsc",
        true,
        "text search configuration public.tsc: was dropped or changed, and can't be made again",
    ),
    ("", "CREATE OPERATOR public.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq)", true, ""),
    (
        "CREATE EXTENSION postgres_fdw; CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw; CREATE TABLE public.p (id int) PARTITION BY LIST (id);
         CREATE FOREIGN TABLE public.p1 PARTITION OF public.p DEFAULT SERVER far",
        "CREATE INDEX i ON public.p (id)",
        true,
        "index public.i: is part of a table that has the foreign table public.p1 among its partitions",
    ),
    (
        "CREATE TABLE public.p (id int, d date) PARTITION BY RANGE (d); CREATE TABLE public.p1 PARTITION OF public.p DEFAULT",
        "DROP TABLE public.p1",
        false,
        "table public.p1: was dropped, and its rows have no copy",
    ),
    (
        "CREATE TABLE public.p (id int, d date) PARTITION BY RANGE (d); CREATE TABLE public.p1 PARTITION OF public.p DEFAULT",
        "ALTER TABLE public.p DETACH PARTITION public.p1; DROP TABLE public.p",
        false,
        "",
    ),
    ("CREATE TABLE public.kid () INHERITS (public.a)", "ALTER TABLE public.a ADD x int", false, ""),
    (
        "INSERT INTO public.b VALUES (1); ALTER TABLE public.b DISABLE TRIGGER ALL",
        "DELETE FROM public.b",
        true,
        "",
    ),
    (
        "INSERT INTO public.b VALUES (1); CREATE PUBLICATION p FOR TABLE public.b",
        "DELETE FROM public.b; CREATE INDEX i ON public.b (v)",
        true,
        "",
    ),
    ("INSERT INTO public.b VALUES (1)", "ALTER TABLE public.b DISABLE TRIGGER ALL; DELETE FROM public.b", true, ""),
    (
        "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC",
        "ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM PUBLIC",
        true,
        "",
    ),
    (
        "CREATE EXTENSION citext SCHEMA public",
        "DROP EXTENSION citext",
        true,
        "extension citext: was dropped or changed, and can't be made again",
    ),
    ("", "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC", true, ""),
    (
        "CREATE EXTENSION hstore SCHEMA public",
        "ALTER EXTENSION hstore DROP FUNCTION public.akeys(public.hstore)",
        true,
        "extension hstore: was changed, and can't be changed back",
    ),
    (
        "CREATE EXTENSION hstore SCHEMA public",
        "ALTER FUNCTION public.akeys(public.hstore) OWNER TO museum_owner",
        true,
        "extension hstore: was changed, and can't be changed back",
    ),
    (
        "CREATE EXTENSION hstore SCHEMA public",
        "COMMENT ON FUNCTION public.akeys(public.hstore) IS 'the keys'",
        true,
        "extension hstore: was changed, and can't be changed back",
    ),
    (
        "SELECT FROM lo_create(4711)",
        "COMMENT ON LARGE OBJECT 4711 IS 'a picture'",
        true,
        "large objects all of them: was changed, and can't be changed back",
    ),
    (
        "",
        "COMMENT ON FUNCTION pg_catalog.now() IS 'the time'",
        true,
        "system objects privileges and comments: was changed, and can't be changed back",
    ),
    (
        "",
        "GRANT SELECT (rolname) ON pg_catalog.pg_authid TO museum_api",
        true,
        "system objects privileges and comments: was changed, and can't be changed back",
    ),
    (
        "CREATE EXTENSION postgres_fdw; CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw; CREATE USER MAPPING FOR museum_api SERVER far OPTIONS (user 'a')",
        "ALTER USER MAPPING FOR museum_api SERVER far OPTIONS (SET user 'b')",
        true,
        "user mapping museum_api on server far: was changed, and can't be changed back",
    ),
    (
        "CREATE EXTENSION postgres_fdw; CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw",
        "GRANT USAGE ON FOREIGN SERVER far TO museum_api; GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO museum_api; COMMENT ON SERVER far IS 'x'",
        true,
        "",
    ),
];

#[tokio::test]
async fn what_cannot_be_brought_back_is_refused() {
    for (setup, migration, all, expected) in CASES {
        let database = Database::create("refusal", &format!("{PLACE}{setup}")).await;
        let a = ObjectKey::table("public", "a");
        let backup = Backup::take(&database, |key| *all || *key == a).await;
        database.client.batch_execute(migration).await.unwrap_or_else(|error| panic!("{migration}: {error:?}"));
        match backup.restore(&database).await {
            Ok(back) => {
                assert!(expected.is_empty(), "{setup}; {migration}: {:#?}", back.script.actions);
                backup.assert_back(migration, &database, &back).await;
            }
            Err(problems) => {
                let said: Vec<String> =
                    problems.iter().map(|problem| format!("{}: {}", problem.object, problem.why)).collect();
                assert!(said.iter().any(|problem| problem == expected), "{setup}; {migration}: {said:#?}");
                database.client.batch_execute("ROLLBACK").await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn the_rehearsal_says_the_same_before_anything_has_happened() {
    let setup = format!(
        "{PLACE}CREATE MATERIALIZED VIEW public.m AS SELECT id FROM public.a; CREATE TABLE public.rows_of (r public.b)"
    );
    let database = Database::create("rehearsal", &setup).await;
    let then = snapshot(&database.client).await;
    let covered =
        |names: &[&str]| -> BTreeSet<ObjectKey> { names.iter().map(|name| ObjectKey::table("public", *name)).collect() };
    let said = |names: &[&str]| -> Vec<String> {
        obstacles(&then, &covered(names)).iter().map(|problem| format!("{}: {}", problem.object, problem.why)).collect()
    };
    assert_eq!(said(&["a"]), [""; 0]);
    assert_eq!(said(&["b"]), ["table public.rows_of: depends on table public.b, and its rows have no copy"]);
    assert_eq!(said(&["b", "rows_of", "c"]), [""; 0]);
}

/// A table that somebody else made in the way of the restore is theirs, rows and all.
#[tokio::test]
async fn a_table_of_others_is_never_dropped() {
    let database = Database::create("others", PLACE).await;
    let then = snapshot(&database.client).await;
    database
        .client
        .batch_execute("ALTER TABLE public.a ADD x int; CREATE TABLE public.theirs (rows_of public.a[])")
        .await
        .unwrap();
    let now = snapshot(&database.client).await;
    let a = ObjectKey::table("public", "a");
    let changed: BTreeSet<ObjectKey> = diff(&then, &now).into_iter().map(|change| change.object).collect();
    assert!(changed.contains(&ObjectKey::new(ObjectKind::Table, "public", "theirs")));
    let scope = Scope { covered: [a.clone()].into(), changed: [a].into(), reload: BTreeSet::new() };
    let problems = script(&then, &now, &scope).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert_eq!(problems[0].object, ObjectKey::table("public", "theirs"));
}
