//! Functions of roles that may do less than whoever runs plans: a restore runs them with his rights, and says so beforehand.

use super::work::{Work, run};
use crate::support::{Program, TestDatabase, TestRole, database, server_major};

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
    CREATE FUNCTION app.counted(n int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN n; END';
    CREATE FUNCTION app.planned(n int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN true; END';
    CREATE TYPE app.kind AS ENUM ('a');
    CREATE FUNCTION app.turned(app.kind) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN 1; END';
    CREATE CAST (app.kind AS int) WITH FUNCTION app.turned(app.kind) AS IMPLICIT;
    CREATE STATISTICS app.counted ON (app.counted(1)), n FROM app.items;
    CREATE TABLE app.far (k app.kind REFERENCES app.items); CREATE INDEX planned ON app.far (k) WHERE app.planned(1);
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
    let mut setup = SETUP.replace("$OWNER", &owner.name);
    if server_major() < 14 {
        // No statistics object of expressions there: an index stands for it.
        setup = setup.replace(
            "STATISTICS app.counted ON (app.counted(1)), n FROM app.items",
            "INDEX counted ON app.items (app.counted(1))",
        );
    }
    database.psql(&setup);
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
        let functions = "function app.beneath(text), function app.counted(integer), function app.elsewhere(integer), \
                         function app.fine(integer), function app.made(integer), function app.planned(integer), \
                         function app.turned(app.kind)";
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
    for function in
        ["fine(int)", "beneath(text)", "made(int)", "elsewhere(int)", "counted(int)", "planned(int)", "turned(app.kind)"]
    {
        database.execute(&format!("ALTER FUNCTION app.{function} OWNER TO \"{}\"", superuser.name));
    }
    assert!(!told(&database, &work, &superuser).contains("would run with the rights"));
    for role in [&owner, &other, &superuser, &equal, &member] {
        database.execute(&format!("DROP OWNED BY \"{}\" CASCADE", role.name));
    }
}

/// Each function reaches for the rights of whoever runs it, and writes down whose those were.
const GREEDY: &str = "
    CREATE TABLE public.loot (what text, who text); GRANT INSERT ON public.loot TO PUBLIC;
    CREATE SCHEMA app AUTHORIZATION \"$OWNER\"; SET ROLE \"$OWNER\";
    CREATE FUNCTION app.grab(what text) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        BEGIN
            PERFORM set_config('role', 'none', true);
            ALTER ROLE \"$OWNER\" CREATEROLE;
        EXCEPTION WHEN OTHERS THEN NULL;
        END;
        INSERT INTO public.loot VALUES (what, current_user);
    EXCEPTION WHEN OTHERS THEN NULL;
    END $$;
    CREATE FUNCTION app.checked(n int) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN PERFORM app.grab(''checked''); RETURN true; END';
    CREATE FUNCTION app.beneath(v text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM app.grab(''beneath''); RETURN true; END';
    CREATE FUNCTION app.made(n int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM app.grab(''made''); RETURN n; END';
    CREATE FUNCTION app.indexed(n int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM app.grab(''indexed''); RETURN n; END';
    CREATE FUNCTION app.partial(n int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM app.grab(''partial''); RETURN true; END';
    CREATE FUNCTION app.counted(n int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM app.grab(''counted''); RETURN n; END';
    CREATE FUNCTION app.given() RETURNS int LANGUAGE plpgsql AS 'BEGIN PERFORM app.grab(''given''); RETURN 1; END';
    CREATE FUNCTION app.fired() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM app.grab(''fired''); RETURN NEW; END';
    CREATE FUNCTION app.placed(n int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM app.grab(''placed''); RETURN n; END';
    CREATE DOMAIN app.code AS text CHECK (app.beneath(VALUE));
    CREATE TABLE app.items (id int PRIMARY KEY, n int DEFAULT app.given() CHECK (app.checked(n)), c app.code,
                            g int GENERATED ALWAYS AS (app.made(n)) STORED);
    CREATE TRIGGER fired BEFORE INSERT OR UPDATE OR DELETE ON app.items FOR EACH ROW EXECUTE FUNCTION app.fired();
    ALTER TABLE app.items ENABLE ALWAYS TRIGGER fired;
    CREATE INDEX indexed ON app.items (app.indexed(n));
    CREATE INDEX partial ON app.items (id) WHERE app.partial(n);
    CREATE STATISTICS app.counted ON (app.counted(n)), id FROM app.items;
    CREATE TABLE app.parts (n int) PARTITION BY RANGE (app.placed(n));
    CREATE TABLE app.part PARTITION OF app.parts FOR VALUES FROM (0) TO (10);
    INSERT INTO app.items SELECT i, i, 'c' || i FROM generate_series(1, 5) AS i; INSERT INTO app.parts VALUES (1);
    RESET ROLE; ALTER ROLE \"$OWNER\" NOCREATEROLE; DELETE FROM public.loot";

/// No step of theirs calls a function of a check, a domain or a generated column.
const CHANGES: [&str; 2] = ["TRUNCATE app.items, app.parts", "DROP TABLE app.items, app.parts"];

fn greedy(name: &str) -> (TestDatabase, TestRole) {
    let database = database(name);
    let owner = database.role("lesser_greedy", "");
    let mut setup = GREEDY.replace("$OWNER", &owner.name);
    if server_major() < 14 {
        setup = setup.replace("(app.counted(n)), id", "n, id");
    }
    database.psql(&setup);
    (database, owner)
}

/// A run whose step makes this change, and which fails thereafter. Gives what it said.
fn changed_and_restored(url: &str, change: &str) -> String {
    let work = Work::new();
    let plan = PLAN
        .replace("[app.items]", "[app.items, app.parts, app.part]")
        .replace("before", "after")
        .replace("UPDATE app.items SET n = n + 1", &format!("'{change}'"));
    let plan = work.file("plan.yaml", &plan);
    let output = Program::new().arguments(&["apply", plan.to_str().unwrap(), "--database-url", url]).run().expect_code(5);
    (output.stdout + &output.stderr).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn gained(database: &TestDatabase, owner: &TestRole) -> String {
    database.one(&format!("SELECT rolcreaterole FROM pg_roles WHERE rolname = '{}'", owner.name))
}

#[test]
fn what_runs_with_more_rights_than_its_owners_during_a_restore_was_named_before() {
    const TAKEN: &str = "SELECT string_agg(DISTINCT what, ' ' ORDER BY what) FROM public.loot WHERE who = current_user";

    for change in CHANGES {
        let (database, owner) = greedy("lesser_restore");
        let said = changed_and_restored(&database.url, change);
        let warned = said.split_once(&format!(" of role {} would run with the rights of", owner.name));
        let warned = warned.unwrap_or_else(|| panic!("{said}")).0;
        let taken = database.one(TAKEN);
        for function in taken.split(' ') {
            assert!(warned.contains(&format!("function app.{function}(")), "{change}: {function} of {taken} in {said}");
        }
        // An index that is made anew is filled as the owner.
        let rows: &[&str] = if change.starts_with("TRUNCATE") { &["indexed", "partial", "placed"] } else { &[] };
        for function in ["beneath", "checked", "made"].iter().chain(rows) {
            assert!(taken.contains(function), "{change}: {taken}");
        }
        assert_eq!(gained(&database, &owner), "t", "{change}: it is no empty warning");
        database.execute(&format!("DROP OWNED BY \"{}\" CASCADE", owner.name));
    }
}

/// The way out that the warning names.
#[test]
fn who_may_do_no_more_than_the_owner_gives_nothing_away_by_a_restore() {
    for change in CHANGES {
        let (database, owner) = greedy("lesser_enough");
        let runner = database.role("lesser_runner", "LOGIN");
        database.execute(&format!(
            "GRANT \"{}\" TO \"{runner}\"; GRANT CREATE ON DATABASE \"{}\" TO \"{runner}\"",
            owner.name,
            database.name,
            runner = runner.name
        ));
        let said = changed_and_restored(&database.url_as(&runner), change);
        assert!(!said.contains("would run with the rights"), "{said}");
        assert_ne!(database.one("SELECT count(*) FROM public.loot WHERE what = 'checked'"), "0");
        assert_eq!(gained(&database, &owner), "f", "{change}");
        database.execute(&format!("DROP OWNED BY \"{}\", \"{}\" CASCADE", runner.name, owner.name));
    }
}
