//! Domains.

use serde::{Deserialize, Serialize};

use super::{
    catalog_kind::{AlterTerms, CatalogKind, Changing, Making, Nearest},
    clauses::collate,
    same_methods::type_methods,
    wording::{comment, list, plain, switch},
};
use crate::{
    catalog::{kind::ObjectKey, source_form::source_form},
    sql::quote::ident,
};

/// A domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    /// The underlying type.
    pub base: String,
    /// COLLATE, where it is not the type's own.
    pub collation: Option<String>,
    /// DEFAULT
    pub default: Option<String>,
    /// NOT NULL
    pub not_null: bool,
    /// The name of its not-null constraint, where the server keeps one (from PostgreSQL 17 on).
    pub not_null_name: Option<String>,
    /// COMMENT ON that constraint.
    #[serde(default)]
    pub not_null_comment: Option<String>,
    /// Its CHECK constraints.
    pub checks: Vec<DomainCheck>,
}

/// A CHECK of a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainCheck {
    /// Unquoted, `pg_constraint.conname`.
    pub name: String,
    /// `pg_get_constraintdef`
    pub definition: String,
    /// COMMENT ON CONSTRAINT … ON DOMAIN
    pub comment: Option<String>,
}

impl DomainCheck {
    /// Whether rows may break it.
    pub(in crate::catalog) fn is_unvalidated(&self) -> bool {
        self.definition.ends_with(" NOT VALID")
    }
}

impl CatalogKind for Domain {
    type_methods!("DOMAIN");

    fn create(&self, making: Making<'_>) -> Vec<String> {
        let mut statement = format!("CREATE DOMAIN {} AS {}{}", self.title(making.key), self.base, collate(&self.collation));
        if let Some(default) = &self.default {
            statement.push_str(&format!(" DEFAULT {}", source_form(default)));
        }
        if self.not_null {
            if let Some(name) = &self.not_null_name {
                statement.push_str(&format!(" CONSTRAINT {}", ident(name)));
            }
            statement.push_str(" NOT NULL");
        }
        // NOT VALID can't be said here; see `finish`.
        for check in self.checks.iter().filter(|check| !check.is_unvalidated()) {
            statement.push_str(&format!(" CONSTRAINT {} {}", ident(&check.name), source_form(&check.definition)));
        }
        vec![statement]
    }

    fn can_stay(&self, now: &Self, _terms: AlterTerms) -> bool {
        self.base == now.base && self.collation == now.collation
    }

    fn before(&self, now: &Self, changing: Changing<'_>) -> Vec<String> {
        let alter = format!("ALTER DOMAIN {}", self.title(changing.key));
        let renamed = renamed(&self.checks, &now.checks);
        let rename = |(from, to): &(&DomainCheck, &DomainCheck)| {
            format!("{alter} RENAME CONSTRAINT {} TO {}", ident(&from.name), ident(&to.name))
        };
        let mut statements: Vec<String> = now
            .checks
            .iter()
            .filter(|check| !has(&self.checks, check) && renamed.iter().all(|(from, _)| from.name != check.name))
            .map(|check| format!("{alter} DROP CONSTRAINT {}", ident(&check.name)))
            .collect();
        statements.extend(renamed.iter().map(rename));
        if now.not_null && self.mark() != now.mark() {
            statements.push(format!("{alter} DROP NOT NULL"));
        }
        statements
    }

    fn after(&self, now: &Self, changing: Changing<'_>) -> Vec<String> {
        let alter = format!("ALTER DOMAIN {}", self.title(changing.key));
        let renamed = renamed(&self.checks, &now.checks);
        let mut statements: Vec<String> = self
            .checks
            .iter()
            .filter(|check| !has(&now.checks, check) && renamed.iter().all(|(_, to)| to.name != check.name))
            .map(|check| self.add_check(changing.key, check))
            .collect();
        if self.not_null && self.mark() != now.mark() {
            statements.push(match &self.not_null_name {
                Some(name) => format!("{alter} ADD CONSTRAINT {} NOT NULL", ident(name)),
                None => format!("{alter} SET NOT NULL"),
            });
        }
        if self.default != now.default {
            statements.push(match &self.default {
                Some(default) => format!("{alter} SET DEFAULT {}", source_form(default)),
                None => format!("{alter} DROP DEFAULT"),
            });
        }
        statements
    }

    fn describe(&self, now: &Self, what: &mut Vec<String>) {
        plain(what, "base type", &Some(&self.base), &Some(&now.base));
        plain(what, "collation", &self.collation, &now.collation);
        plain(what, "default", &self.default, &now.default);
        switch(what, "not null", self.not_null, now.not_null);
        if self.not_null == now.not_null {
            plain(what, "not-null constraint", &self.not_null_name, &now.not_null_name);
            comment(what, "comment on the not-null constraint", &self.not_null_comment, &now.not_null_comment);
        }
        let checks = |checks: &[DomainCheck]| -> Vec<String> {
            checks.iter().map(|check| format!("{} {}", check.name, check.definition)).collect()
        };
        list(what, "constraint", &checks(&self.checks), &checks(&now.checks));
        for before in &self.checks {
            if let Some(after) = now.checks.iter().find(|after| after.name == before.name) {
                comment(what, &format!("comment on constraint {}", before.name), &before.comment, &after.comment);
            }
        }
    }

    fn unspell(&mut self) {
        self.default.iter_mut().for_each(String::clear);
        self.checks.iter_mut().for_each(|check| check.definition.clear());
    }

    fn remarks(&self, key: &ObjectKey) -> Vec<(String, Option<String>)> {
        let of = |name: &String, comment: &Option<String>| {
            (format!("CONSTRAINT {} ON DOMAIN {}", ident(name), self.title(key)), comment.clone())
        };
        let mark = self.not_null_name.iter().map(|name| of(name, &self.not_null_comment));
        mark.chain(self.checks.iter().map(|check| of(&check.name, &check.comment))).collect()
    }

    fn nearest(&self, sql: &str, making: Making<'_>) -> Option<Nearest> {
        let check = self.checks.iter().find(|check| self.add_check(making.key, check) == sql)?;
        let validate = format!("ALTER DOMAIN {} VALIDATE CONSTRAINT {}", self.title(making.key), ident(&check.name));
        (!check.is_unvalidated()).then(|| Nearest { sql: format!("{sql} NOT VALID"), finish: vec![validate] })
    }
}

impl Domain {
    /// What a new domain could not have before its values.
    pub(in crate::catalog) fn finish(&self, key: &ObjectKey) -> Vec<String> {
        self.checks.iter().filter(|check| check.is_unvalidated()).map(|check| self.add_check(key, check)).collect()
    }

    /// Whether changing it back asks for a look at its values.
    pub(in crate::catalog) fn looks_at_values(&self, now: &Domain) -> bool {
        let renamed = renamed(&self.checks, &now.checks);
        let is_there = |check: &DomainCheck| {
            has(&now.checks, check)
                || renamed.iter().any(|(_, to)| to.name == check.name && to.definition == check.definition)
        };
        self.not_null && !now.not_null || !self.checks.iter().all(is_there)
    }

    fn add_check(&self, key: &ObjectKey, check: &DomainCheck) -> String {
        let (name, text) = (ident(&check.name), source_form(&check.definition));
        format!("ALTER DOMAIN {} ADD CONSTRAINT {name} {text}", self.title(key))
    }

    fn mark(&self) -> (bool, &Option<String>) {
        (self.not_null, &self.not_null_name)
    }
}

/// Constraints that have another name now and are the same otherwise: what they are, and what they were.
fn renamed<'a>(then: &'a [DomainCheck], now: &'a [DomainCheck]) -> Vec<(&'a DomainCheck, &'a DomainCheck)> {
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
fn has(checks: &[DomainCheck], check: &DomainCheck) -> bool {
    checks.iter().any(|other| other.name == check.name && other.definition == check.definition)
}
