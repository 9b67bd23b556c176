//! What is said of expressions that stand in the way of a restore.

use std::collections::BTreeSet;

use super::{
    evaluate::Broken,
    find::{Expression, ExpressionUse, PAIRS_OF_ROWS_MAX, RelationExpressions},
    path::Candidate,
};
use crate::{
    catalog::ObjectKind,
    machine::Failure,
    sql::quote::{ident, qualified},
};

const LEAVE_OUT: &str = "or leave the table out of the backup's targets; or say `transaction: plan`, where nothing has to be \
                         brought back.";

/// Rows that break what counts as true of them.
pub(super) fn broken(subject: &RelationExpressions, broken: &Broken) -> Failure {
    let (title, expression) = (title(subject), &broken.expression);
    let rows = match expression.used_for {
        ExpressionUse::Unique => format!("{} of its values stand in several rows", broken.rows),
        ExpressionUse::Exclusion => format!("{} pairs of its rows exclude each other", broken.rows),
        ExpressionUse::Generated => format!("{} of its rows hold another value than it gives today", broken.rows),
        _ => format!("{} of its rows break it today", broken.rows),
    };
    let more = if usize::try_from(broken.rows).is_ok_and(|rows| rows > broken.sample.len()) { "; and more" } else { "" };
    Failure::permanent(
        "backstop::expressions::broken",
        format!(
            "{} could not be brought back: it counts as true of all rows, and {rows}",
            named(subject, expression, &title)
        ),
    )
    .detail(format!("{}\nrows: {}{more}", expression.definition, broken.sample.join("; ")))
    .hint(format!("{} {LEAVE_OUT}", way_out(expression, &title)))
}

fn way_out(expression: &Expression, title: &str) -> String {
    let name = ident(&expression.name);
    match expression.used_for {
        ExpressionUse::Check => format!(
            "Mend or delete these rows; or let it hold for new rows only, which a restore keeps: ALTER TABLE {title} DROP CONSTRAINT \
             {name}, ADD CONSTRAINT {name} {} NOT VALID;",
            expression.definition
        ),
        ExpressionUse::Generated => {
            format!(
                "Let the values be computed again: UPDATE {title} SET {};",
                expression.beside.as_deref().unwrap_or_default()
            )
        }
        ExpressionUse::Domain => format!(
            "Mend these rows; or let it hold for new values only, which a restore keeps: ALTER DOMAIN {domain} DROP CONSTRAINT {name}; \
             ALTER DOMAIN {domain} ADD CONSTRAINT {name} {} NOT VALID;",
            expression.definition,
            domain = expression.beside.as_deref().unwrap_or_default()
        ),
        ExpressionUse::Exclusion | ExpressionUse::Unique => {
            format!("Mend or delete these rows; or drop {};", expression.name)
        }
        ExpressionUse::Index
        | ExpressionUse::Statistics
        | ExpressionUse::Partition
        | ExpressionUse::Key
        | ExpressionUse::Query => "Mend or delete these rows;".to_owned(),
    }
}

/// What can be evaluated under no path that is safe. `path` is the likeliest that helps.
pub(super) fn not_evaluable(
    subject: &RelationExpressions,
    culprits: &[(&Expression, String)],
    candidates: &[Candidate],
    path: &str,
) -> Failure {
    let title = title(subject);
    let lines: Vec<String> = culprits.iter().map(|(one, said)| format!("{}: {said}", named(subject, one, &title))).collect();
    let what = match culprits.first() {
        Some((one, said)) => {
            format!("{} could not be brought back: it can't be evaluated ({said})", named(subject, one, &title))
        }
        None => format!("what hangs on {title} could not be brought back: no search_path fits all of its expressions"),
    };
    let left_out: BTreeSet<String> = candidates
        .iter()
        .flat_map(|candidate| &candidate.left_out)
        .map(|(schema, roles)| {
            format!("schema {schema} is not looked into, because {} may make objects there", roles.join(", "))
        })
        .collect();
    let detail: Vec<String> = lines.into_iter().chain(left_out).collect();
    Failure::permanent("backstop::expressions::not_evaluable", what)
        .detail(detail.join("\n"))
        .hint(format!("{} {LEAVE_OUT}", help(subject, culprits, candidates, path)))
}

/// `path` is one under which all could be evaluated if others could not make objects in its schemas, or if the server took it.
fn help(subject: &RelationExpressions, culprits: &[(&Expression, String)], candidates: &[Candidate], path: &str) -> String {
    let of_culprits = culprits.iter().flat_map(|(one, _)| &one.functions);
    let of_all = subject.expressions.iter().flat_map(|one| &one.functions);
    let mut functions: BTreeSet<&String> = of_culprits.collect();
    if functions.is_empty() {
        functions = of_all.collect();
    }
    let open = candidates.iter().find(|candidate| !candidate.left_out.is_empty());
    let path = open.map_or(path, |candidate| candidate.whole.as_str());
    let alter: Vec<String> =
        functions.iter().map(|function| format!("ALTER FUNCTION {function} SET search_path = {path};")).collect();
    if alter.is_empty() {
        return "Write names with their schemas in what it calls;".to_owned();
    }
    format!("Let its functions say where they look: {}", alter.join(" "))
}

/// What was not looked at, and why: a warning.
pub(super) fn unlooked(subject: &RelationExpressions, why: &str) -> String {
    format!(
        "whether what hangs on {} still holds for all rows was not looked at, because {why}; `verify: restore` tries it",
        title(subject)
    )
}

/// An exclusion constraint of whose rows the pairs are too many to ask.
pub(super) fn pairs_unlooked(subject: &RelationExpressions, expression: &Expression) -> String {
    format!(
        "whether all rows still keep to {} was not looked at: it holds for pairs of rows, which are asked up to {PAIRS_OF_ROWS_MAX} rows, \
         and there are more, or may be; `verify: restore` builds it from a copy",
        named(subject, expression, &title(subject))
    )
}

fn title(subject: &RelationExpressions) -> String {
    qualified(&subject.key.schema, &subject.key.name)
}

fn named(subject: &RelationExpressions, expression: &Expression, title: &str) -> String {
    let name = &expression.name;
    match expression.used_for {
        ExpressionUse::Check => format!("check {name} on {title}"),
        ExpressionUse::Generated => format!("generated column {name} of {title}"),
        ExpressionUse::Index | ExpressionUse::Unique => format!("index {name} on {title}"),
        ExpressionUse::Exclusion => format!("exclusion constraint {name} on {title}"),
        ExpressionUse::Statistics => format!("statistics {name} on {title}"),
        ExpressionUse::Partition => format!("partition {title}"),
        ExpressionUse::Key => format!("partition key of {title}"),
        ExpressionUse::Domain => {
            format!("constraint {name} of domain {} in {title}", expression.beside.as_deref().unwrap_or_default())
        }
        ExpressionUse::Query if subject.key.kind == ObjectKind::MaterializedView => format!("materialized view {title}"),
        ExpressionUse::Query => title.to_owned(),
    }
}
