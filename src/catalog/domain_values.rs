//! Values of domains that lie in other values.

use super::{
    kind::ObjectKey,
    kinds::{Column, Definition},
    object::Object,
    snapshot::Snapshot,
};
use crate::sql::QualifiedName;

/// Whether changing the domain back asks for a look at its values, which the server does not take where they lie in arrays, composite
/// values or ranges of some table: then the domain is made anew with these tables.
pub(super) fn cannot_look(key: &ObjectKey, then: &Object, now: &Object, snapshot: &Snapshot) -> bool {
    let (Definition::Domain(then), Definition::Domain(now)) = (&then.definition, &now.definition) else { return false };
    then.looks_at_values(now) && is_boxed(key, snapshot)
}

/// Whether values of the domain lie in other values; domains over it count as itself.
fn is_boxed(domain: &ObjectKey, snapshot: &Snapshot) -> bool {
    let users = snapshot.objects.iter().filter(|(key, object)| *key != domain && object.depends_on.contains(domain));
    users.into_iter().any(|(key, object)| {
        if let Definition::Domain(over) = &object.definition {
            return over.base.ends_with("[]") || is_boxed(key, snapshot);
        }
        matches!(&object.definition, Definition::Composite(_) | Definition::Range(_))
            || object.definition.columns().iter().any(|column| is_array_of(column, domain))
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
    use crate::catalog::kinds::Domain;
    use crate::catalog::kinds::DomainCheck;
    use crate::catalog::{
        example::{object, snapshot, table},
        kind::ObjectKind,
    };

    fn domain(names: &[&str]) -> Object {
        let check = |name: &&str| DomainCheck {
            name: (*name).to_owned(),
            definition: format!("CHECK (VALUE > {})", name.len()),
            comment: None,
        };
        object(
            Definition::Domain(Domain {
                base: "integer".to_owned(),
                collation: None,
                default: None,
                not_null: false,
                not_null_name: None,
                not_null_comment: None,
                checks: names.iter().map(check).collect(),
            }),
            &[],
        )
    }

    #[test]
    fn values_in_arrays_forbid_new_constraints_and_no_new_names() {
        let (key, user) = (ObjectKey::new(ObjectKind::Type, "s", "Dom"), ObjectKey::table("s", "t"));
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
