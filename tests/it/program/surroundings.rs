//! A database that makes it hard for objects of ours: default privileges, publications of everything, an encoding that lacks most
//! characters, functions read with all warnings, and a schema for backups whose name is full of quotes.

use super::work::Work;
use crate::support::{TestDatabase, TestRole, database};

const NAME: &str = r#"od"d {schema} {name} $$ $backstop$ 'x'"#;

const PLAN: &str = r#"
format: backstop/v1
name: surroundings
backup: {targets: [{tables: [public.items]}], writers: capture, schema: "od\"d {schema} {name} $$ $backstop$ 'x'"}
checks:
  before:
    - {id: shown, sql: "SELECT secret FROM items", expect: {rows: 0}, severity: warn}
  after:
    - {id: secrets, matches: {table: items, column: secret, pattern: uuid}, severity: SEVERITY}
steps:
  - {id: column, sql: "ALTER TABLE items ADD COLUMN more text DEFAULT 'é'"}
  - {id: rows, sql: UPDATE items SET n = n + 1}
"#;

fn surroundings(name: &str) -> (TestDatabase, TestRole) {
    let beside = database(name);
    let database = beside.beside(name);
    let create = format!("CREATE DATABASE \"{}\" ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0", database.name);
    beside.execute(&create);
    let reader = database.role("reader", "LOGIN");
    database.execute(&format!(
        "ALTER DATABASE \"{database}\" SET plpgsql.extra_errors = 'all';
         ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO \"{reader}\"; ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO \"{reader}\";
         ALTER DEFAULT PRIVILEGES GRANT ALL ON FUNCTIONS TO \"{reader}\"; ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO \"{reader}\";
         CREATE PUBLICATION everything FOR ALL TABLES;
         CREATE TABLE public.items (id int PRIMARY KEY, n int NOT NULL, secret text);
         REVOKE ALL ON public.items FROM \"{reader}\";
         INSERT INTO public.items SELECT i, i, repeat(U&'\\00E9', 120) FROM generate_series(1, 50) AS i",
        database = database.name,
        reader = reader.name,
    ));
    (database, reader)
}

/// What a role may do with what lies in the schemas of ours.
fn open_to(database: &TestDatabase, reader: &TestRole) -> String {
    let schemas = format!("('backstop', {})", backstop::sql::quote::literal(NAME));
    let reader = &reader.name;
    database.psql(&format!(
        "SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname IN {schemas}
           AND (has_schema_privilege('{reader}', oid, 'USAGE') OR has_schema_privilege('{reader}', oid, 'CREATE'))
         UNION ALL
         SELECT 'table ' || c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
         WHERE n.nspname IN {schemas} AND c.relkind IN ('r', 'v')
           AND has_table_privilege('{reader}', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
         UNION ALL
         SELECT 'sequence ' || c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
         WHERE n.nspname IN {schemas} AND CASE WHEN c.relkind = 'S' THEN has_sequence_privilege('{reader}', c.oid, 'USAGE, SELECT, UPDATE') END
         UNION ALL
         SELECT 'function ' || p.proname FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
         WHERE n.nspname IN {schemas} AND has_function_privilege('{reader}', p.oid, 'EXECUTE')"
    ))
}

#[test]
fn runs_end_well_and_are_restored_and_nothing_of_ours_is_open_to_others() {
    let (database, reader) = surroundings("surroundings");
    let work = Work::new();
    let done = work.apply(&database, &PLAN.replace("SEVERITY", "warn")).expect_code(0);
    assert!(done.stdout.contains("publication everything publishes all tables"), "{}", done.stdout);
    assert_eq!(open_to(&database, &reader), "");
    database.execute("ALTER TABLE public.items DROP COLUMN more");
    let before = (
        database.rows("public.items"),
        database.one("SELECT count(*) FROM pg_attribute WHERE attrelid = 'public.items'::regclass"),
    );
    let failing = PLAN.replace("SEVERITY", "fail").replace("name: surroundings", "name: failing");
    let failed = work.apply(&database, &failing).expect_code(5);
    assert!(failed.stdout.contains("verified"), "{}", failed.stdout);
    assert_eq!(before.0, database.rows("public.items"));
    assert_eq!(open_to(&database, &reader), "");
    let schema = backstop::sql::quote::ident(NAME);
    for call in [
        "create_table_backups()",
        "validate_pre_migration()",
        "execute_safe_migration('UPDATE public.items SET n = 0', NULL)",
        "restore_from_backup()",
        "list_backups()",
        "cleanup_old_backups(1)",
    ] {
        database.psql(&format!("SELECT {schema}.{call}"));
    }
    assert_eq!(before.0, database.rows("public.items"), "psql's restore brings the rows back");
    assert_eq!(open_to(&database, &reader), "");
}

#[test]
fn a_plan_with_characters_that_the_database_lacks_is_refused_before_anything_is_done() {
    let (database, _reader) = surroundings("unmappable");
    let work = Work::new();
    let arrow = PLAN.replace("SEVERITY", "warn").replace('é', "→");
    let refused = work.apply(&database, &arrow).expect_code(4);
    for words in ["backstop::preflight::encoding", "→ (U+2192)", "LATIN1"] {
        assert!(refused.stderr.contains(words), "{words} is missing in\n{}", refused.stderr);
    }
    assert_eq!(database.one("SELECT count(*) FROM backstop.events"), "0");
    assert_eq!(
        database.one("SELECT count(*) FROM pg_attribute WHERE attrelid = 'public.items'::regclass AND attname = 'more'"),
        "0"
    );
    // With characters that it has, as the hint says.
    work.apply(&database, &PLAN.replace("SEVERITY", "warn")).expect_code(0);
}

#[test]
fn a_publication_of_everything_that_is_followed_is_refused_and_the_hint_mends_it() {
    let (database, work) = (database("published"), Work::new());
    database.execute(
        "CREATE TABLE public.items (id int PRIMARY KEY, n int); INSERT INTO public.items VALUES (1, 1); CREATE PUBLICATION everything FOR ALL TABLES",
    );
    if database.one("SHOW wal_level") != "logical" {
        // Without it there is no slot to follow by, and the publication is worth a warning.
        let plan = "format: backstop/v1\nname: p\nbackup: {targets: [{tables: [public.items]}]}\nsteps: [{id: s, sql: UPDATE items SET n = 2}]\n";
        let done = work.apply(&database, plan).expect_code(0);
        assert!(done.stdout.contains("publication everything publishes all tables"), "{}", done.stdout);
        return;
    }
    database.psql("SELECT pg_create_logical_replication_slot('published_everything', 'pgoutput')");
    let plan = "format: backstop/v1\nname: p\nbackup: {targets: [{tables: [public.items]}]}\nsteps: [{id: s, sql: UPDATE items SET n = 2}]\n";
    let refused = work.apply(&database, plan).expect_code(4);
    database.psql("SELECT pg_drop_replication_slot('published_everything')");
    assert!(refused.stdout.contains("backstop::preflight::published"), "{}", refused.stdout);
    let hint =
        refused.stdout.split("BEGIN;").nth(1).and_then(|rest| rest.split("COMMIT;").next()).unwrap().replace('\n', " ");
    database.psql(&format!("BEGIN;{hint}COMMIT;"));
    let done = work.apply(&database, plan).expect_code(0);
    assert!(!done.stdout.contains("publishes"), "{}", done.stdout);
}
