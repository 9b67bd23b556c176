//! Event triggers of the application, which act on what is made and dropped: they are switched off for the way back, or it is said
//! before the first step that they would refuse it.

use super::work::{Work, state};
use crate::support::{TestDatabase, TestRole, database, server_major};

/// Drops the table after having changed its rows, and fails.
const PLAN: &str = "
format: backstop/v1
name: change
backup: {targets: [{tables: [public.docs]}], allow_uncovered: [public.ddl_log]}
checks: {after: [{id: never, sql: SELECT 1 AS broken, expect: {rows: 0}}]}
steps:
  - {id: change, sql: ALTER TABLE public.docs ALTER COLUMN body TYPE varchar(50)}
  - {id: drop, sql: DROP VIEW public.shown}
";

const DOCS: &str = "
    CREATE TABLE public.docs (id int PRIMARY KEY, body text);
    INSERT INTO public.docs SELECT i, 'b' || i FROM generate_series(1, 100) AS i;
    CREATE VIEW public.shown AS SELECT id FROM public.docs;
    CREATE TABLE public.ddl_log (tag text);";

const VETO: &str = "
    CREATE FUNCTION public.no_drops() RETURNS event_trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT FROM pg_event_trigger_dropped_objects() AS d
                       WHERE d.object_type IN ('table', 'trigger') AND NOT d.is_temporary) THEN
                RAISE EXCEPTION 'nothing is dropped here';
            END IF;
        END $$;
    CREATE EVENT TRIGGER guard ON sql_drop EXECUTE FUNCTION public.no_drops();";

/// Acts on each new table, and asks for a key and a comment of it.
const ACTING: &str = "
    CREATE FUNCTION public.act() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
        DECLARE
            made record;
        BEGIN
            FOR made IN SELECT * FROM pg_event_trigger_ddl_commands() AS c WHERE c.object_type = 'table' LOOP
                EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', made.object_identity);
                EXECUTE format('COMMENT ON TABLE %s IS %L', made.object_identity, 'made');
            END LOOP;
        END $$;
    CREATE EVENT TRIGGER act ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'CREATE TABLE AS') EXECUTE FUNCTION public.act();
    CREATE FUNCTION public.log_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO public.ddl_log SELECT c.command_tag FROM pg_event_trigger_ddl_commands() AS c;
        END $$;
    CREATE EVENT TRIGGER log_ddl ON ddl_command_end EXECUTE FUNCTION public.log_ddl();
    ALTER EVENT TRIGGER log_ddl ENABLE ALWAYS;";

const UNQUALIFIED: &str = "
    CREATE FUNCTION public.log_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO ddl_log SELECT c.command_tag FROM pg_event_trigger_ddl_commands() AS c;
        END $$;
    CREATE EVENT TRIGGER log_ddl ON ddl_command_end EXECUTE FUNCTION public.log_ddl();";

fn docs(name: &str, more: &str) -> TestDatabase {
    let database = database(name);
    database.execute(DOCS);
    database.execute(more);
    database
}

const ENABLED: &str =
    "SELECT coalesce(string_agg(evtname || ' ' || evtenabled::text, ', ' ORDER BY evtname), '') FROM pg_event_trigger";

#[test]
fn one_that_no_setting_keeps_from_what_the_journal_is_made_of_is_named_with_what_helps() {
    const REFUSES: &str = "
        CREATE FUNCTION public.refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'no %', tg_tag; END $$;
        CREATE EVENT TRIGGER refuse ON ddl_command_start WHEN TAG IN ('DROP TRIGGER') EXECUTE FUNCTION public.refuse();
        ALTER EVENT TRIGGER refuse ENABLE ALWAYS";
    const HELP: &str = "ALTER EVENT TRIGGER \"refuse\" DISABLE";
    let database = docs("events_journal", REFUSES);
    let output = Work::new().apply(&database, PLAN);
    if server_major() >= 17 {
        // There a superuser has a setting that does: `event_triggers`.
        output.expect_code(5);
        return;
    }
    let told = (output.stdout + &output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("backstop::journal::not_installed") && told.contains(HELP), "{told}");
    database.execute(HELP);
    Work::new().apply(&database, PLAN).expect_code(5);
}

#[test]
fn a_superuser_is_hindered_by_none_of_them() {
    for (name, triggers) in [("veto", VETO), ("acting", ACTING), ("unqualified", UNQUALIFIED)] {
        let database = docs(&format!("events_{name}"), triggers);
        database.send_bystanders_away();
        let (before, enabled) = (state(&database, &["docs"]), database.one(ENABLED));
        Work::new().apply(&database, PLAN).expect_code(5);
        assert_eq!(state(&database, &["docs"]), before, "{name}");
        assert_eq!(database.one(ENABLED), enabled, "{name}");
        let logged = database.one("SELECT count(*) FROM public.ddl_log WHERE tag IN ('CREATE TABLE', 'CREATE TABLE AS')");
        if name != "acting" {
            // One that is always enabled sees what the copies and the journal are made of.
            assert_eq!(logged, "0", "{name}: what is made for the run is nobody else's");
        }
    }
}

#[test]
fn the_functions_for_psql_are_not_hindered_either() {
    let database = docs("events_psql", VETO);
    let before = state(&database, &["docs"]);
    let held = PLAN.to_owned() + "rollback: {on_failure: hold}\n";
    Work::new().apply(&database, &held).expect_code(6);
    let said = database.psql("SELECT backup_pre_migration.restore_from_backup()");
    assert!(said.contains("is restored"), "{said}");
    assert_eq!(state(&database, &["docs"]), before);
    assert_eq!(database.one(ENABLED), "guard O");
}

/// A role that owns the tables and is no superuser.
fn owner(database: &TestDatabase) -> TestRole {
    let role = database.runner();
    database.execute(&format!(
        "ALTER TABLE public.docs OWNER TO \"{0}\"; ALTER VIEW public.shown OWNER TO \"{0}\"; ALTER TABLE public.ddl_log OWNER TO \"{0}\"",
        role.name
    ));
    role
}

fn apply_as(database: &TestDatabase, role: &TestRole, plan: &str) -> crate::support::Output {
    let work = Work::new();
    let path = work.file("plan.yaml", plan);
    let url = database.url_as(role);
    crate::support::Program::new().arguments(&["apply", path.to_str().unwrap(), "--database-url", &url]).run()
}

#[test]
fn what_would_refuse_the_way_back_is_named_before_the_first_step() {
    for (name, triggers, trigger) in [("veto_owner", VETO, "guard"), ("unqualified_owner", UNQUALIFIED, "log_ddl")] {
        let database = docs(&format!("events_{name}"), "");
        let role = owner(&database);
        apply_as(&database, &role, PLAN).expect_code(5);
        database.execute(triggers);
        let before = state(&database, &["docs"]);
        let output = apply_as(&database, &role, PLAN).expect_code(4);
        let said = format!("{}{}", output.stdout, output.stderr);
        let help = format!("ALTER EVENT TRIGGER \"{trigger}\" DISABLE");
        assert!(said.contains("backstop::preflight::event_trigger") && said.contains(&help), "{said}");
        assert_eq!(state(&database, &["docs"]), before);
        database.execute(&help);
        apply_as(&database, &role, PLAN).expect_code(5);
        database.execute(&format!("ALTER EVENT TRIGGER {trigger} ENABLE"));
        assert_eq!(state(&database, &["docs"]), before);
        let url = database.url_as(&role);
        crate::support::Program::new().arguments(&["status", "--database-url", &url]).run().expect_code(0);
        database.execute(&format!(
            "DROP EVENT TRIGGER {trigger}; REASSIGN OWNED BY \"{0}\" TO CURRENT_USER; DROP OWNED BY \"{0}\"",
            role.name
        ));
    }
}

#[test]
fn what_they_do_to_new_tables_is_taken_back() {
    let database = docs("events_acting_owner", "");
    let role = owner(&database);
    database.execute(ACTING);
    database.execute(&format!("GRANT INSERT ON public.ddl_log TO \"{}\"", role.name));
    let before = state(&database, &["docs"]);
    let plan = PLAN.replace("DROP VIEW public.shown", "DROP TABLE public.docs CASCADE");
    apply_as(&database, &role, &plan).expect_code(5);
    assert_eq!(state(&database, &["docs"]), before);
    database.execute(&format!(
        "DROP EVENT TRIGGER act; DROP EVENT TRIGGER log_ddl; REASSIGN OWNED BY \"{0}\" TO CURRENT_USER; DROP OWNED BY \"{0}\"",
        role.name
    ));
}

/// Writes down which triggers of the application's tables are dropped.
const NOTING: &str = "
    CREATE FUNCTION public.note() RETURNS event_trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO public.ddl_log SELECT d.object_identity FROM pg_event_trigger_dropped_objects() AS d
            WHERE d.object_type = 'trigger' AND d.object_identity LIKE '% on public.%';
        END $$;
    CREATE EVENT TRIGGER note ON sql_drop EXECUTE FUNCTION public.note();
    ALTER EVENT TRIGGER note ENABLE ALWAYS;";

/// The plan, with the log among its targets.
fn with_log(plan: &str) -> String {
    let plan = plan.replace("[public.docs]", "[public.docs, public.ddl_log]");
    plan.replace("allow_uncovered: [public.ddl_log]", "allow_uncovered: []")
}

#[test]
fn what_is_taken_down_after_the_proof_adds_no_rows_to_a_target() {
    let database = docs("events_noted", NOTING);
    let (before, enabled) = (state(&database, &["docs", "ddl_log"]), database.one(ENABLED));
    Work::new().apply(&database, &with_log(PLAN)).expect_code(5);
    assert_eq!(state(&database, &["docs", "ddl_log"]), before);
    assert_eq!(database.one(ENABLED), enabled);
}

#[test]
fn what_would_write_to_a_target_while_it_is_brought_back_is_named_before_the_first_step() {
    const LOGS: &str = "
        CREATE FUNCTION public.log_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$
            BEGIN INSERT INTO public.ddl_log VALUES (tg_tag); END $$;
        CREATE EVENT TRIGGER log_ddl ON ddl_command_end EXECUTE FUNCTION public.log_ddl();
        ALTER EVENT TRIGGER log_ddl ENABLE ALWAYS";
    const HELP: &str = "ALTER EVENT TRIGGER \"log_ddl\" DISABLE";
    let database = docs("events_writes", "");
    let role = owner(&database);
    database.execute(LOGS);
    let output = apply_as(&database, &role, &with_log(PLAN)).expect_code(4);
    let said = (output.stdout + &output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("writes to target public.ddl_log") && said.contains(HELP), "{said}");
    database.execute(HELP);
    let before = state(&database, &["docs", "ddl_log"]);
    apply_as(&database, &role, &with_log(PLAN)).expect_code(5);
    assert_eq!(state(&database, &["docs", "ddl_log"]), before);
    database.execute(&format!(
        "DROP EVENT TRIGGER log_ddl; REASSIGN OWNED BY \"{0}\" TO CURRENT_USER; DROP OWNED BY \"{0}\"",
        role.name
    ));
}
