//! What can be done to a domain while it stands.

use super::{
    kind::ObjectKey,
    object::{Definition, DomainCheck, Object},
    snapshot::Snapshot,
    table::Column,
};
use crate::sql::QualifiedName;

/// Whether changing the domain back asks for a look at its values, which the server does not take where they lie in arrays, composite
/// values or ranges of some table: then the domain is made anew with these tables.
pub(super) fn cannot_look(key: &ObjectKey, then: &Object, now: &Object, snapshot: &Snapshot) -> bool {
    let (Definition::Domain { checks, not_null, .. }, Definition::Domain { checks: others, not_null: other, .. }) =
        (&then.definition, &now.definition)
    else {
        return false;
    };
    let renamed = renamed(checks, others);
    let is_there = |check: &DomainCheck| {
        has(others, check) || renamed.iter().any(|(_, to)| to.name == check.name && to.definition == check.definition)
    };
    (*not_null && !other || !checks.iter().all(is_there)) && is_boxed(key, snapshot)
}

/// Constraints that have another name now and are the same otherwise: what they are, and what they were.
pub(super) fn renamed<'a>(then: &'a [DomainCheck], now: &'a [DomainCheck]) -> Vec<(&'a DomainCheck, &'a DomainCheck)> {
    let mut open: Vec<&DomainCheck> = now.iter().filter(|check| !has(then, check)).collect();
    let mut found = Vec::new();
    for check in then.iter().filter(|check| now.iter().all(|other| other.name != check.name)) {
        let same = |other: &&DomainCheck| other.definition == check.definition && other.comment == check.comment;
        if let Some(place) = open.iter().position(same) {
            found.push((open.remove(place), check));
        }
    }
    found
}

/// Whether a constraint of this name and definition is among these.
pub(super) fn has(checks: &[DomainCheck], check: &DomainCheck) -> bool {
    checks.iter().any(|other| other.name == check.name && other.definition == check.definition)
}

/// Whether values of the domain lie in other values; domains over it count as itself.
fn is_boxed(domain: &ObjectKey, snapshot: &Snapshot) -> bool {
    let users = snapshot.objects.iter().filter(|(key, object)| *key != domain && object.depends_on.contains(domain));
    users.into_iter().any(|(key, object)| match &object.definition {
        Definition::Table(table) => table.columns.iter().any(|column| is_array_of(column, domain)),
        Definition::MaterializedView(view) => view.columns.iter().any(|column| is_array_of(column, domain)),
        Definition::Domain { base, .. } => base.ends_with("[]") || is_boxed(key, snapshot),
        Definition::Composite { .. } | Definition::Range(_) => true,
        _ => false,
    })
}

fn is_array_of(column: &Column, domain: &ObjectKey) -> bool {
    let element = column.data_type.strip_suffix("[]").map(QualifiedName::parse);
    let is_domain = |name: &QualifiedName| name.schema.as_ref() == Some(&domain.schema) && name.name == domain.name;
    matches!(element, Some(Ok(name)) if is_domain(&name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{
        example::{object, snapshot, table},
        kind::Kind,
    };

    fn domain(names: &[&str]) -> Object {
        let check = |name: &&str| DomainCheck {
            name: (*name).to_owned(),
            definition: format!("CHECK (VALUE > {})", name.len()),
            comment: None,
        };
        object(
            Definition::Domain {
                base: "integer".to_owned(),
                collation: None,
                default: None,
                not_null: false,
                not_null_name: None,
                checks: names.iter().map(check).collect(),
            },
            &[],
        )
    }

    #[test]
    fn values_in_arrays_forbid_new_constraints_and_no_new_names() {
        let (key, user) = (ObjectKey::new(Kind::Type, "s", "Dom"), ObjectKey::table("s", "t"));
        let of = |data_type: &str| {
            let columns = Definition::Table(Box::new(table(&[("a", data_type)])));
            snapshot([(key.clone(), domain(&["sane"])), (user.clone(), object(columns, &[&key]))])
        };
        let (then, renamed, without) = (domain(&["sane"]), domain(&["fine"]), domain(&[]));
        let refuses = |now: &Object, data_type: &str| cannot_look(&key, &then, now, &of(data_type));
        assert!(refuses(&without, "s.\"Dom\"[]"));
        assert!(!refuses(&renamed, "s.\"Dom\"[]"));
        assert!(!refuses(&without, "s.\"Dom\""));
        assert!(!refuses(&without, "s.\"Other\"[]"));
    }
}
