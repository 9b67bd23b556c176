//! What psql's restore compares beside definitions (on which index a foreign key hangs, and what the server made along with objects), and
//! what of the database is none of its business.

use super::work::{Work, run, until, until_runs};
use crate::support::{TestDatabase, database, psql};

const TABLES: &str = "
    CREATE TABLE public.parent (code int NOT NULL, CONSTRAINT parent_a UNIQUE (code)); CREATE UNIQUE INDEX parent_b ON public.parent (code);
    CREATE TABLE public.child (id int PRIMARY KEY, code int CONSTRAINT child_fk REFERENCES public.parent (code));
    COMMENT ON TYPE public.child IS 'rows of children';
    INSERT INTO public.parent VALUES (1), (2); INSERT INTO public.child VALUES (1, 1), (2, 2);";

const HUNG_ON: &str = "SELECT conindid::regclass FROM pg_constraint WHERE conname = 'child_fk'";

/// A run that is held after this step.
fn held(database: &TestDatabase, sql: &str) {
    let plan = format!(
        "format: backstop/v1\nname: held\nbackup: {{targets: [{{tables: [public.parent, public.child]}}]}}\nrollback: {{on_failure: hold}}\n\
         steps:\n  - {{id: s, sql: \"{sql}\"}}\n  - {{id: fails, sql: SELECT 1 / 0}}\n"
    );
    Work::new().apply(database, &plan).expect_code(6);
}

#[test]
fn a_foreign_key_that_hangs_on_another_index_is_not_proven_equal() {
    let database = database("by_psql_key");
    database.execute(TABLES);
    assert_eq!(database.one(HUNG_ON), "parent_a");
    held(
        &database,
        "ALTER TABLE public.child DROP CONSTRAINT child_fk; ALTER TABLE public.parent DROP CONSTRAINT parent_a; \
         ALTER TABLE public.parent ADD CONSTRAINT parent_a UNIQUE (code); \
         ALTER TABLE public.child ADD CONSTRAINT child_fk FOREIGN KEY (code) REFERENCES public.parent (code)",
    );
    assert_eq!(database.one(HUNG_ON), "parent_b");
    let refused = psql(&database.url, "SELECT backup_pre_migration.restore_from_backup()").unwrap_err();
    assert!(refused.contains("hangs on public.parent_b, and hung on public.parent_a"), "{refused}");
    run(&database, &["restore", "--yes"]).expect_code(0);
    assert_eq!(database.one(HUNG_ON), "parent_a");
}

#[test]
fn what_came_along_with_objects_comes_back_or_is_told() {
    const COMMENT: &str = "SELECT obj_description('public.child'::regtype)";
    let database = database("by_psql_beside");
    database.execute(TABLES);
    held(&database, "ALTER TABLE public.child ADD more int");
    database.psql("SELECT backup_pre_migration.restore_from_backup()");
    assert_eq!(database.one(COMMENT), "rows of children");
    held(&database, "COMMENT ON TYPE public.child IS 'others'");
    let refused = psql(&database.url, "SELECT backup_pre_migration.restore_from_backup()").unwrap_err();
    assert!(refused.contains("TYPE public.child has another owner, other privileges or another comment"), "{refused}");
    run(&database, &["restore", "--yes"]).expect_code(0);
    assert_eq!(database.one(COMMENT), "rows of children");
    // Of what had none the backup doesn't tell what it belongs to.
    held(&database, "COMMENT ON TYPE public.parent IS 'new'");
    database.psql("SELECT backup_pre_migration.restore_from_backup()");
    let left = "SELECT left_so FROM backstop.backups AS b, backstop.other_companions(b.catalog, '{}', backstop.companions(), backstop.companions())
                ORDER BY b.created_at DESC, b.id DESC LIMIT 1";
    assert_eq!(database.one(left), "{\"TYPE public.parent\"}");
}

#[test]
fn nothing_is_said_of_a_partitioned_table_that_psql_brings_back() {
    const ROWS: &str = "SELECT string_agg(concat_ws(' ', tableoid::regclass, p), ', ' ORDER BY id) FROM public.p";
    let database = database("by_psql_partitions");
    database.execute(
        "CREATE TABLE public.p (id int) PARTITION BY RANGE (id); CREATE TABLE public.p1 PARTITION OF public.p FOR VALUES FROM (0) TO (10);
         INSERT INTO public.p VALUES (1), (2)",
    );
    let before = database.one(ROWS);
    let plan = "format: backstop/v1\nname: parts\nbackup: {targets: [{tables: [public.p, public.p1]}]}\n\
                steps: [{id: s, sql: UPDATE public.p SET id = id + 1}]\n";
    let output = Work::new().apply(&database, plan).expect_code(0);
    let said = output.stdout + &output.stderr;
    assert!(!said.contains("psql alone"), "{said}");
    assert_ne!(database.one(ROWS), before);
    database.psql("SELECT backup_pre_migration.restore_from_backup()");
    assert_eq!(database.one(ROWS), before);
}

#[test]
fn what_others_do_elsewhere_during_a_restore_by_psql_is_theirs() {
    const WAITS: &str =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let database = database("by_psql_meanwhile");
    database.execute(TABLES);
    database.execute(
        "CREATE TABLE public.old (id int PRIMARY KEY, n int CHECK (n > 0));
         CREATE FUNCTION public.kept() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    );
    held(&database, "CREATE VIEW public.seen AS SELECT 1 AS one; UPDATE public.child SET code = 1");
    std::thread::scope(|scope| {
        scope.spawn(|| database.psql("BEGIN; SELECT FROM public.seen; SELECT pg_sleep(5); COMMIT"));
        until_runs(&database, "pg_sleep");
        let restore = scope.spawn(|| database.psql("SELECT backup_pre_migration.restore_from_backup()"));
        until(&database, WAITS);
        database.execute("DROP TABLE public.old");
        database.execute("CREATE TABLE public.fresh (id int PRIMARY KEY, n int DEFAULT 1 CHECK (n > 0))");
        database.execute("CREATE OR REPLACE FUNCTION public.kept() RETURNS int LANGUAGE sql AS 'SELECT 2'");
        restore.join().unwrap();
    });
    let there = "SELECT to_regclass('public.seen') IS NULL AND to_regclass('public.old') IS NULL
                    AND to_regclass('public.fresh') IS NOT NULL";
    assert_eq!(database.one(there), "t");
    assert_eq!(database.one("SELECT public.kept()"), "2");
    assert_eq!(database.one("SELECT count(*) FROM public.child WHERE code = 2"), "1");
}
