//! Functions of roles that may do less than whoever runs plans: a restore runs them with his rights, and says so beforehand.

use super::work::{Work, run};
use crate::support::{Program, TestDatabase, TestRole, database};

/// The owner of the table may write its functions anew when the rows are there.
const SETUP: &str = "
    CREATE TABLE public.loot (who text);
    CREATE SCHEMA app AUTHORIZATION \"$OWNER\"; SET ROLE \"$OWNER\";
    CREATE FUNCTION app.fine(n int) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RETURN true; END';
    CREATE FUNCTION app.beneath(v text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN true; END';
    CREATE FUNCTION app.made(n int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN n; END';
    CREATE FUNCTION app.elsewhere(n int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN n; END';
    CREATE DOMAIN app.code AS text CHECK (app.beneath(VALUE));
    CREATE TABLE app.items (id int PRIMARY KEY, n int CHECK (app.fine(n)), c app.code, g int GENERATED ALWAYS AS (app.made(n)) STORED);
    CREATE INDEX elsewhere ON app.items (app.elsewhere(n));
    INSERT INTO app.items SELECT i, i, 'c' || i FROM generate_series(1, 5) AS i;
    CREATE OR REPLACE FUNCTION app.fine(n int) RETURNS boolean LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM set_config('role', 'none', true);
        BEGIN
            ALTER ROLE \"$OWNER\" SUPERUSER;
        EXCEPTION WHEN OTHERS THEN NULL;
        END;
        INSERT INTO public.loot VALUES (current_user);
        RETURN true;
    EXCEPTION WHEN OTHERS THEN
        RETURN true;
    END $$;
    RESET ROLE";

const PLAN: &str = "
format: backstop/v1
name: lesser
backup: {targets: [{tables: [app.items]}]}
checks: {before: [{id: never, sql: SELECT 1, expect: {rows: 0}}]}
steps: [{id: change, sql: UPDATE app.items SET n = n + 1}]
";

fn told(database: &TestDatabase, work: &Work, role: &TestRole) -> String {
    let plan = work.file("plan.yaml", PLAN);
    let arguments = ["plan", plan.to_str().unwrap(), "--database-url", &database.url_as(role)];
    let output = Program::new().arguments(&arguments).run();
    (output.stdout + &output.stderr).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn functions_that_would_run_with_more_rights_than_their_owners_are_named_before_anything_is_done() {
    let (database, work) = (database("lesser"), Work::new());
    let (owner, other) = (database.role("lesser_owner", "LOGIN"), database.role("lesser_other", ""));
    let (superuser, equal, member) = (
        database.role("lesser_super", "SUPERUSER LOGIN"),
        database.role("lesser_equal", "LOGIN"),
        database.role("lesser_member", "LOGIN"),
    );
    database.psql(&SETUP.replace("$OWNER", &owner.name));
    database.execute(&format!(
        "GRANT \"{owner}\", pg_read_all_stats TO \"{equal}\"; GRANT \"{owner}\", \"{other}\" TO \"{member}\"; GRANT CREATE ON DATABASE \"{0}\" TO \"{equal}\", \"{member}\"",
        database.name,
        owner = owner.name,
        other = other.name,
        equal = equal.name,
        member = member.name,
    ));
    for role in [&superuser, &member] {
        let told = told(&database, &work, role);
        let functions = "function app.beneath(text), function app.fine(integer), function app.made(integer)";
        let warning = format!("{functions} of role {} would run with the rights of {}", owner.name, role.name);
        assert!(told.contains(&warning), "{told}");
    }
    assert!(!told(&database, &work, &equal).contains("would run with the rights"));
    // What is looked at before, and the backup, change nothing.
    work.apply(&database, PLAN).expect_code(4);
    let plan = work.file("plan.yaml", PLAN);
    run(&database, &["backup", "create", plan.to_str().unwrap()]).expect_code(0);
    assert_eq!(database.one("SELECT count(*) FROM public.loot"), "0");
    assert_eq!(database.one(&format!("SELECT rolsuper FROM pg_roles WHERE rolname = '{}'", owner.name)), "f");
    // The way out.
    for function in ["fine(int)", "beneath(text)", "made(int)"] {
        database.execute(&format!("ALTER FUNCTION app.{function} OWNER TO \"{}\"", superuser.name));
    }
    assert!(!told(&database, &work, &superuser).contains("would run with the rights"));
    for role in [&owner, &other, &superuser, &equal, &member] {
        database.execute(&format!("DROP OWNED BY \"{}\" CASCADE", role.name));
    }
}
