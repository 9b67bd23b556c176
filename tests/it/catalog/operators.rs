//! Operators, casts and event triggers: what becomes of them is taken back like anything else.

use super::{server::Database, way_back::Backup};

const PLACE: &str = "
    CREATE SCHEMA app;
    CREATE TYPE app.size AS (width int, height int);
    CREATE FUNCTION app.covers(a app.size, b app.size) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT (a).width >= (b).width';
    CREATE FUNCTION app.within(a app.size, b app.size) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT (a).width <= (b).width';
    CREATE FUNCTION app.exceeds(a app.size, b app.size) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT (a).width < (b).width';
    CREATE FUNCTION app.turned(a app.size) RETURNS app.size LANGUAGE sql IMMUTABLE AS 'SELECT ROW((a).height, (a).width)::app.size';
    CREATE FUNCTION app.area(a app.size) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT (a).width * (a).height';
    CREATE OPERATOR app.@> (LEFTARG = app.size, RIGHTARG = app.size, FUNCTION = app.covers, COMMUTATOR = OPERATOR(app.<@),
        NEGATOR = OPERATOR(app.!@), RESTRICT = contsel, JOIN = contjoinsel);
    CREATE OPERATOR app.<@ (LEFTARG = app.size, RIGHTARG = app.size, FUNCTION = app.within, COMMUTATOR = OPERATOR(app.@>));
    CREATE OPERATOR app.!@ (LEFTARG = app.size, RIGHTARG = app.size, FUNCTION = app.exceeds, NEGATOR = OPERATOR(app.@>));
    CREATE OPERATOR app.!! (RIGHTARG = app.size, FUNCTION = app.turned);
    CREATE OPERATOR app.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq, COMMUTATOR = OPERATOR(app.===), MERGES, HASHES);
    COMMENT ON OPERATOR app.=== (int, int) IS 'just as equal';
    ALTER OPERATOR app.!! (NONE, app.size) OWNER TO museum_owner;
    CREATE CAST (app.size AS int) WITH FUNCTION app.area(app.size) AS ASSIGNMENT;
    CREATE CAST (app.size AS text) WITH INOUT AS IMPLICIT;
    COMMENT ON CAST (app.size AS int) IS 'its area';
    CREATE FUNCTION app.note() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
    CREATE FUNCTION app.refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused: %', tg_tag; END $$;
    CREATE EVENT TRIGGER \"Watch it\" ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'ALTER TABLE') EXECUTE FUNCTION app.note();
    CREATE EVENT TRIGGER quiet ON sql_drop EXECUTE FUNCTION app.refuse();
    ALTER EVENT TRIGGER quiet DISABLE;
    COMMENT ON EVENT TRIGGER quiet IS 'off';
    CREATE TABLE app.box (id int PRIMARY KEY, s app.size, CHECK (s OPERATOR(app.@>) ROW(1, 1)::app.size));
    CREATE VIEW app.equal AS SELECT id FROM app.box WHERE id OPERATOR(app.===) 1;
    INSERT INTO app.box VALUES (1, ROW(2, 3));
";

const MIGRATIONS: &[&str] = &[
    "DROP OPERATOR app.!! (NONE, app.size)",
    "DROP OPERATOR app.=== (int, int) CASCADE",
    "DROP OPERATOR app.@> (app.size, app.size) CASCADE",
    "DROP OPERATOR app.@> (app.size, app.size) CASCADE; DROP OPERATOR app.<@ (app.size, app.size); DROP OPERATOR app.!@ (app.size, app.size)",
    "ALTER OPERATOR app.@> (app.size, app.size) SET (RESTRICT = NONE, JOIN = NONE)",
    "ALTER OPERATOR app.!! (NONE, app.size) OWNER TO museum_api; COMMENT ON OPERATOR app.=== (int, int) IS NULL",
    "ALTER OPERATOR app.!! (NONE, app.size) SET SCHEMA public",
    "CREATE OPERATOR app.~~> (LEFTARG = int, RIGHTARG = int, FUNCTION = int4lt, COMMUTATOR = OPERATOR(app.<~~))",
    "DROP FUNCTION app.covers CASCADE",
    "DROP CAST (app.size AS int); DROP CAST (app.size AS text)",
    "DROP CAST (app.size AS int); CREATE CAST (app.size AS int) WITH FUNCTION app.area(app.size) AS IMPLICIT",
    "CREATE CAST (app.box AS text) WITH INOUT; COMMENT ON CAST (app.size AS int) IS 'x'",
    "DROP EVENT TRIGGER \"Watch it\"",
    "ALTER EVENT TRIGGER \"Watch it\" DISABLE; ALTER EVENT TRIGGER quiet RENAME TO silent",
    "ALTER EVENT TRIGGER \"Watch it\" ENABLE ALWAYS; COMMENT ON EVENT TRIGGER quiet IS NULL; DROP EVENT TRIGGER quiet",
    "CREATE EVENT TRIGGER more ON ddl_command_start EXECUTE FUNCTION app.refuse()",
    "ALTER EVENT TRIGGER quiet ENABLE",
    "DROP TYPE app.size CASCADE",
    "DROP SCHEMA app CASCADE",
];

#[tokio::test]
async fn operators_casts_and_event_triggers_come_back() {
    for migration in MIGRATIONS {
        let database = Database::create("operators", PLACE).await;
        let backup = Backup::take(&database, |_| true).await;
        database.client.batch_execute(migration).await.unwrap_or_else(|error| panic!("{migration}: {error:?}"));
        match backup.restore(&database).await {
            Ok(back) => backup.assert_back(migration, &database, &back).await,
            Err(problems) => panic!("{migration}: {problems:#?}"),
        }
    }
}
