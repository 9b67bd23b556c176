//! The seed's SQL, as it stands in its document, on the example database, with psql alone.

use std::path::{Path, PathBuf};

use super::work::{run, state, until};
use crate::support::{Program, TestDatabase, database, psql};

const TABLES: [&str; 9] = [
    "organizations",
    "profiles",
    "memberships",
    "projects",
    "documents",
    "audit_events",
    "invitations",
    "render_jobs",
    "countries",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn plan(name: &str) -> String {
    root().join("plans").join(name).display().to_string()
}

fn example(name: &str) -> TestDatabase {
    let database = database(name);
    database.send_bystanders_away();
    let folder = root().join("examples/multi-org");
    let read = |file: &str| std::fs::read_to_string(Path::new(&folder).join(file)).unwrap();
    database.psql(&read("schema.sql"));
    database.psql(&format!("SET backstop_demo.profiles = '300';\n{}", read("generate.sql")));
    database
}

fn installed(name: &str) -> TestDatabase {
    let database = example(name);
    run(&database, &["install", &plan("multi-org-security.yaml")]).expect_code(0);
    database
}

/// The migration of the plan, as one text that is run with psql.
fn migration() -> String {
    let arguments = ["render", &plan("multi-org-security.yaml"), "--format", "json"];
    let output = Program::new().arguments(&arguments).run().expect_code(0);
    let plan: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    let steps = plan["steps"].as_array().unwrap();
    steps.iter().map(|step| step["sql"].as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

const VALIDATE_BEFORE: &str = "
SELECT 
    validation_check,
    status,
    details,
    record_count
FROM backup_pre_migration.validate_pre_migration()
WHERE status = 'FAIL';";

const VALIDATE_AFTER: &str = "
SELECT 
    validation_check,
    status,
    details,
    record_count
FROM backup_pre_migration.validate_post_migration()
ORDER BY 
    CASE status WHEN 'FAIL' THEN 1 WHEN 'PASS' THEN 2 ELSE 3 END;";

const MIGRATE: &str = "
SELECT * FROM backup_pre_migration.execute_safe_migration(
    $migration$
        -- Your migration SQL here
        ALTER TABLE organizations ALTER COLUMN id TYPE uuid USING id::uuid;
    $migration$,
    'backup_pre_migration.validate_post_migration'
);";

const MIGRATE_IN_A_TRANSACTION: &str = "
BEGIN;

SELECT * FROM backup_pre_migration.execute_safe_migration(
    $migration$
        -- Your actual migration SQL here
        -- Example: Convert organizations.id to UUID
        ALTER TABLE organizations ALTER COLUMN id TYPE uuid USING id::uuid;
        
        -- Add foreign key constraints
        ALTER TABLE profiles ADD CONSTRAINT fk_profiles_org_id 
        FOREIGN KEY (org_id) REFERENCES organizations(id);
    $migration$
);

-- Review results, then commit or rollback
COMMIT; -- or ROLLBACK;";

const SIZE: &str = "
-- Check backup schema size
SELECT 
    schemaname,
    count(*) as table_count,
    pg_size_pretty(sum(pg_total_relation_size(schemaname||'.'||tablename))) as total_size
FROM pg_tables 
WHERE schemaname = 'backup_pre_migration'
GROUP BY schemaname;";

const ACTIVITY: &str = "
-- Check recent backup activity
SELECT * FROM backup_pre_migration.list_backups() ORDER BY created_at DESC LIMIT 5;";

const STATUS: &str = "
-- Check validation status
SELECT 
    count(*) FILTER (WHERE status = 'PASS') as passed_checks,
    count(*) FILTER (WHERE status = 'FAIL') as failed_checks,
    count(*) as total_checks
FROM backup_pre_migration.validate_pre_migration();";

#[test]
fn every_statement_of_the_seed_runs_as_it_is_written() {
    let database = installed("seed_sql");
    let before = state(&database, &TABLES);
    assert_eq!(database.psql("SELECT * FROM backup_pre_migration.validate_pre_migration() WHERE status = 'ERROR'"), "");
    assert_eq!(database.psql(VALIDATE_BEFORE), "");
    assert_eq!(database.psql(STATUS), "7|0|9");
    assert!(database.psql("SELECT * FROM backup_pre_migration.validate_post_migration();").contains("|FAIL|"));

    let said = database.psql("SELECT backup_pre_migration.create_table_backups();");
    assert!(said.starts_with("backup 20") && said.contains("7 tables"), "{said}");
    let listed = database.psql("SELECT * FROM backup_pre_migration.list_backups();");
    assert!(listed.contains("|7|") && listed.contains("|complete|"), "{listed}");
    assert_eq!(database.psql(ACTIVITY), listed);
    assert!(database.psql(SIZE).starts_with("backup_pre_migration|7|"));

    // The seed's own migrations are for other tables: a view hangs on the column here. So they are refused, and leave nothing.
    for migration in [MIGRATE, MIGRATE_IN_A_TRANSACTION] {
        let refused = psql(&database.url, migration).unwrap_err();
        assert!(refused.contains("the migration failed, and everything it did is rolled back"), "{refused}");
        assert_eq!(state(&database, &TABLES), before);
    }

    let migrate = format!(
        "BEGIN; SELECT * FROM backup_pre_migration.execute_safe_migration($migration${}$migration$); COMMIT;",
        migration()
    );
    let done = database.psql(&migrate);
    assert!(done.starts_with("migration|PASS|") && done.contains("organizations-id-is-uuid|PASS|"), "{done}");
    assert!(done.contains("way back|PASS|"), "{done}");
    let after = database.psql(VALIDATE_AFTER);
    assert!(after.starts_with("organizations-id-is-uuid|PASS|"), "{after}");
    assert_eq!(after.matches("|PASS|").count(), 12, "{after}");

    let restored = database.psql("SELECT backup_pre_migration.restore_from_backup();");
    assert!(restored.contains("7 tables proven equal"), "{restored}");
    assert_eq!(state(&database, &TABLES), before);

    let timestamp = listed.split('|').next().unwrap();
    database.psql(&migrate);
    database.psql(&format!("SELECT backup_pre_migration.restore_from_backup('{timestamp}');"));
    assert_eq!(state(&database, &TABLES), before);
    for _ in 0..3 {
        database.psql("SELECT backup_pre_migration.create_table_backups();");
    }
    assert_eq!(database.psql("SELECT backup_pre_migration.cleanup_old_backups(3);"), format!("removed 1: {timestamp}"));
    assert!(database.psql(SIZE).starts_with("backup_pre_migration|21|"));
}

#[test]
fn psql_alone_brings_back_what_the_program_brings_back() {
    let databases = [example("psql_restore"), example("program_restore")];
    let before = state(&databases[0], &TABLES);
    let sequences = "SELECT string_agg(concat(schemaname, '.', sequencename, last_value), ',' ORDER BY sequencename) FROM (SELECT * FROM pg_sequences WHERE schemaname = 'public') AS s";
    let mut came_back = Vec::new();
    for (database, with_psql) in databases.iter().zip([true, false]) {
        run(database, &["apply", &plan("multi-org-security.yaml")]).expect_code(0);
        database.psql("DELETE FROM documents WHERE id % 2 = 0; UPDATE countries SET name = upper(name)");
        let backup = database.one("SELECT id FROM backstop.backups");
        match with_psql {
            true => drop(database.psql("SELECT backup_pre_migration.restore_from_backup()")),
            false => drop(run(database, &["restore", "--backup", &backup, "--yes"]).expect_code(0)),
        }
        run(database, &["backup", "verify"]).expect_code(0);
        came_back.push((state(database, &TABLES), database.one(sequences)));
        // The journal tells the same: the plan is not applied any more, and nothing waits.
        let status = run(database, &["status"]).expect_code(0).stdout;
        assert!(status.contains("no plan is applied") && status.contains("no run waits"), "{status}");
        run(database, &["history"]).expect_code(0);
        run(database, &["show"]).expect_code(0);
        run(database, &["apply", &plan("multi-org-security.yaml")]).expect_code(0);
    }
    assert_eq!(came_back[0], came_back[1]);
    assert_eq!(came_back[0].0.0, before.0);
}

#[test]
fn a_run_that_was_held_is_brought_back_without_the_program() {
    let database = example("psql_held");
    let before = state(&database, &TABLES);
    let work = super::work::Work::new();
    let plan = "format: backstop/v1\nname: held\nbackup: {targets: [{tables: [public.profiles]}]}\n\
                steps:\n  - {id: a, sql: ALTER TABLE public.profiles ADD COLUMN x int}\n  - {id: b, sql: SELECT 1/0}\n\
                rollback: {on_failure: hold}\n";
    work.apply(&database, plan).expect_code(6);
    let refused = psql(&database.url, "UPDATE profiles SET email = email").unwrap_err();
    assert!(refused.contains("frozen"), "{refused}");
    database.psql("SELECT backup_pre_migration.restore_from_backup()");
    assert_eq!(state(&database, &TABLES), before);
    database.psql("UPDATE profiles SET email = email");
    let status = run(&database, &["status"]).expect_code(0).stdout;
    assert!(status.contains("no run waits"), "{status}");
    let shown = run(&database, &["show"]).expect_code(0).stdout;
    assert!(shown.contains("restored"), "{shown}");
}

/// The reader has the view and waits for a table behind the restore, which has that table then and wants to drop the view.
#[test]
fn a_reader_of_a_view_meets_the_restore_in_no_deadlock() {
    let database = example("psql_readers");
    run(&database, &["apply", &plan("multi-org-security.yaml")]).expect_code(0);
    let waiting = |who: &str| {
        let waits = format!("SELECT 1 FROM pg_stat_activity WHERE application_name = '{who}' AND wait_event_type = 'Lock'");
        until(&database, &format!("SELECT count(*) FROM ({waits}) AS w"));
    };
    std::thread::scope(|scope| {
        let work = |who: &str, sql: &str| database.psql(&format!("SET application_name = '{who}'; {sql}"));
        scope.spawn(move || work("writer", "BEGIN; UPDATE organizations SET name = name; SELECT pg_sleep(3); COMMIT"));
        until(
            &database,
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'writer' AND wait_event = 'PgSleep'",
        );
        scope.spawn(move || work("restore", "SELECT backup_pre_migration.restore_from_backup()"));
        waiting("restore");
        scope.spawn(move || work("reader", "SELECT count(*) FROM active_profiles"));
        waiting("reader");
    });
}

#[test]
fn the_functions_are_closed_to_all_but_the_named_roles() {
    // Roles are dropped after the database in which they have rights.
    let home = database("psql_roles_home");
    let (app, admin, nobody) =
        (home.role("app", "LOGIN BYPASSRLS"), home.role("admin", "LOGIN"), home.role("nobody", "LOGIN"));
    let database = example("psql_roles");
    let work = super::work::Work::new();
    let text = format!(
        "format: backstop/v1\nname: roles\nbackup: {{targets: [{{tables: [public.countries]}}], execute_role: {}, admin_role: {}}}\n\
         checks: {{before: [{{id: there, row_count: {{table: public.countries, at_least: 1}}}}]}}\nsteps: [{{id: a, sql: SELECT 1}}]\n",
        app.name, admin.name
    );
    let plan = work.file("plan.yaml", &text);
    run(&database, &["install", plan.to_str().unwrap()]).expect_code(0);
    let list = "SELECT count(*) FROM backup_pre_migration.list_backups()";
    assert!(psql(&database.url_as(&nobody), list).unwrap_err().contains("permission denied for schema"));
    let as_app = database.url_as(&app);
    assert!(psql(&as_app, "SELECT backup_pre_migration.create_table_backups()").unwrap().contains("1 tables"));
    assert_eq!(psql(&as_app, list).unwrap(), "1");
    let copy = database.one("SELECT 'backup_pre_migration.' || copy_name FROM backstop.backup_tables");
    assert!(psql(&as_app, &format!("SELECT * FROM {copy}")).unwrap_err().contains("permission denied"));
    assert!(psql(&as_app, "SELECT * FROM backstop.operations").unwrap_err().contains("permission denied"));
    // A migration has the rights of who runs it.
    let migrate = "SELECT * FROM backup_pre_migration.execute_safe_migration('DROP TABLE public.countries CASCADE', NULL)";
    assert!(psql(&as_app, migrate).unwrap_err().contains("must be owner"));
    assert_eq!(psql(&database.url_as(&admin), &format!("SELECT count(*) FROM {copy}")).unwrap(), "9");
    assert!(psql(&database.url_as(&admin), "SELECT actor FROM backstop.operations").unwrap().contains(&app.name));
    assert_eq!(psql(&as_app, "SELECT status FROM backup_pre_migration.validate_pre_migration()").unwrap(), "PASS");
}

#[test]
fn what_does_not_fit_is_refused_and_changes_nothing() {
    let database = installed("psql_refused");
    database.psql("SELECT backup_pre_migration.create_table_backups()");
    database.psql("CREATE TABLE public.beside (id int)");
    let refused = psql(&database.url, "SELECT backup_pre_migration.create_table_backups()").unwrap_err();
    assert!(refused.contains("table public.beside is new") && refused.contains("backstop install PLAN"), "{refused}");
    // A column of the row type would go with the table, and nobody has its rows.
    database.psql("ALTER TABLE public.beside ADD COLUMN whole public.countries; ALTER TABLE public.beside ADD COLUMN doc public.documents;
                   ALTER TABLE public.documents ADD COLUMN x int");
    let before = state(&database, &TABLES);
    let refused = psql(&database.url, "SELECT backup_pre_migration.restore_from_backup()").unwrap_err();
    assert!(refused.contains("table public.beside is different"), "{refused}");
    assert_eq!(state(&database, &TABLES), before);
    assert!(psql(&database.url, "SELECT backup_pre_migration.restore_from_backup('2000_01_01_00_00_00')").is_err());
    // What a validation finds wrong takes the migration back.
    let refused = psql(
        &database.url,
        "SELECT * FROM backup_pre_migration.execute_safe_migration('CREATE TABLE public.gone (id int)')",
    );
    assert!(refused.unwrap_err().contains("the validation failed, and the migration is rolled back"));
    assert_eq!(database.one("SELECT to_regclass('public.gone') IS NULL"), "t");
    let refused = psql(
        &database.url,
        "SELECT * FROM backup_pre_migration.execute_safe_migration('TRUNCATE backstop.applied; DROP VIEW backstop.history', NULL)",
    );
    assert!(refused.unwrap_err().contains("touches the way back itself"));
}
