//! What is different about a table.

use super::{
    super::wording::{comment, grants, list, plain, switch},
    model::{Column, ColumnFacts, NotNull, Table},
};
use crate::catalog::lineage::{describe_descent, describe_lineage};

pub(super) fn describe(what: &mut Vec<String>, then: &Table, now: &Table) {
    describe_columns(what, &then.columns, &now.columns);
    describe_facts(what, &then.system_columns, &now.system_columns);
    switch(what, "unlogged", then.unlogged, now.unlogged);
    switch(what, "row security", then.row_security, now.row_security);
    switch(what, "forced row security", then.force_row_security, now.force_row_security);
    plain(
        what,
        "replica identity",
        &Some(replica_identity_word(then.replica_identity)),
        &Some(replica_identity_word(now.replica_identity)),
    );
    list(what, "option", &then.options, &now.options);
    plain(what, "tablespace", &then.tablespace, &now.tablespace);
    plain(what, "access method", &then.access_method, &now.access_method);
    describe_lineage(what, &then.lineage, &now.lineage);
    plain(what, "of type", &then.of_type, &now.of_type);
    let before = what.len();
    what.extend(
        then.unmodelled.iter().filter(|fact| !now.unmodelled.contains(fact)).map(|fact| format!("no longer {fact}")),
    );
    what.extend(now.unmodelled.iter().filter(|fact| !then.unmodelled.contains(fact)).map(|fact| format!("now {fact}")));
    if what.len() == before && then.unmodelled != now.unmodelled {
        what.push("what is modelled no further stands in another order".to_owned());
    }
}

/// What `pg_class.relreplident` means.
pub(crate) fn replica_identity_word(letter: char) -> &'static str {
    match letter {
        'd' => "default",
        'n' => "nothing",
        'f' => "full",
        'i' => "index",
        _ => "unknown",
    }
}

pub(crate) fn describe_columns(what: &mut Vec<String>, then: &[Column], now: &[Column]) {
    let before = what.len();
    for column in then {
        match now.iter().find(|other| other.name == column.name) {
            None => what.push(format!("removed column {} {}", column.name, column.data_type)),
            Some(other) => self::column(what, column, other),
        }
    }
    for column in now.iter().filter(|column| then.iter().all(|other| other.name != column.name)) {
        what.push(format!("added column {} {}", column.name, column.data_type));
    }
    let names = |columns: &[Column]| -> Vec<String> { columns.iter().map(|column| column.name.clone()).collect() };
    if what.len() == before && names(then) != names(now) {
        what.push("columns in another order".to_owned());
    }
}

fn column(what: &mut Vec<String>, then: &Column, now: &Column) {
    let at = |word: &str| format!("column {} {word}", then.name);
    plain(what, &at("type"), &Some(&then.data_type), &Some(&now.data_type));
    plain(what, &at("collation"), &then.collation, &now.collation);
    switch(what, &at("not null"), then.not_null.is_some(), now.not_null.is_some());
    if let (Some(then), Some(now)) = (&then.not_null, &now.not_null) {
        not_null(what, &at("not-null constraint"), then, now);
    }
    plain(what, &at("default"), &then.default, &now.default);
    let identity = |column: &Column| column.identity.map(|letter| if letter == 'a' { "always" } else { "by default" });
    plain(what, &at("identity"), &identity(then), &identity(now));
    let generated = |column: &Column| {
        column.generated.as_ref().map(|(how, text)| format!("{} {text}", if *how == 'v' { "virtual" } else { "stored" }))
    };
    plain(what, &at("generated"), &generated(then), &generated(now));
    plain(what, &at("storage"), &then.storage, &now.storage);
    plain(what, &at("compression"), &then.compression, &now.compression);
    plain(what, &at("statistics target"), &then.statistics, &now.statistics);
    list(what, &at("option"), &then.options, &now.options);
    describe_descent(what, &at("is"), then.descent, now.descent);
    facts_of(what, &then.facts, &now.facts);
}

fn not_null(what: &mut Vec<String>, word: &str, then: &NotNull, now: &NotNull) {
    plain(what, word, &then.name, &now.name);
    switch(what, &format!("{word} validated"), then.validated, now.validated);
    switch(what, &format!("{word} no inherit"), then.no_inherit, now.no_inherit);
    describe_descent(what, word, then.descent, now.descent);
    comment(what, &format!("{word} comment"), &then.comment, &now.comment);
}

/// Grants and comments of columns, of which those that have none may be missing.
pub(crate) fn describe_facts(what: &mut Vec<String>, then: &[ColumnFacts], now: &[ColumnFacts]) {
    let none = |column: &str| ColumnFacts { column: column.to_owned(), ..ColumnFacts::default() };
    for facts in then {
        let other = now.iter().find(|other| other.column == facts.column).cloned();
        facts_of(what, facts, &other.unwrap_or_else(|| none(&facts.column)));
    }
    for facts in now.iter().filter(|facts| then.iter().all(|other| other.column != facts.column)) {
        facts_of(what, &none(&facts.column), facts);
    }
}

fn facts_of(what: &mut Vec<String>, then: &ColumnFacts, now: &ColumnFacts) {
    grants(what, &format!(" on column {}", then.column), &then.grants, &now.grants);
    comment(what, &format!("column {} comment", then.column), &then.comment, &now.comment);
}
