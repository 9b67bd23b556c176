//! Range types.

use serde::{Deserialize, Serialize};

use super::{
    catalog_kind::{AlterTerms, CatalogKind, Making},
    same_methods::type_methods,
    wording::{comment, grants, plain},
};
use crate::catalog::{kind::ObjectKey, privilege::Grant};

/// A range type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// SUBTYPE
    pub subtype: String,
    /// SUBTYPE_OPCLASS
    pub operator_class: String,
    /// COLLATION, where the subtype has one.
    pub collation: Option<String>,
    /// CANONICAL
    pub canonical: Option<String>,
    /// SUBTYPE_DIFF
    pub subtype_diff: Option<String>,
    /// MULTIRANGE_TYPE_NAME, qualified; none before PostgreSQL 14.
    pub multirange: Option<String>,
    /// COMMENT ON TYPE the multirange.
    pub multirange_comment: Option<String>,
    /// The functions that came with it.
    pub constructors: Vec<Constructor>,
}

/// A function that the server makes with a range type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Constructor {
    /// Its name with its argument types, as DROP takes it.
    pub name: String,
    /// The role that initialized the server, whoever owns the type.
    pub owner: String,
    /// Its privileges in the recorded order, defaults written out.
    pub grants: Vec<Grant>,
}

impl CatalogKind for Range {
    type_methods!("TYPE");

    /// With everything said, so that nothing is left to what is the default now.
    fn create(&self, making: Making<'_>) -> Vec<String> {
        let mut options = vec![format!("SUBTYPE = {}", self.subtype), format!("SUBTYPE_OPCLASS = {}", self.operator_class)];
        let more = [
            ("COLLATION", &self.collation),
            ("CANONICAL", &self.canonical),
            ("SUBTYPE_DIFF", &self.subtype_diff),
            ("MULTIRANGE_TYPE_NAME", &self.multirange),
        ];
        options.extend(more.iter().filter_map(|(word, value)| value.as_ref().map(|value| format!("{word} = {value}"))));
        vec![format!("CREATE TYPE {} AS RANGE ({})", self.title(making.key), options.join(", "))]
    }

    fn can_stay(&self, now: &Self, _terms: AlterTerms) -> bool {
        let made_of = |range: &Range| Range { constructors: Vec::new(), multirange_comment: None, ..range.clone() };
        made_of(self) == made_of(now)
    }

    fn describe(&self, now: &Self, what: &mut Vec<String>) {
        plain(what, "subtype", &Some(&self.subtype), &Some(&now.subtype));
        plain(what, "operator class", &Some(&self.operator_class), &Some(&now.operator_class));
        plain(what, "collation", &self.collation, &now.collation);
        plain(what, "canonical function", &self.canonical, &now.canonical);
        plain(what, "difference function", &self.subtype_diff, &now.subtype_diff);
        plain(what, "multirange type", &self.multirange, &now.multirange);
        comment(what, "comment on the multirange type", &self.multirange_comment, &now.multirange_comment);
        for before in &self.constructors {
            if let Some(after) = now.constructors.iter().find(|after| after.name == before.name) {
                grants(what, &format!(" on function {}", before.name), &before.grants, &after.grants);
            }
        }
    }

    fn remarks(&self, _key: &ObjectKey) -> Vec<(String, Option<String>)> {
        self.multirange.iter().map(|name| (format!("TYPE {name}"), self.multirange_comment.clone())).collect()
    }
}
