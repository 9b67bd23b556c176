//! Schemas of others that the role which runs plans may not use: what stands there is nothing to it, or is asked for before anything is done.

use super::work::Work;
use crate::support::{Output, Program, TestDatabase, TestRole, database};

/// Objects of a superuser's in a schema that stays shut, the role's own tables, and values that name such objects.
const SHUT: &str = "
    CREATE SCHEMA shut; CREATE SEQUENCE shut.numbers; CREATE TABLE shut.far (id serial PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY);
    CREATE TYPE shut.mood AS ENUM ('low'); CREATE FUNCTION shut.one() RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE TEXT SEARCH CONFIGURATION shut.words (COPY = simple); CREATE INDEX far_n ON shut.far (n); CREATE MATERIALIZED VIEW shut.held AS SELECT 1;
    CREATE STATISTICS shut.known ON id, n FROM shut.far; CREATE PUBLICATION shut_far FOR TABLE shut.far;
    GRANT SELECT ON shut.far, shut.numbers TO \"$RUNNER\"; SET ROLE \"$RUNNER\";
    CREATE TABLE public.items (id serial PRIMARY KEY, n int CHECK (n > 0)); INSERT INTO public.items (n) VALUES (1), (2);
    CREATE TABLE public.parts (id int, n int) PARTITION BY RANGE (id); CREATE TABLE public.part PARTITION OF public.parts FOR VALUES FROM (0) TO (9);
    CREATE TABLE public.named (c regclass, t regtype, p regprocedure, w regconfig, s regnamespace); RESET ROLE;
    INSERT INTO public.named VALUES ('shut.far', 'shut.mood[]', 'shut.one()', 'shut.words', 'shut'), ('public.part', 'int', 'now()', 'simple', 'public'),
        (0, 0, 12, NULL, NULL);";

/// A plan whose check fails at its end.
fn failing(step: &str) -> String {
    let sql = serde_json::to_string(step).unwrap();
    format!(
        "format: backstop/v1\nname: shut\nbackup: {{targets: [{{tables: [\"public.*\"]}}]}}\n\
         checks: {{after: [{{id: never, sql: SELECT 1 AS broken, expect: {{rows: 0}}}}]}}\nsteps: [{{id: change, sql: {sql}}}]\n"
    )
}

fn apply(database: &TestDatabase, work: &Work, role: &TestRole, step: &str) -> Output {
    let plan = work.file("plan.yaml", &failing(step));
    let arguments = ["apply", plan.to_str().unwrap(), "--database-url", &database.url_as(role)];
    Program::new().arguments(&arguments).run()
}

#[test]
fn what_stands_in_a_schema_that_the_role_may_not_use_is_nothing_to_it() {
    let (database, work) = (database("hidden"), Work::new());
    let runner = database.runner();
    database.execute(&SHUT.replace("$RUNNER", &runner.name));
    let before = (database.dump_others_schema(), ["items", "parts", "named"].map(|table| database.rows(table)));
    let numbers = "SELECT string_agg(n::text, ' ') FROM (SELECT unnest(ARRAY[c::oid, t::oid, p::oid, w::oid, s::oid]) AS n FROM named) AS n";
    let named = database.one(numbers);
    let step = "ALTER TABLE items ADD x int; UPDATE items SET n = n + 1; DROP TABLE part; ALTER TABLE named ADD z int; UPDATE named SET z = 1";
    apply(&database, &work, &runner, step).expect_code(5);
    let after = (database.dump_others_schema(), ["items", "parts", "named"].map(|table| database.rows(table)));
    assert_eq!(after, before);
    // All but the partition, which is another one now, have the numbers that they had.
    let still = database.one(numbers);
    let changed = named.split(' ').zip(still.split(' ')).filter(|(was, is)| was != is).count();
    assert_eq!((named.split(' ').count(), changed), (still.split(' ').count(), 1), "{named}; {still}");
}

/// What a target uses: how it comes to be, and what is taken from the role then.
const USED: [(&str, &str); 12] = [
    ("ALTER TABLE items ADD m shut.mood DEFAULT 'low'", "USAGE ON SCHEMA shut"),
    ("ALTER TABLE items ADD CHECK (shut.same(n) > 0)", "USAGE ON SCHEMA shut"),
    ("ALTER TABLE items ADD m int DEFAULT shut.same(1)", "USAGE ON SCHEMA shut"),
    ("ALTER TABLE items ADD m int DEFAULT nextval('shut.numbers')", "USAGE ON SCHEMA shut"),
    ("ALTER TABLE items ADD m text COLLATE shut.plain", "USAGE ON SCHEMA shut"),
    ("CREATE INDEX ON items (shut.same(n))", "USAGE ON SCHEMA shut"),
    ("CREATE POLICY own ON items USING (n OPERATOR(shut.===) n)", "USAGE ON SCHEMA shut"),
    ("CREATE INDEX ON items (shut.same(n))", "EXECUTE ON FUNCTION shut.same(int)"),
    ("ALTER TABLE items ADD CHECK (shut.same(n) > 0)", "EXECUTE ON FUNCTION shut.same(int)"),
    ("ALTER TABLE items ADD m int GENERATED ALWAYS AS (shut.same(n)) STORED", "EXECUTE ON FUNCTION shut.same(int)"),
    (
        "CREATE DOMAIN checked AS int CHECK (shut.same(VALUE) > 0); ALTER TABLE items ADD m checked",
        "EXECUTE ON FUNCTION shut.same(int)",
    ),
    ("ALTER TABLE items ADD m shut.mood", "USAGE ON TYPE shut.mood"),
];

/// What the role can do in the schema by then, and its table, which uses this of it.
fn using(database: &TestDatabase, runner: &TestRole, used: &str) {
    database.execute(&format!(
        "CREATE SCHEMA shut; CREATE SEQUENCE shut.numbers; CREATE TYPE shut.mood AS ENUM ('low'); CREATE COLLATION shut.plain FROM \"C\";
         CREATE FUNCTION shut.same(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
         CREATE OPERATOR shut.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq);
         REVOKE ALL ON FUNCTION shut.same(int) FROM PUBLIC; REVOKE ALL ON TYPE shut.mood FROM PUBLIC;
         GRANT USAGE ON SCHEMA shut TO \"{0}\"; GRANT EXECUTE ON FUNCTION shut.same(int) TO \"{0}\"; GRANT USAGE ON TYPE shut.mood TO \"{0}\";
         GRANT USAGE ON SEQUENCE shut.numbers TO \"{0}\"; SET ROLE \"{0}\";
         CREATE TABLE public.items (id int PRIMARY KEY, n int); {used}; INSERT INTO public.items (id, n) VALUES (1, 1), (2, 2); RESET ROLE",
        runner.name
    ));
}

const CHANGE: &str = "UPDATE items SET n = 5; ALTER TABLE items ADD y int";

#[test]
fn what_a_target_uses_there_is_asked_for_before_anything_is_done() {
    for (number, (used, right)) in USED.iter().enumerate() {
        let (database, work) = (database(&format!("hidden_{number}")), Work::new());
        let runner = database.runner();
        using(&database, &runner, used);
        database.execute(&format!("REVOKE {right} FROM \"{}\"", runner.name));
        let refused = apply(&database, &work, &runner, CHANGE).expect_code(4);
        let right = right.replace("(int)", "(integer)");
        let grant = format!("GRANT {right} TO {};", runner.name);
        assert!(refused.stdout.contains(&grant), "{used}, {right}: {}", refused.stdout);
    }
}

#[test]
fn with_what_is_asked_for_a_target_comes_back_with_all_that_it_uses_there() {
    let (database, work) = (database("hidden_granted"), Work::new());
    let runner = database.runner();
    let used: String =
        USED.iter().map(|(used, _)| *used).enumerate().map(|(number, used)| named_apart(number, used)).collect();
    using(&database, &runner, &used);
    let before = (database.dump_others_schema(), database.rows("items"));
    apply(&database, &work, &runner, CHANGE).expect_code(5);
    apply(&database, &work, &runner, "DROP TABLE items").expect_code(5);
    assert_eq!((database.dump_others_schema(), database.rows("items")), before);
}

/// A statement for one more column, index or policy.
fn named_apart(number: usize, used: &str) -> String {
    let used = used.replace("ADD m ", &format!("ADD m{number} ")).replace("checked", &format!("checked{number}"));
    format!("{};", used.replace("POLICY own", &format!("POLICY own{number}")))
}

#[test]
fn a_sequence_that_the_role_may_not_move_stays_where_it_is() {
    let (database, work) = (database("hidden_sequence"), Work::new());
    let runner = database.runner();
    database.execute(&format!(
        "CREATE SEQUENCE public.numbers; GRANT USAGE ON public.numbers TO \"{0}\"; CREATE SEQUENCE public.seen; GRANT SELECT, USAGE ON public.seen TO \"{0}\";
         SET ROLE \"{0}\"; CREATE TABLE public.items (id int PRIMARY KEY DEFAULT nextval('numbers'), n int DEFAULT nextval('seen'));
         INSERT INTO public.items DEFAULT VALUES; RESET ROLE; REVOKE ALL ON public.numbers FROM \"{0}\"",
        runner.name
    ));
    let before = (database.dump_others_schema(), database.rows("items"));
    apply(&database, &work, &runner, "UPDATE items SET id = 7; DROP TABLE items").expect_code(5);
    assert_eq!((database.dump_others_schema(), database.rows("items")), before);
    assert_eq!(database.one("SELECT nextval('numbers') || ' ' || nextval('seen')"), "2 2");
}
