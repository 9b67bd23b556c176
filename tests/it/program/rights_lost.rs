//! A role that loses in the middle of a run what a restore needs.

use super::work::Work;
use crate::support::{Output, Program, TestDatabase, TestRole, database, server_major};

struct Scene {
    database: TestDatabase,
    me: TestRole,
    owner: TestRole,
    work: Work,
}

impl Scene {
    /// The role `me` makes the run, and another one owns the table.
    fn new(name: &str, options: &str) -> Scene {
        let database = database(name);
        let (me, owner) = (database.role(&format!("{name}_me"), options), database.role(&format!("{name}_owner"), ""));
        database.psql(&format!(
            "GRANT CREATE ON DATABASE \"{database}\" TO \"{me}\"; GRANT USAGE, CREATE ON SCHEMA public TO \"{me}\", \"{owner}\";
             GRANT \"{owner}\" TO \"{me}\" WITH ADMIN OPTION; CREATE TABLE items (id int, name text);
             INSERT INTO items VALUES (1, 'one'); ALTER TABLE items OWNER TO \"{owner}\"",
            database = database.name,
            me = me.name,
            owner = owner.name,
        ));
        Scene { database, me, owner, work: Work::new() }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let url = self.database.url_as(&self.me);
        Program::new().arguments(arguments).arguments(&["--database-url", &url]).run()
    }

    /// Applies a plan of two steps, of which the second comes to nothing.
    fn apply(&self, second: &str, more: &str) -> Output {
        let plan = format!(
            "format: backstop/v1\nname: lose\nbackup: {{targets: [{{tables: [public.items]}}]}}\n\
             checks: {{after: [{{id: never, sql: SELECT 1 AS broken, expect: {{rows: 0}}}}]}}\n{more}steps:\n\
             \x20 - {{id: first, sql: UPDATE items SET name = 'two'}}\n  - {{id: second, sql: '{second}'}}\n"
        );
        let path = self.work.file("plan.yaml", &plan);
        self.run(&["apply", path.to_str().unwrap()])
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        for role in [&self.me, &self.owner] {
            self.database.execute(&format!("REASSIGN OWNED BY \"{0}\" TO CURRENT_USER; DROP OWNED BY \"{0}\"", role.name));
        }
    }
}

#[test]
fn a_step_that_takes_the_role_what_a_restore_needs_is_never_committed() {
    let mut scenes = vec![(
        Scene::new("lost_super", "LOGIN SUPERUSER"),
        "ALTER ROLE \"$ME\" NOSUPERUSER; REVOKE \"$OWNER\" FROM \"$ME\"",
    )];
    // From 16 on nobody takes himself what a superuser gave him.
    if server_major() < 16 {
        scenes.push((Scene::new("lost_member", "LOGIN"), "REVOKE \"$OWNER\" FROM \"$ME\""));
    }
    for (scene, step) in scenes {
        let output =
            scene.apply(&step.replace("$ME", &scene.me.name).replace("$OWNER", &scene.owner.name), "").expect_code(5);
        assert!(output.stdout.contains("backstop::run::no_way_back"), "{}", output.stdout);
        assert!(output.stdout.contains("does not own table public.items"), "{}", output.stdout);
        assert_eq!(scene.database.one("SELECT name FROM items"), "one");
    }
}

#[test]
fn a_restore_without_rights_names_what_gives_them() {
    let scene = Scene::new("lost_since", "LOGIN");
    scene.apply("SELECT 1", "rollback: {on_failure: hold}\n").expect_code(6);
    let (me, owner) = (&scene.me.name, &scene.owner.name);
    scene.database.execute(&format!("REVOKE \"{owner}\" FROM \"{me}\""));
    let output = scene.run(&["restore", "--yes"]).expect_code(7);
    let said = (output.stdout + &output.stderr).replace('"', "");
    assert!(said.contains(&format!("GRANT {owner} TO {me}")), "{said}");
    scene.database.execute(&format!("GRANT \"{owner}\" TO \"{me}\""));
    scene.run(&["restore", "--yes"]).expect_code(0);
    assert_eq!(scene.database.one("SELECT name FROM items"), "one");
}

#[test]
fn a_step_outside_of_a_transaction_that_took_rights_stops_the_run_with_what_gives_them_back() {
    let scene = Scene::new("lost_unseen", "LOGIN");
    let (me, owner) = (&scene.me.name, &scene.owner.name);
    scene.database.execute(&format!(
        "CREATE FUNCTION public.takes() RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
         BEGIN EXECUTE 'REVOKE \"{owner}\" FROM \"{me}\"'; END$$;
         CREATE FUNCTION public.lose(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM public.takes(); RETURN $1; END'"
    ));
    let step = "CREATE INDEX CONCURRENTLY items_lost ON items (lose(id))', transaction: 'none";
    let output = scene.apply(step, "").expect_code(6);
    let said = output.stdout.replace('"', "");
    assert!(said.contains("after it no restore could be made"), "{said}");
    assert!(said.contains(&format!("GRANT {owner} TO {me}")), "{said}");
    scene.database.execute(&format!("GRANT \"{owner}\" TO \"{me}\""));
    scene.run(&["resume", scene.work.path("plan.yaml").to_str().unwrap()]).expect_code(5);
    assert_eq!(scene.database.one("SELECT name FROM items"), "one");
    assert_eq!(scene.database.one("SELECT to_regclass('items_lost') IS NULL"), "t");
}

#[test]
fn a_step_outside_of_a_transaction_runs_nothing_that_could_take_rights_unseen() {
    let scene = Scene::new("lost_outside", "LOGIN");
    for statement in [
        "REVOKE a FROM b",
        "EXPLAIN ANALYZE SELECT lose()",
        "EXECUTE lose",
        "DO $$BEGIN PERFORM lose(); END$$",
        "COPY items FROM PROGRAM ''lose''",
    ] {
        let output = scene.apply(&format!("{statement}', transaction: 'none"), "").expect_code(4);
        assert!(output.stdout.contains("backstop::run::no_way_back"), "{statement}: {}", output.stdout);
    }
    assert_eq!(scene.database.one("SELECT name FROM items"), "one");
}
