//! Preflight: everything that stands in the way, at once, with what helps.

use backstop::{
    machine::{Failure, PreflightPassed},
    plan::{Place, Plan, PlanName, Rendered, StepTransaction, Target, Transaction},
    postgres::{
        capture::Memory,
        journal,
        preflight::{self, refuse_pooler, targets},
    },
};

use tokio_postgres::Client;

use super::{
    database::Database,
    plans::{plan, step, texts},
};

fn covering(tables: &[&str]) -> Plan<Rendered> {
    let mut plan = plan(vec![step("s", "SELECT 1")]);
    plan.backup.targets = vec![Target { tables: texts(tables), exclude: texts(&[]), at: Place::default() }];
    plan
}

async fn preflight(client: &Client, plan: &Plan<Rendered>) -> Result<PreflightPassed, Vec<Failure>> {
    preflight::preflight(client, &Memory::default(), plan).await
}

fn codes(failures: &[Failure]) -> Vec<&str> {
    failures.iter().map(|failure| failure.code.as_str()).collect()
}

#[tokio::test]
async fn targets_are_resolved_and_measured() {
    let database = Database::with(
        "CREATE TABLE profiles (id int PRIMARY KEY); CREATE TABLE audit_b (id int); CREATE TABLE audit_a (id int);
         CREATE VIEW audit_view AS SELECT * FROM audit_a; CREATE SCHEMA other; CREATE TABLE other.audit_c (id int);
         INSERT INTO profiles SELECT generate_series(1, 1000)",
    )
    .await;
    let client = database.client().await;
    journal::install(&client).await.unwrap();
    let passed = preflight(&client, &covering(&["profiles", "audit_*", "public.profiles"])).await.unwrap();
    assert_eq!(passed.targets, ["public.audit_a", "public.audit_b", "public.profiles"]);
    assert!(passed.bytes > 30_000, "{}", passed.bytes);
    assert!(passed.server_version >= 130_000);
    let warned: Vec<&String> = passed.warnings.iter().filter(|warning| !warning.contains("search_path")).collect();
    assert_eq!(warned, Vec::<&String>::new());
    let all = targets(&client, &covering(&["*.audit_*"])).await.unwrap();
    assert_eq!(all.last().unwrap(), &("public".to_owned(), "audit_b".to_owned()));
    assert_eq!(all.len(), 3);
    refuse_pooler(&[&client, &database.client().await]).await.unwrap();
}

#[tokio::test]
async fn a_pattern_passes_over_what_extensions_have_and_what_is_left_out() {
    let database = Database::with(
        "CREATE TABLE kept (id int); CREATE TABLE left_a (id int); CREATE TABLE left_b (id int); CREATE TABLE of_extension (id int);
         CREATE EXTENSION hstore; ALTER EXTENSION hstore ADD TABLE of_extension",
    )
    .await;
    let client = database.client().await;
    let kept = |names: &[&str]| names.iter().map(|name| ("public".to_owned(), (*name).to_owned())).collect::<Vec<_>>();
    assert_eq!(targets(&client, &covering(&["public.*"])).await.unwrap(), kept(&["kept", "left_a", "left_b"]));
    let mut plan = covering(&["public.*"]);
    plan.backup.targets[0].exclude = texts(&["public.left_*", "nowhere"]);
    assert_eq!(targets(&client, &plan).await.unwrap(), kept(&["kept"]));
    for (name, code) in [
        ("of_extension", "backstop::preflight::extension_member"),
        ("pg_catalog.pg_largeobject", "backstop::preflight::system_table"),
    ] {
        let failures = targets(&client, &covering(&[name])).await.unwrap_err();
        assert_eq!(codes(&failures), [code]);
        assert!(failures[0].hint.as_ref().unwrap().contains("allow_uncovered"), "{failures:?}");
    }
}

#[tokio::test]
async fn rows_that_break_a_valid_foreign_key_are_found_before_anything_is_changed() {
    let database = Database::with(
        "CREATE TABLE \"Parents\" (id int, \"r\" text, PRIMARY KEY (id, r)) PARTITION BY LIST (id);
         CREATE TABLE parents_1 PARTITION OF \"Parents\" FOR VALUES IN (1); INSERT INTO \"Parents\" VALUES (1, 'a'), (1, 'b');
         CREATE TABLE child (id int PRIMARY KEY, up int REFERENCES child, p int, \"F\" varchar(9),
             CONSTRAINT \"Odd\" FOREIGN KEY (p, \"F\") REFERENCES \"Parents\");
         ALTER TABLE child ADD CONSTRAINT known FOREIGN KEY (up) REFERENCES child NOT VALID;
         INSERT INTO child VALUES (1, 1, 1, 'a'), (2, 1, NULL, 'x'), (3, NULL, 1, 'b');
         CREATE TABLE heirs () INHERITS (child); INSERT INTO heirs VALUES (9, 99, 99, 'theirs');
         SET session_replication_role = replica; INSERT INTO child VALUES (4, 77, 1, 'c'), (5, 1, 2, 'a')",
    )
    .await;
    let client = database.client().await;
    journal::install(&client).await.unwrap();
    for targets in [["child"], ["\"Parents\""]] {
        let failures = preflight(&client, &covering(&targets)).await.unwrap_err();
        let odd = failures.iter().find(|failure| failure.message.contains("\"Odd\"")).unwrap();
        assert_eq!(odd.code, "backstop::preflight::foreign_key_broken");
        assert!(odd.message.ends_with("2 of its rows point to nothing in public.\"Parents\""), "{}", odd.message);
        assert_eq!(odd.detail.as_deref(), Some("they point to: 1, c; 2, a"));
        assert_eq!(failures.len(), if targets == ["child"] { 2 } else { 1 }, "{failures:?}");
    }
    client.batch_execute("DELETE FROM public.child WHERE id > 3").await.unwrap();
    preflight(&client, &covering(&["child"])).await.unwrap();
}

#[tokio::test]
async fn a_foreign_key_that_can_not_be_looked_at_is_told() {
    let database = Database::with(
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC; CREATE TABLE parents (id int PRIMARY KEY); CREATE TABLE child (id int PRIMARY KEY);
         CREATE TABLE parts (id int, up int REFERENCES parents) PARTITION BY LIST (id);
         CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1); INSERT INTO parents VALUES (1); INSERT INTO parts VALUES (1, 1)",
    )
    .await;
    let (admin, role) = (database.client().await, database.role("app"));
    admin
        .batch_execute(&format!(
            "CREATE ROLE {role} LOGIN; ALTER TABLE child OWNER TO {role}; ALTER TABLE child ADD up int REFERENCES parents;
             GRANT CREATE ON DATABASE {} TO {role}; GRANT CREATE ON SCHEMA public TO {role}; GRANT REFERENCES ON parents TO {role}",
            database.name
        ))
        .await
        .unwrap();
    let app = database.client_of("app").await;
    journal::install(&app).await.unwrap();
    let passed = preflight(&app, &covering(&["child"])).await.unwrap();
    let told = |warning: &&String| {
        warning.contains("foreign key child_up_fkey was not looked at") && warning.contains("permission denied")
    };
    assert_eq!(passed.warnings.iter().filter(told).count(), 1, "{:?}", passed.warnings);
    admin.batch_execute("SET session_replication_role = replica; INSERT INTO parts VALUES (1, 7)").await.unwrap();
    // A partition has its key from above; where that table is no target, it is the partition's own affair.
    let failures = preflight(&database.client().await, &covering(&["parts_1"])).await.unwrap_err();
    assert!(codes(&failures).contains(&"backstop::preflight::foreign_key_broken"), "{failures:#?}");
    admin.batch_execute(&format!("REASSIGN OWNED BY {role} TO CURRENT_USER; DROP OWNED BY {role}")).await.unwrap();
}

#[tokio::test]
async fn what_ends_the_transaction_of_a_step_is_found_in_the_plan_and_in_the_database() {
    let database = Database::with(
        "CREATE PROCEDURE inner_one() LANGUAGE plpgsql AS $$ BEGIN LOOP COMMIT; EXIT; END LOOP; END $$;
         CREATE PROCEDURE outer_one(n int) LANGUAGE plpgsql AS $$ BEGIN CALL public.inner_one(); END $$;
         CREATE PROCEDURE quiet() LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;
         CREATE PROCEDURE choosy(really boolean) LANGUAGE plpgsql AS $$ BEGIN IF really THEN COMMIT; END IF; END $$",
    )
    .await;
    let client = database.client().await;
    journal::install(&client).await.unwrap();
    let with = |sql: &str| plan(vec![step("s", sql)]);
    for sql in [
        "CALL outer_one(1)",
        "DO $$ BEGIN CALL public.inner_one(); END $$",
        "DO $$ BEGIN ROLLBACK; END $$",
        "CREATE PROCEDURE made() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$; CALL made()",
    ] {
        let failures = preflight(&client, &with(sql)).await.unwrap_err();
        assert_eq!(codes(&failures), ["backstop::preflight::commit_in_body"], "{sql}: {failures:#?}");
        assert!(failures[0].hint.as_deref().unwrap().starts_with("Leave COMMIT and ROLLBACK out"), "{failures:?}");
    }
    preflight(&client, &with("DO $$ BEGIN CALL public.quiet(); END $$")).await.unwrap();
    let ends = |warning: &&String| warning.contains("has a COMMIT or ROLLBACK in it");
    for (sql, warned) in [
        ("CALL choosy(false)", 1),
        ("CALL quiet()", 0),
        ("CREATE PROCEDURE made() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$", 0),
    ] {
        let passed = preflight(&client, &with(sql)).await.unwrap();
        assert_eq!(passed.warnings.iter().filter(ends).count(), warned, "{sql}: {:?}", passed.warnings);
    }
}

#[tokio::test]
async fn a_schema_of_the_plans_path_that_is_open_to_others_is_told_with_who_they_are() {
    let database =
        Database::with("REVOKE CREATE ON SCHEMA public FROM PUBLIC; CREATE SCHEMA app; CREATE SCHEMA closed").await;
    let (client, role) = (database.client().await, database.role("other"));
    client.batch_execute(&format!("CREATE ROLE {role}; GRANT CREATE ON SCHEMA app TO {role}")).await.unwrap();
    journal::install(&client).await.unwrap();
    let mut plan = plan(vec![step("s", "SELECT 1")]);
    plan.session.search_path = texts(&["public", "app", "closed"]);
    let open = |warnings: Vec<String>| {
        Vec::from_iter(warnings.into_iter().filter(|warning| warning.contains("of the plan's search_path")))
    };
    let told = open(preflight(&client, &plan).await.unwrap().warnings);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with(&format!("{role} may make objects in schema app ")), "{told:?}");
    client
        .batch_execute(&format!("REVOKE CREATE ON SCHEMA app FROM {role}; GRANT CREATE ON SCHEMA closed TO PUBLIC"))
        .await
        .unwrap();
    let told = open(preflight(&client, &plan).await.unwrap().warnings);
    assert!(told.len() == 1 && told[0].starts_with("PUBLIC may make objects in schema closed "), "{told:?}");
}

#[tokio::test]
async fn all_findings_are_told_at_once() {
    let database = Database::with(
        "CREATE TABLE profiles (id int); CREATE VIEW seen AS SELECT * FROM profiles;
         CREATE TABLE parts (id int) PARTITION BY RANGE (id);
         CREATE FOREIGN DATA WRAPPER w; CREATE SERVER far FOREIGN DATA WRAPPER w;
         CREATE FOREIGN TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (9) SERVER far",
    )
    .await;
    let client = database.client().await;
    journal::install(&client).await.unwrap();
    let mut plan = covering(&["profile", "seen", "nothing_*", "backstop.events", "parts"]);
    plan.requires = vec![(PlanName::parse("baseline").unwrap(), Place::default())];
    plan.transaction = Transaction::Plan;
    plan.backup.allow_uncovered = texts(&["nowhere"]);
    let mut outside = step("build", "CREATE INDEX CONCURRENTLY i ON profiles (id)");
    outside.transaction = StepTransaction::None;
    let mut unguarded = step("unguarded", "DELETE FROM profiles");
    unguarded.transaction = StepTransaction::None;
    plan.steps = vec![step("clean", "SELECT 1;\nVACUUM"), outside, unguarded, step("ends", "COMMIT")];
    let failures = preflight(&client, &plan).await.unwrap_err();
    assert_eq!(
        codes(&failures),
        [
            "backstop::sql::needs_no_transaction",
            "backstop::preflight::not_in_one_transaction",
            "backstop::preflight::not_in_one_transaction",
            "backstop::run::no_way_back",
            "backstop::sql::transaction_control",
            "backstop::preflight::unknown_table",
            "backstop::preflight::not_a_table",
            "backstop::preflight::unknown_table",
            "backstop::preflight::off_limits",
            "backstop::preflight::required_plan",
            "backstop::preflight::not_restorable",
            "backstop::preflight::not_restorable",
        ],
        "{failures:#?}"
    );
    assert!(failures.iter().all(|failure| failure.hint.is_some()), "{failures:#?}");
    assert_eq!(failures[0].detail.as_deref(), Some("line 2, column 1:\nVACUUM\n^"));
    assert_eq!(failures[5].message, "target: table profile does not exist; did you mean public.profiles?");
    assert!(failures[10].message.contains("public.parts"), "{}", failures[10].message);
}

#[tokio::test]
async fn a_missing_privilege_comes_with_its_grant() {
    let database = Database::with(
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC;
         CREATE TABLE profiles (id int PRIMARY KEY); ALTER TABLE profiles ENABLE ROW LEVEL SECURITY;
         CREATE TABLE mine (id int REFERENCES profiles); CREATE VIEW seen AS SELECT * FROM profiles",
    )
    .await;
    let role = database.role("app");
    let admin = database.client().await;
    admin.batch_execute(&format!("CREATE ROLE {role} LOGIN; ALTER TABLE mine OWNER TO {role}")).await.unwrap();
    let app = database.client_of("app").await;
    let plan = covering(&["profiles"]);
    let failures = preflight(&app, &plan).await.unwrap_err();
    let hints: Vec<&str> = failures.iter().map(|failure| failure.hint.as_deref().unwrap()).collect();
    let expected = [
        format!("Let an administrator run: GRANT CREATE ON DATABASE {} TO {role};", database.name),
        format!("Let an administrator run: ALTER TABLE \"public\".\"profiles\" OWNER TO \"{role}\";"),
        format!("Let an administrator run: GRANT USAGE, CREATE ON SCHEMA public TO {role};"),
    ];
    assert_eq!(hints, expected, "{failures:#?}");
    // That is worth a word only, as long as no step touches it.
    assert!(failures.iter().all(|failure| !failure.message.contains("view public.seen")));
    admin
        .batch_execute(&format!(
            "GRANT CREATE ON DATABASE {} TO {role}; GRANT USAGE, CREATE ON SCHEMA public TO {role};
             ALTER TABLE profiles OWNER TO {role}; ALTER VIEW seen OWNER TO {role}",
            database.name
        ))
        .await
        .unwrap();
    journal::install(&app).await.unwrap();
    preflight(&app, &plan).await.unwrap();
    admin.batch_execute("ALTER TABLE profiles FORCE ROW LEVEL SECURITY").await.unwrap();
    assert_eq!(codes(&preflight(&app, &plan).await.unwrap_err()), ["backstop::preflight::hidden_rows"]);
    admin.batch_execute(&format!("REASSIGN OWNED BY {role} TO CURRENT_USER; DROP OWNED BY {role}")).await.unwrap();
}

#[tokio::test]
async fn a_read_only_server_and_locked_tables_are_noticed() {
    let database = Database::with("CREATE TABLE profiles (id int)").await;
    let client = database.client().await;
    journal::install(&client).await.unwrap();
    let other = database.client().await;
    other.batch_execute("SET application_name = 'report'; BEGIN; SELECT * FROM profiles").await.unwrap();
    let passed = preflight(&client, &covering(&["profiles"])).await.unwrap();
    let locked = |warning: &&String| warning.contains("public.profiles is locked (AccessShareLock) by pid ");
    assert_eq!(passed.warnings.iter().filter(locked).count(), 1, "{:?}", passed.warnings);
    client.batch_execute("SET default_transaction_read_only = on").await.unwrap();
    let failures = preflight(&client, &covering(&["profiles"])).await.unwrap_err();
    assert_eq!(codes(&failures), ["backstop::preflight::read_only"]);
}

#[tokio::test]
async fn triggers_that_only_a_superuser_can_quieten_again_are_told_before_anything_is_done() {
    let database = Database::with(
        "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int REFERENCES a); ALTER TABLE b DISABLE TRIGGER ALL",
    )
    .await;
    let (client, role) = (database.client().await, database.role("quiet"));
    journal::install(&client).await.unwrap();
    assert!(preflight(&client, &covering(&["b"])).await.is_ok());
    client.batch_execute(&format!("CREATE ROLE {role} LOGIN")).await.unwrap();
    let failures = preflight(&database.client_of("quiet").await, &covering(&["b"])).await.unwrap_err();
    let said: Vec<&str> = failures.iter().map(|failure| failure.message.as_str()).collect();
    let expected = "constraint b_id_fkey on public.b could not be brought back: its own triggers";
    assert!(said.iter().any(|said| said.starts_with(expected)), "{said:?}");
}
