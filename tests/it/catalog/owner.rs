//! The way back for a role that owns its database and is no superuser.

use super::{server::Database, way_back::Backup};
use crate::support::{open, server};

const PLACE: &str = "
    CREATE SCHEMA app;
    CREATE TYPE app.state AS ENUM ('open', 'shut');
    CREATE TABLE app.org (id text PRIMARY KEY, name text NOT NULL UNIQUE);
    CREATE TABLE app.member (id serial PRIMARY KEY, org_id text NOT NULL REFERENCES app.org, state app.state DEFAULT 'open',
      number bigint GENERATED ALWAYS AS IDENTITY);
    CREATE FUNCTION app.is_member(org text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER AS 'SELECT EXISTS (SELECT FROM app.member WHERE org_id = org)';
    ALTER TABLE app.member ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
    CREATE POLICY own ON app.member USING (app.is_member(org_id));
    CREATE VIEW app.seen AS SELECT m.id, o.name FROM app.member m JOIN app.org o ON o.id = m.org_id;
    GRANT USAGE ON SCHEMA app TO museum_api; GRANT SELECT ON app.member, app.seen TO museum_api; GRANT UPDATE (name) ON app.org TO museum_api;
    GRANT EXECUTE ON FUNCTION app.is_member(text) TO museum_api; REVOKE EXECUTE ON FUNCTION app.is_member(text) FROM PUBLIC;
    ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT ALL ON TABLES TO museum_default;
    INSERT INTO app.org VALUES ('a', 'A'), ('b', 'B');
    ALTER TABLE app.member NO FORCE ROW LEVEL SECURITY;
    INSERT INTO app.member (org_id) VALUES ('a'), ('a'), ('b');
";

const MIGRATIONS: [&str; 5] = [
    "DROP TABLE app.org CASCADE; DROP TYPE app.state CASCADE",
    "DROP SCHEMA app CASCADE; CREATE SCHEMA app; ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT ALL ON TABLES TO museum_default",
    "DROP VIEW app.seen; ALTER TABLE app.member DROP CONSTRAINT member_org_id_fkey; ALTER TABLE app.org ALTER id TYPE uuid USING md5(id)::uuid",
    "DELETE FROM app.member; ALTER TABLE app.member FORCE ROW LEVEL SECURITY; REVOKE ALL ON app.member FROM museum_api",
    "CREATE TABLE app.extra (id int REFERENCES app.member); DROP POLICY own ON app.member; DROP FUNCTION app.is_member(text); DROP VIEW app.seen",
];

#[tokio::test]
async fn an_owner_needs_no_superuser() {
    for migration in MIGRATIONS {
        let mut database = Database::create("owner", "").await;
        let role = format!("{}_role", database.name);
        let setup = format!(
            "CREATE ROLE {role} LOGIN PASSWORD 'x'; ALTER DATABASE {} OWNER TO {role}; ALTER SCHEMA public OWNER TO {role}",
            database.name
        );
        database.client.batch_execute(&setup).await.unwrap();
        let mut config = database.config();
        config.user(&role).password("x");
        let admin = std::mem::replace(&mut database.client, open(&config).await);
        database.client.batch_execute(PLACE).await.unwrap_or_else(|error| panic!("{:?}", error.as_db_error()));
        let backup = Backup::take(&database, |_| true).await;
        database.client.batch_execute(migration).await.unwrap_or_else(|error| panic!("{:?}", error.as_db_error()));
        let back = backup.restore(&database).await.unwrap_or_else(|problems| panic!("{migration}: {problems:#?}"));
        backup.assert_back(migration, &database, &back).await;
        admin
            .batch_execute(&format!("DROP OWNED BY {role} CASCADE; ALTER DATABASE {} OWNER TO CURRENT_USER", database.name))
            .await
            .unwrap();
        drop(database);
        let anywhere = open(&server().url.parse().expect("the server's URL")).await;
        anywhere.batch_execute(&format!("DROP ROLE {role}")).await.unwrap();
    }
}
