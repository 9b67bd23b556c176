//! Types of columns, and values for them.

use crate::support::Chance;

/// A type, as SQL names it, and how the number `i` of a row becomes a value of it.
#[derive(Debug, Clone)]
pub struct Shape {
    pub name: String,
    pub value: String,
    /// A default; none where the type has nothing of interest.
    pub default: Option<String>,
}

fn shape(name: &str, value: &str, default: &str) -> Shape {
    Shape { name: name.to_owned(), value: value.to_owned(), default: (!default.is_empty()).then(|| default.to_owned()) }
}

/// Types that may be keys.
pub fn key(chance: &mut Chance) -> Shape {
    let shapes = [
        shape("integer", "i", ""),
        shape("bigint", "i * 1000000007::bigint", ""),
        shape("text", "'key ' || i", ""),
        shape("varchar(40)", "'k' || i", ""),
        shape("uuid", "md5(i::text)::uuid", "'00000000-0000-0000-0000-000000000001'::uuid"),
        shape("date", "'2020-01-01'::date + i", "CURRENT_DATE"),
        shape("numeric(20,3)", "i / 8.0", "1.5"),
    ];
    shapes[chance.below(shapes.len())].clone()
}

/// Types of the server.
pub fn plain(chance: &mut Chance) -> Shape {
    let shapes = [
        shape("smallint", "i % 100", "7"),
        shape("integer", "i * 3 % 17", "(1 + 1)"),
        shape("bigint", "i::bigint << 33", "'-1'::integer"),
        shape("real", "i / 3.0", "0.1"),
        shape("double precision", "CASE i % 4 WHEN 0 THEN 'NaN' WHEN 1 THEN '-0' ELSE i / 7.0 END", "'Infinity'"),
        shape("numeric(12,2)", "i / 7.0", "0"),
        shape("numeric", "i / 7.0", ""),
        shape("boolean", "i % 2 = 0", "true"),
        shape("text", "CASE i % 7 WHEN 0 THEN '' WHEN 1 THEN E'\\\\ ''\\n\\t' ELSE repeat('ä', i) END", "'it''s \\'"),
        shape("text COLLATE \"C\"", "'T' || i", "lower('X')"),
        shape("varchar(60)", "'v' || i", "'none'"),
        shape("character(9)", "'c' || i", "'c'"),
        shape("\"char\"", "'x'", ""),
        shape("name", "'n' || i", "CURRENT_USER"),
        shape("bytea", "decode(md5(i::text), 'hex')", "'\\x00ff'"),
        shape("timestamptz", "'2024-03-31 00:30+00'::timestamptz + i * interval '1 hour'", "now()"),
        shape("timestamp(3)", "'2024-01-01'::timestamp + i * interval '1.5 s'", "'epoch'"),
        shape("date", "CASE i % 9 WHEN 0 THEN 'infinity' ELSE '0044-03-15 BC'::date + i END", "'2024-02-29'"),
        shape("time with time zone", "'04:05:06+02'::timetz", ""),
        shape("interval", "i * interval '1 month 2 days 3.5 s'", "'1 day'"),
        shape("uuid", "md5(i::text)::uuid", ""),
        shape("json", "('{\"a\":' || i || ', \"a\": 1}')::json", "'{}'"),
        shape("jsonb", "jsonb_build_object('n', i, 'x', NULL)", "'[]'::jsonb"),
        shape("inet", "'10.0.0.1'::inet + i", ""),
        shape("bit varying(12)", "B'101'", ""),
        shape("money", "i * 1.01::numeric", ""),
        shape("tsvector", "to_tsvector('simple', 'a b c' || i)", ""),
        shape("int4range", "int4range(i, i + 10)", "'empty'"),
        shape("text[]", "ARRAY['a', NULL, 'b,' || i]", "ARRAY['x'::text]"),
        shape("integer[]", "ARRAY[[i, 1], [2, 3]]", "'{}'"),
        shape("point", "point(i, 1)", ""),
        shape("regclass", "'pg_catalog.pg_class'::regclass", ""),
    ];
    shapes[chance.below(shapes.len())].clone()
}

/// A type of somebody's own: what it is called, and three values of it.
pub fn own(name: &str, values: &[String; 3], chance: &mut Chance) -> Shape {
    let [first, second, third] = values;
    if chance.one_in(4) {
        return shape(
            &format!("{name}[]"),
            &format!("ARRAY[{first}, {third}]::{name}[]"),
            &format!("ARRAY[{second}::{name}]"),
        );
    }
    let value = format!("CASE i % 3 WHEN 0 THEN {first}::{name} WHEN 1 THEN {second}::{name} ELSE {third}::{name} END");
    shape(name, &value, &format!("{second}::{name}"))
}
