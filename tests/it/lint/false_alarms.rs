//! What must not be found.

use super::linted::{around, codes, found};

/// Nothing at all is found in these.
#[test]
fn what_disturbs_nobody_is_left_alone() {
    for sql in [
        // Nobody uses yet what the plan itself makes.
        "CREATE TABLE public.fresh (id bigint PRIMARY KEY, name text);\nALTER TABLE public.fresh ADD COLUMN n bigserial;\n\
         ALTER TABLE fresh ADD CONSTRAINT c CHECK (n > 0);\nCREATE INDEX ON fresh (name);\nALTER TABLE fresh ALTER COLUMN name SET NOT NULL;\n\
         UPDATE fresh SET name = 'x';\nDELETE FROM public.fresh;\nTRUNCATE fresh;\nDROP TABLE fresh",
        "CREATE TABLE \"Odd Name\" AS SELECT 1 AS id;\nALTER TABLE public.\"Odd Name\" ALTER COLUMN id TYPE bigint",
        "CREATE TEMP TABLE work AS SELECT * FROM public.orders;\nCREATE INDEX ON work (id);\nUPDATE work SET id = 1",
        "SELECT id INTO public.picked FROM public.orders;\nALTER TABLE picked ADD PRIMARY KEY (id)",
        "CREATE TABLE public.a (id int);\nALTER TABLE public.a RENAME TO b;\nALTER TABLE public.b ADD COLUMN c serial",
        // A default that is one value for all rows rewrites nothing since version 11.
        "ALTER TABLE public.orders ADD COLUMN region text NOT NULL DEFAULT 'eu'",
        "ALTER TABLE public.orders ADD COLUMN added timestamptz DEFAULT now()",
        "ALTER TABLE public.orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID",
        "ALTER TABLE public.orders VALIDATE CONSTRAINT c",
        "UPDATE public.orders SET status = 'x' WHERE id = 1",
        "UPDATE public.orders o SET status = c.name FROM public.customers c WHERE c.id = o.customer_id",
        "DELETE FROM public.orders USING public.customers c WHERE c.id = customer_id",
        // What only reads like it.
        "COMMENT ON TABLE public.orders IS 'DROP TABLE orders CASCADE; GRANT ALL TO PUBLIC'",
        "SELECT 'VACUUM FULL public.orders', $$ ALTER SYSTEM SET x = 1 $$",
        "-- DROP TABLE public.orders CASCADE\nSELECT 1 FROM public.orders",
        "INSERT INTO public.orders (id, note) VALUES (1, 'TRUNCATE public.orders CASCADE')",
        "SET LOCAL work_mem = '1GB';\nANALYZE public.orders",
        "GRANT SELECT ON public.orders TO app",
        // A function is made here, and run by nobody.
        "CREATE FUNCTION public.f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DELETE FROM orders; TRUNCATE archive CASCADE; END $$",
        "CREATE FUNCTION public.f() RETURNS bigint LANGUAGE sql AS $$ DELETE FROM orders RETURNING id $$",
        "DO $$ DECLARE n bigint; BEGIN SELECT count(*) INTO n FROM public.orders; RAISE NOTICE '%', n; END $$",
        "DO $$ BEGIN EXECUTE format('ANALYZE %I', 'orders'); EXECUTE 'SELECT 1' || quote_literal('x'); END $$",
        "CREATE POLICY p ON public.orders FOR SELECT TO app USING (true)",
        "ALTER TYPE public.mood ADD VALUE 'calm'",
    ] {
        // The check of the plan around them looks at one table alone.
        let found = found(&around(sql)).into_iter().filter(|f| f.rule.code != "checks-look-elsewhere");
        let found: Vec<String> = found.map(|f| format!("{}: {}", f.rule.code, f.message)).collect();
        assert!(found.is_empty(), "{sql}\n{}", found.join("\n"));
    }
}

#[test]
fn what_a_block_does_is_found_in_it() {
    for (sql, code) in [
        ("DO $$ BEGIN DELETE FROM other.orders WHERE id = 1; END $$", "uncovered-write"),
        (
            "DO $$ BEGIN IF true THEN ALTER TABLE public.orders ALTER COLUMN status SET NOT NULL; END IF; END $$",
            "set-not-null",
        ),
        ("DO $x$ BEGIN FOR i IN 1..3 LOOP TRUNCATE public.orders CASCADE; END LOOP; END $x$", "truncate-cascade"),
        ("DO $$ DECLARE t text; BEGIN EXECUTE 'DROP TABLE ' || t; END $$", "dynamic-sql"),
        (
            "CREATE FUNCTION public.f(t text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('ANALYZE %s', t); END $$",
            "dynamic-sql",
        ),
        ("WITH gone AS (DELETE FROM other.orders WHERE id = 1 RETURNING *) SELECT * FROM gone", "uncovered-write"),
    ] {
        let found = codes(&around(sql));
        assert!(found.contains(&code), "{sql}: {found:?}");
    }
}

#[test]
fn an_old_table_with_if_not_exists_is_an_old_table() {
    let sql = "CREATE TABLE IF NOT EXISTS public.orders (id bigint);\nALTER TABLE public.orders ADD COLUMN n bigserial";
    assert!(codes(&around(sql)).contains(&"add-column-counter"));
}

#[test]
fn places_lead_into_bodies() {
    let sql = "DO $$\nBEGIN\n  ALTER TABLE public.orders ALTER COLUMN status SET NOT NULL;\nEND $$";
    let found = found(&around(sql));
    let backstop::lint::At::Sql { range, .. } = &found[0].at else { panic!("{found:?}") };
    assert_eq!(&sql[range.clone()], "ALTER COLUMN status SET NOT NULL");
}

#[test]
fn what_is_covered_is_not_lost() {
    let plan = |targets: &str| {
        format!(
            "format: backstop/v1\nname: p\nbackup: {{{targets}}}\nsession: {{search_path: [shop, public]}}\n\
             checks: {{after: [{{id: c, row_count: {{table: shop.orders, at_least: 1}}}}]}}\n\
             steps: [{{id: s, sql: DROP TABLE orders}}]\n"
        )
    };
    let is_lost = |targets: &str| codes(&plan(targets)).contains(&"drop-table");
    assert!(!is_lost("targets: [{tables: [orders]}]"));
    assert!(!is_lost("targets: [{tables: [\"shop.*\"]}]"));
    assert!(!is_lost("allow_uncovered: [shop.orders]"));
    assert!(is_lost("targets: [{tables: [other.orders]}]"));
    assert!(is_lost("targets: [{tables: [shop.order]}]"));
}

#[test]
fn what_stands_in_the_body_of_a_body_is_told_once() {
    let sql = "DO $a$ BEGIN\n\
               CREATE FUNCTION public.f(t text) RETURNS void LANGUAGE plpgsql AS $b$ BEGIN EXECUTE 'ANALYZE ' || t; EXECUTE 'ANALYZE ' || t; END $b$;\n\
               END $a$";
    let found = codes(&around(sql));
    assert_eq!(found.iter().filter(|code| **code == "dynamic-sql").count(), 1, "{found:?}");
    let apart = "CREATE FUNCTION public.f(t text) RETURNS void LANGUAGE plpgsql AS $b$ BEGIN EXECUTE 'ANALYZE ' || t; EXECUTE 'ANALYZE ' || t; END $b$";
    let found = codes(&around(apart));
    assert_eq!(found.iter().filter(|code| **code == "dynamic-sql").count(), 2, "{found:?}");
}

/// What is renamed or tightened in what the plan itself makes disturbs nobody.
#[test]
fn what_the_plan_makes_is_renamed_and_tightened_freely() {
    for sql in [
        "CREATE DOMAIN public.amount AS numeric;\nALTER DOMAIN public.amount ADD CONSTRAINT c CHECK (VALUE > 0)",
        "CREATE TYPE public.size AS ENUM ('s');\nALTER TYPE public.size RENAME VALUE 's' TO 'small'",
        "CREATE VIEW public.v AS SELECT 1 AS one;\nALTER VIEW public.v RENAME TO w",
        "CREATE SCHEMA s;\nALTER SCHEMA s RENAME TO t",
        "ALTER DOMAIN public.email SET DEFAULT ''",
    ] {
        let found = codes(&around(sql));
        let bad: Vec<_> = found.iter().filter(|code| ["domain-constraint", "rename"].contains(code)).collect();
        assert!(bad.is_empty(), "{sql}: {bad:?}");
    }
    for sql in [
        "ALTER TYPE public.mood RENAME VALUE 'low' TO 'down'",
        "ALTER VIEW public.recent_orders RENAME TO newest_orders",
        "ALTER VIEW public.recent_orders RENAME COLUMN id TO number",
        "ALTER SCHEMA reports RENAME TO old_reports",
        "ALTER FUNCTION public.touch() RENAME TO touched",
        "ALTER SEQUENCE public.numbers RENAME TO counts",
    ] {
        assert!(codes(&around(sql)).contains(&"rename"), "{sql}: {:?}", codes(&around(sql)));
    }
}
