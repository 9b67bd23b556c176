//! What belongs to the database as a whole.

use super::{server::Database, way_back::Backup};

/// Everything that can be set of a database while somebody is connected to it.
const FACTS: &str = "
    SELECT d.datdba::regrole::text, d.datconnlimit::text, d.datistemplate::text, shobj_description(d.oid, 'pg_database'),
           (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(coalesce(d.datacl, acldefault('d', d.datdba))) a),
           (SELECT string_agg(s.setrole::regrole::text || s.setconfig::text, ' ' ORDER BY s.setrole) FROM pg_db_role_setting s WHERE s.setdatabase = d.oid)
    FROM pg_database d WHERE d.datname = current_database()";

async fn facts(database: &Database) -> Vec<Option<String>> {
    let row = database.client.query_one(FACTS, &[]).await.expect("facts");
    (0..row.len()).map(|column| row.get(column)).collect()
}

#[tokio::test]
async fn settings_privileges_and_the_comment_of_the_database_come_back() {
    let database = Database::create("itself", "CREATE TABLE public.a (id int PRIMARY KEY)").await;
    let name = database.name.clone();
    let alter = |sql: &str| sql.replace("DB", &name);
    let before = alter(
        "ALTER DATABASE DB SET search_path = \"$user\", \"odd \"\", name\", public; ALTER DATABASE DB SET work_mem = '5MB';
         ALTER DATABASE DB SET app.motto = 'it''s \\ \"so\"'; ALTER ROLE museum_api IN DATABASE DB SET statement_timeout = '5s';
         ALTER DATABASE DB CONNECTION LIMIT 77; COMMENT ON DATABASE DB IS 'as it was'; GRANT CREATE ON DATABASE DB TO museum_api WITH GRANT OPTION",
    );
    database.client.batch_execute(&before).await.unwrap();
    let changes = [
        "ALTER DATABASE DB RESET search_path; ALTER DATABASE DB SET work_mem = '6MB'; ALTER ROLE museum_api IN DATABASE DB RESET ALL",
        "ALTER DATABASE DB RESET ALL; ALTER DATABASE DB SET app.other = ''; ALTER ROLE \"museum Reader\" IN DATABASE DB SET search_path = ''",
        "ALTER DATABASE DB CONNECTION LIMIT -1; ALTER DATABASE DB IS_TEMPLATE true; COMMENT ON DATABASE DB IS NULL",
        "REVOKE ALL ON DATABASE DB FROM museum_api CASCADE; REVOKE TEMPORARY ON DATABASE DB FROM PUBLIC; GRANT CONNECT ON DATABASE DB TO \"museum Reader\"",
        "ALTER DATABASE DB OWNER TO museum_owner",
    ];
    let then = facts(&database).await;
    for change in changes {
        let backup = Backup::take(&database, |_| true).await;
        database.client.batch_execute(&alter(change)).await.unwrap_or_else(|error| panic!("{change}: {error:?}"));
        assert_ne!(facts(&database).await, then, "{change}");
        let back = backup.restore(&database).await.unwrap_or_else(|problems| panic!("{change}: {problems:#?}"));
        assert_eq!(back.comparison.differences, [], "{change}");
        assert_eq!(facts(&database).await, then, "{change}");
        database.client.batch_execute("DROP SCHEMA bk CASCADE").await.unwrap();
    }
}
