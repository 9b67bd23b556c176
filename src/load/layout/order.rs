//! The order of fields: the one in which the format's schema names them, but for a few that read better behind the others.

use std::sync::LazyLock;

use serde_json::Value;

use crate::load::schema;

/// Fields that come behind all others of their map, in this order: what a check asks comes before what its failure means, and what a
/// variable is before its value.
const LATE: [&str; 4] = ["default", "required", "severity", "hint"];

/// Fields that come right before the text that they are about, where there is one: how a step runs before what it does.
const BEFORE_SQL: [&str; 2] = ["transaction", "batch"];
/// Room between two places.
const ROOM: usize = 8;

static SCHEMA: LazyLock<Value> = LazyLock::new(schema);

/// What the schema says of one value of a plan.
#[derive(Debug, Clone, Copy)]
pub(super) struct ValueSchema<'s>(Option<&'s Value>);

impl ValueSchema<'static> {
    /// Of the plan as a whole.
    pub(super) fn plan() -> Self {
        ValueSchema(Some(&SCHEMA))
    }
}

impl<'s> ValueSchema<'s> {
    /// The place of a field among its map's; fields that the schema doesn't know have none, and keep their order behind the others.
    pub(super) fn place(self, field: &str) -> Option<usize> {
        let properties = self.properties()?;
        let place = |field: &str| properties.keys().position(|known| known == field).map(|place| (place + 1) * ROOM);
        let own = place(field)?;
        if let Some(late) = LATE.iter().position(|late| *late == field) {
            return Some((properties.len() + 1) * ROOM + late);
        }
        match (BEFORE_SQL.iter().position(|early| *early == field), place("sql")) {
            (Some(early), Some(sql)) => Some(sql - (BEFORE_SQL.len() - early)),
            _ => Some(own),
        }
    }

    /// What is known of a field's value.
    pub(super) fn field(self, name: &str) -> ValueSchema<'s> {
        let named = self.properties().and_then(|properties| properties.get(name));
        ValueSchema(named.or_else(|| self.0.and_then(|schema| schema.get("additionalProperties")))).resolved()
    }

    /// What is known of a list's items.
    pub(super) fn item(self) -> ValueSchema<'s> {
        ValueSchema(self.0.and_then(|schema| schema.get("items"))).resolved()
    }

    fn properties(self) -> Option<&'s serde_json::Map<String, Value>> {
        self.0?.get("properties")?.as_object()
    }

    /// The definition that a reference leads to; of alternatives the one with fields.
    fn resolved(self) -> ValueSchema<'s> {
        let Some(schema) = self.0 else { return self };
        if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix("#/$defs/")) {
            return ValueSchema(SCHEMA.get("$defs").and_then(|definitions| definitions.get(name))).resolved();
        }
        let Some(alternatives) =
            schema.get("anyOf").and_then(Value::as_array).filter(|_| schema.get("properties").is_none())
        else {
            return self;
        };
        let found = alternatives.iter().map(|one| ValueSchema(Some(one)).resolved()).find(|one| one.properties().is_some());
        found.unwrap_or(self)
    }
}

/// The order of some fields of one map: indices into `names`. It is stable.
pub(super) fn order(names: &[&str], known: ValueSchema<'_>) -> Vec<usize> {
    let mut order: Vec<(usize, &str)> = names.iter().copied().enumerate().collect();
    order.sort_by_key(|(_, name)| known.place(name).unwrap_or(usize::MAX));
    order.into_iter().map(|(nth, _)| nth).collect()
}
