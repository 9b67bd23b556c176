//! Every kind of check: passing, failing, erring.

use backstop::{
    checks::KINDS,
    machine::{CheckOutcome, CheckPhase, CheckResult},
    plan::{CheckKind, CountBounds, Expect, FieldValue, Pattern, Rendered, Severity},
    postgres::{
        check::{compare_unchanged, evaluate, stored},
        journal,
        psql_api::{Callers, install_in},
        search_path::PlanPath,
    },
};
use tokio_postgres::Client;

use super::{
    database::Database,
    plans::{asked, check, text, texts},
};

const SCHEMA: &str = r#"
    CREATE DOMAIN email AS text;
    CREATE TABLE organizations (id text PRIMARY KEY, slug varchar(50), mail text, code char);
    CREATE TABLE profiles (id int PRIMARY KEY, org_id text, nick text, nock int, address email);
    CREATE TABLE audit_a (id int, at timestamptz);
    CREATE TABLE audit_b (id int);
    CREATE TABLE "Odd Name" ("A b" int);
    INSERT INTO organizations VALUES ('8b41e1ad-6ed6-46a5-8a78-1a2b3c4d5e6f', 'a', 'a@b.example', 'x'), ('nope', 'b', 'no mail', 'y');
    INSERT INTO profiles SELECT n, CASE WHEN n <= 12 THEN 'gone' WHEN n <= 14 THEN NULL ELSE 'nope' END, 'n' || (n % 10) FROM generate_series(1, 20) n;
    CREATE INDEX profiles_org ON profiles (org_id, nick);
    CREATE INDEX profiles_partial ON profiles (nick) WHERE id > 3;
    CREATE UNIQUE INDEX organizations_slug ON organizations (slug);
    ALTER TABLE profiles ADD CONSTRAINT nock_positive CHECK (nock > 0) NOT VALID;
    ALTER TABLE profiles ADD CONSTRAINT org_fk FOREIGN KEY (org_id) REFERENCES organizations NOT VALID;
    ALTER TABLE audit_a ADD CONSTRAINT to_profile FOREIGN KEY (id) REFERENCES profiles;
    ALTER TABLE organizations ENABLE ROW LEVEL SECURITY;
    CREATE POLICY "see all" ON organizations USING (true);
    CREATE FUNCTION is_member_of(uuid) RETURNS boolean LANGUAGE sql AS 'SELECT true';
    CREATE FUNCTION many() RETURNS SETOF uuid LANGUAGE sql AS 'SELECT gen_random_uuid()';
    GRANT SELECT ON organizations TO PUBLIC;
"#;

fn public() -> PlanPath {
    PlanPath::of_schemas(&["public".to_owned()])
}

async fn results(client: &Client, kinds: Vec<CheckKind<Rendered>>, phase: CheckPhase) -> Vec<CheckResult> {
    let checks: Vec<_> = kinds.into_iter().enumerate().map(|(n, kind)| check(&format!("c{n}"), kind)).collect();
    client.batch_execute("BEGIN").await.unwrap();
    let results = evaluate(client, &public(), &checks.iter().collect::<Vec<_>>(), phase).await.unwrap();
    client.batch_execute("COMMIT").await.unwrap();
    results
}

/// Asks the checks all at once and compares outcome and message; then asks the same of psql's functions, which must say the same.
async fn assert_outcomes(expected: Vec<(CheckKind<Rendered>, CheckOutcome, &str)>) {
    assert_outcomes_in(&Database::with(SCHEMA).await, expected).await;
}

async fn assert_outcomes_in(database: &Database, expected: Vec<(CheckKind<Rendered>, CheckOutcome, &str)>) {
    let client = database.client().await;
    let (kinds, expected): (Vec<_>, Vec<_>) = expected.into_iter().map(|(k, o, m)| (k, (o, m))).unzip();
    let results = results(&client, kinds.clone(), CheckPhase::After).await;
    let found: Vec<_> = results.iter().map(|r| (r.outcome, r.message.as_str())).collect();
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected);
    }
    let psql = database.psql().await;
    for (kind, result) in kinds.into_iter().zip(results) {
        same_in_psql(&psql, kind, &result).await;
    }
}

impl Database {
    /// A session that may ask as `validate_…` does.
    async fn psql(&self) -> Client {
        let client = self.client().await;
        client.batch_execute("SET search_path = pg_catalog, pg_temp").await.unwrap();
        journal::install(&client).await.unwrap();
        client.batch_execute("BEGIN; CREATE SCHEMA IF NOT EXISTS copies").await.unwrap();
        install_in(&client, "copies", &Callers::default()).await.unwrap();
        client.batch_execute("COMMIT").await.unwrap();
        let settings =
            "SET backstop.plan_path = 'public, pg_temp'; SET row_security = off; SET default_transaction_read_only = on";
        client.batch_execute(settings).await.unwrap();
        client
    }
}

/// The program alone looks for a name that was meant perhaps, and names the server's code behind its message.
fn plain(message: &str) -> String {
    let mut plain = String::new();
    let mut rest = message;
    while let Some((before, meant)) = rest.split_once("; did you mean ") {
        plain.push_str(before);
        rest = meant.split_once('?').unwrap().1;
    }
    let whole = plain + rest;
    whole.split_once(" (SQLSTATE ").map_or(whole.as_str(), |(said, _)| said).to_owned()
}

async fn same_in_psql(psql: &Client, kind: CheckKind<Rendered>, result: &CheckResult) {
    let is_query = kind.query().is_some();
    let question = stored(&check("c", kind.clone()));
    let answer = psql.query_one("SELECT holds, message, rows FROM backstop.ask($1)", &[&question]).await;
    match answer {
        Ok(row) => {
            let holds: bool = row.get(0);
            assert_eq!(holds, result.outcome == CheckOutcome::Pass, "{kind:?}: {result:?}");
            assert_eq!(row.get::<_, &str>(1), plain(&result.message), "{kind:?}");
            assert_eq!(row.get::<_, Option<i64>>(2), result.count.map(|count| count as i64), "{kind:?}");
        }
        Err(error) => {
            // To a query that is none the server itself says so, in other words where a function asks it.
            let is_judged = ["is expected", "whole number"].iter().any(|words| result.message.contains(words));
            assert_eq!(result.outcome, CheckOutcome::Error, "{kind:?}: {error:?}");
            if !is_query || is_judged {
                assert_eq!(error.as_db_error().unwrap().message(), plain(&result.message), "{kind:?}");
            }
        }
    }
}

type Named = (&'static str, FieldValue<Rendered>);

fn tables_of(tables: &[&str]) -> Named {
    ("tables", FieldValue::Tables(texts(tables)))
}

fn columns_of(columns: &[&str]) -> Named {
    ("columns", FieldValue::Texts(texts(columns)))
}

fn text_of(field: &'static str, value: &str) -> Named {
    (field, FieldValue::Text(text(value)))
}

fn maybe(field: &'static str, value: Option<&str>) -> Named {
    (field, value.map_or(FieldValue::Absent, |value| FieldValue::Text(text(value))))
}

fn flag(field: &'static str, value: Option<bool>) -> Named {
    (field, value.map_or(FieldValue::Absent, FieldValue::Flag))
}

fn to(table: &str) -> Named {
    ("to", FieldValue::Table(text(table)))
}

fn count_of(table: &str, at_least: Option<u64>, at_most: Option<u64>) -> CheckKind<Rendered> {
    asked("row_count", vec![tables_of(&[table]), ("bounds", FieldValue::Bounds(CountBounds { at_least, at_most }))])
}

fn sql_of(sql: &str, expect: Option<Expect<Rendered>>) -> CheckKind<Rendered> {
    asked(
        "sql",
        vec![("sql", FieldValue::Query(text(sql))), ("expect", expect.map_or(FieldValue::Absent, FieldValue::Expect))],
    )
}

fn exists(tables: &[&str], columns: &[&str]) -> CheckKind<Rendered> {
    asked("table_exists", vec![tables_of(tables), columns_of(columns)])
}

fn column_type(table: &str, column: &str, data_type: &str) -> CheckKind<Rendered> {
    asked("column_type", vec![tables_of(&[table]), text_of("column", column), text_of("type", data_type)])
}

#[tokio::test]
async fn tables_and_columns() {
    assert_outcomes(vec![
        (
            exists(&["public.organizations"], &["id", "slug"]),
            CheckOutcome::Pass,
            "public.organizations exists with all of the columns",
        ),
        (exists(&["profiles", "public.audit_*"], &[]), CheckOutcome::Pass, "public.profiles exists; and 2 more"),
        (exists(&[r#""Odd Name""#], &[r#""A b""#]), CheckOutcome::Pass, "public.Odd Name exists with all of the columns"),
        (
            exists(&["public.organisations"], &[]),
            CheckOutcome::Fail,
            "table public.organisations does not exist; did you mean public.organizations?",
        ),
        (exists(&["nowhere_*"], &[]), CheckOutcome::Fail, "no table matches nowhere_*"),
        (exists(&["profiles"], &["orgid"]), CheckOutcome::Fail, "public.profiles has no column orgid; did you mean org_id?"),
        (exists(&["a;b"], &[]), CheckOutcome::Error, "`a;b` holds ';' outside double quotes"),
        (column_type("organizations", "id", "text"), CheckOutcome::Pass, "public.organizations.id is text"),
        (
            column_type("organizations", "slug", "varchar(50)"),
            CheckOutcome::Pass,
            "public.organizations.slug is character varying(50)",
        ),
        (column_type("organizations", "code", "char"), CheckOutcome::Pass, "public.organizations.code is character(1)"),
        (column_type("profiles", "address", "email"), CheckOutcome::Pass, "public.profiles.address is email"),
        (column_type("audit_*", "at", "timestamptz"), CheckOutcome::Pass, "public.audit_a.at is timestamp with time zone"),
        (
            column_type("organizations", "slug", "varchar"),
            CheckOutcome::Fail,
            "public.organizations.slug is character varying(50), not character varying",
        ),
        (column_type("organizations", "id", "uuid"), CheckOutcome::Fail, "public.organizations.id is text, not uuid"),
        (column_type("organizations", "nix", "uuid"), CheckOutcome::Error, "public.organizations has no column nix"),
        (column_type("organizations", "id", "uid"), CheckOutcome::Error, "type uid does not exist"),
        (column_type("missing", "id", "uuid"), CheckOutcome::Error, "table missing does not exist"),
    ])
    .await;
}

#[tokio::test]
async fn rows() {
    let count = count_of;
    let not_null = |columns: &[&str]| asked("not_null", vec![tables_of(&["profiles"]), columns_of(columns)]);
    let unique = |columns: &[&str]| asked("unique", vec![tables_of(&["profiles"]), columns_of(columns)]);
    let matches = |column: &str, pattern| {
        let pattern = ("pattern", FieldValue::Pattern(pattern));
        asked("matches", vec![tables_of(&["organizations"]), text_of("column", column), pattern])
    };
    let references = |other: &str, to_columns: &[&str]| {
        let to_columns = ("to_columns", FieldValue::Texts(texts(to_columns)));
        asked("references", vec![tables_of(&["profiles"]), columns_of(&["org_id"]), to(other), to_columns])
    };
    assert_outcomes(vec![
        (count("profiles", Some(20), Some(20)), CheckOutcome::Pass, "public.profiles has 20 rows"),
        (count("profiles", Some(21), None), CheckOutcome::Fail, "public.profiles has 20 rows, not at least 21"),
        (count("missing", None, None), CheckOutcome::Error, "table missing does not exist"),
        (not_null(&["id", "nick"]), CheckOutcome::Pass, "public.profiles has no row with NULL in id or nick"),
        (not_null(&["org_id"]), CheckOutcome::Fail, "public.profiles has 2 rows with NULL in org_id"),
        (not_null(&["nix"]), CheckOutcome::Error, "public.profiles has no column nix"),
        (not_null(&[]), CheckOutcome::Error, "it names no column"),
        (unique(&["id", "nick"]), CheckOutcome::Pass, "id, nick is unique in public.profiles"),
        (unique(&["nock"]), CheckOutcome::Pass, "nock is unique in public.profiles"),
        (unique(&["nick"]), CheckOutcome::Fail, "20 rows of public.profiles share their nick with others"),
        (matches("slug", Pattern::Regex(text("a|b"))), CheckOutcome::Pass, "every slug of public.organizations matches a|b"),
        (
            matches("slug", Pattern::Regex(text("(?i)A|B"))),
            CheckOutcome::Pass,
            "every slug of public.organizations matches (?i)A|B",
        ),
        (
            matches("mail", Pattern::Regex(text("a@b"))),
            CheckOutcome::Fail,
            "2 rows of public.organizations whose mail does not match a@b",
        ),
        (matches("id", Pattern::Uuid), CheckOutcome::Fail, "1 row of public.organizations whose id does not match uuid"),
        (
            matches("mail", Pattern::Email),
            CheckOutcome::Fail,
            "1 row of public.organizations whose mail does not match e-mail",
        ),
        (
            matches("slug", Pattern::Regex(text("("))),
            CheckOutcome::Error,
            "invalid regular expression: parentheses () not balanced (SQLSTATE 2201B)",
        ),
        (
            references("organizations", &["id"]),
            CheckOutcome::Fail,
            "12 rows of public.profiles whose org_id has no row in public.organizations",
        ),
        (
            references("organizations", &[]),
            CheckOutcome::Fail,
            "12 rows of public.profiles whose org_id has no row in public.organizations",
        ),
        (
            references("audit_b", &[]),
            CheckOutcome::Error,
            "1 columns can't reference 0 of public.audit_b: it has no primary key",
        ),
        (references("audit_b", &["id"]), CheckOutcome::Error, "operator does not exist: integer = text (SQLSTATE 42883)"),
        (references("audit_*", &["id"]), CheckOutcome::Error, "`audit_*` means more than one table"),
    ])
    .await;
}

#[tokio::test]
async fn what_the_uuid_pattern_takes_is_what_the_server_takes() {
    let database = Database::fresh().await;
    let client = database.client().await;
    client
        .batch_execute(
            "CREATE TABLE t (v text);
             INSERT INTO t VALUES ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'), ('A0EEBC999C0B4EF8BB6D6BB9BD380A11'),
                 ('{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}'), ('a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11'),
                 ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1'), ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a111'),
                 ('{a0eebc999c0b4ef8bb6d6bb9bd380a11'), ('a0eebc999c0b4ef8bb6d6bb9bd380a11}'), (''), ('-'),
                 ('a0eebc99--9c0b4ef8bb6d6bb9bd380a11'), (E'a0eebc999c0b4ef8bb6d6bb9bd380a11\\n'),
                 ('a0e-ebc999c0b4ef8bb6d6bb9bd380a11'), ('g0eebc999c0b4ef8bb6d6bb9bd380a11'),
                 ('a0eebc999c0b4ef8bb6d6bb9bd380a11-'), (repeat('-', 36)), ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1-'),
                 ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g'), ('A0eebc99-9C0b-4ef8-bb6d-6bb9bd380A1F'),
                 ('a0eebc9-99c0b-4ef8-bb6d-6bb9bd380a11'), ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1é');
             CREATE FUNCTION takes(text) RETURNS boolean LANGUAGE plpgsql AS
                 'BEGIN PERFORM $1::uuid; RETURN true; EXCEPTION WHEN OTHERS THEN RETURN false; END'",
        )
        .await
        .unwrap();
    let pattern = ("pattern", FieldValue::Pattern(Pattern::Uuid));
    let kind = asked("matches", vec![tables_of(&["t"]), text_of("column", "v"), pattern]);
    let result = results(&client, vec![kind], CheckPhase::Before).await.remove(0);
    let refused: i64 =
        client.query_one("SELECT count(*) FROM public.t WHERE NOT public.takes(v)", &[]).await.unwrap().get(0);
    assert_eq!((result.count, refused), (Some(16), 16));
}

#[tokio::test]
async fn constraints_and_indexes() {
    let foreign_key = |table: &str, column: &str, other: &str| {
        asked("foreign_key", vec![tables_of(&[table]), columns_of(&[column]), to(other)])
    };
    let constraint = |name: Option<&str>, kind: Option<&'static str>, columns: &[&str]| {
        let kind = ("kind", kind.map_or(FieldValue::Absent, FieldValue::Word));
        asked("constraint", vec![tables_of(&["profiles"]), maybe("name", name), kind, columns_of(columns)])
    };
    let index = |columns: &[&str], name: Option<&str>, unique| {
        asked("index", vec![tables_of(&["profiles"]), columns_of(columns), maybe("name", name), flag("unique", unique)])
    };
    assert_outcomes(vec![
        (
            foreign_key("audit_a", "id", "profiles"),
            CheckOutcome::Pass,
            "foreign key from public.audit_a (id) to public.profiles exists: to_profile",
        ),
        (
            foreign_key("profiles", "org_id", "organizations"),
            CheckOutcome::Fail,
            "foreign key from public.profiles (org_id) to public.organizations exists but is not validated: org_fk",
        ),
        (
            foreign_key("audit_a", "id", "organizations"),
            CheckOutcome::Fail,
            "there is no foreign key from public.audit_a (id) to public.organizations",
        ),
        (foreign_key("audit_a", "id", "missing"), CheckOutcome::Error, "table missing does not exist"),
        (
            constraint(None, Some("primary_key"), &["id"]),
            CheckOutcome::Pass,
            "primary key of public.profiles over (id) exists: profiles_pkey",
        ),
        (
            constraint(Some("nock_positive"), None, &[]),
            CheckOutcome::Fail,
            "constraint nock_positive of public.profiles exists but is not validated: nock_positive",
        ),
        (
            constraint(None, Some("unique"), &["nick"]),
            CheckOutcome::Fail,
            "there is no unique constraint of public.profiles over (nick)",
        ),
        (constraint(None, None, &[]), CheckOutcome::Error, "it names no constraint"),
        (index(&["org_id"], None, None), CheckOutcome::Pass, "profiles_org serves as index of public.profiles on (org_id)"),
        (
            index(&[], Some("profiles_partial"), None),
            CheckOutcome::Pass,
            "profiles_partial serves as index profiles_partial of public.profiles",
        ),
        (index(&["nick"], None, None), CheckOutcome::Fail, "profiles_partial holds only some of the rows"),
        (index(&["org_id"], None, Some(true)), CheckOutcome::Fail, "profiles_org is not unique"),
        (index(&["nock"], None, None), CheckOutcome::Fail, "there is no index of public.profiles on (nock)"),
        (index(&["nix"], None, None), CheckOutcome::Error, "public.profiles has no column nix"),
    ])
    .await;
}

#[tokio::test]
async fn an_invalid_index_does_not_serve() {
    let database = Database::with("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1)").await;
    let client = database.client().await;
    client.batch_execute("CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (a)").await.unwrap_err();
    let kind = asked("index", vec![tables_of(&["t"]), columns_of(&["a"])]);
    let result = results(&client, vec![kind], CheckPhase::After).await.remove(0);
    assert_eq!(
        (result.outcome, result.message.as_str()),
        (CheckOutcome::Fail, "t_a exists but is invalid: it was not built to its end")
    );
}

#[tokio::test]
async fn security_functions_and_extensions() {
    let row_security = |table: &str, enabled, forced| {
        asked("row_security", vec![tables_of(&[table]), flag("enabled", Some(enabled)), flag("forced", forced)])
    };
    let policy = |table: &str, name: Option<&str>, at_least| {
        asked("policy", vec![tables_of(&[table]), maybe("name", name), ("at_least", FieldValue::Count(at_least))])
    };
    let privilege = |role: &str, privileges: &[&str], granted| {
        let privileges = ("privileges", FieldValue::Texts(texts(privileges)));
        let fields = vec![tables_of(&["organizations"]), text_of("role", role), privileges, flag("granted", Some(granted))];
        asked("privilege", fields)
    };
    let function = |name: &str, returns: Option<&str>| {
        asked("function", vec![("names", FieldValue::Objects(texts(&[name]))), maybe("returns", returns)])
    };
    let extension =
        |name: &str, at_least: Option<&str>| asked("extension", vec![text_of("name", name), maybe("at_least", at_least)]);
    assert_outcomes(vec![
        (
            row_security("organizations", true, Some(false)),
            CheckOutcome::Pass,
            "row-level security of public.organizations is enabled, not forced",
        ),
        (
            row_security("organizations", true, Some(true)),
            CheckOutcome::Fail,
            "row-level security of public.organizations is enabled, not forced",
        ),
        (row_security("missing", true, None), CheckOutcome::Error, "table missing does not exist"),
        (policy("organizations", Some("see all"), 1), CheckOutcome::Pass, "public.organizations has policy see all"),
        (
            policy("organizations", None, 2),
            CheckOutcome::Fail,
            "public.organizations has 1 policies (see all), at least 2 asked for",
        ),
        (policy("profiles", Some("x"), 1), CheckOutcome::Fail, "public.profiles has no policy x, nor any other"),
        (policy("missing", None, 1), CheckOutcome::Error, "table missing does not exist"),
        (privilege("public", &["select"], true), CheckOutcome::Pass, "public has SELECT on public.organizations"),
        (privilege("public", &["ALL"], false), CheckOutcome::Fail, "public has SELECT on public.organizations"),
        (privilege("public", &["DELETE"], true), CheckOutcome::Fail, "public does not have DELETE on public.organizations"),
        (
            privilege("nobody-here", &["SELECT"], true),
            CheckOutcome::Error,
            "role \"nobody-here\" does not exist (SQLSTATE 42704)",
        ),
        (function("is_member_of", Some("bool")), CheckOutcome::Pass, "function is_member_of returns boolean"),
        (function("public.is_member_of(uuid)", None), CheckOutcome::Pass, "function public.is_member_of(uuid) exists"),
        (function("many", Some("setof uuid")), CheckOutcome::Pass, "function many returns SETOF uuid"),
        (function("many", Some("uuid")), CheckOutcome::Fail, "function many returns SETOF uuid, not uuid"),
        (function("is_member_of(text)", None), CheckOutcome::Fail, "function is_member_of(text) does not exist"),
        (function("a b", None), CheckOutcome::Error, "`a b` holds 'b' outside double quotes"),
        (extension("plpgsql", Some("1.0")), CheckOutcome::Pass, "extension plpgsql has version 1.0"),
        (extension("plpgsql", Some("1.0.1")), CheckOutcome::Fail, "extension plpgsql has version 1.0, not at least 1.0.1"),
        (extension("nix", None), CheckOutcome::Fail, "extension nix is not installed"),
    ])
    .await;
}

#[tokio::test]
async fn questions_of_the_plan() {
    let sql = sql_of;
    let rows = |n| Some(Expect::Rows(CountBounds::exactly(n)));
    let value = |v: &str| Some(Expect::Value(text(v)));
    let number = |at_least, at_most| Some(Expect::Number(CountBounds { at_least, at_most }));
    assert_outcomes(vec![
        (sql("SELECT 1 WHERE false;", rows(0)), CheckOutcome::Pass, "0 rows"),
        (sql("SELECT id FROM profiles", rows(0)), CheckOutcome::Fail, "20 rows, not exactly 0"),
        (sql("SELECT true", value("true")), CheckOutcome::Pass, "the answer is true"),
        (
            sql("SELECT repeat('x', 100) = repeat('x', 100), 1", value("true")),
            CheckOutcome::Error,
            "one row with one column is expected, it answers 1 rows of 2",
        ),
        (sql("SELECT NULL", value("")), CheckOutcome::Fail, "the answer is NULL, not "),
        (sql("SELECT -1", number(None, Some(3))), CheckOutcome::Pass, "the answer is -1"),
        (sql("SELECT 12", number(Some(13), None)), CheckOutcome::Fail, "the answer is 12, not at least 13"),
        (sql("SELECT 'a'", number(Some(13), None)), CheckOutcome::Error, "the answer is no whole number: a"),
        (sql("SELECT 2.5", number(Some(1), None)), CheckOutcome::Error, "the answer is no whole number: 2.5"),
        (sql("SELECT NULL::int", number(None, None)), CheckOutcome::Fail, "the answer is NULL, not any number"),
        (sql("SELECT '+7'", number(Some(7), Some(7))), CheckOutcome::Pass, "the answer is 7"),
        (
            sql("SELECT 99999999999999999999999999999999999999999999", number(None, Some(3))),
            CheckOutcome::Fail,
            "the answer is 99999999999999999999999999999999999999999999, not at most 3",
        ),
        (
            sql("SELECT 1 WHERE false", number(None, Some(3))),
            CheckOutcome::Error,
            "one row with one column is expected, it answers no row",
        ),
        (
            sql("SELECT id, id FROM profiles", value("1")),
            CheckOutcome::Error,
            "one row with one column is expected, it answers 20 rows of 2",
        ),
        (
            sql("SELECT 'a \"b\" (c,d) \\ '", value("a \"b\" (c,d) \\ ")),
            CheckOutcome::Pass,
            "the answer is a \"b\" (c,d) \\ ",
        ),
        (sql("SELECT ''", value("")), CheckOutcome::Pass, "the answer is "),
        (sql("SELECT 't'::text", value("true")), CheckOutcome::Fail, "the answer is t, not true"),
        (sql("SELECT 'a'::char(3)", value("a  ")), CheckOutcome::Pass, "the answer is a  "),
        (sql("SELECT '10.0.0.1'::inet", value("10.0.0.1")), CheckOutcome::Pass, "the answer is 10.0.0.1"),
        (sql("SHOW server_encoding", value("UTF8")), CheckOutcome::Pass, "the answer is UTF8"),
        (sql("TABLE audit_b", rows(0)), CheckOutcome::Pass, "0 rows"),
        (sql("SELECT 1 AS a, 2 AS b, 3 AS a -- so", rows(1)), CheckOutcome::Pass, "1 row"),
        (
            sql("SELECT 1; SELECT 2", rows(1)),
            CheckOutcome::Error,
            "cannot insert multiple commands into a prepared statement (SQLSTATE 42601)",
        ),
        (sql("", rows(0)), CheckOutcome::Error, "it is no query: it answers no columns"),
        (sql("SELECT $1::int", rows(0)), CheckOutcome::Error, "it has parameters ($1, ...), which nobody fills"),
        (sql("DELETE FROM audit_b", rows(0)), CheckOutcome::Error, "it is no query: it answers no columns"),
        (
            sql("DELETE FROM profiles RETURNING id", rows(0)),
            CheckOutcome::Error,
            "cannot execute DELETE in a read-only transaction (SQLSTATE 25006)",
        ),
        (sql("SELECT 1/0", rows(0)), CheckOutcome::Error, "division by zero (SQLSTATE 22012)"),
        (sql("SELECT 1", None), CheckOutcome::Error, "it says nothing of what to expect"),
    ])
    .await;
}

#[tokio::test]
async fn types_with_modifiers() {
    let types = [
        ("varchar(50)", "character varying(50)"),
        ("varchar", "character varying"),
        ("char(3)", "character(3)"),
        ("character", "character(1)"),
        ("bpchar", "bpchar"),
        ("numeric(10)", "numeric(10,0)"),
        ("numeric(10, 2)", "numeric(10,2)"),
        ("decimal", "numeric"),
        ("bit(3)", "bit(3)"),
        ("bit", "bit(1)"),
        ("bit varying(4)", "bit varying(4)"),
        ("timestamp(3)", "timestamp(3) without time zone"),
        ("timestamptz (3)", "timestamp(3) with time zone"),
        ("time(2) with time zone", "time(2) with time zone"),
        ("interval", "interval"),
        ("interval(3)", "interval(3)"),
        ("interval year  to month", "interval year to month"),
        ("interval day to second (2)", "interval day to second(2)"),
        ("float(24)", "real"),
        ("varchar(5)[]", "character varying(5)[]"),
        ("timestamp(1)[]", "timestamp(1) without time zone[]"),
        ("int8", "bigint"),
        ("\"char\"", "\"char\""),
    ];
    let columns: Vec<String> = types.iter().enumerate().map(|(nth, (is, _))| format!("c{nth} {is}")).collect();
    let database = Database::with(&format!("CREATE TABLE t ({})", columns.join(", "))).await;
    let mut expected = Vec::new();
    let messages: Vec<String> = types.iter().enumerate().map(|(nth, (_, is))| format!("public.t.c{nth} is {is}")).collect();
    for (nth, (written, _)) in types.iter().enumerate() {
        expected.push((column_type("t", &format!("c{nth}"), written), CheckOutcome::Pass, messages[nth].as_str()));
    }
    expected.extend([
        (
            column_type("t", "c0", "varchar(51)"),
            CheckOutcome::Fail,
            "public.t.c0 is character varying(50), not character varying(51)",
        ),
        (
            column_type("t", "c11", "timestamp(2)"),
            CheckOutcome::Fail,
            "public.t.c11 is timestamp(3) without time zone, not timestamp(2) without time zone",
        ),
        (
            column_type("t", "c16", "interval year"),
            CheckOutcome::Fail,
            "public.t.c16 is interval year to month, not interval year",
        ),
        (column_type("t", "c4", "char"), CheckOutcome::Fail, "public.t.c4 is bpchar, not character(1)"),
    ]);
    assert_outcomes_in(&database, expected).await;
}

#[tokio::test]
async fn sequences_that_are_behind() {
    let database = Database::with(
        "CREATE TABLE fresh (id int GENERATED ALWAYS AS IDENTITY, note text);
         CREATE TABLE used (id bigserial, note text); INSERT INTO used (note) VALUES ('a'), ('b');
         CREATE TABLE behind (id serial, note text); INSERT INTO behind VALUES (1), (7);
         CREATE SEQUENCE \"Down Seq\" INCREMENT -5 MAXVALUE 100 START 100;
         CREATE TABLE \"Odd Name\" (\"A b\" numeric DEFAULT nextval('\"Down Seq\"'), other smallserial);
         INSERT INTO \"Odd Name\" VALUES (99, 0);
         CREATE TABLE plain (id int);",
    )
    .await;
    let ahead =
        |table: &str, columns: &[&str]| asked("sequence_ahead_of_max", vec![tables_of(&[table]), columns_of(columns)]);
    assert_outcomes_in(
        &database,
        vec![
            (ahead("fresh", &[]), CheckOutcome::Pass, "public.fresh_id_seq goes on with 1, and public.fresh has no id"),
            (
                ahead("used", &["id"]),
                CheckOutcome::Pass,
                "public.used_id_seq goes on with 3, and the greatest id of public.used is 2",
            ),
            (
                ahead("behind", &[]),
                CheckOutcome::Fail,
                "public.behind_id_seq goes on with 1, and the greatest id of public.behind is 7",
            ),
            (
                ahead("\"Odd Name\"", &["\"A b\""]),
                CheckOutcome::Fail,
                "public.Down Seq goes on with 100, and the least A b of public.Odd Name is 99",
            ),
            (
                ahead("\"Odd Name\"", &["other"]),
                CheckOutcome::Pass,
                "public.Odd Name_other_seq goes on with 1, and the greatest other of public.Odd Name is 0",
            ),
            (ahead("plain", &[]), CheckOutcome::Error, "no sequence feeds a column of public.plain"),
            (ahead("plain", &["id"]), CheckOutcome::Error, "no sequence feeds id of public.plain"),
            (ahead("used", &["idd"]), CheckOutcome::Error, "public.used has no column idd; did you mean id?"),
            (ahead("missing", &[]), CheckOutcome::Error, "table missing does not exist"),
            (
                ahead("public.*", &[]),
                CheckOutcome::Fail,
                "public.Down Seq goes on with 100, and the least A b of public.Odd Name is 99; \
          public.behind_id_seq goes on with 1, and the greatest id of public.behind is 7",
            ),
            (ahead("pl*", &[]), CheckOutcome::Error, "no table that is meant has a column that a sequence feeds"),
        ],
    )
    .await;
    let client = database.client().await;
    client.batch_execute("SELECT setval('behind_id_seq', 7)").await.unwrap();
    let kind = ahead("behind", &[]);
    assert_eq!(results(&client, vec![kind], CheckPhase::After).await[0].outcome, CheckOutcome::Pass, "the next one is 8");
}

#[tokio::test]
async fn indexes_that_were_not_built_to_their_end() {
    let database = Database::with(
        "CREATE TABLE good (a int PRIMARY KEY); CREATE TABLE bare (a int);
         CREATE TABLE bad (a int, b int); INSERT INTO bad VALUES (1, 1), (1, 1)",
    )
    .await;
    let client = database.client().await;
    client.batch_execute("CREATE UNIQUE INDEX CONCURRENTLY bad_a ON bad (a)").await.unwrap_err();
    let valid = |tables: &[&str]| asked("no_invalid_indexes", vec![tables_of(tables)]);
    let one = "1 index of public.bad is not valid: bad_a";
    assert_outcomes_in(
        &database,
        vec![
            (valid(&["good"]), CheckOutcome::Pass, "no index of public.good is invalid"),
            (valid(&["bare"]), CheckOutcome::Pass, "no index of public.bare is invalid"),
            (valid(&["bad"]), CheckOutcome::Fail, one),
            (valid(&["public.*"]), CheckOutcome::Fail, one),
            (valid(&["missing"]), CheckOutcome::Error, "table missing does not exist"),
        ],
    )
    .await;
    client.batch_execute("CREATE UNIQUE INDEX CONCURRENTLY \"Bad B\" ON bad (b)").await.unwrap_err();
    let two = "2 indexes of public.bad are not valid: Bad B, bad_a";
    assert_outcomes_in(&database, vec![(valid(&["bad"]), CheckOutcome::Fail, two)]).await;
    client.batch_execute("DROP INDEX bad_a, \"Bad B\"").await.unwrap();
    assert_outcomes_in(&database, vec![(valid(&["bad"]), CheckOutcome::Pass, "no index of public.bad is invalid")]).await;
}

/// Empty tables, quoted names, many broken ones: what each kind says of them is the same in the program and in psql.
#[tokio::test]
async fn every_kind_says_the_same_in_psql() {
    let database = Database::with(
        "CREATE TABLE \"O'dd % \"\"Name\"\" \\\" (\"A 'b' %s\" int PRIMARY KEY DEFAULT 1, n text, s serial);
         CREATE TABLE empty_1 (a int); CREATE TABLE empty_2 (a int); CREATE TABLE empty_3 (a int); CREATE TABLE empty_4 (a int);
         CREATE TABLE empty_5 (a int); CREATE TABLE empty_6 (a int); CREATE TABLE empty_7 (a int);",
    )
    .await;
    let client = database.client().await;
    let psql = database.psql().await;
    let odd = r#""O'dd % ""Name"" ""#;
    let column = r#""A 'b' %s""#;
    for filled in [false, true] {
        if filled {
            let rows = "INSERT INTO public.\"O'dd % \"\"Name\"\" \\\" VALUES (1, 'x', 5), (2, NULL, 5), (3, 'x', 5)";
            client.batch_execute(rows).await.unwrap();
        }
        for kind in KINDS {
            let bounds = |at_least| ("bounds", FieldValue::Bounds(CountBounds { at_least: Some(at_least), at_most: None }));
            let fields = |tables: &[&str], column: &str, n: u64| {
                let expect = Expect::Number(CountBounds { at_least: Some(n), at_most: None });
                vec![
                    tables_of(tables),
                    columns_of(&[column]),
                    text_of("column", column),
                    to(odd),
                    bounds(n),
                    ("pattern", FieldValue::Pattern(Pattern::Regex(text("(?i)[X'\\\\%]+")))),
                    text_of("type", "int"),
                    text_of("role", "public"),
                    ("at_least", FieldValue::Count(n)),
                    ("privileges", FieldValue::Texts(texts(&["select", "ALL"]))),
                    ("names", FieldValue::Objects(texts(&["no_such", "pg_catalog.now", "lower(text)"]))),
                    ("sql", FieldValue::Query(text("SELECT 2.5 -- so"))),
                    ("expect", FieldValue::Expect(expect)),
                    ("to_columns", FieldValue::Texts(texts(&[r#""A 'b' %s""#]))),
                ]
            };
            for (tables, column, n) in [
                (&[odd][..], column, 0),
                (&[odd], "n", 1),
                (&[odd], "s", 4),
                (&["public.empty_*"], "a", 1),
                (&[odd, "nix"], "n", 1),
            ] {
                let mut given = fields(tables, column, n);
                if kind.name == "extension" {
                    given.retain(|(name, _)| *name != "at_least");
                    given.extend([text_of("name", "plpgsql"), text_of("at_least", if n == 0 { "0.9" } else { "1.10" })]);
                }
                let asked = asked(kind.name, given);
                let result = results(&client, vec![asked.clone()], CheckPhase::After).await.remove(0);
                same_in_psql(&psql, asked, &result).await;
            }
        }
    }
}

#[tokio::test]
async fn offending_rows_are_shown_within_bounds() {
    let database = Database::with(SCHEMA).await;
    let client = database.client().await;
    client.batch_execute("UPDATE profiles SET nick = repeat('ü', 500)").await.unwrap();
    let kind = asked("unique", vec![tables_of(&["profiles"]), columns_of(&["nick"])]);
    let fields = vec![tables_of(&["profiles"]), columns_of(&["org_id"]), to("organizations")];
    let not_referenced = asked("references", fields);
    let results = results(&client, vec![kind, not_referenced], CheckPhase::After).await;
    let duplicates = results[0].sample.as_ref().unwrap();
    assert_eq!(duplicates.columns, ["nick", "rows"]);
    assert_eq!(duplicates.rows[0][0].as_ref().unwrap().chars().count(), 80);
    assert_eq!(duplicates.rows[0][1].as_deref(), Some("20"));
    let orphans = results[1].sample.as_ref().unwrap();
    assert_eq!(orphans.columns, ["id", "org_id"]);
    assert_eq!((orphans.rows.len(), orphans.more, results[1].count), (10, true, Some(12)));
}

#[tokio::test]
async fn unchanged_answers_and_severities() {
    let database = Database::with(SCHEMA).await;
    let client = database.client().await;
    let sql = |sql: &str| sql_of(sql, None);
    let kinds = || {
        vec![
            sql("SELECT count(*), count(DISTINCT org_id) FROM profiles"),
            sql("SELECT * FROM profiles ORDER BY id"),
            count_of("profiles", None, None),
            sql("SELECT 1/0"),
        ]
    };
    let before = results(&client, kinds(), CheckPhase::Unchanged).await;
    assert_eq!(before[0].answer.as_deref(), Some(r#"["20","2"]"#));
    assert!(before[1].answer.as_ref().unwrap().starts_with("20 rows with digest sha256:"));
    let same = compare_unchanged(&before, results(&client, kinds(), CheckPhase::Unchanged).await);
    let outcomes = |results: &[CheckResult]| results.iter().map(|r| r.outcome).collect::<Vec<_>>();
    assert_eq!(outcomes(&same), [CheckOutcome::Pass, CheckOutcome::Pass, CheckOutcome::Pass, CheckOutcome::Error]);
    client.batch_execute("DELETE FROM public.profiles WHERE id = 20").await.unwrap();
    let other = compare_unchanged(&before, results(&client, kinds(), CheckPhase::Unchanged).await);
    assert_eq!(outcomes(&other), [CheckOutcome::Fail, CheckOutcome::Fail, CheckOutcome::Fail, CheckOutcome::Error]);
    assert_eq!(other[0].message, r#"was ["20","2"], is ["19","2"]"#);

    let severities = [Severity::Fail, Severity::Warn, Severity::Info];
    let failing = severities.map(|severity| {
        let kind = count_of("profiles", Some(0), Some(0));
        backstop::plan::Check { severity, ..check("x", kind) }
    });
    client.batch_execute("BEGIN").await.unwrap();
    let found = evaluate(&client, &public(), &failing.iter().collect::<Vec<_>>(), CheckPhase::After).await.unwrap();
    assert_eq!(outcomes(&found), [CheckOutcome::Fail, CheckOutcome::Warn, CheckOutcome::Pass]);
    client.batch_execute("INSERT INTO public.audit_b VALUES (1); COMMIT").await.expect("the transaction can still write");
}

#[tokio::test]
async fn rows_that_policies_hide_are_an_error_and_not_fewer() {
    let database = Database::with(SCHEMA).await;
    let role = database.role("app");
    let admin = database.client().await;
    admin.batch_execute(&format!("CREATE ROLE {role} LOGIN; GRANT SELECT ON organizations TO {role}")).await.unwrap();
    let app = database.client_of("app").await;
    let kind = count_of("organizations", Some(0), Some(0));
    let result = results(&app, vec![kind], CheckPhase::Before).await.remove(0);
    assert_eq!(result.outcome, CheckOutcome::Error);
    assert!(result.message.contains("row-level security"), "{}", result.message);
    assert!(result.hint.unwrap().contains("BYPASSRLS"));
}
