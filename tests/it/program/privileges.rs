//! Roles that are no superusers: a run works, or is refused before its first step with the statements that help; and these help.

use super::work::{Work, state};
use crate::support::{Program, TestDatabase, TestRole, database, server_major};

const ITEMS: &str = "
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    CREATE SCHEMA app; GRANT USAGE ON SCHEMA app TO PUBLIC;
    CREATE TABLE app.items (id int PRIMARY KEY, name text, parent int REFERENCES app.items);
    INSERT INTO app.items SELECT i, 'item ' || i, nullif(i / 2, 0) FROM generate_series(1, 20) AS i;
    ALTER TABLE app.items OWNER TO {me};";

/// What the plan does is lost on purpose, so that everything must come back.
const PLAN: &str = "
format: backstop/v1
name: lose
backup: {targets: [{tables: [app.items]}]}
checks: {after: [{id: never, sql: SELECT 1 AS broken, expect: {rows: 0}}]}
steps:
  - {id: lose, sql: DROP TABLE app.items CASCADE}
";

/// More runs than this are not needed: one says what the program itself must be allowed, the next what the tables ask for, and one
/// what the step would make a restore do.
const ROUNDS_MAX: usize = 4;

/// What the advice begins with.
const ADVICE: &str = "Let an administrator run: ";

struct Scene {
    database: TestDatabase,
    me: TestRole,
    other: TestRole,
    third: TestRole,
    work: Work,
}

impl Scene {
    /// `{me}` in the setup is the role that runs, `{other}` and `{third}` are roles of others.
    fn new(name: &str, setup: &str) -> Scene {
        let database = database(name);
        let role = |what: &str, options| database.role(&format!("{what}_{name}"), options);
        let (me, other, third) = (role("me", "LOGIN"), role("other", ""), role("third", ""));
        let scene = Scene { database, me, other, third, work: Work::new() };
        scene.execute(ITEMS);
        scene.execute(setup);
        scene
    }

    fn named(&self, sql: &str) -> String {
        let roles = [("{me}", &self.me), ("{other}", &self.other), ("{third}", &self.third)];
        roles.iter().fold(sql.to_owned(), |sql, (word, role)| sql.replace(word, &format!("\"{}\"", role.name)))
    }

    fn execute(&self, sql: &str) {
        self.database.psql(&self.named(sql));
    }

    fn state(&self) -> (String, Vec<String>) {
        state(&self.database, &["app.items"])
    }

    /// The exit code, and the statements that the program advises.
    fn apply(&self, plan: &str) -> (Option<i32>, Vec<String>, String) {
        let path = self.work.file("plan.yaml", plan);
        let url = self.database.url_as(&self.me);
        let arguments = ["apply", path.to_str().unwrap(), "--database-url", &url, "--format", "json"];
        let output = Program::new().arguments(&arguments).run();
        let lines = output.stdout.lines().chain(output.stderr.lines());
        let mut advice = Vec::new();
        for value in lines.filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok()) {
            collect(&value, &mut advice);
        }
        if let Ok(whole) = serde_json::from_str::<serde_json::Value>(&output.stdout) {
            collect(&whole, &mut advice);
        }
        advice.sort();
        advice.dedup();
        (output.code, advice, format!("{}\n{}", output.stdout, output.stderr))
    }

    /// Runs until nothing is refused any more, doing what is advised; gives all advice.
    fn follow(&self) -> Vec<String> {
        let mut followed: Vec<String> = Vec::new();
        for _ in 0..ROUNDS_MAX {
            let before = self.state();
            let (code, advice, said) = self.apply(PLAN);
            assert_eq!(self.state(), before, "{said}");
            let is_refused = said.contains("backstop::run::no_way_back");
            if code == Some(5) && !is_refused {
                return followed;
            }
            assert_eq!(code, Some(if is_refused { 5 } else { 4 }), "{said}");
            assert!(!advice.is_empty(), "nothing is advised:\n{said}");
            for statement in advice {
                assert!(!followed.contains(&statement), "{statement} was advised before:\n{said}");
                self.execute(&statement);
                followed.push(statement);
            }
        }
        panic!("still refused after {followed:#?}");
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        for role in [&self.me, &self.other, &self.third] {
            self.database.execute(&format!("REASSIGN OWNED BY \"{0}\" TO CURRENT_USER; DROP OWNED BY \"{0}\"", role.name));
        }
    }
}

fn collect(value: &serde_json::Value, advice: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => {
            let statements = text.strip_prefix(ADVICE).into_iter().flat_map(|text| text.split_inclusive(';'));
            advice.extend(statements.map(|statement| statement.trim().to_owned()));
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| collect(value, advice)),
        serde_json::Value::Object(values) => values.values().for_each(|value| collect(value, advice)),
        _ => (),
    }
}

/// What every role needs that owns its tables and nothing else.
const BASE: [&str; 2] = ["GRANT CREATE ON DATABASE ", "GRANT USAGE, CREATE ON SCHEMA app TO {me};"];

/// Follows the advice and asserts that it begins so, and is nothing else.
#[track_caller]
fn advised(name: &str, setup: &str, expected: &[&str]) {
    let scene = Scene::new(name, setup);
    let advice = scene.follow();
    let expected: Vec<String> =
        BASE.iter().chain(expected).map(|statement| scene.named(statement).replace('"', "")).collect();
    let plain: Vec<String> = advice.iter().map(|statement| statement.replace('"', "")).collect();
    for statement in &expected {
        assert!(plain.iter().any(|given| given.starts_with(statement)), "{statement} is missing in {plain:#?}");
    }
    assert_eq!(plain.len(), expected.len(), "{plain:#?}");
}

/// The membership that lets a role act as another.
fn membership() -> &'static str {
    if server_major() >= 16 { "GRANT {other} TO {me} WITH INHERIT TRUE, SET TRUE;" } else { "GRANT {other} TO {me};" }
}

#[test]
fn an_owner_of_the_tables_alone() {
    advised("grant_tables", "", &[]);
}

#[test]
fn views_of_others_in_a_chain() {
    let views = "CREATE VIEW app.seen AS SELECT id, name FROM app.items; ALTER VIEW app.seen OWNER TO {other};
                 GRANT SELECT ON app.seen TO {third}; GRANT SELECT ON app.items TO {other};
                 CREATE VIEW app.far AS SELECT * FROM app.seen; ALTER VIEW app.far OWNER TO {third}";
    let also =
        if server_major() >= 16 { "GRANT {third} TO {me} WITH INHERIT TRUE, SET TRUE;" } else { "GRANT {third} TO {me};" };
    let create = ["GRANT CREATE ON SCHEMA app TO {other};", "GRANT CREATE ON SCHEMA app TO {third};"];
    advised("grant_views", views, &[membership(), also, create[0], create[1]]);
}

/// They are in nobody's way who leaves alone what they hang on.
#[test]
fn views_and_publications_of_others_that_no_step_touches() {
    let scene = Scene::new(
        "spared",
        "CREATE VIEW app.seen AS SELECT id, name FROM app.items; ALTER VIEW app.seen OWNER TO {other}; GRANT SELECT ON app.items TO {other};
         CREATE PUBLICATION spared FOR TABLE app.items; GRANT USAGE, CREATE ON SCHEMA app TO {me};
         GRANT USAGE ON SCHEMA app TO {me}",
    );
    let create = format!("GRANT CREATE ON DATABASE \"{}\" TO {{me}}", scene.database.name);
    scene.execute(&create);
    let before = scene.state();
    let rows = PLAN.replace("DROP TABLE app.items CASCADE", "DELETE FROM app.items WHERE id > 3");
    let (code, advice, said) = scene.apply(&rows);
    assert_eq!((code, advice), (Some(5), vec![]), "{said}");
    assert!(said.contains("app.seen") && said.contains("spared") && !said.contains("no_way_back"), "{said}");
    assert_eq!(scene.state(), before);
    let shape = PLAN.replace("DROP TABLE app.items CASCADE", "ALTER TABLE app.items ALTER parent TYPE bigint");
    let (code, advice, said) = scene.apply(&shape.replace("name: lose", "name: shape"));
    assert_eq!(code, Some(5), "{said}");
    assert!(said.contains("backstop::run::no_way_back") && !advice.is_empty(), "{said}");
    assert_eq!(scene.state(), before);
}

#[test]
fn a_materialized_view_whose_owner_may_no_longer_read() {
    let view = "CREATE MATERIALIZED VIEW app.counted AS SELECT count(*) FROM app.items; ALTER MATERIALIZED VIEW app.counted OWNER TO {other};
                GRANT {other} TO {me}";
    advised("grant_counted", view, &["GRANT SELECT ON app.items TO {other};", "GRANT CREATE ON SCHEMA app TO {other};"]);
}

#[test]
fn a_foreign_key_of_another_owners_table() {
    let orders = "CREATE TABLE app.orders (item int REFERENCES app.items); INSERT INTO app.orders VALUES (3);
                  ALTER TABLE app.orders OWNER TO {other}";
    advised("grant_orders", orders, &[membership(), "GRANT CREATE ON SCHEMA app TO {other};"]);
}

#[test]
fn a_foreign_key_to_another_owners_table() {
    let kinds = "CREATE TABLE app.kinds (id int PRIMARY KEY); INSERT INTO app.kinds VALUES (1);
                 ALTER TABLE app.items ADD COLUMN kind int DEFAULT 1 REFERENCES app.kinds; ALTER TABLE app.kinds OWNER TO {other}";
    advised("grant_kinds", kinds, &["GRANT REFERENCES ON app.kinds TO {me};"]);
}

#[test]
fn functions_of_others_that_take_the_tables_rows() {
    let function = "CREATE FUNCTION app.label(app.items) RETURNS text LANGUAGE sql AS 'SELECT $1.name';
                    ALTER FUNCTION app.label(app.items) OWNER TO {other}; REVOKE EXECUTE ON FUNCTION app.label(app.items) FROM PUBLIC";
    advised("grant_function", function, &[membership(), "GRANT CREATE ON SCHEMA app TO {other};"]);
}

#[test]
fn a_policy_of_another_owners_table_that_reads_the_target() {
    let policy = "CREATE TABLE app.notes (item int); INSERT INTO app.notes VALUES (1); ALTER TABLE app.notes ENABLE ROW LEVEL SECURITY;
                  CREATE POLICY known ON app.notes USING (EXISTS (SELECT FROM app.items WHERE id = item)); ALTER TABLE app.notes OWNER TO {other}";
    advised("grant_policy", policy, &[membership(), "GRANT CREATE ON SCHEMA app TO {other};"]);
}

#[test]
fn a_trigger_with_a_function_that_the_role_may_not_call() {
    let trigger =
        "CREATE SCHEMA aux; CREATE FUNCTION aux.note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
                   REVOKE EXECUTE ON FUNCTION aux.note() FROM PUBLIC; ALTER FUNCTION aux.note() OWNER TO {other};
                   CREATE TRIGGER noted BEFORE UPDATE ON app.items FOR EACH ROW EXECUTE FUNCTION aux.note()";
    advised(
        "grant_trigger",
        trigger,
        &["GRANT USAGE ON SCHEMA aux TO {me};", "GRANT EXECUTE ON FUNCTION aux.note() TO {me};"],
    );
}

#[test]
fn a_column_of_a_type_that_the_role_may_not_use() {
    let mood = "CREATE TYPE app.mood AS ENUM ('fine', 'sad'); ALTER TABLE app.items ADD COLUMN mood app.mood DEFAULT 'fine';
                REVOKE USAGE ON TYPE app.mood FROM PUBLIC; ALTER TYPE app.mood OWNER TO {other}";
    advised("grant_type", mood, &["GRANT USAGE ON TYPE app.mood TO {me};"]);
}

#[test]
fn row_level_security_binds_an_owner_only_by_force() {
    let security = "ALTER TABLE app.items ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON app.items USING (id < 5)";
    advised("grant_security", security, &[]);
    advised(
        "grant_force",
        &format!("{security}; ALTER TABLE app.items FORCE ROW LEVEL SECURITY"),
        &["ALTER ROLE {me} BYPASSRLS;"],
    );
    advised(
        "grant_bypass",
        &format!("{security}; ALTER TABLE app.items FORCE ROW LEVEL SECURITY; ALTER ROLE {{me}} BYPASSRLS"),
        &[],
    );
}

#[test]
fn privileges_that_others_granted() {
    let grants =
        "GRANT SELECT ON app.items TO {other} WITH GRANT OPTION; SET ROLE {other}; GRANT SELECT ON app.items TO {third};
                  GRANT SELECT (name) ON app.items TO {third}; RESET ROLE";
    advised("grant_grantor", grants, &[membership()]);
}

#[test]
fn a_table_of_a_role_of_which_the_runner_is_a_member() {
    let group = "ALTER TABLE app.items OWNER TO {other}; GRANT {other} TO {me}";
    advised("grant_group", group, &["GRANT CREATE ON SCHEMA app TO {other};"]);
    advised(
        "grant_no_member",
        "ALTER TABLE app.items OWNER TO {other}",
        &["GRANT CREATE ON SCHEMA app TO {other};", membership()],
    );
}

#[test]
fn a_membership_that_is_not_inherited() {
    let (setup, help) = if server_major() >= 16 {
        ("GRANT {other} TO {me} WITH INHERIT FALSE", membership())
    } else {
        ("GRANT {other} TO {me}; ALTER ROLE {me} NOINHERIT", "ALTER ROLE {me} INHERIT;")
    };
    let group = format!(
        "ALTER TABLE app.items OWNER TO {{other}}; ALTER TABLE app.items ENABLE ROW LEVEL SECURITY;
         GRANT CREATE ON SCHEMA app TO {{other}}; {setup}"
    );
    // The owner's right to make objects in the schema is the member's too, once it inherits.
    let scene = Scene::new("grant_inherit", &group);
    let advice = scene.follow();
    assert!(advice.contains(&scene.named(help).replace('"', "")), "{advice:#?}");
    // Which an owner sees past.
    assert!(!advice.iter().any(|statement| statement.contains("BYPASSRLS")), "{advice:#?}");
}

#[test]
fn a_membership_without_the_right_to_act_as_the_role() {
    if server_major() >= 16 {
        let group = "ALTER TABLE app.items OWNER TO {other}; GRANT {other} TO {me} WITH SET FALSE; GRANT CREATE ON SCHEMA app TO {other}";
        let scene = Scene::new("grant_set", group);
        let advice = scene.follow();
        assert!(advice.contains(&scene.named(membership()).replace('"', "")), "{advice:#?}");
    }
}

#[test]
fn an_owner_that_took_rights_from_itself() {
    let revoked = "REVOKE ALL ON app.items FROM {me}";
    advised("grant_revoked", revoked, &["GRANT SELECT, INSERT, DELETE, TRUNCATE, TRIGGER ON app.items TO {me};"]);
}

#[test]
fn default_privileges_of_anybody() {
    let defaults = "ALTER DEFAULT PRIVILEGES FOR ROLE {me} IN SCHEMA app GRANT SELECT ON TABLES TO {other};
                    ALTER DEFAULT PRIVILEGES FOR ROLE {other} GRANT ALL ON TABLES TO {third};
                    ALTER DEFAULT PRIVILEGES FOR ROLE {me} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC";
    advised("grant_defaults", defaults, &[]);
}

#[test]
fn what_a_superuser_owns_is_handed_over() {
    let view = "CREATE VIEW app.seen AS SELECT id FROM app.items; CREATE FUNCTION app.f(app.items) RETURNS int LANGUAGE sql AS 'SELECT 1'";
    let expected = ["ALTER VIEW app.seen OWNER TO {me};", "ALTER FUNCTION app.f(app.items) OWNER TO {me};"];
    advised("grant_superuser", view, &expected);
}

#[test]
fn a_journal_that_somebody_else_installed() {
    for (name, installer) in [("grant_journal", "{other}"), ("grant_journal_super", "CURRENT_USER")] {
        let scene =
            Scene::new(name, "CREATE TABLE app.more (id int); INSERT INTO app.more VALUES (1); ALTER ROLE {other} LOGIN");
        scene.execute("GRANT USAGE, CREATE ON SCHEMA app TO {other}; ALTER TABLE app.more OWNER TO {other}");
        scene
            .database
            .execute(&scene.named(&format!("GRANT CREATE ON DATABASE \"{}\" TO {{other}}, {{me}}", scene.database.name)));
        let plan = "format: backstop/v1\nname: first\nbackup: {targets: [{tables: [app.more]}]}\nsteps: [{id: a, sql: DELETE FROM app.more}]\n";
        let path = scene.work.file("first.yaml", plan);
        let url = if installer == "{other}" { scene.database.url_as(&scene.other) } else { scene.database.url.clone() };
        Program::new().arguments(&["apply", path.to_str().unwrap(), "--database-url", &url]).run().expect_code(0);
        if installer == "{other}" {
            // It is for a person to say whether its owner is to be trusted.
            let (code, _, said) = scene.apply(PLAN);
            assert_eq!(code, Some(4), "{said}");
            let trust = scene.named("GRANT {other} TO {me}");
            assert!(
                said.contains("backstop::journal::foreign_owner") && said.replace("\\\"", "\"").contains(&trust),
                "{said}"
            );
            scene.execute("GRANT {other} TO {me}");
            scene.follow();
        } else {
            let advice = scene.follow();
            let expected = scene.named("GRANT USAGE ON SCHEMA backstop TO {me};").replace('"', "");
            assert!(advice.iter().any(|statement| statement.contains(&expected)), "{advice:#?}");
        }
    }
}
