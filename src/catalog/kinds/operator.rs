//! Operators.

use serde::{Deserialize, Serialize};

use super::{
    catalog_kind::{AlterTerms, CatalogKind, Changing, CreateOrder, DropOrder, Making},
    wording::{plain, switch},
};
use crate::catalog::kind::ObjectKey;

/// From this version on an operator that stands can be given a commutator and a negator.
const SETS_LINKS: u32 = 170_000;

/// An operator. Its key's name is what `pg_identify_object` prints: `s.===(integer,integer)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    /// Its name with its schema, as CREATE takes it.
    pub name: String,
    /// LEFTARG; none of a prefix operator.
    pub left: Option<String>,
    /// RIGHTARG; none of a postfix operator (before PostgreSQL 14).
    pub right: Option<String>,
    /// What it gives.
    pub result: Option<String>,
    /// FUNCTION; none of a name that another operator gives as its commutator or negator, and nobody has defined.
    pub function: Option<String>,
    /// COMMUTATOR, as OPERATOR(…) takes it.
    pub commutator: Option<String>,
    /// NEGATOR, likewise.
    pub negator: Option<String>,
    /// RESTRICT
    pub restrict: Option<String>,
    /// JOIN
    pub join: Option<String>,
    /// MERGES
    pub merges: bool,
    /// HASHES
    pub hashes: bool,
}

impl CatalogKind for Operator {
    fn noun(&self, _key: &ObjectKey) -> &'static str {
        "OPERATOR"
    }

    fn title(&self, key: &ObjectKey) -> String {
        key.name.clone()
    }

    fn made(&self) -> CreateOrder {
        CreateOrder::Routines
    }

    fn dropped(&self) -> DropOrder {
        DropOrder::Rest
    }

    /// Two that name each other can be made in any order: the server keeps a place for the one that is missing.
    fn create(&self, _making: Making<'_>) -> Vec<String> {
        let operator = |name: &String| format!("OPERATOR({name})");
        let options = [
            ("FUNCTION", self.function.clone()),
            ("LEFTARG", self.left.clone()),
            ("RIGHTARG", self.right.clone()),
            ("COMMUTATOR", self.commutator.as_ref().map(operator)),
            ("NEGATOR", self.negator.as_ref().map(operator)),
            ("RESTRICT", self.restrict.clone()),
            ("JOIN", self.join.clone()),
        ];
        let mut options: Vec<String> =
            options.into_iter().filter_map(|(word, value)| value.map(|value| format!("{word} = {value}"))).collect();
        options.extend(self.merges.then(|| "MERGES".to_owned()));
        options.extend(self.hashes.then(|| "HASHES".to_owned()));
        vec![format!("CREATE OPERATOR {} ({})", self.name, options.join(", "))]
    }

    fn can_stay(&self, now: &Self, terms: AlterTerms) -> bool {
        let estimators_aside =
            |of: &Operator| Operator { restrict: None, join: None, commutator: None, negator: None, ..of.clone() };
        // One that is there can't become another.
        let fits =
            |then: &Option<String>, now: &Option<String>| then == now || now.is_none() && terms.server_version >= SETS_LINKS;
        estimators_aside(self) == estimators_aside(now)
            && fits(&self.commutator, &now.commutator)
            && fits(&self.negator, &now.negator)
    }

    fn after(&self, now: &Self, changing: Changing<'_>) -> Vec<String> {
        let mut options = Vec::new();
        for (word, then, now) in [("RESTRICT", &self.restrict, &now.restrict), ("JOIN", &self.join, &now.join)] {
            if then != now {
                options.push(format!("{word} = {}", then.as_deref().unwrap_or("NONE")));
            }
        }
        let links = [("COMMUTATOR", &self.commutator, &now.commutator), ("NEGATOR", &self.negator, &now.negator)];
        for (word, then, _) in links.into_iter().filter(|(_, then, now)| then != now) {
            options.extend(then.as_ref().map(|name| format!("{word} = OPERATOR({name})")));
        }
        let set = || format!("ALTER OPERATOR {} SET ({})", self.title(changing.key), options.join(", "));
        (!options.is_empty()).then(set).into_iter().collect()
    }

    fn describe(&self, now: &Self, what: &mut Vec<String>) {
        plain(what, "function", &self.function, &now.function);
        plain(what, "result", &self.result, &now.result);
        plain(what, "commutator", &self.commutator, &now.commutator);
        plain(what, "negator", &self.negator, &now.negator);
        plain(what, "restriction estimator", &self.restrict, &now.restrict);
        plain(what, "join estimator", &self.join, &now.join);
        switch(what, "merges", self.merges, now.merges);
        switch(what, "hashes", self.hashes, now.hashes);
    }

    fn obstacles(&self) -> Vec<String> {
        let why = || "is a name that no function stands behind, and can't be made again".to_owned();
        self.function.is_none().then(why).into_iter().collect()
    }
}
