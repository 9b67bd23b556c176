//! Making and dropping objects, and what all kinds have: an owner and comments.

use crate::{
    catalog::{
        kind::ObjectKey,
        kinds::{Changing, Making},
        object::Object,
        snapshot::Snapshot,
    },
    sql::quote::{ident, literal},
};

/// One object in both states.
#[derive(Clone, Copy)]
pub(crate) struct ObjectPair<'a> {
    pub key: &'a ObjectKey,
    pub then: &'a Object,
    pub now: &'a Object,
}

impl<'a> ObjectPair<'a> {
    /// The same with the structures that it stands in.
    pub(in crate::catalog) fn changing(self, then: &'a Snapshot, now: &'a Snapshot) -> Changing<'a> {
        Changing { key: self.key, then_grants: &self.then.grants, now_grants: &self.now.grants, then, now }
    }
}

pub(in crate::catalog) fn making<'a>(key: &'a ObjectKey, object: &'a Object, structure: &'a Snapshot) -> Making<'a> {
    Making { key, grants: &object.grants, structure }
}

/// The statements that make the object; none for what comes with another, as an identity column's sequence does.
/// Owner, privileges and comments are not in them.
pub(crate) fn create(key: &ObjectKey, object: &Object, then: &Snapshot) -> Vec<String> {
    object.definition.create(making(key, object, then))
}

/// The statements that drop the object.
pub(crate) fn drop(key: &ObjectKey, object: &Object, now: &Snapshot) -> Vec<String> {
    object.definition.drop_object(making(key, object, now))
}

/// The statement that gives the object its owner; none for parts of tables and for sequences that follow their table's.
pub(crate) fn owner(key: &ObjectKey, object: &Object) -> Option<String> {
    let definition = &object.definition;
    let owner = object.owner.as_ref().filter(|_| definition.has_owner(key))?;
    Some(format!("ALTER {} {} OWNER TO {}", definition.noun(key), definition.title(key), ident(owner)))
}

/// What COMMENT ON takes, and the text where there is one, for the object and for everything in it.
pub(crate) fn remarks(key: &ObjectKey, object: &Object) -> Vec<(String, Option<String>)> {
    let definition = &object.definition;
    let own = || (format!("{} {}", definition.noun(key), definition.title(key)), object.comment.clone());
    definition.has_comment(key).then(own).into_iter().chain(definition.remarks(key)).collect()
}

/// The statement that sets a comment, or takes it away.
pub(crate) fn comment(target: &str, text: Option<&str>) -> String {
    format!("COMMENT ON {target} IS {}", text.map_or_else(|| "NULL".to_owned(), literal))
}
