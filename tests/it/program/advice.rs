//! What a hint says to do, done: it gets further.

use std::process::Command;

use super::work::{Work, run};
use crate::support::{Output, Program, TestDatabase, database, pg_dump};

const PLAN: &str = "
format: backstop/v1
name: first
backup: {targets: [{tables: [public.items]}]}
steps: [{id: only, sql: UPDATE public.items SET name = upper(name)}]
";

fn with_items(name: &str) -> TestDatabase {
    let database = database(name);
    database
        .execute("CREATE TABLE public.items (id int PRIMARY KEY, name text); INSERT INTO public.items VALUES (1, 'one')");
    database
}

#[track_caller]
fn refused(output: Output, code: i32, words: &[&str]) -> String {
    let Output { stdout, stderr, .. } = output.expect_code(code);
    let said = stderr + &stdout;
    for word in words {
        assert!(said.contains(word), "{word} is missing in\n{said}");
    }
    said
}

#[test]
fn sessions_that_are_read_only_are_made_writable() {
    let (database, work) = (with_items("advice_read_only"), Work::new());
    database.execute(&format!("ALTER DATABASE \"{}\" SET default_transaction_read_only = on", database.name));
    let words = ["backstop::preflight::read_only", "default_transaction_read_only = off"];
    refused(work.apply(&database, PLAN), 4, &words);
    let off = format!(
        "SET default_transaction_read_only = off; ALTER DATABASE \"{}\" SET default_transaction_read_only = off",
        database.name
    );
    database.psql(&off.replace("; ", ";\n"));
    work.apply(&database, PLAN).expect_code(0);
}

#[test]
fn a_server_that_counts_no_rows_is_told_to() {
    let (database, work) = (with_items("advice_counts"), Work::new());
    let role = database.role("runner", "LOGIN");
    database.execute(&format!(
        "ALTER TABLE public.items OWNER TO \"{0}\"; GRANT CREATE ON DATABASE \"{1}\" TO \"{0}\"; GRANT ALL ON SCHEMA public TO \"{0}\";
         ALTER DATABASE \"{1}\" SET track_counts = off",
        role.name, database.name
    ));
    let plan = work.file("plan.yaml", PLAN);
    let url = database.url_as(&role);
    let apply = || Program::new().arguments(&["apply", plan.to_str().unwrap(), "--database-url", &url]).run();
    refused(apply(), 4, &["backstop::run::counters_off", "track_counts = on"]);
    database.execute(&format!("ALTER DATABASE \"{}\" SET track_counts = on", database.name));
    apply().expect_code(0);
}

#[test]
fn a_role_that_may_end_nobody_is_granted_that() {
    let (database, work) = (with_items("advice_terminate"), Work::new());
    let role = database.role("runner", "LOGIN");
    database.execute(&format!(
        "ALTER TABLE public.items OWNER TO \"{0}\"; GRANT CREATE ON DATABASE \"{1}\" TO \"{0}\"; GRANT ALL ON SCHEMA public TO \"{0}\"",
        role.name, database.name
    ));
    let plan = work.file("plan.yaml", PLAN);
    let url = database.url_as(&role);
    let apply = || {
        let arguments = ["apply", plan.to_str().unwrap(), "--database-url", &url, "--terminate-blockers-after", "10s"];
        Program::new().arguments(&arguments).run()
    };
    let said = refused(apply(), 4, &["backstop::lock::may_not_terminate"]);
    let grant = said.split("GRANT ").nth(1).unwrap().split(", or").next().unwrap();
    database.execute(&format!("GRANT {grant}"));
    apply().expect_code(0);
}

#[test]
fn commands_that_need_something_named_say_how_it_is_found() {
    let (database, work) = (with_items("advice_names"), Work::new());
    refused(run(&database, &["show"]), 2, &["backstop::cli::no_run", "`backstop apply PLAN`"]);
    work.apply(&database, PLAN).expect_code(0);
    refused(run(&database, &["show", "ffffffff"]), 2, &["backstop::cli::unknown_run", "`backstop history`"]);
    let history = run(&database, &["history"]).expect_code(0).stdout;
    let id = database.one("SELECT run FROM backstop.runs");
    assert!(history.contains(&id), "{history}");
    run(&database, &["show", &id]).expect_code(0);

    refused(run(&database, &["restore"]), 2, &["backstop::cli::no_run", "`--backup ID`"]);
    refused(
        run(&database, &["restore", "--backup", "nothing"]),
        2,
        &["backstop::cli::unknown_backup", "`backstop backup list`"],
    );
    let backup = database.one("SELECT id FROM backstop.backups");
    let listed = run(&database, &["backup", "list"]).expect_code(0).stdout;
    assert!(listed.contains(&backup), "{listed}");
    let by = |more: &[&str]| {
        let arguments: Vec<&str> = ["restore", "--backup", &backup].iter().chain(more).copied().collect();
        run(&database, &arguments)
    };
    refused(by(&["--table", "other", "--yes"]), 2, &["backstop::cli::unknown_table", "It holds public.items"]);
    refused(by(&["--table", "public.items"]), 2, &["backstop::cli::not_agreed", "`--yes`"]);
    by(&["--table", "public.items", "--yes"]).expect_code(0);
    assert_eq!(database.one("SELECT name FROM public.items"), "one");
}

#[test]
fn a_held_run_goes_each_of_the_ways_that_are_named() {
    let held = PLAN
        .replace("steps:", "rollback: {on_failure: hold}\nsteps:")
        .replace("upper(name)}", "upper(name)}, {id: fails, sql: SELECT 1 / (SELECT count(*) FROM public.fault)}");
    let held = held.replace("name: first", "name: held");
    for way in ["resume", "restore", "accept"] {
        let (database, work) = (with_items("advice_held"), Work::new());
        database.execute("CREATE TABLE public.fault (a int)");
        work.apply(&database, &held).expect_code(6);
        let words = ["backstop::cli::unfinished_run", "`backstop resume PLAN`", "`backstop restore`", "`backstop accept`"];
        refused(work.apply(&database, PLAN), 6, &words);
        database.execute("INSERT INTO public.fault VALUES (1)");
        let plan = work.file("held.yaml", &held);
        let (arguments, name): (&[&str], &str) = match way {
            "resume" => (&["resume", plan.to_str().unwrap()], "ONE"),
            "restore" => (&["restore", "--yes"], "one"),
            _ => (&["accept", "--reason", "it is as we want it"], "ONE"),
        };
        run(&database, arguments).expect_code(0);
        assert_eq!(database.one("SELECT name FROM public.items"), name, "{way}");
        work.apply(&database, PLAN).expect_code(0);
    }
}

/// What the command finds that a help has in backquotes.
fn finding(help: &str, url: &str) -> String {
    let (_, command) = help.split_once("`pg_dump").unwrap_or_else(|| panic!("{help}"));
    let (command, _) = command.split_once('`').unwrap();
    let command = format!("'{}'{}", pg_dump().display(), command.replace("DATABASE", &format!("'{url}'")));
    let found = Command::new("sh").args(["-c", &command]).output().unwrap();
    assert!(found.stderr.is_empty(), "{command}: {}", String::from_utf8_lossy(&found.stderr));
    String::from_utf8_lossy(&found.stdout).into_owned()
}

#[test]
fn text_that_the_encoding_has_no_room_for_is_named_and_can_be_mended() {
    let (holder, work) = (database("advice_encoding"), Work::new());
    let name = format!("{}_ascii", holder.name);
    holder
        .execute(&format!("CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'"));
    let url = holder.url.replace(&format!("/{}", holder.name), &format!("/{name}"));
    let sql = |sql: &str| crate::support::psql(&url, &format!("SET client_encoding = SQL_ASCII;\n{sql}")).unwrap();
    // Rows may hold whatever bytes; what the catalog holds is read.
    sql("CREATE TABLE public.items (id int PRIMARY KEY, name text); INSERT INTO public.items VALUES (1, E'caf\\xe9');
         CREATE SCHEMA aside; CREATE TABLE aside.other (c text)");
    let plan = work.file("plan.yaml", &PLAN.replace("upper(name)", "name || 'x'"));
    let apply = || Program::new().arguments(&["apply", plan.to_str().unwrap(), "--database-url", &url]).run();
    for (spoil, mend, line) in [
        (
            r"COMMENT ON TABLE aside.other IS E'gr\xfcn'",
            "COMMENT ON TABLE aside.other IS 'green'",
            "COMMENT ON TABLE aside.other",
        ),
        (
            r"ALTER TABLE aside.other ALTER c SET DEFAULT E'caf\xe9'",
            "ALTER TABLE aside.other ALTER c DROP DEFAULT",
            "DEFAULT 'caf",
        ),
        (
            r#"DO $$ BEGIN EXECUTE E'ALTER TABLE aside.other RENAME c TO "caf\xe9"'; END $$"#,
            r#"DO $$ BEGIN EXECUTE E'ALTER TABLE aside.other RENAME "caf\xe9" TO c'; END $$"#,
            "\"caf",
        ),
        (
            r"CREATE VIEW aside.seen AS SELECT E'caf\xe9'::text AS c",
            "CREATE OR REPLACE VIEW aside.seen AS SELECT 'coffee'::text AS c",
            "SELECT 'caf",
        ),
        (
            r"DO $$ BEGIN EXECUTE E'CREATE FUNCTION aside.f() RETURNS text LANGUAGE sql AS ''SELECT NULL::text -- caf\xe9'''; END $$",
            "DROP FUNCTION aside.f()",
            "-- caf",
        ),
    ] {
        sql(spoil);
        let said = apply().expect_code(4);
        let help = format!("{}{}", said.stdout, said.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
        let found = finding(&help, &url);
        assert!(found.contains(line), "{spoil}: {found}: {help}");
        sql(mend);
        assert_eq!(finding(&help, &url), "", "{mend}");
    }
    apply().expect_code(0);
    let on_it = |arguments: &[&str]| Program::new().arguments(arguments).arguments(&["--database-url", &url]).run();
    on_it(&["backup", "verify"]).expect_code(0);
    let backup = sql("SELECT id FROM backstop.backups");
    on_it(&["restore", "--backup", backup.trim(), "--yes"]).expect_code(0);
    assert_eq!(sql("SELECT encode(name::bytea, 'hex') FROM public.items").trim(), "636166e9");
    holder.execute(&format!("DROP DATABASE \"{name}\" WITH (FORCE)"));
}

#[test]
fn a_table_that_no_restore_brings_back_is_allowed_instead() {
    let (database, work) = (with_items("advice_left_out"), Work::new());
    database.execute(
        "CREATE TABLE public.of_extension (id int); CREATE EXTENSION hstore; ALTER EXTENSION hstore ADD TABLE public.of_extension",
    );
    for (target, code, sql) in [
        ("public.of_extension", "backstop::preflight::extension_member", "INSERT INTO public.of_extension VALUES (1)"),
        ("pg_catalog.pg_largeobject", "backstop::preflight::system_table", "SELECT 1"),
    ] {
        let name = target.replace(['.', '_'], "-");
        let plan =
            PLAN.replace("name: first", &format!("name: {name}")).replace("UPDATE public.items SET name = upper(name)", sql);
        let named = plan.replace("[public.items]", &format!("[public.items, {target}]"));
        refused(work.apply(&database, &named), 4, &[code, &format!("allow_uncovered: [{target}]")]);
        let allowed = plan.replace("]}]}", &format!("]}}], allow_uncovered: [{target}]}}"));
        work.apply(&database, &allowed).expect_code(0);
    }
    assert_eq!(database.one("SELECT count(*) FROM public.of_extension"), "1");
}

#[test]
fn the_way_back_of_another_tools_file_becomes_the_undo() {
    let (database, work) = (with_items("advice_both_ways"), Work::new());
    let there =
        || database.one("SELECT count(*) FROM pg_attribute WHERE attrelid = 'public.items'::regclass AND attname = 'memo'");
    work.file(
        "both.sql",
        "-- +goose Up\nALTER TABLE public.items ADD memo text;\n-- +goose Down\nALTER TABLE public.items DROP memo;\n",
    );
    let plan = PLAN.replace("sql: UPDATE public.items SET name = upper(name)", "sql_file: both.sql");
    refused(work.apply(&database, &plan), 4, &["backstop::sql::both_ways", "`undo`"]);
    assert_eq!(there(), "0");
    work.file("both.sql", "-- +goose Up\nALTER TABLE public.items ADD memo text;\n");
    let plan = plan.replace("sql_file: both.sql", "sql_file: both.sql, undo: ALTER TABLE public.items DROP memo");
    work.apply(&database, &plan).expect_code(0);
    assert_eq!(there(), "1");
}

#[test]
fn a_saved_plan_that_would_hold_a_secret_is_made_with_another() {
    let (database, work) = (with_items("advice_saved_secret"), Work::new());
    let plan = work.file(
        "plan.yaml",
        &PLAN.replace("name: first", "name: first\nvars: {token: {type: secret, default: {env: TOKEN}}}"),
    );
    let saved = work.path("saved.json");
    let save = |token: &str| {
        let arguments = ["plan", plan.to_str().unwrap(), "-o", saved.to_str().unwrap(), "--database-url", &database.url];
        Program::new().env("TOKEN", token).arguments(&arguments).run()
    };
    refused(save("public.items"), 2, &["backstop::cli::secret_in_saved_plan", "another value"]);
    assert!(!saved.exists());
    save("Xq7-unheard-of").expect_code(0);
    assert!(saved.exists());
}
