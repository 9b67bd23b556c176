//! What others change of the structure while a step runs: told from the step's own work whatever kind it is of, and left or named.

use super::{
    gate::{self, WAITS},
    work::{Work, run, until_runs},
};
use crate::support::{Output, TestDatabase, database, psql};

const ITEMS: &str = "
    CREATE TABLE public.items (id int PRIMARY KEY, name text, n int DEFAULT 0);
    INSERT INTO public.items VALUES (1, 'one'), (2, 'two');
    CREATE TABLE public.far (i int, j int);";

const KINDS: &str = "
    CREATE TYPE public.mood AS ENUM ('low'); CREATE DOMAIN public.amount AS int CONSTRAINT positive CHECK (VALUE > 0);
    CREATE DOMAIN public.count AS int; CREATE TYPE public.pair AS (a int); CREATE STATISTICS public.known ON i, j FROM public.far;
    CREATE PUBLICATION all_far FOR TABLE public.far; CREATE FUNCTION public.same(int, int) RETURNS bool LANGUAGE sql AS 'SELECT $1 = $2';
    CREATE OPERATOR public.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = public.same);
    COMMENT ON TYPE public.mood IS 'how it is'; CREATE TEXT SEARCH CONFIGURATION public.words (COPY = simple);";

/// A plan whose check fails at its end.
fn failing(targets: &str, steps: &str) -> String {
    format!(
        "format: backstop/v1\nname: change\nbackup: {{targets: [{{tables: [{targets}]}}]}}\n\
         checks: {{after: [{{id: never, sql: SELECT 1 AS broken, expect: {{rows: 0}}}}]}}\nsteps:\n{steps}"
    )
}

/// Applies the steps with one before them that waits while others do something, and fails at the end.
fn meanwhile(database: &TestDatabase, steps: &str, others: impl FnOnce()) -> Output {
    gate::meanwhile(database, &failing("public.items", &format!("{WAITS}{steps}")), others)
}

/// What the run's steps are said to have changed.
fn changed(database: &TestDatabase) -> String {
    database.one(
        "SELECT coalesce(string_agg(DISTINCT concat_ws(' ', c ->> 'how', c #>> '{object,schema}', c #>> '{object,name}'), ', '), '')
         FROM backstop.events AS e, jsonb_array_elements(e.event::jsonb -> 'changes') AS c
         WHERE e.run = (SELECT run FROM backstop.events ORDER BY at DESC LIMIT 1)",
    )
}

#[test]
fn what_others_change_of_any_kind_while_a_step_waits_is_no_change_of_the_steps() {
    let database = database("theirs_kinds");
    database.execute(&format!("{ITEMS}{KINDS}"));
    let before = database.rows("items");
    let reader = database.role("theirs_kinds_reader", "");
    let theirs = || {
        database.execute("ALTER TYPE mood ADD VALUE 'high'");
        database.execute(
            "ALTER DOMAIN amount ADD CONSTRAINT small CHECK (VALUE < 9); ALTER DOMAIN amount DROP CONSTRAINT positive",
        );
        database.execute(&format!(
            "ALTER TYPE pair ADD ATTRIBUTE b int; ALTER STATISTICS known SET STATISTICS 7; CREATE STATISTICS more ON i, j FROM far;
             CREATE PUBLICATION theirs FOR TABLE far; ALTER PUBLICATION all_far SET (publish = 'insert');
             CREATE OPERATOR #### (LEFTARG = int, RIGHTARG = int, FUNCTION = same); ALTER OPERATOR === (int, int) SET (RESTRICT = eqsel);
             COMMENT ON TYPE mood IS NULL; ALTER TEXT SEARCH CONFIGURATION words DROP MAPPING FOR word;
             ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO \"{0}\"; ALTER TYPE mood RENAME TO moods; GRANT CREATE ON SCHEMA public TO \"{0}\"",
            reader.name
        ));
    };
    let own = "  - {id: own, sql: 'UPDATE items SET name = upper(name); ALTER DOMAIN public.count ADD CONSTRAINT own CHECK (VALUE > 1)'}\n";
    meanwhile(&database, own, theirs).expect_code(5);
    assert_eq!(changed(&database), "changed public count");
    assert_eq!(database.rows("items"), before);
    let stands = "SELECT concat_ws(' ', (SELECT count(*) FROM pg_enum), (SELECT string_agg(conname, ',') FROM pg_constraint WHERE contypid <> 0 AND oid >= 16384),
        (SELECT string_agg(pubname || pubdelete, ',' ORDER BY pubname) FROM pg_publication), (SELECT count(*) FROM pg_statistic_ext),
        (SELECT count(*) FROM pg_operator WHERE oprcode = 'same'::regproc), (SELECT count(*) FROM pg_default_acl), to_regtype('moods'),
        obj_description('moods'::regtype), (SELECT count(*) FROM pg_attribute WHERE attrelid = 'pair'::regclass),
        (SELECT count(*) FROM pg_ts_config_map WHERE mapcfg = 'words'::regconfig AND maptokentype = 2))";
    assert_eq!(database.one(stands), "2 small all_farfalse,theirstrue 2 2 1 moods 2 0");
}

#[test]
fn what_a_step_changes_of_any_kind_is_its_own_and_comes_back() {
    let database = database("own_kinds");
    database.execute(&format!("{ITEMS}{KINDS}"));
    let before = database.dump_others_schema();
    let own = "  - id: own\n    sql: |
      ALTER DOMAIN public.amount DROP CONSTRAINT positive; ALTER STATISTICS public.known SET STATISTICS 7;
      DROP PUBLICATION all_far; ALTER OPERATOR public.=== (int, int) SET (RESTRICT = eqsel); COMMENT ON TYPE public.mood IS NULL;
      ALTER TYPE public.pair ADD ATTRIBUTE b int; ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO public;
      ALTER FUNCTION public.same(int, int) RENAME TO equal; CREATE STATISTICS public.more ON i, j FROM public.far
  - {id: drops, sql: DROP STATISTICS public.known}\n";
    meanwhile(&database, own, || ()).expect_code(5);
    let said = changed(&database);
    let own = [
        "changed public amount",
        "changed public known",
        "removed all_far all_far",
        "changed operator",
        "changed public mood",
        "changed public pair",
        "added default acl",
        "removed public same",
        "added public equal",
        "added public more",
        "removed public known",
    ];
    for change in own {
        assert!(said.contains(change), "{change}: {said}");
    }
    assert_eq!(database.dump_others_schema(), before);
}

#[test]
fn a_target_that_others_dropped_or_renamed_comes_back_with_a_word() {
    let drop = "DROP TABLE items";
    let rename = "ALTER TABLE items RENAME TO put_aside; ALTER INDEX items_pkey RENAME TO put_aside_pkey";
    for (name, others) in [("theirs_dropped", drop), ("theirs_renamed", rename)] {
        let database = database(name);
        database.execute(ITEMS);
        let before = database.rows("items");
        let own = "  - {id: own, sql: CREATE TABLE made (i int)}\n";
        let output = meanwhile(&database, own, || database.execute(others)).expect_code(5);
        assert!(
            output.stdout.contains("table public.items: others dropped it meanwhile, or gave it another name"),
            "{}",
            output.stdout
        );
        assert_eq!((changed(&database).as_str(), database.rows("items")), ("added public made", before));
        if others == rename {
            assert_eq!(database.one("SELECT count(*) FROM put_aside"), "2");
        }
        database.execute("INSERT INTO items VALUES (9, 'others')");
    }
}

#[test]
fn what_others_dropped_of_a_target_comes_back_with_a_word() {
    let database = database("theirs_dropped_parts");
    database.execute(&format!(
        "{ITEMS} CREATE INDEX by_name ON public.items (name); CREATE VIEW public.seen AS SELECT id FROM public.items"
    ));
    let own = "  - {id: own, sql: UPDATE items SET name = upper(name)}\n";
    let output = meanwhile(&database, own, || database.execute("DROP INDEX by_name; DROP VIEW seen")).expect_code(5);
    for gone in ["index public.by_name", "view public.seen"] {
        assert!(output.stdout.contains(&format!("{gone}: others dropped it meanwhile")), "{gone}: {}", output.stdout);
    }
    assert_eq!(database.one("SELECT concat_ws(' ', to_regclass('by_name'), to_regclass('seen'))"), "by_name seen");
}

#[test]
fn what_others_set_on_a_target_stays_or_is_named() {
    let database = database("theirs_set");
    database.execute(ITEMS);
    let owner = database.role("theirs_set_owner", "");
    let before = database.rows("items");
    let own = "  - {id: own, sql: 'UPDATE items SET name = upper(name); ALTER TABLE items ADD own int'}\n";
    let output = meanwhile(&database, own, || {
        database.execute(&format!(
            "ALTER TABLE items ENABLE ROW LEVEL SECURITY; CREATE POLICY high ON items USING (n > 0); GRANT CREATE ON SCHEMA public TO \"{0}\";
             ALTER TABLE items ALTER n SET DEFAULT 5; ALTER TABLE items REPLICA IDENTITY FULL; ALTER TABLE items SET (fillfactor = 70);
             ALTER TABLE items ALTER name SET NOT NULL; ALTER TABLE items OWNER TO \"{0}\"",
            owner.name
        ));
    });
    let output = output.expect_code(5);
    let line = output.stdout.lines().find(|line| line.contains("others changed it meanwhile")).expect("a line");
    assert!(line.contains("column name not null off -> on"), "{line}");
    for kept in ["row security", "owner", "default", "replica", "option"] {
        assert!(!line.contains(kept), "{kept}: {line}");
    }
    let facts = "SELECT concat_ws(' ', relrowsecurity, relreplident, reloptions, pg_get_userbyid(relowner) LIKE '%owner%', (SELECT count(*) FROM pg_policy))
                 FROM pg_class WHERE oid = 'items'::regclass";
    assert_eq!(database.one(facts), "t f {fillfactor=70} t 1");
    assert_eq!(database.rows("items"), before);
    database.execute("INSERT INTO items VALUES (3, 'three')");
    assert_eq!(database.one("SELECT n FROM items WHERE id = 3"), "5");
}

#[test]
fn rows_of_another_table_in_a_targets_place_wait_for_a_decision() {
    let own = "  - {id: own, sql: CREATE TABLE made (i int)}\n";
    let fresh = "CREATE TABLE fresh (LIKE items INCLUDING ALL); INSERT INTO fresh VALUES (77, 'new')";
    let swap =
        "ALTER TABLE items RENAME TO put_aside; ALTER TABLE fresh RENAME TO items; INSERT INTO items VALUES (78, 'newer')";
    let replace = "DROP TABLE items; ALTER TABLE fresh RENAME TO items; INSERT INTO items VALUES (78, 'newer')";
    for others in [swap, replace] {
        let database = database("theirs_swapped");
        database.execute(ITEMS);
        let output = meanwhile(&database, own, || database.execute(&format!("{fresh}; {others}"))).expect_code(6);
        assert!(output.stdout.contains("another table, without a fence, has taken its place"), "{}", output.stdout);
        assert_eq!(changed(&database), "added public made");
        let refused = run(&database, &["restore", "--yes"]);
        assert_ne!(refused.code, Some(0), "{}", refused.stdout);
        assert_eq!(database.one("SELECT string_agg(id::text, ',' ORDER BY id) FROM items"), "77,78");
        run(&database, &["accept", "--reason", "theirs count"]).expect_code(0);
    }
}

#[test]
fn a_target_that_others_gave_another_name_comes_back_but_for_names_that_it_still_has() {
    let database = database("theirs_renamed_keeps");
    database.execute(ITEMS);
    let before = database.rows("items");
    let own = "  - {id: own, sql: CREATE TABLE made (i int)}\n";
    let output = meanwhile(&database, own, || database.execute("ALTER TABLE items RENAME TO put_aside")).expect_code(10);
    assert!(
        output.stdout.contains("table public.items: others dropped it meanwhile, or gave it another name"),
        "{}",
        output.stdout
    );
    assert!(output.stdout.contains("constraint items_pkey on public.items"), "{}", output.stdout);
    assert_eq!((database.rows("items"), database.rows("put_aside")), (before.clone(), before));
}

#[test]
fn psql_claims_no_kind_of_work_of_others_either() {
    let (database, work) = (database("theirs_psql"), Work::new());
    database.send_bystanders_away();
    database.execute(&format!("{ITEMS}{KINDS}"));
    let plan = work.file("plan.yaml", "format: backstop/v1\nname: change\nbackup: {targets: [{tables: [public.items]}]}\nsteps: [{id: s, sql: SELECT 1}]\n");
    run(&database, &["install", plan.to_str().unwrap()]).expect_code(0);
    database.execute("SELECT FROM backup_pre_migration.create_table_backups()");
    let gate = gate::Gate::shut(&database);
    std::thread::scope(|scope| {
        let sql = "SELECT FROM backup_pre_migration.execute_safe_migration('SELECT pg_advisory_xact_lock(4711); ALTER DOMAIN public.count ADD CONSTRAINT own CHECK (VALUE > 1); DROP STATISTICS public.known', NULL)";
        let migration = scope.spawn(|| psql(&database.url, sql).unwrap());
        gate.await_somebody();
        database.execute("ALTER PUBLICATION all_far SET (publish = 'insert'); CREATE STATISTICS more ON i, j FROM far; ALTER TYPE pair OWNER TO CURRENT_USER");
        database.execute("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO public; ALTER OPERATOR === (int, int) SET (RESTRICT = eqsel)");
        gate.open();
        migration.join().unwrap();
    });
    let changed = database.one("SELECT changes::text FROM backstop.operations WHERE operation = 'execute_safe_migration'");
    assert!(changed.contains("count") && changed.contains("known"), "{changed}");
    for theirs in ["all_far", "more", "default", "operator"] {
        assert!(!changed.contains(theirs), "{theirs}: {changed}");
    }
}

#[test]
fn a_lock_on_what_others_changed_makes_it_nobody_elses_work() {
    let database = database("theirs_locked");
    database.execute(ITEMS);
    let gate = "SELECT pg_advisory_xact_lock(4711)";
    let step = format!("{gate}; UPDATE public.items SET n = 1; ANALYZE public.far; LOCK TABLE public.far");
    let plan = failing("public.items", &format!("  - {{id: locks, sql: '{step}'}}\n"));
    let theirs = || {
        database.execute("ALTER TABLE far ADD COLUMN w text DEFAULT 'theirs'; INSERT INTO far (i) VALUES (1); COMMENT ON TABLE far IS 'x'");
    };
    gate::meanwhile(&database, &plan, theirs).expect_code(5);
    assert_eq!(changed(&database), "");
    assert_eq!(database.one("SELECT w || obj_description('far'::regclass) FROM far"), "theirsx");
}

/// Runs a step outside a transaction, which an open one keeps waiting while others do something.
fn meanwhile_outside(name: &str, step: &str, others: &str) -> TestDatabase {
    let database = database(name);
    database.execute(ITEMS);
    database.execute(
        "CREATE TABLE public.parts (id int NOT NULL) PARTITION BY RANGE (id);
         CREATE TABLE public.low PARTITION OF public.parts FOR VALUES FROM (0) TO (9);
         CREATE SCHEMA other; CREATE TABLE other.parts (id int PRIMARY KEY); CREATE TABLE other.items (id int, name text)",
    );
    let step = format!("  - {{id: outside, transaction: none, sql: '{step}'}}\n");
    let plan = failing("public.items, public.parts", &step);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let reader = runtime.block_on(database.connect());
    let read = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM public.parts; SELECT FROM public.items";
    runtime.block_on(reader.client.batch_execute(read)).expect("a reader");
    let work = Work::new();
    std::thread::scope(|scope| {
        let applied = scope.spawn(|| work.apply(&database, &plan));
        until_runs(&database, "CONCURRENTLY");
        database.execute(others);
        runtime.block_on(reader.client.batch_execute("COMMIT")).expect("it ends");
        applied.join().expect("an end").expect_code(5);
    });
    database
}

#[test]
fn a_step_outside_a_transaction_does_nothing_to_what_is_called_alike() {
    if crate::support::server_major() >= 14 {
        // DETACH PARTITION ... CONCURRENTLY is from version 14.
        let theirs = "ALTER TABLE other.parts ADD COLUMN w text DEFAULT 'theirs'; INSERT INTO other.parts VALUES (1)";
        let detached =
            meanwhile_outside("theirs_detach", "ALTER TABLE public.parts DETACH PARTITION public.low CONCURRENTLY", theirs);
        assert_eq!(detached.one("SELECT w FROM other.parts"), "theirs");
        assert_eq!(detached.one("SELECT count(*) FROM pg_inherits WHERE inhparent = 'parts'::regclass"), "1");
    }
    let theirs = "CREATE INDEX theirs ON public.far (i); CREATE INDEX named ON other.items (id)";
    let names = "SELECT coalesce(string_agg(indexname, ',' ORDER BY indexname), '') FROM pg_indexes
                 WHERE schemaname IN ('public', 'other') AND indexname NOT LIKE '%pkey'";
    for (name, step) in [
        ("theirs_unnamed", "CREATE INDEX CONCURRENTLY ON public.items (name)"),
        ("theirs_named", "CREATE INDEX CONCURRENTLY named ON public.items (name)"),
    ] {
        assert_eq!(meanwhile_outside(name, step, theirs).one(names), "named,theirs", "{step}");
    }
}

#[test]
fn columns_that_others_add_change_and_drop_where_the_step_leaves_a_trace_stay_as_they_have_them() {
    let touches = [
        ("key", "ALTER TABLE public.items ADD FOREIGN KEY (id) REFERENCES public.far (i)", ""),
        ("default", "ALTER TABLE public.far ALTER j SET DEFAULT 7", "column j default none -> 7"),
        (
            "trigger",
            "CREATE TRIGGER own BEFORE INSERT ON public.far FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
            "",
        ),
        ("comment", "COMMENT ON COLUMN public.far.i IS 'own'", "column i comment none -> \"own\""),
    ];
    for (name, own, said) in touches {
        let database = database(&format!("theirs_columns_{name}"));
        database.execute(&format!(
            "{ITEMS} ALTER TABLE public.far ADD PRIMARY KEY (i), ADD k text, ADD l int; INSERT INTO public.far VALUES (1, 1, 'k', 1), (2, 2, 'k', 2)"
        ));
        let others = "ALTER TABLE far ADD \"own rows\" text DEFAULT 'theirs', DROP k, ALTER l TYPE bigint USING l * 10; UPDATE far SET \"own rows\" = 'kept' WHERE i = 1";
        let step = format!("  - {{id: own, sql: {}}}\n", serde_json::json!(own));
        meanwhile(&database, &step, || database.execute(others)).expect_code(5);
        let rows = "SELECT string_agg(f::text, ' ' ORDER BY i) FROM far AS f";
        assert_eq!(database.one(rows), "(1,1,10,kept) (2,2,20,theirs)", "{name}");
        assert_eq!(database.one("SELECT count(*) FROM pg_trigger WHERE tgrelid = 'far'::regclass"), "0", "{name}");
        assert_eq!(
            database.one("SELECT concat_ws(' ', column_default) FROM information_schema.columns WHERE column_name = 'j'"),
            "",
            "{name}"
        );
        let words = database.one(
            "SELECT coalesce(string_agg(DISTINCT w, ', '), '') FROM backstop.events AS e, jsonb_array_elements(e.event::jsonb -> 'changes') AS c,
                jsonb_array_elements_text(c -> 'what') AS w WHERE c #>> '{object,name}' = 'far'",
        );
        assert_eq!(words, said, "{name}");
    }
}

#[test]
fn what_others_changed_of_what_hangs_on_a_target_stays_where_it_can_stand_and_is_named_where_not() {
    let database = database("theirs_hanging");
    database.execute(&format!(
        "{ITEMS} CREATE VIEW public.seen AS SELECT id FROM public.items; CREATE VIEW public.bound AS SELECT id FROM public.items;
         CREATE INDEX by_name ON public.items (name); CREATE POLICY own ON public.items USING (true);
         CREATE FUNCTION public.noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
         CREATE TRIGGER noted BEFORE UPDATE ON public.items FOR EACH ROW EXECUTE FUNCTION public.noted();
         CREATE FUNCTION public.counted(public.items) RETURNS int LANGUAGE sql AS 'SELECT 1'"
    ));
    let before = database.rows("items");
    let plan = failing("public.items", &format!("  - {{id: own, sql: ALTER TABLE items ADD z int}}\n{WAITS}"));
    let output = gate::meanwhile(&database, &plan, || {
        database.execute(
            "CREATE OR REPLACE VIEW seen AS SELECT id, 'theirs' AS x FROM items; CREATE OR REPLACE VIEW bound AS SELECT id, z FROM items;
             DROP INDEX by_name; CREATE INDEX by_name ON items (name, id); ALTER POLICY own ON items USING (id > 0);
             DROP TRIGGER noted ON items; CREATE TRIGGER noted BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION noted();
             CREATE OR REPLACE FUNCTION counted(items) RETURNS int LANGUAGE sql AS 'SELECT 2'",
        );
    });
    let output = output.expect_code(5);
    assert_eq!(database.rows("items"), before);
    let now = "SELECT concat_ws(' ', (SELECT x FROM seen LIMIT 1), (SELECT polqual IS NOT NULL AND pg_get_expr(polqual, polrelid) LIKE '%0%' FROM pg_policy),
        (SELECT indnatts FROM pg_index WHERE indexrelid = 'by_name'::regclass), (SELECT tgtype & 4 FROM pg_trigger WHERE tgname = 'noted'),
        (SELECT prosrc FROM pg_proc WHERE proname = 'counted'), (SELECT count(*) FROM pg_attribute WHERE attrelid = 'bound'::regclass))";
    assert_eq!(database.one(now), "theirs t 2 4 SELECT 2 1");
    assert!(
        output.stdout.contains("view public.bound: others changed it meanwhile, which is taken back"),
        "{}",
        output.stdout
    );
    assert!(!output.stdout.contains("view public.seen"), "{}", output.stdout);
}

#[test]
fn what_others_made_under_a_name_that_a_step_freed_gives_way_with_its_definition() {
    let database = database("theirs_freed");
    database.execute(&format!(
        "{ITEMS} CREATE VIEW public.seen AS SELECT id FROM public.items; CREATE FUNCTION public.one() RETURNS int LANGUAGE sql AS 'SELECT 1';
         CREATE TYPE public.pair AS (a int); CREATE DOMAIN public.amount AS int"
    ));
    let step = "  - {id: own, sql: DROP VIEW seen; DROP FUNCTION one(); DROP TYPE pair; DROP DOMAIN amount}\n";
    let plan = failing("public.items", &format!("{step}{WAITS}"));
    let output = gate::meanwhile(&database, &plan, || {
        database.execute(
            "CREATE VIEW seen AS SELECT 'theirs' AS x; CREATE FUNCTION one() RETURNS text LANGUAGE sql AS $$SELECT 'theirs'$$;
             CREATE TYPE pair AS ENUM ('theirs'); CREATE DOMAIN amount AS text",
        );
    });
    let said = output.expect_code(5).stdout;
    for (name, theirs) in [
        ("view public.seen", "theirs"),
        ("function public.one()", "theirs"),
        ("type public.pair", "ENUM"),
        ("type public.amount", "text"),
    ] {
        let line = said.lines().find(|line| line.contains(&format!("{name}: others made another one of this name")));
        assert!(line.is_some_and(|line| line.contains(theirs)), "{name}: {said}");
    }
    assert_eq!(database.one("SELECT concat_ws(' ', one(), (SELECT count(id) FROM seen), 1::amount)"), "1 2 1");
}

#[test]
fn what_a_target_needs_may_get_another_name_or_go() {
    let renames = [
        ("ALTER TYPE mood RENAME TO feeling", "5", "1 ok 1 1"),
        ("CREATE SCHEMA app; ALTER TYPE mood SET SCHEMA app", "5", "1 ok 1 1"),
        ("CREATE SCHEMA app; ALTER FUNCTION positive(int) SET SCHEMA app", "5", "1 ok 1 1"),
        ("ALTER SEQUENCE numbers RENAME TO counted", "5", "1 ok 1 1"),
        ("DROP FUNCTION positive(int) CASCADE", "5", "1 ok 0 1"),
        ("DROP FUNCTION noted() CASCADE", "5", "1 ok 1 0"),
    ];
    for (number, (others, code, stands)) in renames.iter().enumerate() {
        for own in ["ALTER TABLE public.kept ADD z int", "UPDATE public.kept SET id = id"] {
            let database = database(&format!("theirs_renamed_{number}"));
            database.execute(
                "CREATE TYPE public.mood AS ENUM ('ok'); CREATE SEQUENCE public.numbers;
                 CREATE FUNCTION public.positive(int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1 > 0';
                 CREATE FUNCTION public.noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
                 CREATE TABLE public.kept (id int PRIMARY KEY DEFAULT nextval('public.numbers'), m public.mood, CHECK (public.positive(id)));
                 CREATE TRIGGER noted BEFORE UPDATE ON public.kept FOR EACH ROW EXECUTE FUNCTION public.noted();
                 INSERT INTO public.kept (m) VALUES ('ok')",
            );
            let plan = failing("public.kept", &format!("  - {{id: own, sql: {own}}}\n{WAITS}"));
            gate::meanwhile(&database, &plan, || database.execute(others)).expect_code(code.parse().unwrap());
            let now = "SELECT concat_ws(' ', id, m, (SELECT count(*) FROM pg_constraint WHERE conrelid = 'kept'::regclass AND contype = 'c'),
                (SELECT count(*) FROM pg_trigger WHERE tgrelid = 'kept'::regclass AND NOT tgisinternal)) FROM kept";
            assert_eq!(database.one(now), *stands, "{others}; {own}");
            database.execute("INSERT INTO kept (m) VALUES ('ok')");
        }
    }
}

#[test]
fn a_partition_that_others_gave_another_name_makes_place_for_the_one_of_the_backup() {
    let theirs = [
        "ALTER TABLE first RENAME TO put_aside",
        "ALTER TABLE parts DETACH PARTITION first; DROP TABLE first; CREATE TABLE put_aside PARTITION OF parts FOR VALUES FROM (0) TO (10); INSERT INTO parts VALUES (1, 7)",
    ];
    for (number, others) in theirs.iter().enumerate() {
        let database = database(&format!("theirs_partition_{number}"));
        database.execute(
            "CREATE TABLE public.parts (id int, n int) PARTITION BY RANGE (id);
             CREATE TABLE public.first PARTITION OF public.parts FOR VALUES FROM (0) TO (10); INSERT INTO public.parts VALUES (1, 1)",
        );
        let plan = failing("public.parts", &format!("  - {{id: own, sql: UPDATE parts SET n = 2}}\n{WAITS}"));
        let plan = plan.replace("backup: {", "backup: {writers: allow, ");
        let output = gate::meanwhile(&database, &plan, || database.execute(others)).expect_code(5);
        assert!(output.stdout.contains("table public.put_aside stands alone now"), "{others}: {}", output.stdout);
        let now = "SELECT concat_ws(' ', (SELECT n FROM parts), (SELECT n FROM first), (SELECT n FROM put_aside))";
        assert_eq!(database.one(now), if number == 0 { "1 1 2" } else { "1 1 7" }, "{others}");
    }
}

#[test]
fn a_table_that_others_put_in_the_place_of_one_that_a_step_made_stays() {
    let database = database("theirs_in_place");
    database.execute(ITEMS);
    let step = "  - {id: own, sql: 'CREATE TABLE report (a int PRIMARY KEY); CREATE TABLE more (a int); ALTER TABLE items ADD z int'}\n";
    let plan = failing("public.items", &format!("{step}{WAITS}"));
    gate::meanwhile(&database, &plan, || {
        database
            .execute("DROP TABLE report; CREATE TABLE report (b text PRIMARY KEY); INSERT INTO report VALUES ('theirs')");
    })
    .expect_code(5);
    assert_eq!(database.one("SELECT concat_ws(' ', (SELECT b FROM report), to_regclass('more'))"), "theirs");
}

#[test]
fn rules_of_others_that_the_rows_from_before_break_are_left_out_and_named() {
    let rules = [
        ("constraint positive", "ALTER TABLE items ADD CONSTRAINT positive CHECK (n > 0)"),
        ("constraint alone", "ALTER TABLE items ADD CONSTRAINT alone UNIQUE (name)"),
        ("index public.alone", "CREATE UNIQUE INDEX alone ON items (name)"),
        ("constraint apart", "ALTER TABLE items ADD CONSTRAINT apart EXCLUDE (name WITH =)"),
    ];
    for (number, (rule, others)) in rules.iter().enumerate() {
        let database = database(&format!("theirs_rules_{number}"));
        database.execute(&format!("{ITEMS} UPDATE public.items SET name = 'same', n = -1"));
        let before = database.rows("items");
        let mend = "  - {id: mend, sql: 'UPDATE items SET n = 1, name = name || id'}\n";
        let plan = failing("public.items", &format!("{mend}{WAITS}"));
        let output = gate::meanwhile(&database, &plan, || database.execute(others)).expect_code(10);
        assert_eq!(database.rows("items"), before, "{others}");
        assert!(output.stdout.contains(rule), "{rule}: {}", output.stdout);
        // What is named finishes it, once the rows keep to it.
        database.execute("UPDATE items SET n = id, name = id::text");
        let finishing = "SELECT string_agg(statement, '; ' ORDER BY place) FROM backstop.remaining_differences";
        database.execute(&database.one(finishing));
        assert!(psql(&database.url, "INSERT INTO items (id, name, n) VALUES (3, '1', -1)").is_err(), "{others}");
    }
}

#[test]
fn a_partition_of_others_that_would_keep_rows_out_stands_alone_with_its_own() {
    let kept_out = (
        "UPDATE parts SET id = 5",
        "CREATE TABLE theirs PARTITION OF parts FOR VALUES FROM (50) TO (60); INSERT INTO theirs VALUES (55, 55)",
    );
    let otherwise = (
        "DROP TABLE parts; CREATE TABLE parts (id int, n int) PARTITION BY LIST (n)",
        "CREATE TABLE theirs PARTITION OF parts FOR VALUES IN (55); INSERT INTO theirs VALUES (55, 55)",
    );
    for (number, (own, others)) in [otherwise, kept_out].iter().enumerate() {
        let database = database(&format!("theirs_kept_out_{number}"));
        database.execute(
            "CREATE TABLE public.parts (id int, n int) PARTITION BY RANGE (id);
             CREATE TABLE public.rest PARTITION OF public.parts DEFAULT; INSERT INTO public.parts VALUES (55, 1)",
        );
        let plan = failing("public.parts", &format!("  - {{id: own, sql: '{own}'}}\n{WAITS}"));
        let output = gate::meanwhile(&database, &plan, || database.execute(others));
        assert!(output.stdout.contains("table public.theirs stands alone now"), "{others}: {}", output.stdout);
        let now = "SELECT concat_ws(' ', (SELECT n FROM parts), (SELECT n FROM rest), (SELECT n FROM theirs))";
        assert_eq!(database.one(now), "1 1 55", "{others}: {}", output.stdout);
    }
}

#[test]
fn rules_of_others_on_a_domain_or_on_a_tree_of_tables_let_the_rows_from_before_back_in() {
    let rules = [
        ("constraint \"positive\" is NOT VALID", "ALTER DOMAIN amount ADD CONSTRAINT positive CHECK (VALUE > 0)"),
        ("constraint whole on public.parts is missing", "ALTER TABLE parts ADD CONSTRAINT whole CHECK (n > 0)"),
    ];
    for (number, (said, others)) in rules.iter().enumerate() {
        let database = database(&format!("theirs_wide_rules_{number}"));
        database.execute(
            "CREATE DOMAIN public.amount AS int; CREATE TABLE public.parts (id int, n public.amount) PARTITION BY RANGE (id);
             CREATE TABLE public.rest PARTITION OF public.parts DEFAULT; INSERT INTO public.parts VALUES (1, -1)",
        );
        let mend = "  - {id: mend, sql: UPDATE parts SET n = 1}\n";
        let plan = failing("public.parts", &format!("{mend}{WAITS}"));
        let output = gate::meanwhile(&database, &plan, || database.execute(others)).expect_code(10);
        assert!(output.stdout.contains(said), "{said}: {}", output.stdout);
        assert_eq!(database.one("SELECT n FROM rest"), "-1", "{others}");
        database.execute("UPDATE parts SET n = 2");
        let finishing = "SELECT string_agg(statement, '; ' ORDER BY place) FROM backstop.remaining_differences";
        database.execute(&database.one(finishing));
        assert!(psql(&database.url, "INSERT INTO parts VALUES (3, -1)").is_err(), "{others}");
        let valid = "SELECT bool_and(convalidated) FROM pg_constraint WHERE contype = 'c'";
        assert_eq!(database.one(valid), "t", "{others}");
    }
}

#[test]
fn a_target_that_a_step_changed_and_others_moved_away_comes_back_with_a_word() {
    let database = database("theirs_moved");
    database.execute(&format!("{ITEMS} CREATE SCHEMA app"));
    let before = database.rows("items");
    let plan = failing("public.items", &format!("  - {{id: own, sql: ALTER TABLE public.items ADD z int}}\n{WAITS}"));
    let output = gate::meanwhile(&database, &plan, || database.execute("ALTER TABLE items SET SCHEMA app")).expect_code(5);
    assert!(
        output.stdout.contains("table public.items: others dropped it meanwhile, or gave it another name"),
        "{}",
        output.stdout
    );
    assert_eq!(
        (database.rows("items"), database.one("SELECT count(z) || ' ' || count(*) FROM app.items")),
        (before, "0 2".to_owned())
    );
}

#[test]
fn a_sequence_whose_name_a_table_of_others_has_by_now_is_named_with_its_position() {
    let database = database("theirs_sequence");
    database.execute(
        "CREATE SEQUENCE public.numbers; CREATE TABLE public.items (id int PRIMARY KEY DEFAULT nextval('public.numbers'), n int);
         INSERT INTO public.items (n) VALUES (1), (2), (3)",
    );
    let before = database.rows("items");
    let step = "  - {id: own, sql: 'ALTER TABLE items ALTER id DROP DEFAULT; DROP SEQUENCE numbers'}\n";
    let plan = failing("public.items", &format!("{step}{WAITS}"));
    let output =
        gate::meanwhile(&database, &plan, || database.execute("CREATE TABLE numbers (theirs text)")).expect_code(10);
    assert!(output.stdout.contains("sequence public.numbers is missing"), "{}", output.stdout);
    assert_eq!(database.rows("items"), before);
    // What is named finishes it, once the name is free.
    database.execute("ALTER TABLE numbers RENAME TO put_aside");
    let finishing = "SELECT string_agg(statement, '; ' ORDER BY place) FROM backstop.remaining_differences";
    database.execute(&database.one(finishing));
    assert_eq!(database.one("INSERT INTO items (n) VALUES (4) RETURNING id"), "4");
}

#[test]
fn what_others_drop_and_change_elsewhere_while_a_restore_is_under_way_is_left_to_them() {
    let (database, work) = (database("theirs_elsewhere"), Work::new());
    database.execute(&format!(
        "{ITEMS} CREATE TABLE public.given_up (i int PRIMARY KEY); CREATE TABLE public.free (i int); CREATE TYPE public.mood AS ENUM ('low');
         CREATE FUNCTION public.slow(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM pg_sleep(0.7); RETURN $1; END';
         CREATE INDEX slowly ON public.items (public.slow(n))"
    ));
    let before = database.rows("items");
    let output = std::thread::scope(|scope| {
        let restored =
            scope.spawn(|| work.apply(&database, &failing("public.items", "  - {id: own, sql: DELETE FROM items}\n")));
        until_runs(&database, r#"INSERT INTO "public"."items""#);
        database.execute(
            "DROP TABLE given_up; COMMENT ON TABLE free IS 'theirs'; ALTER TABLE free ADD more int; ALTER TYPE mood ADD VALUE 'high'; CREATE TABLE new (i int)",
        );
        restored.join().unwrap()
    });
    let output = output.expect_code(5);
    assert!(!output.stdout.contains("can't be exact"), "{}", output.stdout);
    let now = "SELECT concat_ws(' ', to_regclass('given_up'), obj_description('free'::regclass), (SELECT count(more) FROM free), enum_last(NULL::mood), to_regclass('new'))";
    assert_eq!((database.one(now).as_str(), database.rows("items")), ("theirs 0 high new", before));
}
