//! The digest tells apart what is different, and nothing else.

use backstop::{
    drive::manifest::Algorithm,
    postgres::digest::{RowSource, digest},
};
use tokio_postgres::Client;

use super::harness::{Database, algorithms, columns, digest_of, own_algorithm};
use crate::support::Chance;

/// Types, and pairs of values of them that are different to somebody.
const DIFFERENT: &[(&str, &str, &str)] = &[
    ("smallint", "1", "2"),
    ("integer", "0", "NULL"),
    ("bigint", "-1", "4294967295"),
    ("bigint", "1", "4294967296"),
    ("oid", "1", "2"),
    ("boolean", "false", "NULL"),
    ("\"char\"", "'a'", "'b'"),
    ("name", "'a'", "'A'"),
    ("text", "''", "NULL"),
    ("text", "'a'", "'a '"),
    ("text", "'()'", "'(\"\")'"),
    ("varchar(9)", "'a'", "'A'"),
    ("char(5)", "'a'", "'b'"),
    ("bpchar", "'a'", "'a '"),
    ("text COLLATE blind", "'a'", "'A'"),
    ("varchar COLLATE blind", "'a'", "'A'"),
    ("bytea", "'\\x00'", "'\\x0000'"),
    ("uuid", "'00000000-0000-0000-0000-000000000001'", "'00000000-0000-0000-0000-000000000002'"),
    ("date", "'2024-01-02'", "'infinity'"),
    ("time", "'00:00'", "'24:00'"),
    ("timetz", "'12:00+00'", "'13:00+01'"),
    ("timestamp", "'2024-01-02 03:04:05.000001'", "'2024-01-02 03:04:05.000002'"),
    ("timestamptz", "'-infinity'", "'infinity'"),
    ("interval", "'1 mon'", "'30 days'"),
    ("interval", "'1 day'", "'24:00'"),
    ("numeric", "1.0", "1.00"),
    ("numeric", "'NaN'", "0"),
    ("real", "'-0'", "0"),
    ("double precision", "'-0'", "0"),
    ("double precision", "0.1", "0.10000000000000002"),
    ("double precision", "'NaN'", "0"),
    ("json", "'{\"a\":1}'", "'{\"a\": 1}'"),
    ("jsonb", "'{\"a\":1}'", "'{\"a\":1.0}'"),
    ("jsonb", "'null'", "NULL"),
    ("xml", "'<a/>'", "'<a></a>'"),
    ("money", "1", "1.01"),
    ("bit(4)", "'0001'", "'0010'"),
    ("bit varying", "'0'", "'00'"),
    ("inet", "'10.0.0.1'", "'10.0.0.1/24'"),
    ("tsvector", "'a:1'", "'a:2'"),
    ("point", "'(0,0)'", "'(-0,0)'"),
    ("int4range", "'[1,3)'", "'[1,4)'"),
    ("integer[]", "'{1,2}'", "'[0:1]={1,2}'"),
    ("text[]", "'{NULL}'", "'{\"NULL\"}'"),
    ("char(3)[]", "'{a}'", "'{b}'"),
    ("double precision[]", "'{0}'", "'{-0}'"),
    ("mood", "'happy'", "'sad'"),
    ("mood[]", "'{happy}'", "'{sad}'"),
    ("pair", "'(1,)'", "'(1,\"\")'"),
    ("pair", "'(,)'", "NULL"),
    ("short", "'a'", "'A'"),
    ("loose", "'a'", "'a '"),
    ("regclass", "'pg_class'", "'pg_type'"),
];

const TYPES: &str = "CREATE TYPE mood AS ENUM ('happy', 'sad'); CREATE TYPE pair AS (a int, b text); \
                     CREATE DOMAIN short AS varchar(9); CREATE DOMAIN loose AS bpchar; \
                     CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level1', deterministic = false)";

async fn digest_rows(client: &Client, algorithm: Algorithm, column_type: &str, rows: &[&str]) -> String {
    let rows: Vec<String> = rows.iter().map(|value| format!("(DEFAULT, {value})")).collect();
    let sql = format!(
        "DROP TABLE IF EXISTS t; CREATE TABLE t (fixed int DEFAULT 7, v {column_type}); INSERT INTO t VALUES {}",
        rows.join(", ")
    );
    client.batch_execute(&sql).await.unwrap_or_else(|error| panic!("{error:?} in {sql}"));
    digest_of(client, algorithm, "t").await.digest
}

#[tokio::test]
async fn different_values_have_different_digests_and_equal_ones_equal() {
    let database = Database::new().await;
    let client = database.session().await;
    client.batch_execute(TYPES).await.unwrap();
    for algorithm in algorithms(&client).await {
        for (column_type, one, other) in DIFFERENT {
            let digest = digest_rows(&client, algorithm, column_type, &[one]).await;
            let again = digest_rows(&client, algorithm, column_type, &[one]).await;
            let different = digest_rows(&client, algorithm, column_type, &[other]).await;
            assert_eq!(digest, again, "{column_type} {one} under {}", algorithm.name());
            assert_ne!(digest, different, "{column_type} {one} and {other} under {}", algorithm.name());
        }
    }
}

#[tokio::test]
async fn settings_of_the_session_do_not_matter() {
    let database = Database::new().await;
    let client = database.session().await;
    client.batch_execute(TYPES).await.unwrap();
    let values =
        "CREATE TABLE s (a timestamptz, b interval, c float8[], d bytea, e money, f date[], g regclass, h daterange);
                  INSERT INTO s VALUES ('2024-01-02 03:04:05+01', '1 mon 2 days', '{0.1}', 'x', 12.5, '{2024-01-02}', 's',
                                        '[2024-01-02,2024-02-03)')";
    client.batch_execute(values).await.unwrap();
    let there = digest_of(&client, own_algorithm(&client).await, "s").await;
    let elsewhere = "SET TimeZone = 'Asia/Kolkata'; SET DateStyle = 'German, DMY'; SET IntervalStyle = 'iso_8601'; \
                     SET extra_float_digits = -5; SET bytea_output = 'escape'; SET search_path = pg_catalog, public; \
                     SET quote_all_identifiers = on";
    client.batch_execute(elsewhere).await.unwrap();
    assert_eq!(digest_of(&client, own_algorithm(&client).await, "s").await, there);
}

#[tokio::test]
async fn order_does_not_matter_but_number_and_company_do() {
    let database = Database::new().await;
    let client = database.session().await;
    for algorithm in algorithms(&client).await {
        let digested = async |rows: &[&str]| digest_rows(&client, algorithm, "int, w int", rows).await;
        let plain = digested(&["1, 10", "2, 20", "2, 20"]).await;
        assert_eq!(plain, digested(&["2, 20", "1, 10", "2, 20"]).await);
        assert_ne!(plain, digested(&["1, 10", "2, 20"]).await);
        assert_ne!(plain, digested(&["1, 10", "1, 10", "2, 20"]).await);
        // Values that change places between rows, or between columns.
        assert_ne!(digested(&["1, 10", "2, 20"]).await, digested(&["1, 20", "2, 10"]).await);
        assert_ne!(digested(&["1, 2"]).await, digested(&["2, 1"]).await);
        assert_ne!(digested(&["NULL, 1"]).await, digested(&["1, NULL"]).await);
    }
}

#[tokio::test]
async fn digests_are_equal_exactly_where_the_multisets_of_rows_are() {
    let database = Database::new().await;
    let client = database.session().await;
    client.batch_execute("CREATE TABLE t (a int, b text, c numeric, d bool)").await.unwrap();
    let columns = columns(&client, "t").await;
    client.batch_execute("BEGIN").await.unwrap();
    backstop::postgres::digest::pin(&client).await.unwrap();
    // So few values that equal multisets, in other orders, come up by themselves.
    const VALUES: [[&str; 3]; 4] =
        [["0", "1", "NULL"], ["''", "'1'", "NULL"], ["1", "1.0", "NULL"], ["true", "false", "NULL"]];
    let algorithm = own_algorithm(&client).await;
    let mut chance = Chance::new(7);
    let mut seen: Vec<(Vec<String>, String)> = Vec::new();
    for _ in 0..300 {
        let mut rows: Vec<String> = Vec::new();
        for _ in 0..=chance.below(3) {
            let fixed = chance.below(3) > 0;
            let row = VALUES.iter().map(|of_type| of_type[if fixed { 0 } else { chance.below(3) }]);
            rows.push(format!("({})", row.collect::<Vec<_>>().join(", ")));
        }
        client.batch_execute(&format!("TRUNCATE public.t; INSERT INTO public.t VALUES {}", rows.join(", "))).await.unwrap();
        let relation = "public.t";
        let found = digest(&client, algorithm, relation, &columns, RowSource::Live).await.unwrap();
        rows.sort();
        for (others, other) in &seen {
            assert_eq!(rows == *others, found.digest == *other, "{rows:?} and {others:?}");
        }
        seen.push((rows, found.digest));
    }
}

#[tokio::test]
async fn swapped_values_in_a_larger_table_are_seen() {
    let database = Database::new().await;
    let client = database.session().await;
    let fill = "CREATE TABLE many AS SELECT i, md5(i::text) AS m, i * 1.5 AS n FROM generate_series(1, 20000) AS i";
    client.batch_execute(fill).await.unwrap();
    let before = digest_of(&client, own_algorithm(&client).await, "many").await;
    let swap = "UPDATE many SET m = o.m FROM many AS o WHERE o.i = 20001 - many.i";
    client.batch_execute(swap).await.unwrap();
    let swapped = digest_of(&client, own_algorithm(&client).await, "many").await;
    assert_eq!((before.rows, swapped.rows), (20_000, 20_000));
    assert_ne!(before.digest, swapped.digest);
    client.batch_execute(swap).await.unwrap();
    assert_eq!(digest_of(&client, own_algorithm(&client).await, "many").await, before);
}

#[tokio::test]
async fn a_column_type_made_again_gives_the_same_digest() {
    let database = Database::new().await;
    let client = database.session().await;
    client.batch_execute(TYPES).await.unwrap();
    let fill = "CREATE TABLE m (v mood); INSERT INTO m VALUES ('sad'), ('happy'), (NULL)";
    client.batch_execute(fill).await.unwrap();
    let before = digest_of(&client, own_algorithm(&client).await, "m").await;
    client.batch_execute("DROP TABLE m; DROP TYPE mood; CREATE TYPE mood AS ENUM ('sad', 'happy')").await.unwrap();
    client.batch_execute(fill).await.unwrap();
    assert_eq!(digest_of(&client, own_algorithm(&client).await, "m").await, before);
}

#[tokio::test]
async fn very_narrow_and_very_wide_tables_can_be_digested() {
    let database = Database::new().await;
    let client = database.session().await;
    let columns: Vec<String> = (0..1600).map(|i| format!("c{i} int4")).collect();
    client.batch_execute(&format!("CREATE TABLE wide ({})", columns.join(", "))).await.unwrap();
    client.batch_execute("INSERT INTO wide (c0, c1599) VALUES (7, 1599); CREATE TABLE narrow ()").await.unwrap();
    client.batch_execute("INSERT INTO narrow DEFAULT VALUES; INSERT INTO narrow DEFAULT VALUES").await.unwrap();
    for algorithm in algorithms(&client).await {
        let wide = digest_of(&client, algorithm, "wide").await;
        client.batch_execute("UPDATE wide SET c1599 = 0").await.unwrap();
        assert_ne!(digest_of(&client, algorithm, "wide").await, wide);
        client.batch_execute("UPDATE wide SET c1599 = 1599").await.unwrap();
        assert_eq!(digest_of(&client, algorithm, "narrow").await.rows, 2);
    }
    assert_eq!(columns.len(), 1600);
    assert_eq!(self::columns(&client, "wide").await.len(), 1600);
}
