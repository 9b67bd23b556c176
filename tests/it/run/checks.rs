//! Every kind of check: passing, failing, erring.

use backstop::{
    machine::{CheckPhase, CheckResult, Outcome},
    plan::{CheckKind, ConstraintKind, CountBounds, Expect, Pattern, Rendered, Severity},
    postgres::{
        check::{compare_unchanged, evaluate},
        search_path::PlanPath,
    },
};
use tokio_postgres::Client;

use super::{
    database::Database,
    plans::{check, text, texts},
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

/// Asks the checks all at once and compares outcome and message.
async fn assert_outcomes(expected: Vec<(CheckKind<Rendered>, Outcome, &str)>) {
    let database = Database::with(SCHEMA).await;
    let client = database.client().await;
    let (kinds, expected): (Vec<_>, Vec<_>) = expected.into_iter().map(|(k, o, m)| (k, (o, m))).unzip();
    let results = results(&client, kinds, CheckPhase::After).await;
    let found: Vec<_> = results.iter().map(|r| (r.outcome, r.message.as_str())).collect();
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected);
    }
}

fn exists(tables: &[&str], columns: &[&str]) -> CheckKind<Rendered> {
    CheckKind::TableExists { tables: texts(tables), columns: texts(columns) }
}

fn column_type(table: &str, column: &str, data_type: &str) -> CheckKind<Rendered> {
    CheckKind::ColumnType { tables: texts(&[table]), column: text(column), data_type: text(data_type) }
}

#[tokio::test]
async fn tables_and_columns() {
    assert_outcomes(vec![
        (
            exists(&["public.organizations"], &["id", "slug"]),
            Outcome::Pass,
            "public.organizations exists with all of the columns",
        ),
        (exists(&["profiles", "public.audit_*"], &[]), Outcome::Pass, "public.profiles exists; and 2 more"),
        (exists(&[r#""Odd Name""#], &[r#""A b""#]), Outcome::Pass, "public.Odd Name exists with all of the columns"),
        (
            exists(&["public.organisations"], &[]),
            Outcome::Fail,
            "table public.organisations does not exist; did you mean public.organizations?",
        ),
        (exists(&["nowhere_*"], &[]), Outcome::Fail, "no table matches nowhere_*"),
        (exists(&["profiles"], &["orgid"]), Outcome::Fail, "public.profiles has no column orgid; did you mean org_id?"),
        (exists(&["a;b"], &[]), Outcome::Error, "`a;b` holds ';' outside double quotes"),
        (column_type("organizations", "id", "text"), Outcome::Pass, "public.organizations.id is text"),
        (
            column_type("organizations", "slug", "varchar(50)"),
            Outcome::Pass,
            "public.organizations.slug is character varying(50)",
        ),
        (column_type("organizations", "code", "char"), Outcome::Pass, "public.organizations.code is character(1)"),
        (column_type("profiles", "address", "email"), Outcome::Pass, "public.profiles.address is email"),
        (column_type("audit_*", "at", "timestamptz"), Outcome::Pass, "public.audit_a.at is timestamp with time zone"),
        (
            column_type("organizations", "slug", "varchar"),
            Outcome::Fail,
            "public.organizations.slug is character varying(50), not character varying",
        ),
        (column_type("organizations", "id", "uuid"), Outcome::Fail, "public.organizations.id is text, not uuid"),
        (column_type("organizations", "nix", "uuid"), Outcome::Error, "public.organizations has no column nix"),
        (column_type("organizations", "id", "uid"), Outcome::Error, "type uid does not exist"),
        (column_type("missing", "id", "uuid"), Outcome::Error, "table missing does not exist"),
    ])
    .await;
}

#[tokio::test]
async fn rows() {
    let count = |table: &str, at_least, at_most| CheckKind::RowCount {
        tables: texts(&[table]),
        bounds: CountBounds { at_least, at_most },
    };
    let not_null = |columns: &[&str]| CheckKind::NotNull { tables: texts(&["profiles"]), columns: texts(columns) };
    let unique = |columns: &[&str]| CheckKind::Unique { tables: texts(&["profiles"]), columns: texts(columns) };
    let matches =
        |column: &str, pattern| CheckKind::Matches { tables: texts(&["organizations"]), column: text(column), pattern };
    let references = |to: &str, to_columns: &[&str]| CheckKind::References {
        tables: texts(&["profiles"]),
        columns: texts(&["org_id"]),
        to: text(to),
        to_columns: texts(to_columns),
    };
    assert_outcomes(vec![
        (count("profiles", Some(20), Some(20)), Outcome::Pass, "public.profiles has 20 rows"),
        (count("profiles", Some(21), None), Outcome::Fail, "public.profiles has 20 rows, not at least 21"),
        (count("missing", None, None), Outcome::Error, "table missing does not exist"),
        (not_null(&["id", "nick"]), Outcome::Pass, "public.profiles has no row with NULL in id or nick"),
        (not_null(&["org_id"]), Outcome::Fail, "public.profiles has 2 rows with NULL in org_id"),
        (not_null(&["nix"]), Outcome::Error, "public.profiles has no column nix"),
        (not_null(&[]), Outcome::Error, "it names no column"),
        (unique(&["id", "nick"]), Outcome::Pass, "id, nick is unique in public.profiles"),
        (unique(&["nock"]), Outcome::Pass, "nock is unique in public.profiles"),
        (unique(&["nick"]), Outcome::Fail, "20 rows of public.profiles share their nick with others"),
        (matches("slug", Pattern::Regex(text("a|b"))), Outcome::Pass, "every slug of public.organizations matches a|b"),
        (
            matches("slug", Pattern::Regex(text("(?i)A|B"))),
            Outcome::Pass,
            "every slug of public.organizations matches (?i)A|B",
        ),
        (
            matches("mail", Pattern::Regex(text("a@b"))),
            Outcome::Fail,
            "2 rows of public.organizations whose mail does not match a@b",
        ),
        (matches("id", Pattern::Uuid), Outcome::Fail, "1 row of public.organizations whose id does not match uuid"),
        (matches("mail", Pattern::Email), Outcome::Fail, "1 row of public.organizations whose mail does not match e-mail"),
        (
            matches("slug", Pattern::Regex(text("("))),
            Outcome::Error,
            "invalid regular expression: parentheses () not balanced (SQLSTATE 2201B)",
        ),
        (
            references("organizations", &["id"]),
            Outcome::Fail,
            "12 rows of public.profiles whose org_id has no row in public.organizations",
        ),
        (
            references("organizations", &[]),
            Outcome::Fail,
            "12 rows of public.profiles whose org_id has no row in public.organizations",
        ),
        (references("audit_b", &[]), Outcome::Error, "1 columns can't reference 0 of public.audit_b: it has no primary key"),
        (references("audit_b", &["id"]), Outcome::Error, "operator does not exist: integer = text (SQLSTATE 42883)"),
        (references("audit_*", &["id"]), Outcome::Error, "`audit_*` means more than one table"),
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
    let kind = CheckKind::Matches { tables: texts(&["t"]), column: text("v"), pattern: Pattern::Uuid };
    let result = results(&client, vec![kind], CheckPhase::Before).await.remove(0);
    let refused: i64 =
        client.query_one("SELECT count(*) FROM public.t WHERE NOT public.takes(v)", &[]).await.unwrap().get(0);
    assert_eq!((result.count, refused), (Some(16), 16));
}

#[tokio::test]
async fn constraints_and_indexes() {
    let foreign_key = |table: &str, column: &str, to: &str| CheckKind::ForeignKey {
        tables: texts(&[table]),
        columns: texts(&[column]),
        to: text(to),
    };
    let constraint = |name: Option<&str>, kind, columns: &[&str]| CheckKind::Constraint {
        tables: texts(&["profiles"]),
        name: name.map(text),
        kind,
        columns: texts(columns),
    };
    let index = |columns: &[&str], name: Option<&str>, unique| CheckKind::Index {
        tables: texts(&["profiles"]),
        columns: texts(columns),
        name: name.map(text),
        unique,
    };
    assert_outcomes(vec![
        (
            foreign_key("audit_a", "id", "profiles"),
            Outcome::Pass,
            "foreign key from public.audit_a (id) to public.profiles exists: to_profile",
        ),
        (
            foreign_key("profiles", "org_id", "organizations"),
            Outcome::Fail,
            "foreign key from public.profiles (org_id) to public.organizations exists but is not validated: org_fk",
        ),
        (
            foreign_key("audit_a", "id", "organizations"),
            Outcome::Fail,
            "there is no foreign key from public.audit_a (id) to public.organizations",
        ),
        (foreign_key("audit_a", "id", "missing"), Outcome::Error, "table missing does not exist"),
        (
            constraint(None, Some(ConstraintKind::PrimaryKey), &["id"]),
            Outcome::Pass,
            "primary key of public.profiles over (id) exists: profiles_pkey",
        ),
        (
            constraint(Some("nock_positive"), None, &[]),
            Outcome::Fail,
            "constraint nock_positive of public.profiles exists but is not validated: nock_positive",
        ),
        (
            constraint(None, Some(ConstraintKind::Unique), &["nick"]),
            Outcome::Fail,
            "there is no unique constraint of public.profiles over (nick)",
        ),
        (constraint(None, None, &[]), Outcome::Error, "it names no constraint"),
        (index(&["org_id"], None, None), Outcome::Pass, "profiles_org serves as index of public.profiles on (org_id)"),
        (
            index(&[], Some("profiles_partial"), None),
            Outcome::Pass,
            "profiles_partial serves as index profiles_partial of public.profiles",
        ),
        (index(&["nick"], None, None), Outcome::Fail, "profiles_partial holds only some of the rows"),
        (index(&["org_id"], None, Some(true)), Outcome::Fail, "profiles_org is not unique"),
        (index(&["nock"], None, None), Outcome::Fail, "there is no index of public.profiles on (nock)"),
        (index(&["nix"], None, None), Outcome::Error, "public.profiles has no column nix"),
    ])
    .await;
}

#[tokio::test]
async fn an_invalid_index_does_not_serve() {
    let database = Database::with("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1)").await;
    let client = database.client().await;
    client.batch_execute("CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (a)").await.unwrap_err();
    let kind = CheckKind::Index { tables: texts(&["t"]), columns: texts(&["a"]), name: None, unique: None };
    let result = results(&client, vec![kind], CheckPhase::After).await.remove(0);
    assert_eq!(
        (result.outcome, result.message.as_str()),
        (Outcome::Fail, "t_a exists but is invalid: it was not built to its end")
    );
}

#[tokio::test]
async fn security_functions_and_extensions() {
    let row_security = |table: &str, enabled, forced| CheckKind::RowSecurity { tables: texts(&[table]), enabled, forced };
    let policy = |table: &str, name: Option<&str>, at_least| CheckKind::Policy {
        tables: texts(&[table]),
        name: name.map(text),
        at_least,
    };
    let privilege = |role: &str, privileges: &[&str], granted| CheckKind::Privilege {
        tables: texts(&["organizations"]),
        role: text(role),
        privileges: texts(privileges),
        granted,
    };
    let function =
        |name: &str, returns: Option<&str>| CheckKind::Function { names: texts(&[name]), returns: returns.map(text) };
    let extension =
        |name: &str, at_least: Option<&str>| CheckKind::Extension { name: text(name), at_least: at_least.map(text) };
    assert_outcomes(vec![
        (
            row_security("organizations", true, Some(false)),
            Outcome::Pass,
            "row-level security of public.organizations is enabled, not forced",
        ),
        (
            row_security("organizations", true, Some(true)),
            Outcome::Fail,
            "row-level security of public.organizations is enabled, not forced",
        ),
        (row_security("missing", true, None), Outcome::Error, "table missing does not exist"),
        (policy("organizations", Some("see all"), 1), Outcome::Pass, "public.organizations has policy see all"),
        (
            policy("organizations", None, 2),
            Outcome::Fail,
            "public.organizations has 1 policies (see all), at least 2 asked for",
        ),
        (policy("profiles", Some("x"), 1), Outcome::Fail, "public.profiles has no policy x, nor any other"),
        (policy("missing", None, 1), Outcome::Error, "table missing does not exist"),
        (privilege("public", &["select"], true), Outcome::Pass, "public has SELECT on public.organizations"),
        (privilege("public", &["ALL"], false), Outcome::Fail, "public has SELECT on public.organizations"),
        (privilege("public", &["DELETE"], true), Outcome::Fail, "public does not have DELETE on public.organizations"),
        (
            privilege("nobody-here", &["SELECT"], true),
            Outcome::Error,
            "role \"nobody-here\" does not exist (SQLSTATE 42704)",
        ),
        (function("is_member_of", Some("bool")), Outcome::Pass, "function is_member_of returns boolean"),
        (function("public.is_member_of(uuid)", None), Outcome::Pass, "function public.is_member_of(uuid) exists"),
        (function("many", Some("setof uuid")), Outcome::Pass, "function many returns SETOF uuid"),
        (function("many", Some("uuid")), Outcome::Fail, "function many returns SETOF uuid, not uuid"),
        (function("is_member_of(text)", None), Outcome::Fail, "function is_member_of(text) does not exist"),
        (function("a b", None), Outcome::Error, "`a b` holds 'b' outside double quotes"),
        (extension("plpgsql", Some("1.0")), Outcome::Pass, "extension plpgsql has version 1.0"),
        (extension("plpgsql", Some("1.0.1")), Outcome::Fail, "extension plpgsql has version 1.0, not at least 1.0.1"),
        (extension("nix", None), Outcome::Fail, "extension nix is not installed"),
    ])
    .await;
}

#[tokio::test]
async fn questions_of_the_plan() {
    let sql = |sql: &str, expect| CheckKind::Sql { sql: text(sql), expect };
    let rows = |n| Some(Expect::Rows(CountBounds::exactly(n)));
    let value = |v: &str| Some(Expect::Value(text(v)));
    let number = |at_least, at_most| Some(Expect::Number(CountBounds { at_least, at_most }));
    assert_outcomes(vec![
        (sql("SELECT 1 WHERE false;", rows(0)), Outcome::Pass, "0 rows"),
        (sql("SELECT id FROM profiles", rows(0)), Outcome::Fail, "20 rows, not exactly 0"),
        (sql("SELECT true", value("true")), Outcome::Pass, "the answer is true"),
        (
            sql("SELECT repeat('x', 100) = repeat('x', 100), 1", value("true")),
            Outcome::Error,
            "one row with one column is expected, it answers 1 rows of 2",
        ),
        (sql("SELECT NULL", value("")), Outcome::Fail, "the answer is NULL, not "),
        (sql("SELECT -1", number(None, Some(3))), Outcome::Pass, "the answer is -1"),
        (sql("SELECT 12", number(Some(13), None)), Outcome::Fail, "the answer is 12, not at least 13"),
        (sql("SELECT 'a'", number(Some(13), None)), Outcome::Error, "the answer is no whole number: a"),
        (
            sql("SELECT 1; SELECT 2", rows(1)),
            Outcome::Error,
            "cannot insert multiple commands into a prepared statement (SQLSTATE 42601)",
        ),
        (sql("", rows(0)), Outcome::Error, "it is no query: it answers no columns"),
        (sql("SELECT $1::int", rows(0)), Outcome::Error, "it has parameters ($1, ...), which nobody fills"),
        (sql("DELETE FROM audit_b", rows(0)), Outcome::Error, "it is no query: it answers no columns"),
        (
            sql("DELETE FROM profiles RETURNING id", rows(0)),
            Outcome::Error,
            "cannot execute DELETE in a read-only transaction (SQLSTATE 25006)",
        ),
        (sql("SELECT 1/0", rows(0)), Outcome::Error, "division by zero (SQLSTATE 22012)"),
        (sql("SELECT 1", None), Outcome::Error, "it says nothing of what to expect"),
    ])
    .await;
}

#[tokio::test]
async fn offending_rows_are_shown_within_bounds() {
    let database = Database::with(SCHEMA).await;
    let client = database.client().await;
    client.batch_execute("UPDATE profiles SET nick = repeat('ü', 500)").await.unwrap();
    let kind = CheckKind::Unique { tables: texts(&["profiles"]), columns: texts(&["nick"]) };
    let not_referenced = CheckKind::References {
        tables: texts(&["profiles"]),
        columns: texts(&["org_id"]),
        to: text("organizations"),
        to_columns: vec![],
    };
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
    let sql = |sql: &str| CheckKind::Sql { sql: text(sql), expect: None };
    let kinds = || {
        vec![
            sql("SELECT count(*), count(DISTINCT org_id) FROM profiles"),
            sql("SELECT * FROM profiles ORDER BY id"),
            CheckKind::RowCount { tables: texts(&["profiles"]), bounds: CountBounds { at_least: None, at_most: None } },
            sql("SELECT 1/0"),
        ]
    };
    let before = results(&client, kinds(), CheckPhase::Unchanged).await;
    assert_eq!(before[0].answer.as_deref(), Some(r#"["20","2"]"#));
    assert!(before[1].answer.as_ref().unwrap().starts_with("20 rows with digest sha256:"));
    let same = compare_unchanged(&before, results(&client, kinds(), CheckPhase::Unchanged).await);
    let outcomes = |results: &[CheckResult]| results.iter().map(|r| r.outcome).collect::<Vec<_>>();
    assert_eq!(outcomes(&same), [Outcome::Pass, Outcome::Pass, Outcome::Pass, Outcome::Error]);
    client.batch_execute("DELETE FROM public.profiles WHERE id = 20").await.unwrap();
    let other = compare_unchanged(&before, results(&client, kinds(), CheckPhase::Unchanged).await);
    assert_eq!(outcomes(&other), [Outcome::Fail, Outcome::Fail, Outcome::Fail, Outcome::Error]);
    assert_eq!(other[0].message, r#"was ["20","2"], is ["19","2"]"#);

    let severities = [Severity::Fail, Severity::Warn, Severity::Info];
    let failing = severities.map(|severity| {
        let kind = CheckKind::RowCount { tables: texts(&["profiles"]), bounds: CountBounds::exactly(0) };
        backstop::plan::Check { severity, ..check("x", kind) }
    });
    client.batch_execute("BEGIN").await.unwrap();
    let found = evaluate(&client, &public(), &failing.iter().collect::<Vec<_>>(), CheckPhase::After).await.unwrap();
    assert_eq!(outcomes(&found), [Outcome::Fail, Outcome::Warn, Outcome::Pass]);
    client.batch_execute("INSERT INTO public.audit_b VALUES (1); COMMIT").await.expect("the transaction can still write");
}

#[tokio::test]
async fn rows_that_policies_hide_are_an_error_and_not_fewer() {
    let database = Database::with(SCHEMA).await;
    let role = database.role("app");
    let admin = database.client().await;
    admin.batch_execute(&format!("CREATE ROLE {role} LOGIN; GRANT SELECT ON organizations TO {role}")).await.unwrap();
    let app = database.client_as("app").await;
    let kind = CheckKind::RowCount { tables: texts(&["organizations"]), bounds: CountBounds::exactly(0) };
    let result = results(&app, vec![kind], CheckPhase::Before).await.remove(0);
    assert_eq!(result.outcome, Outcome::Error);
    assert!(result.message.contains("row-level security"), "{}", result.message);
    assert!(result.hint.unwrap().contains("BYPASSRLS"));
}
