//! Tables of others that are made of what a step changed: of the rows of a target, of an enum, of a composite type.

use super::{
    gate::{WAITS, meanwhile},
    work::{Work, run},
};
use crate::support::{Output, Program, TestDatabase, database};

const BEFORE: &str = "
    CREATE TYPE public.mood AS ENUM ('low', 'high'); CREATE TYPE public.pair AS (x int, y int);
    CREATE TABLE public.items (id int PRIMARY KEY, name text, n int);
    INSERT INTO public.items VALUES (1, 'one', 1), (2, 'two', 2);
    CREATE TABLE public.far (i int);
    INSERT INTO public.far VALUES (1);";

const PLAN: &str = "format: backstop/v1\nname: change\nbackup: {targets: [{tables: [public.items]}]}\n\
     checks: {after: [{id: never, sql: SELECT 1 AS broken, expect: {rows: 0}}]}\nsteps:\n";

/// Applies a plan of one step, whose check fails at its end, and lets others do something between the step and that.
fn after_step(database: &TestDatabase, step: &str, others: &str) -> Output {
    database.execute(BEFORE);
    let items = database.rows("items");
    let plan = format!("{PLAN}  - {{id: change, sql: '{step}'}}\n{WAITS}");
    let output = meanwhile(database, &plan, || database.execute(others));
    assert_eq!(database.rows("items"), items, "{}", output.stdout);
    assert!(run(database, &["status"]).stdout.contains("no run waits"));
    output
}

#[test]
fn tables_made_of_what_a_step_changed_stay_with_their_rows_and_all_that_hangs_on_them() {
    let database = database("made_of_fits");
    let step =
        "ALTER TABLE items ALTER n TYPE bigint; ALTER TYPE mood ADD VALUE $$top$$; ALTER TYPE pair ADD ATTRIBUTE z int";
    let output = after_step(
        &database,
        step,
        "CREATE DOMAIN item AS items;
         CREATE TABLE theirs (i int PRIMARY KEY, v items[] DEFAULT '{}', d item, m mood DEFAULT 'high' CHECK (m <> 'low'));
         INSERT INTO theirs (i, v, d) SELECT 1, array_agg(t), min(t::text)::items FROM items AS t;
         CREATE INDEX theirs_n ON theirs (((v[1]).n)); CREATE VIEW seen AS SELECT (v[1]).name FROM theirs;
         CREATE TABLE points (i int REFERENCES theirs); INSERT INTO points VALUES (1);
         CREATE TABLE parts (i int, v items) PARTITION BY RANGE (i);
         CREATE TABLE part PARTITION OF parts FOR VALUES FROM (0) TO (9); INSERT INTO parts SELECT id, t FROM items AS t;
         CREATE TABLE typed OF pair; INSERT INTO typed VALUES (1, 2, 3);
         ALTER TABLE far ADD v items; UPDATE far SET v = (7, 'seven', 7)",
    );
    let output = output.expect_code(5);
    assert!(output.stdout.contains("table public.typed is a table of its own now"), "{}", output.stdout);
    assert!(!output.stdout.contains("others changed it"), "{}", output.stdout);
    let rows = "SELECT concat_ws(' ', (SELECT v::text || d::text || m FROM theirs), (SELECT name FROM seen), (SELECT i FROM points),
                (SELECT count(v) FROM parts), (SELECT z FROM typed), (SELECT (v).name FROM far))";
    assert_eq!(database.one(rows), r#"{"(1,one,1)","(2,two,2)"}(1,one,1)high one 1 2 3 seven"#);
    assert_eq!(
        database
            .one("SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = 'far'::regclass AND attname = 'v'"),
        "items"
    );
    assert_eq!(database.one("SELECT indisvalid FROM pg_index WHERE indexrelid = 'theirs_n'::regclass"), "t");
    database.execute("INSERT INTO theirs (i) VALUES (2)");
}

#[test]
fn values_that_do_not_fit_their_type_as_it_was_stay_as_text_and_are_named() {
    let database = database("made_of_misfits");
    let step = "ALTER TYPE mood RENAME VALUE $$low$$ TO $$top$$; ALTER TABLE items DROP COLUMN n";
    let output = after_step(
        &database,
        step,
        "CREATE TABLE theirs (i int, m mood DEFAULT 'high', other mood, v items);
         INSERT INTO theirs SELECT id, 'top', 'high', t FROM items AS t ORDER BY id;
         CREATE TABLE above (v items); CREATE TABLE amid (i int) INHERITS (above); CREATE TABLE below (w items) INHERITS (amid);
         INSERT INTO above VALUES (NULL); INSERT INTO amid SELECT t, 1 FROM items AS t; INSERT INTO below SELECT t, 2, t FROM items AS t",
    );
    let output = output.expect_code(10);
    let is_text = |column: &str| {
        database.one(&format!(
            "SELECT atttypid = 'text'::regtype FROM pg_attribute WHERE attrelid = 'theirs'::regclass AND attname = '{column}'"
        ))
    };
    assert_eq!(["m", "other", "v"].map(is_text), ["t", "f", "t"]);
    assert_eq!(database.one("SELECT string_agg(m || v, ' ' ORDER BY i) FROM theirs"), "top(1,one) top(2,two)");
    let tree =
        "SELECT string_agg(concat_ws(' ', tableoid::regclass, v), '; ' ORDER BY tableoid::regclass::text, v) FROM above";
    assert_eq!(database.one(tree), "above; amid (1,one); amid (2,two); below (1,one); below (2,two)");
    assert!(output.stdout.contains("column \"m\" is text"), "{}", output.stdout);
    assert!(!output.stdout.contains("no statement is known"), "{}", output.stdout);
    // What is named finishes it, once the values fit.
    database.execute("UPDATE theirs SET m = 'high', v = NULL; UPDATE above SET v = NULL; UPDATE below SET w = NULL");
    let finishing = "SELECT string_agg(statement, '; ' ORDER BY place) FROM backstop.remaining_differences";
    database.execute(&database.one(finishing));
    database.execute("INSERT INTO theirs (i) VALUES (3)");
    assert_eq!(database.one("SELECT m FROM theirs WHERE i = 3"), "high");
}

/// What of the run stays, by the words of its report.
fn kept(output: &Output) -> Vec<&str> {
    output.stdout.lines().map(str::trim).filter(|line| line.contains(" keeps ")).collect()
}

#[test]
fn labels_and_attributes_that_tables_of_others_may_hold_stay_and_are_named() {
    let step = "ALTER TYPE mood ADD VALUE $$top$$ BEFORE $$high$$; ALTER TYPE pair ADD ATTRIBUTE z int; UPDATE items SET name = NULL";
    let database = database("made_of_more");
    let theirs = "CREATE DOMAIN how AS mood;
        CREATE TABLE plain (i int, m mood DEFAULT 'top'); INSERT INTO plain VALUES (1);
        CREATE TABLE above (m how); CREATE TABLE below () INHERITS (above); INSERT INTO below VALUES ('top');
        CREATE TABLE made (i int, m mood GENERATED ALWAYS AS (CASE WHEN i > 0 THEN 'top'::mood ELSE 'low' END) STORED); INSERT INTO made VALUES (1);
        CREATE TABLE parts (m mood) PARTITION BY LIST (m); CREATE TABLE tops PARTITION OF parts FOR VALUES IN ('top'); INSERT INTO parts VALUES ('top');
        CREATE TABLE typed OF pair; CREATE TABLE points (p pair); INSERT INTO typed VALUES (1, 2, 3); INSERT INTO points VALUES ((1, 2, 3))";
    let output = after_step(&database, step, theirs).expect_code(10);
    let held = "SELECT concat_ws(' ', (SELECT m FROM plain), (SELECT m FROM above), (SELECT m FROM made), (SELECT m FROM tops), (SELECT z FROM typed), (SELECT p FROM points))";
    assert_eq!(database.one(held), "top top top top 3 (1,2,3)");
    let kept = kept(&output).join("\n");
    assert!(kept.contains("type public.mood keeps label 'top'"), "{}", output.stdout);
    assert!(kept.contains("type public.pair keeps attribute z"), "{}", output.stdout);
    database
        .execute("INSERT INTO plain VALUES (2); INSERT INTO parts VALUES ('top'); INSERT INTO items VALUES (3, 'three', 3)");
}

#[test]
fn a_composite_type_that_a_target_is_made_of_loses_its_new_attributes() {
    let database = database("made_of_both");
    database.execute(BEFORE);
    database.execute("ALTER TABLE items ADD p pair; UPDATE items SET p = (id, id)");
    let items = database.rows("items");
    let plan = format!("{PLAN}  - {{id: change, sql: ALTER TYPE pair ADD ATTRIBUTE z int}}\n{WAITS}");
    let others = "CREATE TABLE theirs (p pair); INSERT INTO theirs VALUES ((1, 2, 3))";
    let output = meanwhile(&database, &plan, || database.execute(others)).expect_code(10);
    assert_eq!((database.rows("items"), database.one("SELECT p FROM theirs")), (items, "(1,2,3)".to_owned()));
    assert!(output.stdout.contains("column \"p\" is text") && kept(&output).is_empty(), "{}", output.stdout);
}

#[test]
fn what_a_restore_would_do_with_such_tables_is_shown() {
    let (database, work) = (database("made_of_preview"), Work::new());
    database.execute(BEFORE);
    let plan =
        format!("{PLAN}  - {{id: change, sql: ALTER TABLE items ALTER n TYPE bigint}}\nrollback: {{on_failure: hold}}\n");
    work.apply(&database, &plan).expect_code(6);
    database.execute("CREATE TABLE theirs (v items); INSERT INTO theirs SELECT t FROM items AS t");
    let shown = run(&database, &["restore", "--dry-run"]).expect_code(0).stdout;
    for statement in ["CREATE TEMPORARY TABLE", "DROP TABLE \"public\".\"theirs\"", "INSERT INTO \"public\".\"theirs\""] {
        assert!(shown.contains(statement), "{statement}: {shown}");
    }
    run(&database, &["restore", "--yes"]).expect_code(0);
    assert_eq!(database.one("SELECT count(v) FROM theirs"), "2");
}

/// With nearly all that a table can have and that its columns don't say.
const WHOLE: &str = "
    CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
    CREATE TABLE theirs (
        id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, s serial, v items,
        down int GENERATED BY DEFAULT AS IDENTITY (INCREMENT -1 MINVALUE -1000 START -5 CACHE 3 CYCLE),
        h text, g int GENERATED ALWAYS AS (id * 2) STORED, p int UNIQUE DEFERRABLE REFERENCES theirs) WITH (fillfactor = 50);
    CREATE TABLE elsewhere (i int DEFAULT nextval('theirs_s_seq'), t int REFERENCES theirs ON DELETE CASCADE);
    CREATE TABLE below (more int) INHERITS (theirs);
    CREATE UNLOGGED TABLE quick (id int GENERATED BY DEFAULT AS IDENTITY (START 7), v items);
    CREATE TABLE further (t theirs, i serial);
    INSERT INTO theirs (v, h) SELECT t, repeat('x', 100000) FROM items AS t; INSERT INTO theirs (h) VALUES ('three');
    INSERT INTO elsewhere (t) VALUES (1), (2); INSERT INTO below (id, down, h, more) VALUES (70, 0, 'below', 1);
    INSERT INTO further (t) SELECT t FROM theirs AS t WHERE h = 'three';
    SELECT setval('theirs_id_seq', 40, false);
    CREATE INDEX theirs_n ON theirs (((v).n)) WITH (fillfactor = 60); ALTER INDEX theirs_n ALTER COLUMN 1 SET STATISTICS 300;
    ALTER INDEX theirs_n DEPENDS ON EXTENSION plpgsql; CREATE UNIQUE INDEX theirs_s ON theirs (s);
    CREATE STATISTICS theirs_ids (dependencies) ON id, s FROM theirs;
    CREATE VIEW seen AS SELECT id, (v).name FROM theirs; CREATE VIEW next_s AS SELECT last_value FROM theirs_s_seq;
    CREATE FUNCTION named(theirs) RETURNS text LANGUAGE sql AS 'SELECT $1.h';
    CREATE TRIGGER noted BEFORE INSERT ON theirs FOR EACH ROW EXECUTE FUNCTION noted();
    CREATE TRIGGER unheard AFTER UPDATE ON theirs FOR EACH ROW EXECUTE FUNCTION noted();
    ALTER TABLE theirs DISABLE TRIGGER unheard; ALTER TRIGGER noted ON theirs DEPENDS ON EXTENSION plpgsql;
    CREATE RULE kept AS ON DELETE TO theirs WHERE old.id = 99 DO INSTEAD NOTHING;
    CREATE POLICY all_of_them ON theirs USING (id > 0); ALTER TABLE theirs ENABLE ROW LEVEL SECURITY;
    ALTER TABLE theirs ADD CONSTRAINT small CHECK ((v).n < 100) NOT VALID, REPLICA IDENTITY USING INDEX theirs_s,
        ALTER h SET STORAGE EXTERNAL, ALTER h SET STATISTICS 50, ALTER s SET (n_distinct = 5),
        CLUSTER ON theirs_pkey, SET (toast.autovacuum_enabled = off);
    COMMENT ON TABLE theirs IS 'a'; COMMENT ON COLUMN theirs.v IS 'b'; COMMENT ON CONSTRAINT small ON theirs IS 'c';
    COMMENT ON INDEX theirs_n IS 'd'; COMMENT ON TRIGGER noted ON theirs IS 'e'; COMMENT ON POLICY all_of_them ON theirs IS 'f';
    COMMENT ON RULE kept ON theirs IS 'g'; COMMENT ON STATISTICS theirs_ids IS 'h'; COMMENT ON SEQUENCE theirs_s_seq IS 'i';
    GRANT SELECT (id) ON theirs TO pg_monitor; GRANT INSERT ON theirs TO PUBLIC; GRANT USAGE ON theirs_s_seq TO pg_monitor;
    ALTER TABLE quick OWNER TO pg_monitor; CREATE PUBLICATION made_of_whole FOR TABLE theirs;
    DO $$BEGIN
        IF current_setting('server_version_num')::int >= 140000 THEN EXECUTE 'ALTER TABLE theirs ALTER h SET COMPRESSION pglz'; END IF;
    END$$";

const POSITIONS: &str = "SELECT concat_ws(' ', (SELECT (last_value, is_called) FROM theirs_id_seq),
    (SELECT (last_value, is_called) FROM theirs_s_seq), (SELECT (last_value, is_called) FROM theirs_down_seq),
    (SELECT (last_value, is_called) FROM quick_id_seq), (SELECT (last_value, is_called) FROM further_i_seq))";

/// What becomes of others' rows and sequences, and all that a dump has.
fn whole(database: &TestDatabase) -> (String, String, Vec<String>) {
    let rows = ["theirs", "elsewhere", "below", "quick", "further"].map(|table| database.rows(table)).to_vec();
    let schema = database.dump_others_schema().replace("n bigint", "n integer");
    let kept = schema.lines().filter(|line| !line.contains("backstop_fence_")).collect::<Vec<_>>().join("\n");
    (kept, database.one(POSITIONS), rows)
}

#[test]
fn all_that_such_a_table_has_comes_back_with_it_and_its_sequences_stand_where_they_stood() {
    let database = database("made_of_whole");
    let mut made = None;
    database.execute(BEFORE);
    let plan = format!("{PLAN}  - {{id: change, sql: ALTER TABLE items ALTER n TYPE bigint}}\n{WAITS}");
    let output = meanwhile(&database, &plan, || {
        database.execute(WHOLE);
        made = Some(whole(&database));
    });
    output.expect_code(5);
    let (schema, positions, rows) = made.unwrap();
    let after = whole(&database);
    assert_eq!(after.0, schema);
    assert_eq!((after.1, after.2), (positions, rows));
    let counted = "SELECT concat_ws(' ', (SELECT count(*) > 0 FROM pg_statistic WHERE starelid = 'theirs'::regclass),
                   (SELECT count(*) > 0 FROM pg_statistic_ext_data))";
    assert_eq!(database.one(counted), "t t");
    assert_eq!(database.one("INSERT INTO theirs (h) VALUES ('next') RETURNING concat_ws(' ', id, s, down)"), "40 7 -8");
}

#[test]
fn exact_positions_are_none_of_tables_that_no_backup_holds() {
    let database = database("made_of_exact");
    database.execute(BEFORE);
    database.execute(
        "ALTER TABLE far ADD id serial; ALTER TABLE items ADD s serial; CREATE SEQUENCE free;
         ALTER TABLE items ALTER n SET DEFAULT nextval('free')",
    );
    let plan = PLAN.replace("{targets:", "{sequences: exact, targets:");
    let plan = format!("{plan}  - {{id: change, sql: ALTER TABLE items ALTER n TYPE bigint}}\n{WAITS}");
    let others = "ALTER TABLE far ADD v items; INSERT INTO far (v) SELECT t FROM items AS t;
                  SELECT nextval('items_s_seq'), nextval('free')";
    meanwhile(&database, &plan, || database.execute(others)).expect_code(5);
    assert_eq!(database.one("INSERT INTO far VALUES (1) RETURNING id"), "4");
    assert_eq!(database.one("INSERT INTO items (id) VALUES (3) RETURNING concat_ws(' ', s, n)"), "3 1");
}

#[test]
fn such_a_table_of_a_role_that_the_runner_is_no_member_of_is_named_with_what_helps() {
    let (database, work) = (database("made_of_strangers"), Work::new());
    let (runner, stranger) = (database.runner(), database.role("stranger", ""));
    database.execute(&format!(
        "GRANT ALL ON SCHEMA public TO \"{}\"; SET ROLE \"{}\"; {BEFORE} RESET ROLE",
        stranger.name, runner.name
    ));
    let plan =
        format!("{PLAN}  - {{id: change, sql: ALTER TABLE items ALTER n TYPE bigint}}\nrollback: {{on_failure: hold}}\n");
    let (plan, url) = (work.file("plan.yaml", &plan), database.url_as(&runner));
    let run = |arguments: &[&str]| Program::new().arguments(arguments).arguments(&["--database-url", &url]).run();
    run(&["apply", plan.to_str().unwrap()]).expect_code(6);
    let theirs =
        "CREATE TABLE theirs (id int GENERATED ALWAYS AS IDENTITY, v items); INSERT INTO theirs (v) VALUES ((1, 'one', 1))";
    database.execute(&format!("SET ROLE \"{}\"; {theirs}; RESET ROLE", stranger.name));

    let output = run(&["restore", "--yes"]).expect_code(7);
    let told = output.stdout + &output.stderr;
    let belongs = format!("must be made anew with its rows; it belongs to {}", stranger.name);
    let grant = format!("GRANT \"{}\" TO \"{}\";", stranger.name, runner.name);
    assert!(told.contains(&belongs) && told.contains(&grant), "{told}");

    database.execute(&grant);
    run(&["restore", "--yes"]).expect_code(0);
    assert_eq!(database.one("SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'theirs'::regclass"), stranger.name);
    assert_eq!(database.one("INSERT INTO theirs (v) VALUES (NULL) RETURNING id"), "2");
}
