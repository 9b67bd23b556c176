//! Row-level security policies.

use serde::{Deserialize, Serialize};

use super::{
    catalog_kind::{CatalogKind, CreateOrder, DropOrder, Making, Nearest},
    wording::{excerpt, list, plain, switch},
};
use crate::{
    catalog::{kind::ObjectKey, source_form::source_form},
    sql::quote::ident,
};

/// A row-level security policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// PERMISSIVE or RESTRICTIVE.
    pub permissive: bool,
    /// ALL, SELECT, INSERT, UPDATE or DELETE.
    pub command: String,
    /// Roles; empty is PUBLIC.
    pub roles: Vec<String>,
    /// USING
    pub using: Option<String>,
    /// WITH CHECK
    pub check: Option<String>,
}

impl CatalogKind for Policy {
    fn noun(&self, _key: &ObjectKey) -> &'static str {
        "POLICY"
    }

    fn made(&self) -> CreateOrder {
        CreateOrder::Policies
    }

    fn dropped(&self) -> DropOrder {
        DropOrder::Policies
    }

    fn create(&self, making: Making<'_>) -> Vec<String> {
        let roles: Vec<String> = self.roles.iter().map(|role| ident(role)).collect();
        let mut statement = format!(
            "CREATE POLICY {} AS {} FOR {} TO {}",
            self.title(making.key),
            if self.permissive { "PERMISSIVE" } else { "RESTRICTIVE" },
            self.command,
            if roles.is_empty() { "PUBLIC".to_owned() } else { roles.join(", ") }
        );
        if let Some(using) = &self.using {
            statement.push_str(&format!(" USING ({})", source_form(using)));
        }
        if let Some(check) = &self.check {
            statement.push_str(&format!(" WITH CHECK ({})", source_form(check)));
        }
        vec![statement]
    }

    fn describe(&self, now: &Self, what: &mut Vec<String>) {
        switch(what, "permissive", self.permissive, now.permissive);
        plain(what, "for", &Some(&self.command), &Some(&now.command));
        list(what, "role", &self.roles, &now.roles);
        let text = |expression: &Option<String>| expression.clone().unwrap_or_else(|| "none".to_owned());
        excerpt(what, "using", &text(&self.using), &text(&now.using));
        excerpt(what, "with check", &text(&self.check), &text(&now.check));
    }

    fn unspell(&mut self) {
        self.using.iter_mut().chain(&mut self.check).for_each(String::clear);
    }

    fn roles(&self) -> Vec<&String> {
        self.roles.iter().collect()
    }

    /// Of a restrictive one: a policy that lets nobody see more than the recorded one did.
    fn nearest(&self, sql: &str, making: Making<'_>) -> Option<Nearest> {
        if self.permissive || self.create(making).first().map(String::as_str) != Some(sql) {
            return None;
        }
        let closed = Policy {
            using: (self.command != "INSERT").then(|| "false".to_owned()),
            check: (self.command != "SELECT" && self.command != "DELETE").then(|| "false".to_owned()),
            ..self.clone()
        };
        Some(Nearest {
            sql: closed.create(making).into_iter().next()?,
            finish: self.drop_object(making).into_iter().chain([sql.to_owned()]).collect(),
        })
    }
}
