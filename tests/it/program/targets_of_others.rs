//! What others hang on a target after a step changed it: kept where that can be, named where it can't, and no step's fault.

use std::time::Duration;

use super::{
    gate::{WAITS, meanwhile},
    work::{run, until},
};
use crate::support::{Output, TestDatabase, connected, database};

const ITEMS: &str = "
    CREATE TABLE public.items (id int PRIMARY KEY, name text);
    INSERT INTO public.items VALUES (1, 'one'), (2, 'two');
    CREATE TABLE public.far (i int);";

const PARTS: &str = "
    CREATE TABLE public.items (id int, r int, name text) PARTITION BY RANGE (r);
    CREATE TABLE public.low PARTITION OF public.items FOR VALUES FROM (0) TO (10);
    INSERT INTO public.items VALUES (1, 1, 'one');";

/// How often a session looks whether it is needed any longer, ten times a second.
const SESSION_LOOKS_MAX: u32 = 900;

const WIDEN: &str = "ALTER TABLE items ADD more int DEFAULT 3; UPDATE items SET more = 5";

/// Applies a plan of one step on `items`, whose check fails at its end, and lets others do something between the step and that.
fn after_step(database: &TestDatabase, step: &str, others: impl FnOnce()) -> Output {
    let plan = format!(
        "format: backstop/v1\nname: change\nbackup: {{targets: [{{tables: [public.items]}}]}}\n\
         checks: {{after: [{{id: never, sql: SELECT 1 AS broken, expect: {{rows: 0}}}}]}}\nsteps:\n\
         \x20 - {{id: change, sql: '{step}'}}\n{WAITS}"
    );
    meanwhile(database, &plan, others)
}

fn columns(database: &TestDatabase, table: &str) -> String {
    database.one(&format!(
        "SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute
         WHERE attrelid = 'public.{table}'::regclass AND attnum > 0 AND NOT attisdropped"
    ))
}

#[test]
fn what_others_hang_on_a_target_stands_when_the_run_is_taken_back() {
    let database = database("hung_on");
    database.execute(ITEMS);
    let before = database.rows("items");
    let reader = database.role("hung_on_reader", "");
    let output = after_step(&database, WIDEN, || {
        database.execute(&format!("GRANT SELECT ON items TO \"{}\"; COMMENT ON TABLE items IS 'theirs'", reader.name));
        database.execute(
            "CREATE TRIGGER theirs BEFORE UPDATE ON items FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
             CREATE INDEX theirs_name ON items (name); CREATE VIEW seen AS SELECT id FROM items;
             CREATE VIEW seen_again AS SELECT * FROM seen; CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM items;
             CREATE POLICY of_items ON far USING (i IN (SELECT id FROM items));
             CREATE TABLE points (item int REFERENCES items); INSERT INTO points VALUES (1)",
        );
    });
    output.expect_code(5);
    assert_eq!((database.rows("items"), columns(&database, "items")), (before, "id,name".to_owned()));
    assert_eq!(database.one(&format!("SELECT has_table_privilege('{}', 'items', 'SELECT')", reader.name)), "t");
    assert_eq!(database.one("SELECT obj_description('items'::regclass)"), "theirs");
    assert_eq!(database.one("SELECT count(*) FROM pg_trigger WHERE tgname = 'theirs' AND tgenabled = 'O'"), "1");
    assert_eq!(database.one("SELECT indisvalid FROM pg_index WHERE indexrelid = 'theirs_name'::regclass"), "t");
    assert_eq!(database.one("SELECT count(*) FROM seen_again"), "2");
    assert_eq!(database.one("SELECT count FROM counted"), "2");
    assert_eq!(database.one("SELECT count(*) FROM pg_policy WHERE polname = 'of_items'"), "1");
    assert_eq!(
        database.one("SELECT convalidated FROM pg_constraint WHERE conrelid = 'points'::regclass AND contype = 'f'"),
        "t"
    );
}

#[test]
fn what_others_hang_on_a_column_of_the_steps_goes_with_it_and_is_named() {
    let database = database("hung_on_column");
    database.execute(ITEMS);
    let before = database.rows("items");
    let output = after_step(&database, WIDEN, || {
        database.execute("CREATE VIEW wide AS SELECT id, more FROM items; CREATE VIEW narrow AS SELECT id FROM items");
    });
    let output = output.expect_code(10);
    assert!(output.stdout.contains("view public.wide"), "{}", output.stdout);
    assert!(!output.stdout.contains("view public.narrow"), "{}", output.stdout);
    assert_eq!((database.rows("items"), columns(&database, "items")), (before, "id,name".to_owned()));
    assert_eq!(database.one("SELECT count(*) FROM narrow"), "2");
}

#[test]
fn a_partition_that_others_attach_stays_one_with_its_rows() {
    let database = database("hung_on_partition");
    database.execute(PARTS);
    let output = after_step(&database, WIDEN, || {
        database.execute("CREATE TABLE high PARTITION OF items FOR VALUES FROM (10) TO (20)");
    });
    output.expect_code(5);
    let tables = ["items", "low", "high"].map(|table| columns(&database, table));
    assert_eq!(tables, ["id,r,name"; 3]);
    database.execute("INSERT INTO items VALUES (2, 11, 'two')");
    assert_eq!(database.one("SELECT count(*) FROM high"), "1");
}

#[test]
fn a_partition_that_no_longer_fits_is_left_alone_and_named() {
    let database = database("hung_on_misfit");
    database.execute(PARTS);
    let output = after_step(&database, "ALTER TABLE items ALTER name TYPE varchar(9)", || {
        database.execute("CREATE TABLE high PARTITION OF items FOR VALUES FROM (10) TO (20); CREATE INDEX ON high (id)");
    });
    let output = output.expect_code(5);
    assert!(output.stdout.contains("table public.high stands alone now"), "{}", output.stdout);
    assert_eq!(database.one("SELECT count(*) FROM pg_inherits WHERE inhrelid = 'high'::regclass"), "0");
    assert_eq!(database.one("SELECT count(*) FROM pg_index WHERE indrelid = 'high'::regclass AND indisvalid"), "1");
    assert_eq!(database.one("SELECT name FROM items"), "one");
}

#[test]
fn tables_of_others_below_a_target_or_with_its_rows_stay_with_what_they_hold() {
    let database = database("hung_on_tables");
    database.execute(ITEMS);
    let before = database.rows("items");
    let output = after_step(&database, WIDEN, || {
        database
            .execute("CREATE TABLE keeps (i int, item items); INSERT INTO keeps SELECT 1, i FROM items AS i WHERE id = 1");
        database
            .execute("CREATE TABLE below (k int) INHERITS (items); INSERT INTO below (id, name, k) VALUES (9, 'nine', 99)");
    });
    output.expect_code(5);
    assert_eq!((database.rows("items"), columns(&database, "items")), (before, "id,name".to_owned()));
    assert_eq!(columns(&database, "below"), "id,name,k");
    assert_eq!(database.one("SELECT k FROM below"), "99");
    assert_eq!(database.one("SELECT (item).name FROM keeps"), "one");
    assert_eq!(database.one("SELECT count(*) FROM pg_inherits WHERE inhrelid = 'below'::regclass"), "1");
}

/// Makes temporary objects in a session of its own, and keeps that until there is a table `over`.
async fn keep_temporary(client: &tokio_postgres::Client, made: &str) {
    client.batch_execute(made).await.unwrap();
    // Where the test fails before it says that it is over, this ends all the same.
    for _ in 0..SESSION_LOOKS_MAX {
        if !client.query("SELECT FROM pg_class WHERE relname = 'over'", &[]).await.unwrap().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Applies a step while a session makes temporary objects after it, the last of them a table `unrelated`.
fn beside_temporary(database: &TestDatabase, step: &str, made: &'static str) -> Output {
    std::thread::scope(|scope| {
        let url = &database.url;
        let session = move || connected(url, |client| Box::pin(keep_temporary(client, made)));
        let output = after_step(database, step, || {
            scope.spawn(session);
            until(database, "SELECT count(*) FROM pg_class WHERE relname = 'unrelated'");
        });
        database.execute("CREATE TABLE over ()");
        output
    })
}

#[test]
fn temporary_objects_stand_in_no_restores_way_and_are_named() {
    let database = database("hung_on_temporary");
    database.execute(ITEMS);
    let before = database.rows("items");
    let made = "CREATE TEMP VIEW shown AS SELECT * FROM public.items; CREATE TEMP TABLE pairs (p public.items[], n int);
                CREATE TEMP TABLE unrelated (n int)";
    let output =
        beside_temporary(&database, &format!("CREATE TEMP VIEW own AS SELECT * FROM items; {WIDEN}"), made).expect_code(5);
    for gone in ["shown", "column p of table"] {
        assert!(output.stdout.contains(gone), "{}", output.stdout);
    }
    assert!(!output.stdout.contains("unrelated"), "{}", output.stdout);
    assert_eq!((database.rows("items"), columns(&database, "items")), (before, "id,name".to_owned()));
    assert!(run(&database, &["status"]).stdout.contains("no run waits"));
}

#[test]
fn what_others_make_of_kinds_that_can_not_be_made_again_is_no_steps_and_stays_or_is_named() {
    let database = database("hung_on_unmade");
    database.execute(ITEMS);
    database.execute("CREATE FOREIGN DATA WRAPPER nowhere; CREATE SERVER nobody FOREIGN DATA WRAPPER nowhere");
    let before = database.rows("items");
    let output = after_step(&database, WIDEN, || {
        database.execute(
            "CREATE FOREIGN TABLE shown (item items) SERVER nobody; CREATE TEXT SEARCH CONFIGURATION theirs (COPY = english);
             CREATE FOREIGN TABLE apart (i int) SERVER nobody; CREATE CAST (items AS text) WITH INOUT",
        );
    });
    let said = output.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for theirs in ["+ foreign table", "+ text search", "+ cast"] {
        assert!(!said.contains(theirs), "{said}");
    }
    assert_eq!(database.rows("items"), before);
    let is_named = said.contains("foreign table public.shown, which others made meanwhile, had to be dropped");
    assert_eq!(is_named, database.one("SELECT to_regclass('public.shown') IS NULL") == "t", "{said}");
    assert_eq!(database.one("SELECT count(*) FROM pg_ts_config WHERE cfgname = 'theirs'"), "1");
    assert_eq!(database.one("SELECT to_regclass('public.apart') IS NOT NULL"), "t");
    assert_eq!(database.one("SELECT count(*) FROM pg_cast WHERE castsource = 'items'::regtype"), "1");
}

#[test]
fn parts_of_temporary_tables_go_with_the_function_that_they_need() {
    let database = database("hung_on_temporary_parts");
    database.execute(ITEMS);
    let step = "CREATE FUNCTION fires() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$; \
                CREATE FUNCTION one(int) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT 1$$; UPDATE items SET name = $$q$$";
    let made = "CREATE TEMP TABLE kept (i int CONSTRAINT kept_one CHECK (public.one(i) > 0));
                CREATE TRIGGER kept_fires BEFORE INSERT ON kept FOR EACH ROW EXECUTE FUNCTION public.fires();
                CREATE INDEX kept_index ON kept (public.one(i)); CREATE POLICY kept_seen ON kept USING (public.one(i) > 0);
                INSERT INTO kept VALUES (1); CREATE TEMP TABLE unrelated (n int)";
    let output = beside_temporary(&database, step, made).expect_code(5);
    for gone in ["constraint kept_one", "trigger kept_fires", "kept_index", "policy kept_seen"] {
        assert!(output.stdout.contains(gone), "{gone}: {}", output.stdout);
    }
    assert_eq!(database.one("SELECT count(*) FROM pg_proc WHERE proname IN ('fires', 'one')"), "0");
}

const MAKES: &str = "CREATE SCHEMA ns; CREATE TYPE mood AS ENUM ($$low$$); CREATE VIEW made AS SELECT 1 AS a; CREATE SEQUENCE numbers; \
                     CREATE FUNCTION one(int) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT 1$$; CREATE TABLE unused (i int); \
                     UPDATE items SET name = $$q$$";

#[test]
fn what_a_step_made_and_others_use_stays_and_all_else_comes_back() {
    let database = database("in_use");
    database.execute(ITEMS);
    let before = database.rows("items");
    let output = after_step(&database, MAKES, || {
        database.execute(
            "CREATE TABLE ns.theirs (i int); INSERT INTO ns.theirs VALUES (1);
             CREATE TABLE moods (i int, m mood, k int DEFAULT one(1)); INSERT INTO moods (i, m) VALUES (1, 'low');
             ALTER TABLE far ADD mood mood; INSERT INTO far VALUES (1, 'low');
             CREATE TABLE rows (r made); INSERT INTO rows SELECT made FROM made; CREATE VIEW seen AS SELECT a FROM made",
        );
    });
    let output = output.expect_code(10);
    for stays in ["schema ns", "type public.mood", "function public.one", "view public.made"] {
        assert!(output.stdout.contains(stays), "{stays}: {}", output.stdout);
    }
    assert!(output.stdout.contains("DROP SCHEMA"), "{}", output.stdout);
    assert_eq!(database.rows("items"), before);
    let rows =
        "SELECT concat_ws(' ', (SELECT count(*) FROM ns.theirs), (SELECT m || k::text FROM moods), (SELECT mood FROM far),
                                 (SELECT (r).a FROM rows), (SELECT a FROM seen))";
    assert_eq!(database.one(rows), "1 low1 low 1 1");
    assert_eq!(database.one("SELECT concat_ws(' ', to_regclass('unused'), to_regclass('numbers'))"), "");
    assert!(run(&database, &["status"]).stdout.contains("no run waits"));
}

#[test]
fn a_sequence_of_a_steps_that_gives_others_their_numbers_stays() {
    let database = database("in_use_sequence");
    database.execute(ITEMS);
    let before = database.rows("items");
    let output = after_step(&database, "ALTER TABLE items ADD number serial; CREATE SEQUENCE numbers", || {
        database.execute(
            "CREATE TABLE theirs (i int DEFAULT nextval('numbers'), j int); INSERT INTO theirs (j) VALUES (1);
             ALTER TABLE far ALTER i SET DEFAULT nextval('items_number_seq')",
        );
    });
    let output = output.expect_code(10);
    for stays in ["sequence public.numbers", "sequence public.items_number_seq"] {
        assert!(output.stdout.contains(stays), "{stays}: {}", output.stdout);
    }
    assert_eq!((database.rows("items"), columns(&database, "items")), (before, "id,name".to_owned()));
    database.execute("INSERT INTO theirs (j) VALUES (2); INSERT INTO far DEFAULT VALUES");
    assert_eq!(database.one("SELECT string_agg(i::text, ',' ORDER BY j) FROM theirs"), "1,2");
    assert_eq!(database.one("SELECT i IS NOT NULL FROM far"), "t");
}

#[test]
fn what_others_change_of_a_target_is_taken_back_and_named() {
    let database = database("taken_back");
    database.execute(ITEMS);
    let before = database.rows("items");
    let output = after_step(&database, WIDEN, || {
        database
            .execute("ALTER TABLE items ADD theirs text DEFAULT 'others', ALTER name TYPE varchar(10) USING name || '-o'");
    });
    let output = output.expect_code(5);
    let line = output.stdout.lines().find(|line| line.contains("others changed it meanwhile")).expect("a line");
    assert!(line.contains("added column theirs text"), "{line}");
    assert!(line.contains("column name type text -> character varying(10)"), "{line}");
    assert!(!line.contains("more"), "{line}");
    assert_eq!((database.rows("items"), columns(&database, "items")), (before, "id,name".to_owned()));
}
