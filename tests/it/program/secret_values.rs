//! A secret's value is sent to the server and nowhere else, whoever says it back and in whatever spelling.

use super::work::Work;
use crate::support::{Program, database};

/// With what every place spells in a way of its own.
const SECRET: &str = "it's \\S3\"cret<ü>";

/// What no output may hold: the parts between what is spelled differently, and encoded forms.
fn leaks(text: &str) -> bool {
    let hexadecimal: String = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
    ["cret<", "cret&lt;", "S3\"", "S3\\\"", "S3&quot;", hexadecimal.as_str()].iter().any(|part| text.contains(part))
}

#[test]
fn what_the_server_says_back_is_searched_for_the_value() {
    let (database, work) = (database("secret_values"), Work::new());
    database.execute("CREATE TABLE t (id int PRIMARY KEY, n text UNIQUE)");
    let cases = [
        ("raised", "DO $$ BEGIN RAISE EXCEPTION 'x % y', {{ pw | literal }}; END $$", "sql: SELECT 1, expect: {rows: 1}"),
        (
            "noticed",
            "DO $$ BEGIN RAISE NOTICE 'x % y', {{ pw | literal }}; RAISE division_by_zero; END $$",
            "sql: SELECT 1, expect: {rows: 1}",
        ),
        ("cast", "UPDATE public.t SET id = {{ pw | literal }}::int", "sql: SELECT 1, expect: {rows: 1}"),
        (
            "twice",
            "INSERT INTO public.t VALUES (1, {{ pw | literal }}), (2, {{ pw | literal }})",
            "sql: SELECT 1, expect: {rows: 1}",
        ),
        (
            "in-json",
            "DO $$ BEGIN RAISE EXCEPTION '%', json_build_object('p', {{ pw | literal }}::text); END $$",
            "sql: SELECT 1, expect: {rows: 1}",
        ),
        (
            "in-row",
            "DO $$ BEGIN RAISE EXCEPTION '% %', ROW({{ pw | literal }}, 1), ARRAY[{{ pw | literal }}]; END $$",
            "sql: SELECT 1, expect: {rows: 1}",
        ),
        (
            "in-xml",
            "DO $$ BEGIN RAISE EXCEPTION '%', xmlelement(name a, xmlattributes({{ pw | literal }} AS b)); END $$",
            "sql: SELECT 1, expect: {rows: 1}",
        ),
        (
            "in-hex",
            "DO $$ BEGIN RAISE EXCEPTION '%', convert_to({{ pw | literal }}, 'UTF8'); END $$",
            "sql: SELECT 1, expect: {rows: 1}",
        ),
        (
            "derived",
            "DO $$ BEGIN RAISE EXCEPTION '%', {{ pw | upper | replace('Ü', 'u') | literal }}; END $$",
            "sql: SELECT 1, expect: {rows: 1}",
        ),
        (
            "failing-rows",
            "INSERT INTO public.t VALUES (3, {{ pw | literal }})",
            "sql: \"SELECT id, n FROM public.t\", expect: {rows: 0}",
        ),
        (
            "a-value",
            "INSERT INTO public.t VALUES (3, {{ pw | literal }})",
            "sql: \"SELECT n FROM public.t\", expect: {value: other}",
        ),
    ];
    for (name, sql, check) in cases {
        let plan = format!(
            "format: backstop/v1\nname: {name}\nvars: {{pw: {{type: secret, default: {{env: PW}}}}}}\nbackup: {{targets: [{{tables: [public.t]}}]}}\n\
             checks: {{after: [{{id: c, {check}}}]}}\nsteps: [{{id: s, sql: {}}}]\n",
            serde_json::to_string(sql).unwrap()
        );
        let (path, junit, metrics) =
            (work.file(&format!("{name}.yaml"), &plan), work.path("junit.xml"), work.path("metrics"));
        for format in ["text", "json"] {
            let output = Program::new()
                .env("PW", SECRET)
                .arguments(&[
                    "--format",
                    format,
                    "--junit",
                    junit.to_str().unwrap(),
                    "--metrics-file",
                    metrics.to_str().unwrap(),
                ])
                .arguments(&["apply", path.to_str().unwrap(), "--database-url", &database.url])
                .run()
                .expect_code(5);
            let written = [&junit, &metrics].map(|file| std::fs::read_to_string(file).unwrap()).concat();
            let all = output.stdout + &output.stderr + &written;
            assert!(!leaks(&all) && !all.contains("CRET<"), "{name} {format}: {all}");
            assert!(all.contains("***"), "{name} {format}: {all}");
        }
    }
    let stored = database.one("SELECT string_agg(event::text, ' ') FROM backstop.events");
    assert!(!leaks(&stored) && !stored.contains("CRET<"), "{stored}");
    // What has been stored without it is told without it by whoever reads it.
    let run = database.one("SELECT run::text FROM backstop.runs ORDER BY started_at DESC LIMIT 1");
    let shown = Program::new().arguments(&["show", &run, "--database-url", &database.url]).run();
    assert!(!leaks(&(shown.stdout + &shown.stderr)));
}

/// Whether six characters of it in a row are there.
fn has_part_of(secret: &str, text: &str) -> bool {
    secret.as_bytes().windows(6).any(|part| text.contains(std::str::from_utf8(part).unwrap()))
}

#[test]
fn what_a_step_makes_of_a_secret_is_neither_told_nor_stored() {
    const KEY: &str = "k4Wz9-Qm2xVt7_Rb5nYc8Hd3Lf6Gj1Ps0Ta-Ue9Io4Xq7Zw2Kv5Bn8Mr3Dy6Ch1Fl0Sg-Jp9Ea4Ui7Oo2";
    let (database, work) = (database("secret_changes"), Work::new());
    database.execute(
        "CREATE TABLE t (id int PRIMARY KEY, k text DEFAULT 'old', CONSTRAINT ck CHECK (k <> 'old')); \
         CREATE INDEX ix ON t (id) WHERE k <> 'old'; CREATE POLICY pk ON t USING (k = 'old'); \
         CREATE VIEW v AS SELECT 'old'::text AS k; CREATE DOMAIN d AS text DEFAULT 'old'; \
         CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$SELECT 'old'::text$$; \
         CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; \
         CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION g('old')",
    );
    let name = database.one("SELECT current_database()");
    let steps = [
        format!("ALTER DATABASE {name} SET app.key = {{{{ key | literal }}}}"),
        "ALTER TABLE public.t ALTER k SET DEFAULT {{ key | literal }}".to_owned(),
        "COMMENT ON TABLE public.t IS {{ key | literal }}".to_owned(),
        "CREATE OR REPLACE FUNCTION public.f() RETURNS text LANGUAGE sql AS $$SELECT {{ key | literal }}::text$$".to_owned(),
        "ALTER TABLE public.t DROP CONSTRAINT ck, ADD CONSTRAINT ck CHECK (k <> {{ key | literal }})".to_owned(),
        "ALTER POLICY pk ON public.t USING (k = {{ key | literal }})".to_owned(),
        "CREATE OR REPLACE VIEW public.v AS SELECT {{ key | literal }}::text AS k".to_owned(),
        "DROP TRIGGER tr ON public.t; CREATE TRIGGER tr BEFORE INSERT ON public.t FOR EACH ROW EXECUTE FUNCTION public.g({{ key | literal }})"
            .to_owned(),
        "DROP INDEX public.ix; CREATE INDEX ix ON public.t (id) WHERE k <> {{ key | literal }}".to_owned(),
        "ALTER DOMAIN public.d SET DEFAULT {{ key | literal }}".to_owned(),
    ];
    let steps: Vec<serde_json::Value> =
        (0..).zip(steps).map(|(n, sql)| serde_json::json!({"id": format!("s{n}"), "sql": sql})).collect();
    for format in ["text", "json"] {
        let plan = serde_json::json!({
            "format": "backstop/v1", "name": format!("p-{format}"), "vars": {"key": {"type": "secret", "default": {"env": "KEY"}}},
            "backup": {"targets": [{"tables": ["public.t"]}]},
            "checks": {"after": [{"id": "no", "sql": "SELECT 1", "expect": {"rows": 0}}]}, "steps": steps,
        });
        let path = work.file(&format!("{format}.yaml"), &plan.to_string());
        let output = Program::new()
            .env("KEY", KEY)
            .arguments(&["--format", format, "apply", path.to_str().unwrap(), "--database-url", &database.url])
            .run()
            .expect_code(5);
        let all = output.stdout + &output.stderr;
        assert!(!has_part_of(KEY, &all), "{all}");
        assert!(all.matches("***").count() >= 10, "{all}");
    }
    let stored = database.one("SELECT string_agg(event::text, ' ') FROM backstop.events");
    assert!(!has_part_of(KEY, &stored), "{stored}");
    // Whoever reads it later does not know the value.
    let run = database.one("SELECT run::text FROM backstop.runs ORDER BY started_at DESC LIMIT 1");
    let shown = Program::new().arguments(&["show", &run, "--database-url", &database.url]).run().expect_code(0);
    assert!(!has_part_of(KEY, &(shown.stdout + &shown.stderr)));
}

#[test]
fn a_document_is_taken_out_as_the_server_writes_it_and_so_are_its_strings() {
    const DOCUMENT: &str = r#"{"user":"svc_runner","password":"hunter2-Hunter2","keys":["first-key"]}"#;
    let (database, work) = (database("secret_document"), Work::new());
    database.execute("CREATE TABLE t (id int PRIMARY KEY, x jsonb); INSERT INTO t VALUES (1)");
    let plan = serde_json::json!({
        "format": "backstop/v1", "name": "p", "vars": {"pw": {"type": "secret", "default": {"env": "PW"}}},
        "backup": {"targets": [{"tables": ["public.t"]}]},
        "checks": {"after": [{"id": "no", "sql": "SELECT x FROM public.t", "expect": {"rows": 0}}]},
        "steps": [
            {"id": "a", "sql": "ALTER TABLE public.t ALTER x SET DEFAULT {{ pw | literal }}, ADD CHECK (x <> {{ pw | literal }}::jsonb)"},
            {"id": "b", "sql": "UPDATE public.t SET x = {{ pw | literal }}::jsonb || '{\"more\": 1}'"},
        ],
    });
    let path = work.file("p.yaml", &plan.to_string());
    let output = Program::new()
        .env("PW", DOCUMENT)
        .arguments(&["apply", path.to_str().unwrap(), "--database-url", &database.url])
        .run()
        .expect_code(5);
    let shown = Program::new().arguments(&["show", "--database-url", &database.url]).run().expect_code(0);
    let stored = database.one("SELECT string_agg(event::text, ' ') FROM backstop.events");
    for text in [output.stdout + &output.stderr, shown.stdout + &shown.stderr, stored] {
        let parts = ["hunter2", "svc_runner", "first-key"];
        assert!(parts.iter().all(|part| !text.contains(part)) && text.contains("***"), "{text}");
    }
}

#[test]
fn no_object_is_named_by_a_secret() {
    let (database, work) = (database("secret_names"), Work::new());
    database.execute("CREATE TABLE t (id int PRIMARY KEY)");
    let long = format!("Sk_{}", "Abcdefghij".repeat(6));
    for (name, secret) in [("\"app_{{ pw | raw }}\"", long.as_str()), ("app_{{ pw | raw }}", "SecretValueWithCase77")] {
        let plan = format!(
            "format: backstop/v1\nname: p\nvars: {{pw: {{type: secret, default: {{env: PW}}}}}}\nbackup: {{targets: [{{tables: [public.t]}}]}}\n\
             steps: [{{id: s, sql: 'CREATE TABLE public.{name} (id int PRIMARY KEY)'}}]\n"
        );
        let path = work.file("p.yaml", &plan);
        let output = Program::new()
            .env("PW", secret)
            .arguments(&["apply", path.to_str().unwrap(), "--database-url", &database.url])
            .run()
            .expect_code(5);
        let stored = database.one("SELECT string_agg(event::text, ' ') FROM backstop.events");
        let all = (output.stdout + &output.stderr + &stored).to_lowercase();
        assert!(all.contains("backstop::run::secret_name"), "{all}");
        assert!(!all.contains("abcdef") && !all.contains("secretvalue"), "{all}");
    }
    let named = "format: backstop/v1\nname: p\nvars: {pw: {type: string, default: app_shown}}\nbackup: {targets: [{tables: [public.t]}]}\n\
                 steps: [{id: s, sql: 'CREATE TABLE public.{{ pw | ident }} (id int PRIMARY KEY)'}]\n";
    work.apply(&database, named).expect_code(0);
}

#[test]
fn no_index_that_is_built_outside_of_a_transaction_is_named_by_a_secret() {
    let (database, work) = (database("secret_index"), Work::new());
    database.execute("CREATE TABLE t (id int PRIMARY KEY)");
    let plan = "format: backstop/v1\nname: p\nvars: {pw: {type: secret, default: {env: PW}}}\nbackup: {targets: [{tables: [public.t]}]}\n\
                steps: [{id: s, transaction: none, sql: 'CREATE INDEX CONCURRENTLY app_{{ pw | raw }} ON public.t (id)'}]\n";
    let path = work.file("p.yaml", plan);
    let arguments = ["apply", path.to_str().unwrap(), "--database-url", &database.url];
    let output = Program::new().env("PW", "SecretValueWithCase77").arguments(&arguments).run().expect_code(5);
    let stored = database.one("SELECT string_agg(event::text, ' ') FROM backstop.events");
    let all = (output.stdout + &output.stderr + &stored).to_lowercase();
    assert!(all.contains("backstop::run::secret_name") && !all.contains("secretvalue"), "{all}");
    assert_eq!(database.one("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass"), "1");
}

#[test]
fn dates_and_addresses_are_taken_out_in_whatever_style_the_server_writes_them() {
    let (database, work) = (database("secret_styles"), Work::new());
    database.execute("CREATE TABLE t (id int PRIMARY KEY, born date, host inet); INSERT INTO t (id) VALUES (1)");
    database.execute(&format!("ALTER DATABASE \"{}\" SET \"DateStyle\" = 'German'", database.name));
    let plan = "format: backstop/v1\nname: p\nvars: {born: {type: secret, default: {env: BORN}}, host: {type: secret, default: {env: HOST}}}\n\
                backup: {targets: [{tables: [public.t]}]}\n\
                checks: {after: [{id: no, sql: SELECT born::text AS b FROM public.t, expect: {rows: 0}}, {id: nor, sql: SELECT host FROM public.t, expect: {rows: 0}}]}\n\
                steps: [{id: s, sql: 'UPDATE public.t SET born = {{ born | literal }}, host = {{ host | literal }}'}]\n";
    let path = work.file("p.yaml", plan);
    let arguments = ["apply", path.to_str().unwrap(), "--database-url", &database.url];
    let secrets = Program::new().env("BORN", "1987-03-14").env("HOST", "2001:DB8:0:0:0:0:0:77");
    let output = secrets.arguments(&arguments).run().expect_code(5);
    let stored = database.one("SELECT string_agg(event::text, ' ') FROM backstop.events");
    let all = (output.stdout + &output.stderr + &stored).to_lowercase();
    assert!(all.contains("***"), "{all}");
    for told in ["14.03.1987", "1987-03-14", "db8::77"] {
        assert!(!all.contains(told), "{told}: {all}");
    }
}

#[test]
fn a_short_secret_and_one_of_many_lines_are_taken_out_too() {
    let (database, work) = (database("secret_short"), Work::new());
    database.execute("CREATE TABLE t (id int PRIMARY KEY)");
    let plan = "format: backstop/v1\nname: p\nvars: {pw: {type: secret, default: {env: PW}}}\nbackup: {targets: [{tables: [public.t]}]}\n\
                steps: [{id: s, sql: \"DO $$ BEGIN RAISE EXCEPTION 'x % y', {{ pw | literal }}; END $$\"}]\n";
    let path = work.file("p.yaml", plan);
    for (secret, parts) in
        [("k7q", vec!["k7q"]), ("first line\nsecond line of it\nthird", vec!["first line", "second line"])]
    {
        let output = Program::new()
            .env("PW", secret)
            .arguments(&["apply", path.to_str().unwrap(), "--database-url", &database.url])
            .run()
            .expect_code(5);
        let all = output.stdout + &output.stderr;
        assert!(parts.iter().all(|part| !all.contains(part)) && all.contains("x *** y"), "{secret}: {all}");
    }
}
