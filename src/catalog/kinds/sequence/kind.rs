//! Sequences as a kind of objects.

use super::{
    super::{
        catalog_kind::{AlterTerms, CatalogKind, Changing, CreateOrder, DropOrder, Making},
        wording::{plain, switch},
    },
    model::Sequence,
};
use crate::catalog::{kind::ObjectKey, privilege::Grant};

impl CatalogKind for Sequence {
    fn noun(&self, _key: &ObjectKey) -> &'static str {
        "SEQUENCE"
    }

    fn bare_name<'a>(&'a self, key: &'a ObjectKey) -> Option<&'a str> {
        Some(&key.name)
    }

    fn made(&self) -> CreateOrder {
        CreateOrder::Sequences
    }

    fn dropped(&self) -> DropOrder {
        DropOrder::Sequences
    }

    fn create(&self, making: Making<'_>) -> Vec<String> {
        if self.identity {
            return Vec::new();
        }
        let unlogged = if self.unlogged { "UNLOGGED " } else { "" };
        vec![format!("CREATE {unlogged}SEQUENCE {} AS {}{}", self.title(making.key), self.data_type, self.options())]
    }

    fn can_stay(&self, now: &Self, _terms: AlterTerms) -> bool {
        self.identity == now.identity && (!self.identity || self.owned_by == now.owned_by)
    }

    fn after(&self, now: &Self, changing: Changing<'_>) -> Vec<String> {
        let alter = format!("ALTER SEQUENCE {}", self.title(changing.key));
        let mut statements = Vec::new();
        let facts = |sequence: &Sequence| Sequence { owned_by: None, unlogged: false, ..sequence.clone() };
        if facts(self) != facts(now) {
            let data_type = if self.data_type == now.data_type { String::new() } else { format!(" AS {}", self.data_type) };
            // It may stand where it could not stand by the old bounds; its position is set later.
            let is_narrower = self.min > now.min || self.max < now.max;
            let restart = if is_narrower { format!(" RESTART WITH {}", self.start) } else { String::new() };
            statements.push(format!("{alter}{data_type}{}{restart}", self.options()));
        }
        if self.unlogged != now.unlogged {
            statements.push(format!("{alter} SET {}", if self.unlogged { "UNLOGGED" } else { "LOGGED" }));
        }
        statements
    }

    fn describe(&self, now: &Self, what: &mut Vec<String>) {
        plain(what, "type", &Some(&self.data_type), &Some(&now.data_type));
        for (word, then, now) in [
            ("start", self.start, now.start),
            ("increment", self.increment, now.increment),
            ("minimum", self.min, now.min),
            ("maximum", self.max, now.max),
            ("cache", self.cache, now.cache),
        ] {
            plain(what, word, &Some(then), &Some(now));
        }
        switch(what, "cycle", self.cycle, now.cycle);
        switch(what, "unlogged", self.unlogged, now.unlogged);
        switch(what, "identity", self.identity, now.identity);
        let owner = |sequence: &Sequence| {
            sequence.owned_by.as_ref().map(|(table, column)| format!("{}.{}.{column}", table.schema, table.name))
        };
        plain(what, "owned by", &owner(self), &owner(now));
    }

    fn has_owner(&self, _key: &ObjectKey) -> bool {
        !self.identity
    }

    fn owner_column(&self) -> Option<&(ObjectKey, String)> {
        self.owned_by.as_ref()
    }

    fn is_of_identity(&self) -> bool {
        self.identity
    }

    fn granted(&self, key: &ObjectKey) -> Option<String> {
        Some(format!("SEQUENCE {}", self.title(key)))
    }

    fn built_in(&self, owner: &str, _server_version: u32) -> Vec<Grant> {
        Grant::own(owner, &["SELECT", "UPDATE", "USAGE"])
    }
}

impl Sequence {
    /// Everything about it but its type and position, as CREATE and ALTER take it.
    pub(in crate::catalog) fn options(&self) -> String {
        format!(
            " INCREMENT BY {} MINVALUE {} MAXVALUE {} START WITH {} CACHE {} {}",
            self.increment,
            self.min,
            self.max,
            self.start,
            self.cache,
            if self.cycle { "CYCLE" } else { "NO CYCLE" }
        )
    }
}
