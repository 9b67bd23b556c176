//! The fields of a check, and the names in them, as its question needs them.

use crate::{
    plan::{CheckKind, CountBounds, FieldValue, Rendered, Text},
    sql::{QualifiedName, quote},
};

/// The texts of a field; none where it is absent.
pub(super) fn texts<'k>(kind: &'k CheckKind<Rendered>, field: &str) -> &'k [Text] {
    if let Some(FieldValue::Tables(texts) | FieldValue::Objects(texts) | FieldValue::Texts(texts)) = kind.field(field) {
        texts
    } else {
        &[]
    }
}

/// The text of a field; none where it is absent.
pub(super) fn text<'k>(kind: &'k CheckKind<Rendered>, field: &str) -> Option<&'k Text> {
    if let Some(FieldValue::Text(text) | FieldValue::Table(text) | FieldValue::Query(text)) = kind.field(field) {
        Some(text)
    } else {
        None
    }
}

/// The text of a field that the loader asks for.
///
/// # Errors
/// That it is missing.
pub(super) fn must<'k>(kind: &'k CheckKind<Rendered>, field: &str) -> Result<&'k Text, String> {
    text(kind, field).ok_or_else(|| format!("its `{field}` is missing"))
}

/// The word of a field.
pub(super) fn word(kind: &CheckKind<Rendered>, field: &str) -> Option<&'static str> {
    if let Some(FieldValue::Word(word)) = kind.field(field) { Some(word) } else { None }
}

/// The flag of a field.
pub(super) fn flag(kind: &CheckKind<Rendered>, field: &str) -> Option<bool> {
    if let Some(FieldValue::Flag(yes)) = kind.field(field) { Some(*yes) } else { None }
}

/// The number of a field.
pub(super) fn count(kind: &CheckKind<Rendered>, field: &str) -> u64 {
    if let Some(FieldValue::Count(number)) = kind.field(field) { *number } else { 0 }
}

/// The bounds of a field; any number where it is absent.
pub(super) fn bounds(kind: &CheckKind<Rendered>, field: &str) -> CountBounds {
    if let Some(FieldValue::Bounds(bounds)) = kind.field(field) {
        *bounds
    } else {
        CountBounds { at_least: None, at_most: None }
    }
}

/// The names of columns.
///
/// # Errors
/// That one is no single name.
pub(super) fn names(texts: &[Text]) -> Result<Vec<String>, String> {
    texts.iter().map(name).collect()
}

/// The names of columns, of which there must be one.
///
/// # Errors
/// As [`names`], or that there is none.
pub(super) fn some_names(texts: &[Text]) -> Result<Vec<String>, String> {
    if texts.is_empty() { Err("it names no column".to_owned()) } else { names(texts) }
}

/// A single name.
///
/// # Errors
/// That it is none.
pub(super) fn name(text: &Text) -> Result<String, String> {
    match QualifiedName::parse(text.sent()) {
        Ok(QualifiedName { schema: None, name }) => Ok(name),
        Ok(QualifiedName { schema: Some(_), .. }) => Err(format!("`{text}` is no column's name")),
        Err(why) => Err(format!("`{text}` {why}")),
    }
}

/// An array of texts, for SQL.
pub(super) fn array<T: AsRef<str>>(texts: &[T]) -> String {
    let items: Vec<String> = texts.iter().map(|text| quote::literal(text.as_ref())).collect();
    format!("ARRAY[{}]::pg_catalog.text[]", items.join(", "))
}

/// A text, for SQL; NULL where there is none.
pub(super) fn literal(text: Option<&str>) -> String {
    text.map_or_else(|| "NULL::pg_catalog.text".to_owned(), |text| format!("{}::pg_catalog.text", quote::literal(text)))
}

/// A number in bounds, as a condition of SQL.
pub(super) fn within(number: &str, bounds: CountBounds) -> String {
    let least = bounds.at_least.map(|min| format!("{number} >= {min}"));
    let most = bounds.at_most.map(|max| format!("{number} <= {max}"));
    let both: Vec<String> = [least, most].into_iter().flatten().collect();
    if both.is_empty() { "true".to_owned() } else { both.join(" AND ") }
}
