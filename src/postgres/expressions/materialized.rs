//! Materialized views whose queries call functions that were written here.

use std::collections::BTreeSet;

use super::find::{Expression, ExpressionUse, RelationExpressions};
use crate::catalog::{Definition, Function, ObjectKey, ObjectKind, Snapshot};

/// The populated ones among these, with their queries, beside what hangs on them. `superuser` is the session's role, if it is one: it asks
/// as the owner, as a refresh does.
pub(super) fn with_queries(
    snapshot: &Snapshot,
    views: &BTreeSet<ObjectKey>,
    superuser: Option<&str>,
    subjects: &mut Vec<RelationExpressions>,
) {
    for view in views {
        let Some(object) = snapshot.objects.get(view) else { continue };
        let Definition::MaterializedView(found) = &object.definition else { continue };
        let functions = functions(snapshot, view);
        if !found.populated || functions.is_empty() {
            continue;
        }
        let expression = Expression {
            used_for: ExpressionUse::Query,
            name: String::new(),
            broken: None,
            value: None,
            condition: None,
            duplicates: None,
            is_too_large: false,
            definition: found.query.clone(),
            beside: None,
            is_maintained: true,
            functions: functions.iter().filter_map(|key| signature(snapshot, key)).collect(),
            schemas: functions.iter().map(|key| key.schema.clone()).collect::<BTreeSet<_>>().into_iter().collect(),
        };
        match subjects.iter_mut().find(|subject| subject.key == *view) {
            Some(subject) => subject.expressions.push(expression),
            None => subjects.push(RelationExpressions {
                key: view.clone(),
                relation: crate::sql::quote::qualified(&view.schema, &view.name),
                owner: object.owner.clone().unwrap_or_default(),
                asks: object.owner.clone().filter(|owner| superuser.is_some_and(|role| role != owner)),
                label: String::new(),
                expressions: vec![expression],
            }),
        }
    }
}

/// The functions that a view calls, by way of other views, too.
fn functions(snapshot: &Snapshot, view: &ObjectKey) -> BTreeSet<ObjectKey> {
    let mut seen = BTreeSet::from([view.clone()]);
    let mut next = vec![view.clone()];
    let mut functions = BTreeSet::new();
    while let Some(key) = next.pop() {
        for need in snapshot.objects.get(&key).into_iter().flat_map(|object| &object.depends_on) {
            if seen.insert(need.clone()) {
                match need.kind {
                    ObjectKind::Function | ObjectKind::Aggregate => {
                        functions.insert(need.clone());
                        next.push(need.clone());
                    }
                    ObjectKind::View => next.push(need.clone()),
                    _ => {}
                }
            }
        }
    }
    functions
}

/// Where the function has no path of its own.
fn signature(snapshot: &Snapshot, key: &ObjectKey) -> Option<String> {
    match &snapshot.objects.get(key)?.definition {
        Definition::Function(Function { name, arguments, create, .. }) if !create.contains(" SET search_path ") => {
            Some(format!("{}({arguments})", crate::sql::quote::qualified(&key.schema, name)))
        }
        _ => None,
    }
}
