//! What a run takes of the server is asked before the first step, and following the help is enough.

use backstop::sandbox::{Options, Sandbox, ServerReach, Stop};

use super::work::Work;
use crate::support::{Output, Program, database, psql};

const TABLES: usize = 100;

/// A server with little room for locks.
fn small_server() -> Sandbox {
    let config = [
        ("max_locks_per_transaction", "10"),
        ("max_connections", "20"),
        ("max_worker_processes", "2"),
        ("max_wal_senders", "0"),
        ("wal_level", "minimal"),
        ("fsync", "off"),
    ];
    let config = config.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let options = Options { config, reach: ServerReach::Socket, label: "resources".to_owned(), ..Options::default() };
    let server = Sandbox::start(&options).unwrap();
    for number in 1..=TABLES {
        psql(
            &server.url(),
            &format!("CREATE TABLE t{number} (id int PRIMARY KEY, name text); INSERT INTO t{number} VALUES (1, 'a')"),
        )
        .unwrap();
    }
    server
}

fn apply(work: &Work, url: &str, step: &str) -> Output {
    let plan = format!(
        "format: backstop/v1\nname: many\nbackup: {{targets: [{{tables: [\"public.t*\"]}}]}}\nsteps:\n  - {{id: all, sql: \"{step}\"}}\n  \
         - {{id: fails, sql: SELECT 1 / 0}}\n"
    );
    let path = work.file("plan.yaml", &plan);
    Program::new().arguments(&["apply", path.to_str().unwrap(), "--database-url", url]).run()
}

fn alter_all(change: &str) -> String {
    format!("DO $$ BEGIN FOR i IN 1..{TABLES} LOOP EXECUTE format('ALTER TABLE public.t%s {change}', i); END LOOP; END $$")
}

fn with_setting(server: &mut Sandbox, value: &str) {
    psql(&server.url(), &format!("ALTER SYSTEM SET max_locks_per_transaction = {value}")).unwrap();
    server.stop(Stop::Fast).unwrap();
    server.restart().unwrap();
}

#[test]
fn a_run_for_which_there_are_too_few_lock_slots_is_refused_and_never_freezes_anything() {
    let (mut server, work) = (small_server(), Work::new());
    let writes = "UPDATE t1 SET name = 'b' WHERE id = 1";
    let refused = apply(&work, &server.url(), "UPDATE t1 SET name = 'c'").expect_code(4);
    assert!(refused.stdout.contains("100 targets need 500 locks at once"), "{}", refused.stdout);
    psql(&server.url(), writes).unwrap();
    let (_, help) = refused.stdout.split_once("SET max_locks_per_transaction = ").expect("the help names the setting");
    let enough: String = help.chars().take_while(char::is_ascii_digit).collect();

    // Enough for the backup, and not for making all tables anew: the step that would ask for it is refused.
    with_setting(&mut server, "20");
    let output = apply(&work, &server.url(), &alter_all("ADD COLUMN more int")).expect_code(5);
    assert!(output.stdout.contains("tables would have to be made anew, which takes"), "{}", output.stdout);
    psql(&server.url(), writes).unwrap();
    assert_eq!(psql(&server.url(), "SELECT count(*) FROM pg_trigger WHERE tgname LIKE '%backstop%'").unwrap(), "0");

    with_setting(&mut server, &enough);
    apply(&work, &server.url(), &alter_all("ADD COLUMN more int")).expect_code(5);
    assert_eq!(psql(&server.url(), "SELECT count(*) FROM pg_attribute WHERE attname = 'more'").unwrap(), "0");
    psql(&server.url(), writes).unwrap();
}

#[test]
fn an_index_that_could_not_be_built_again_for_want_of_temporary_files_is_told() {
    let (database, work) = (database("resources_temp"), Work::new());
    let role = database.role("runner", "LOGIN");
    database.execute(&format!(
        "CREATE TABLE t1 (id int PRIMARY KEY); INSERT INTO t1 SELECT generate_series(1, 20000); ALTER TABLE t1 OWNER TO \"{0}\";
         GRANT CREATE ON DATABASE \"{1}\" TO \"{0}\"; GRANT USAGE, CREATE ON SCHEMA public TO \"{0}\";
         ALTER ROLE \"{0}\" SET temp_file_limit = '64kB'",
        role.name, database.name
    ));
    let url = database.url_as(&role);
    let refused = apply(&work, &url, "UPDATE t1 SET id = id WHERE id = 1").expect_code(4);
    assert!(refused.stdout.contains("temp_file_limit"), "{}", refused.stdout);
    database.execute(&format!("ALTER ROLE \"{}\" SET temp_file_limit = -1", role.name));
    apply(&work, &url, "UPDATE t1 SET id = id WHERE id = 1").expect_code(5);
    database.execute(&format!("REASSIGN OWNED BY \"{0}\" TO CURRENT_USER; DROP OWNED BY \"{0}\"", role.name));
}

/// The statement that the help names.
fn help(told: &str) -> String {
    let (_, help) = told.split_once("ALTER ROLE").expect("the help is a statement");
    format!("ALTER ROLE{}", help.split(';').next().unwrap())
}

/// Sessions that copy side by side are as many as there is room for; what a run can't do without is refused beforehand.
#[test]
fn a_run_for_which_there_are_too_few_sessions_is_refused_or_makes_do_with_fewer() {
    let (database, work) = (database("resources_sessions"), Work::new());
    let role = database.role("runner", "LOGIN");
    database.execute(&format!(
        "CREATE TABLE t1 (id int PRIMARY KEY); CREATE TABLE t2 (id int PRIMARY KEY); INSERT INTO t1 VALUES (1);
         ALTER TABLE t1 OWNER TO \"{0}\"; ALTER TABLE t2 OWNER TO \"{0}\"; ALTER ROLE \"{0}\" CONNECTION LIMIT 3;
         GRANT CREATE ON DATABASE \"{1}\" TO \"{0}\"; GRANT USAGE, CREATE ON SCHEMA public TO \"{0}\"",
        role.name, database.name
    ));
    let url = database.url_as(&role);
    let fewer = apply(&work, &url, "UPDATE t1 SET id = 2").expect_code(5);
    let told = "2 tables were to be copied side by side";
    assert!(fewer.stderr.contains(told), "{}", fewer.stderr);
    assert_eq!(database.one("SELECT id FROM t1"), "1");
    database.execute(&help(&fewer.stderr));
    let both = apply(&work, &url, "UPDATE t1 SET id = 2").expect_code(5);
    assert!(!both.stderr.contains(told), "{}", both.stderr);
    database.execute(&format!("ALTER ROLE \"{}\" CONNECTION LIMIT 3", role.name));

    let trial = "format: backstop/v1\nname: tried\nbackup: {verify: restore, targets: [{tables: [public.t1]}]}\nsteps:\n  - {id: s, sql: UPDATE t1 SET id = 3}\n";
    let path = work.file("tried.yaml", trial);
    let run = |command: &str| Program::new().arguments(&[command, path.to_str().unwrap(), "--database-url", &url]).run();
    let refused = run("apply").expect_code(4);
    assert!(
        refused.stdout.contains("a run needs 2 more sessions at once") && refused.stdout.contains("and 0 are free"),
        "{}",
        refused.stdout
    );
    let planned = run("plan").expect_code(4);
    assert!(planned.stdout.contains("a run needs 4 more sessions at once"), "{}", planned.stdout);
    assert!(planned.stdout.contains("of disk and as much of WAL for the copies"), "{}", planned.stdout);
    database.execute(&help(&refused.stdout));
    run("apply").expect_code(0);
    database.execute(&format!("REASSIGN OWNED BY \"{0}\" TO CURRENT_USER; DROP OWNED BY \"{0}\"", role.name));
}
