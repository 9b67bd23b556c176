//! The differences of what is derived from tables or stands beside them: materialized views, statistics, aggregates, ranges,
//! publications.

use super::{
    table,
    wording::{comment, excerpt, grants, list, plain, switch},
};
use crate::catalog::{materialized_view::MaterializedView, object::Definition, range::Range};

pub(super) fn definition(what: &mut Vec<String>, then: &Definition, now: &Definition) {
    match (then, now) {
        (Definition::MaterializedView(then), Definition::MaterializedView(now)) => materialized_view(what, then, now),
        (Definition::Statistics { on: a, create: c, target: e }, Definition::Statistics { on: b, create: d, target: f }) => {
            plain(what, "on", &Some(a), &Some(b));
            excerpt(what, "definition", c, d);
            plain(what, "statistics target", e, f);
        }
        (
            Definition::Aggregate { parameters: a, result: c, options: e, .. },
            Definition::Aggregate { parameters: b, result: d, options: f, .. },
        ) => {
            plain(what, "arguments", &Some(a), &Some(b));
            plain(what, "result", &Some(c), &Some(d));
            list(what, "option", e, f);
        }
        (Definition::Range(then), Definition::Range(now)) => range(what, then, now),
        (Definition::Publication { all_tables: a, options: c }, Definition::Publication { all_tables: b, options: d }) => {
            switch(what, "for all tables", *a, *b);
            list(what, "option", c, d);
        }
        (Definition::Published { columns: a, filter: c }, Definition::Published { columns: b, filter: d }) => {
            list(what, "column", a, b);
            plain(what, "where", c, d);
        }
        _ => {}
    }
}

fn materialized_view(what: &mut Vec<String>, then: &MaterializedView, now: &MaterializedView) {
    table::columns(what, &then.columns, &now.columns);
    table::facts(what, &then.system_columns, &now.system_columns);
    let identity = |view: &MaterializedView| table::identity(view.replica_identity.unwrap_or('d'));
    plain(what, "replica identity", &Some(identity(then)), &Some(identity(now)));
    excerpt(what, "query", &then.query, &now.query);
    list(what, "option", &then.options, &now.options);
    plain(what, "tablespace", &then.tablespace, &now.tablespace);
    plain(what, "access method", &then.access_method, &now.access_method);
    switch(what, "populated", then.populated, now.populated);
}

fn range(what: &mut Vec<String>, then: &Range, now: &Range) {
    plain(what, "subtype", &Some(&then.subtype), &Some(&now.subtype));
    plain(what, "operator class", &Some(&then.operator_class), &Some(&now.operator_class));
    plain(what, "collation", &then.collation, &now.collation);
    plain(what, "canonical function", &then.canonical, &now.canonical);
    plain(what, "difference function", &then.subtype_diff, &now.subtype_diff);
    plain(what, "multirange type", &then.multirange, &now.multirange);
    comment(what, "comment on the multirange type", &then.multirange_comment, &now.multirange_comment);
    for before in &then.constructors {
        if let Some(after) = now.constructors.iter().find(|after| after.name == before.name) {
            grants(what, &format!(" on function {}", before.name), &before.grants, &after.grants);
        }
    }
}
