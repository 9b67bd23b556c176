//! A check as a question that the database can ask itself: what `backstop.ask` understands.
//!
//! Conditions on rows are those of the checks themselves; names are resolved when the question is asked.

use serde_json::{Map, Value, json};

use super::{
    constraint::{contype, word},
    rows::{any_null, none_null, unlike},
    sample::column_name,
};
use crate::{
    plan::{Check, CheckKind, CountBounds, Expect, Rendered, Text},
    sql::{QualifiedName, TablePattern, quote::ident},
};

/// Why there is no question.
type Unasked = String;

/// The question, or `{"error": …}` where it can't be stored: a secret is part of it, or a name is none.
pub fn question(check: &Check<Rendered>) -> Value {
    compile(check).unwrap_or_else(|why| json!({ "error": why }))
}

fn compile(check: &Check<Rendered>) -> Result<Value, Unasked> {
    let rows = |tables: &[Text], columns: &[Text], more: Value| with_tables(tables, columns, more);
    match &check.kind {
        CheckKind::TableExists { tables, columns } => rows(tables, columns, json!({"kind": "table_exists"})),
        CheckKind::ColumnType { tables, column, data_type } => {
            let more = json!({"kind": "column_type", "column": name(column)?, "type": open(data_type)?});
            rows(tables, &[], more)
        }
        CheckKind::RowCount { tables, bounds } => {
            let more = json!({"kind": "row_count", "head": "SELECT pg_catalog.count(*) FROM ", "tail": ""});
            rows(tables, &[], merged(more, within(bounds)))
        }
        CheckKind::NotNull { tables, columns } => {
            let named = names(columns)?;
            let told = format!("with NULL in {}", named.join(" or "));
            rows(tables, columns, offending(&any_null(&named), &format!("has no row {told}"), &format!("rows of %s {told}")))
        }
        CheckKind::Unique { tables, columns } => {
            let named = names(columns)?;
            let list = named.iter().map(|c| format!("t.{}", ident(c))).collect::<Vec<_>>().join(", ");
            let told = named.join(", ");
            let more = json!({
                "kind": "unique",
                "head": "SELECT coalesce(pg_catalog.sum(g.n), 0)::bigint FROM (SELECT pg_catalog.count(*) AS n FROM ",
                "tail": format!(
                    " AS t WHERE {} GROUP BY {list} HAVING pg_catalog.count(*) > 1) AS g", none_null(&named)),
                "good": format!("{} is unique in %s", escaped(&told)),
                "bad": format!("%s rows of %s share their {} with others", escaped(&told)),
            });
            rows(tables, columns, more)
        }
        CheckKind::Matches { tables, column, pattern } => {
            if let crate::plan::Pattern::Regex(regex) = pattern {
                open(regex)?;
            }
            let named = name(column)?;
            let (condition, what) = unlike(&format!("t.{}", ident(&named)), pattern);
            let bad = format!("rows of %s whose {named} does not match {what}");
            let good = format!("has no row whose {named} does not match {what}");
            rows(tables, std::slice::from_ref(column), offending(&condition, &good, &bad))
        }
        CheckKind::References { tables, columns, to, to_columns } => {
            let named = names(columns)?;
            let (good, bad) = ("has no row without its row in", "rows of %s have no row in");
            let more = offending(&none_null(&named), &format!("{good} {to}"), &format!("{bad} {to}"));
            let other = json!({"to": pattern(to)?, "to_columns": names(to_columns)?});
            rows(tables, columns, merged(more, other))
        }
        kind => of_catalog(kind, check),
    }
}

/// What the catalog answers, and what stands by itself.
fn of_catalog(kind: &CheckKind<Rendered>, check: &Check<Rendered>) -> Result<Value, Unasked> {
    match kind {
        CheckKind::ForeignKey { tables, columns, to } => {
            let what = format!("foreign key ({}) to {to}", names(columns)?.join(", "));
            with_tables(tables, columns, json!({"kind": "foreign_key", "contype": "f", "to": pattern(to)?, "what": what}))
        }
        CheckKind::Constraint { tables, name: named, kind, columns } => {
            let named = named.as_ref().map(name).transpose()?;
            let of = if columns.is_empty() { String::new() } else { format!(" over ({})", names(columns)?.join(", ")) };
            let what = [Some(kind.map_or("constraint", word).to_owned()), named.clone()];
            let what = what.into_iter().flatten().collect::<Vec<_>>().join(" ") + &of;
            let letter = kind.map(|kind| char::from(contype(kind)).to_string());
            with_tables(tables, columns, json!({"kind": "constraint", "name": named, "contype": letter, "what": what}))
        }
        CheckKind::Index { tables, columns, name: named, unique } => {
            let named = named.as_ref().map(name).transpose()?;
            let what = match &named {
                Some(named) => format!("index {named}"),
                None => format!("index on ({})", names(columns)?.join(", ")),
            };
            with_tables(tables, columns, json!({"kind": "index", "name": named, "unique": unique, "what": what}))
        }
        CheckKind::RowSecurity { tables, enabled, forced } => {
            with_tables(tables, &[], json!({"kind": "row_security", "enabled": enabled, "forced": forced}))
        }
        CheckKind::Policy { tables, name: named, at_least } => {
            let text = named.as_ref().map(open).transpose()?;
            // A policy's name may be any text, blanks included.
            let folded = named.as_ref().map(|named| name(named).unwrap_or_else(|_| named.shown().to_owned()));
            with_tables(tables, &[], json!({"kind": "policy", "name": folded, "text": text, "at_least": at_least}))
        }
        CheckKind::Privilege { tables, role, privileges, granted } => {
            const ALL: [&str; 7] = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"];
            let mut asked = Vec::new();
            for privilege in privileges {
                match open(privilege)?.to_ascii_uppercase().as_str() {
                    "ALL" | "ALL PRIVILEGES" => asked.extend(ALL.map(str::to_owned)),
                    one => asked.push(one.to_owned()),
                }
            }
            let more = json!({"kind": "privilege", "role": open(role)?, "privileges": asked, "granted": granted});
            with_tables(tables, &[], more)
        }
        CheckKind::Function { names, returns } => {
            let functions = names.iter().map(function).collect::<Result<Vec<_>, _>>()?;
            let returns = returns.as_ref().map(open).transpose()?;
            Ok(json!({"kind": "function", "functions": functions, "returns": returns}))
        }
        CheckKind::Extension { name, at_least } => {
            let at_least = at_least.as_ref().map(open).transpose()?;
            Ok(json!({"kind": "extension", "name": open(name)?, "at_least": at_least}))
        }
        CheckKind::Sql { sql, expect } => {
            let sql = open(sql)?.trim_end().trim_end_matches(';');
            let expectation = match expect {
                Some(Expect::Rows(bounds)) => merged(json!({"expect": "rows"}), within(bounds)),
                Some(Expect::Number(bounds)) => merged(json!({"expect": "number"}), within(bounds)),
                Some(Expect::Value(value)) => json!({"expect": "value", "value": open(value)?}),
                None => json!({"expect": "nothing"}),
            };
            Ok(merged(json!({"kind": "sql", "sql": sql}), expectation))
        }
        _ => Err(format!("the check {} has no form for psql", check.id)),
    }
}

fn with_tables(tables: &[Text], columns: &[Text], more: Value) -> Result<Value, Unasked> {
    let tables = tables.iter().map(pattern).collect::<Result<Vec<_>, _>>()?;
    Ok(merged(json!({"tables": tables, "columns": names(columns)?}), more))
}

/// Rows that break a condition. The texts are formats of the server's own: for the table, and for number and table.
fn offending(condition: &str, good: &str, bad: &str) -> Value {
    json!({
        "kind": "rows",
        "head": "SELECT pg_catalog.count(*) FROM ",
        "tail": format!(" AS t WHERE ({condition})"),
        "good": format!("%s {}", escaped(good)),
        "bad": format!("%s {}", escaped(bad).replacen("%%s", "%s", 1)),
    })
}

fn within(bounds: &CountBounds) -> Value {
    json!({"at_least": bounds.at_least, "at_most": bounds.at_most, "bounds": bounds.to_string()})
}

fn pattern(text: &Text) -> Result<Value, Unasked> {
    let pattern = TablePattern::parse(open(text)?).map_err(|why| format!("`{text}` {why}"))?;
    let (schema, name) = pattern.regexes();
    Ok(json!({"shown": text.shown(), "schema": schema, "name": name, "exact": pattern.exact().is_some()}))
}

fn function(text: &Text) -> Result<Value, Unasked> {
    let shown = open(text)?;
    if shown.contains('(') {
        return Ok(json!({"shown": shown, "signature": shown}));
    }
    let name = QualifiedName::parse(shown).map_err(|why| format!("`{text}` {why}"))?;
    Ok(json!({"shown": shown, "schema": name.schema, "name": name.name}))
}

fn names(texts: &[Text]) -> Result<Vec<String>, Unasked> {
    texts.iter().map(name).collect()
}

fn name(text: &Text) -> Result<String, Unasked> {
    open(text)?;
    column_name(text).map_err(|_| format!("`{text}` is no single name"))
}

/// The text, unless a secret is in it: those are never stored.
fn open(text: &Text) -> Result<&str, Unasked> {
    if text.sent() == text.shown() {
        Ok(text.shown())
    } else {
        Err("a secret is part of it, and secrets are not stored: ask it with `backstop check`".to_owned())
    }
}

fn escaped(text: &str) -> String {
    text.replace('%', "%%")
}

fn merged(first: Value, second: Value) -> Value {
    let map = |value| if let Value::Object(map) = value { map } else { Map::new() };
    Value::Object(map(first).into_iter().chain(map(second)).filter(|(_, value)| !value.is_null()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Place, Severity};

    fn check(kind: CheckKind<Rendered>) -> Check<Rendered> {
        let id = crate::plan::CheckId::parse("c").unwrap();
        Check { id, at: Place::default(), kind, severity: Severity::Fail, hint: None }
    }

    #[test]
    fn secrets_are_not_stored() {
        let sql = Text::redacted("SELECT '***'", "SELECT 'secret'");
        let question = question(&check(CheckKind::Sql { sql, expect: None }));
        assert!(question.get("error").is_some(), "{question}");
        assert!(!question.to_string().contains("'secret'"), "{question}");
    }

    #[test]
    fn texts_are_formats_with_their_places_only() {
        let columns = vec![Text::plain("\"100%\"")];
        let question = question(&check(CheckKind::NotNull { tables: vec![Text::plain("public.t")], columns }));
        assert_eq!(question["bad"], "%s rows of %s with NULL in 100%%");
        assert_eq!(question["tail"], " AS t WHERE (t.\"100%\" IS NULL)");
        assert_eq!(question["tables"][0]["name"], "^t$");
    }
}
