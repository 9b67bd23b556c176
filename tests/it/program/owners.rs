//! Whose the journal and the schema of backups are, and who holds the run lock.

use super::work::{Work, run};
use crate::support::{Program, TestDatabase, database};

const PLAN: &str = "
format: backstop/v1
name: owners
backup: {targets: [{tables: [public.items]}]}
steps:
  - {id: rows, sql: UPDATE items SET n = n + 1}
";

fn with_items(name: &str) -> TestDatabase {
    let database = database(name);
    database.execute("CREATE TABLE public.items (id int PRIMARY KEY, n int); INSERT INTO public.items VALUES (1, 1)");
    database
}

#[test]
fn a_journal_of_another_role_is_used_by_nobody_until_he_is_trusted() {
    let database = with_items("owners_journal");
    let mallory = database.role("mallory", "LOGIN");
    database.execute(&format!("GRANT CREATE ON DATABASE \"{}\" TO \"{}\"", database.name, mallory.name));
    let work = Work::new();
    let plan = work.file("plan.yaml", PLAN);
    let plan = plan.to_str().unwrap();
    let own = "format: backstop/v1\nname: own\nbackup: {targets: [{tables: [mine.t]}]}\nsteps: [{id: s, sql: INSERT INTO mine.t VALUES (1)}]\n";
    let own = work.file("own.yaml", own);
    database.execute(&format!("SET ROLE \"{}\"; CREATE SCHEMA mine; CREATE TABLE mine.t (id int)", mallory.name));
    let as_mallory = database.url_as(&mallory);
    Program::new().arguments(&["apply", own.to_str().unwrap(), "--database-url", &as_mallory]).run().expect_code(0);
    // What a genuine journal is one moment, it need not be in the next.
    database.execute(&format!(
        "SET ROLE \"{}\"; CREATE TABLE mine.caught (who text);
         CREATE FUNCTION mine.catch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO mine.caught VALUES (current_user); RETURN NEW; END';
         CREATE TRIGGER catch BEFORE INSERT OR UPDATE ON backstop.events FOR EACH ROW EXECUTE FUNCTION mine.catch();
         CREATE TRIGGER catch BEFORE INSERT OR UPDATE ON backstop.owner FOR EACH ROW EXECUTE FUNCTION mine.catch()",
        mallory.name
    ));
    for command in [
        &["status"][..],
        &["history"],
        &["apply", plan],
        &["plan", plan],
        &["install", plan],
        &["backup", "list"],
        &["backup", "create", plan],
    ] {
        let refused = run(&database, command).expect_code(4);
        for words in ["backstop::journal::foreign_owner", &mallory.name, "GRANT"] {
            assert!(refused.stderr.contains(words), "{command:?}: {words} is missing in\n{}", refused.stderr);
        }
    }
    assert_eq!(database.one("SELECT count(*) FROM mine.caught"), "0");
    let me = database.one("SELECT current_user");
    database.execute(&format!("GRANT \"{}\" TO \"{me}\"", mallory.name));
    run(&database, &["status"]).expect_code(0);
    database.execute(&format!("REVOKE \"{}\" FROM \"{me}\"; DROP OWNED BY \"{}\" CASCADE", mallory.name, mallory.name));
}

#[test]
fn a_trigger_of_another_roles_on_the_journal_is_seen() {
    let (database, work) = (with_items("owners_trigger"), Work::new());
    work.apply(&database, PLAN).expect_code(0);
    let mallory = database.role("mallory", "LOGIN");
    database.execute(&format!(
        "CREATE SCHEMA theirs AUTHORIZATION \"{mallory}\"; GRANT USAGE ON SCHEMA backstop TO \"{mallory}\"; GRANT TRIGGER ON backstop.events TO \"{mallory}\";
         SET ROLE \"{mallory}\";
         CREATE FUNCTION theirs.catch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
         CREATE TRIGGER catch BEFORE INSERT ON backstop.events FOR EACH ROW EXECUTE FUNCTION theirs.catch()",
        mallory = mallory.name
    ));
    let refused = run(&database, &["status"]).expect_code(4);
    assert!(refused.stderr.contains("of trigger catch on backstop.events"), "{}", refused.stderr);
    database.execute(&format!("DROP OWNED BY \"{}\" CASCADE", mallory.name));
    run(&database, &["status"]).expect_code(0);
}

#[test]
fn a_schema_for_backups_and_functions_of_others_are_left_alone() {
    let (database, work) = (with_items("owners_backups"), Work::new());
    let mallory = database.role("mallory", "LOGIN");
    database.execute(&format!("CREATE SCHEMA backup_pre_migration AUTHORIZATION \"{}\"", mallory.name));
    let refused = work.apply(&database, PLAN).expect_code(4);
    assert!(refused.stdout.contains("backstop::journal::foreign_owner"), "{}", refused.stdout);
    database.execute("ALTER SCHEMA backup_pre_migration OWNER TO CURRENT_USER");
    database.execute("CREATE FUNCTION backup_pre_migration.list_backups() RETURNS int LANGUAGE sql AS 'SELECT 7'");
    let refused = work.apply(&database, PLAN).expect_code(4);
    assert!(refused.stdout.contains("backstop::psql_api::foreign_function"), "{}", refused.stdout);
    assert_eq!(database.one("SELECT backup_pre_migration.list_backups()"), "7");
    database.execute("ALTER FUNCTION backup_pre_migration.list_backups() RENAME TO mine");
    work.apply(&database, PLAN).expect_code(0);
}

#[test]
fn members_of_the_roles_that_call_psqls_functions_may_make_nothing_in_the_search_path() {
    let (database, work) = (with_items("owners_members"), Work::new());
    let (callers, admins, member) =
        (database.role("callers", ""), database.role("admins", ""), database.role("member", "LOGIN"));
    let plan = |role: &str| PLAN.replace("public.items]}]", &format!("public.items]}}], {role}"));
    for (field, role) in [("execute_role", &callers), ("admin_role", &admins)] {
        database.execute(&format!(
            "GRANT \"{}\" TO \"{}\"; GRANT CREATE ON SCHEMA public TO \"{}\"",
            role.name, member.name, member.name
        ));
        let path = work.file("plan.yaml", &plan(&format!("{field}: {}", role.name)));
        let refused = run(&database, &["install", path.to_str().unwrap()]).expect_code(4);
        for words in ["backstop::psql_api::open_search_path", &member.name] {
            assert!(refused.stderr.contains(words), "{words} is missing in\n{}", refused.stderr);
        }
        database.execute(&format!("REVOKE CREATE ON SCHEMA public FROM \"{}\"", member.name));
        run(&database, &["install", path.to_str().unwrap()]).expect_code(0);
        database
            .execute(&format!("REVOKE \"{}\" FROM \"{}\"; DROP OWNED BY \"{}\" CASCADE", role.name, member.name, role.name));
    }
}

#[test]
fn a_migration_by_psql_claims_nothing_that_others_did_meanwhile() {
    let (database, work) = (with_items("owners_claims"), Work::new());
    database.send_bystanders_away();
    let path = work.file("plan.yaml", PLAN);
    database.execute(
        "CREATE VIEW public.old AS SELECT 1 AS one; CREATE FUNCTION public.gone() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    );
    run(&database, &["install", path.to_str().unwrap()]).expect_code(0);
    database.psql("SELECT backup_pre_migration.create_table_backups()");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let migration = "SELECT * FROM backup_pre_migration.execute_safe_migration('CREATE TABLE public.mine (id int); SELECT pg_sleep(3); UPDATE public.items SET n = 9', NULL)";
            database.psql(migration)
        });
        super::work::until(
            &database,
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()",
        );
        database
            .execute("CREATE TABLE public.precious (id int); INSERT INTO public.precious SELECT generate_series(1, 100)");
        database.execute("DROP VIEW public.old; DROP FUNCTION public.gone()");
    });
    let changes = database.one(
        "SELECT changes::text FROM backstop.operations WHERE operation = 'execute_safe_migration' AND outcome = 'done'",
    );
    assert!(changes.contains("mine"), "{changes}");
    for theirs in ["precious", "old", "gone"] {
        assert!(!changes.contains(theirs), "{changes}");
    }
    database.psql("SELECT backup_pre_migration.restore_from_backup()");
    assert_eq!(database.one("SELECT to_regclass('public.old') IS NULL AND to_regproc('public.gone') IS NULL"), "t");
    assert_eq!(database.one("SELECT count(*) FROM public.precious"), "100");
    assert_eq!(database.one("SELECT to_regclass('public.mine') IS NULL"), "t");
}

/// Any role may take any advisory lock, and see which ones others have.
#[test]
fn a_role_that_can_make_no_run_keeps_nobody_from_the_run_lock() {
    const STRANGER: &str = "SELECT pg_advisory_lock(7089056601607532400);
        SELECT count(pg_advisory_lock(1650549611, i)), count(pg_advisory_lock_shared(1650549611, -i)) FROM generate_series(1, 500) AS i";

    let (database, work) = (with_items("owners_lock"), Work::new());
    let (first, second) = (database.role("intruder", "LOGIN"), database.role("second", "LOGIN"));
    let session = |role| {
        let options = backstop::postgres::connection::ConnectOptions::from_url(&database.url_as(role)).unwrap();
        async move { backstop::postgres::connection::connect(&options, "intruder").await.unwrap() }
    };
    crate::support::block_on(async {
        let before = session(&first).await;
        before.client.batch_execute(STRANGER).await.unwrap();
        work.apply(&database, PLAN).expect_code(0);
        let refused = before
            .client
            .batch_execute("DO $$ BEGIN LOCK TABLE backstop.meta IN ACCESS SHARE MODE; END $$")
            .await
            .unwrap_err();
        assert_eq!(refused.code().map(|state| state.code()), Some("42501"));
        // Old programs have a run going on where somebody who may write the journal has their key.
        let old = database.connect().await;
        before.client.batch_execute("SELECT pg_advisory_unlock_all()").await.unwrap();
        old.client.batch_execute("SELECT pg_advisory_lock(7089056601607532400)").await.unwrap();
        run(&database, &["backup", "prune", "--keep", "1"]).expect_code(8);
        let psql = crate::support::psql(&database.url, "SELECT backup_pre_migration.cleanup_old_backups(1)").unwrap_err();
        assert!(psql.contains("a run is going on"), "{psql}");
        drop(old);
        let after = session(&second).await;
        super::work::until(
            &database,
            "SELECT (count(*) = 0)::int FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND classid = 1650549611\n             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        );
        after.client.batch_execute(STRANGER).await.unwrap();
        run(&database, &["backup", "prune", "--keep", "1"]).expect_code(0);
        let psql = "BEGIN; SELECT backup_pre_migration.cleanup_old_backups(1); SELECT backup_pre_migration.cleanup_old_backups(1); COMMIT";
        database.psql(psql);
        let status = run(&database, &["status"]).expect_code(0);
        assert!(status.stdout.contains("nobody holds the lock"), "{}", status.stdout);
        work.apply(&database, &PLAN.replace("name: owners", "name: other")).expect_code(0);
    });
}
