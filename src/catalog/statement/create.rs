//! Making objects as they were recorded.

use super::{
    aggregate,
    grant::default_privileges,
    materialized_view,
    name::{column, noun, table_of, title},
    other, publication, range,
    source_form::source_form,
    table,
    trigger_state::{internal_triggers, rename_constraint, rule_state, trigger_state},
};
use crate::{
    catalog::{
        hierarchy::is_of_partitioned,
        kind::{Kind, ObjectKey},
        object::{Definition, Object},
        sequence::Sequence,
        snapshot::Snapshot,
        table::{NotNull, system_columns},
    },
    sql::quote::{ident, literal, qualified},
};

/// The statements that make the object; none for what comes with another, as an identity column's sequence does.
/// Owner, privileges and comments are not in them.
pub(crate) fn create(key: &ObjectKey, object: &Object, then: &Snapshot) -> Vec<String> {
    let name = title(key, &object.definition);
    match &object.definition {
        Definition::Schema => vec![format!("CREATE SCHEMA {name}")],
        Definition::Enum { labels } => {
            let labels: Vec<String> = labels.iter().map(|label| literal(label)).collect();
            vec![format!("CREATE TYPE {name} AS ENUM ({})", labels.join(", "))]
        }
        Definition::Domain { .. } => vec![domain(&name, &object.definition)],
        Definition::Composite { attributes } => {
            let attributes: Vec<String> = attributes
                .iter()
                .map(|attribute| {
                    format!("{} {}{}", ident(&attribute.name), attribute.data_type, collate(&attribute.collation))
                })
                .collect();
            vec![format!("CREATE TYPE {name} AS ({})", attributes.join(", "))]
        }
        Definition::Range(range) => vec![range::create(&name, range)],
        Definition::Sequence(sequence) if sequence.identity => Vec::new(),
        Definition::Sequence(sequence) => {
            let unlogged = if sequence.unlogged { "UNLOGGED " } else { "" };
            vec![format!("CREATE {unlogged}SEQUENCE {name} AS {}{}", sequence.data_type, sequence_options(sequence))]
        }
        Definition::Function { create, .. } => vec![source_form(create.trim_end())],
        Definition::Aggregate { .. } => aggregate::create(key, &object.definition),
        Definition::Table(table) => table::create(key, table, then),
        Definition::Constraint { .. } => constraint(key, &object.definition, then),
        Definition::Index { .. } => index(key, &object.definition),
        Definition::View { columns, query, options, defaults, own_types, .. } => {
            let columns: Vec<String> = columns.iter().map(|column| ident(column)).collect();
            let (mut statements, replacing) =
                if own_types.is_empty() { (vec![], "") } else { (vec![hollow(&name, &columns, own_types)], "OR REPLACE ") };
            statements.push(format!(
                "CREATE {replacing}VIEW {name} ({}){} AS\n{}",
                columns.join(", "),
                with_options(options),
                source_form(query)
            ));
            statements.extend(defaults.iter().map(|(column, default)| {
                format!("ALTER VIEW {name} ALTER COLUMN {} SET DEFAULT {}", ident(column), source_form(default))
            }));
            statements
        }
        Definition::Trigger { create, enabled, constraint, .. } => {
            let mut statements = vec![source_form(create)];
            statements.extend(constraint.as_ref().map(|name| rename_constraint(key, &key.name, name)));
            if *enabled != 'O' {
                statements.push(trigger_state(key, *enabled));
            }
            statements
        }
        Definition::MaterializedView(view) => materialized_view::create(&name, view),
        Definition::Rule { create, enabled } => {
            let mut statements = vec![source_form(create)];
            if *enabled != 'O' {
                statements.push(rule_state(key, *enabled));
            }
            statements
        }
        Definition::Statistics { create, target, .. } => {
            let mut statements = vec![source_form(create)];
            statements.extend(target.map(|target| format!("ALTER STATISTICS {name} SET STATISTICS {target}")));
            statements
        }
        Definition::Policy { permissive, command, roles, using, check } => {
            let roles: Vec<String> = roles.iter().map(|role| ident(role)).collect();
            let mut statement = format!(
                "CREATE POLICY {name} AS {} FOR {command} TO {}",
                if *permissive { "PERMISSIVE" } else { "RESTRICTIVE" },
                if roles.is_empty() { "PUBLIC".to_owned() } else { roles.join(", ") }
            );
            if let Some(using) = using {
                statement.push_str(&format!(" USING ({})", source_form(using)));
            }
            if let Some(check) = check {
                statement.push_str(&format!(" WITH CHECK ({})", source_form(check)));
            }
            vec![statement]
        }
        Definition::Publication { .. } | Definition::Published { .. } | Definition::PublishedSchema => {
            publication::create(key, &object.definition)
        }
        Definition::DefaultPrivileges { .. } => default_privileges(&object.definition, &[], &object.grants),
        Definition::Database(_) => Vec::new(),
        Definition::Other { statements, .. } => statements.clone(),
    }
}

/// The statement that gives the object its owner; none for parts of tables and for sequences that follow their table's.
pub(crate) fn owner(key: &ObjectKey, object: &Object) -> Option<String> {
    if matches!(&object.definition, Definition::Sequence(sequence) if sequence.identity) {
        return None;
    }
    let owner = object.owner.as_ref().filter(|_| key.kind != Kind::Other || other::has_owner(key))?;
    Some(format!("ALTER {} {} OWNER TO {}", noun(key, &object.definition), title(key, &object.definition), ident(owner)))
}

/// What COMMENT ON takes, and the text where there is one, for the object and for everything in it.
pub(crate) fn remarks(key: &ObjectKey, object: &Object) -> Vec<(String, Option<String>)> {
    let name = title(key, &object.definition);
    let mut remarks = Vec::new();
    let mut say = |target: String, comment: &Option<String>| remarks.push((target, comment.clone()));
    if key.kind != Kind::Published && (key.kind != Kind::Other || other::has_comment(key)) {
        say(format!("{} {name}", noun(key, &object.definition)), &object.comment);
    }
    if matches!(key.kind, Kind::Table | Kind::MaterializedView) {
        let all = object.definition.column_facts();
        for name in system_columns() {
            let facts = all.iter().rev().find(|facts| facts.column == name);
            say(format!("COLUMN {}", column(key, name)), &facts.and_then(|facts| facts.comment.clone()));
        }
    }
    match &object.definition {
        Definition::Domain { checks, .. } => {
            for check in checks {
                say(format!("CONSTRAINT {} ON DOMAIN {name}", ident(&check.name)), &check.comment);
            }
        }
        Definition::Composite { attributes } => {
            for attribute in attributes {
                say(format!("COLUMN {}", column(key, &attribute.name)), &attribute.comment);
            }
        }
        Definition::Table(table) => {
            for each in &table.columns {
                say(format!("COLUMN {}", column(key, &each.name)), &each.facts.comment);
                if let Some(NotNull { name: Some(mark), comment, .. }) = &each.not_null {
                    say(format!("CONSTRAINT {} ON {name}", ident(mark)), comment);
                }
            }
        }
        Definition::MaterializedView(view) => {
            for each in &view.columns {
                say(format!("COLUMN {}", column(key, &each.name)), &each.facts.comment);
            }
        }
        Definition::Range(range) => {
            if let Some(name) = &range.multirange {
                say(format!("TYPE {name}"), &range.multirange_comment);
            }
        }
        Definition::View { columns, column_facts, .. } => {
            for name in columns {
                let facts = column_facts.iter().find(|facts| facts.column == *name);
                say(format!("COLUMN {}", column(key, name)), &facts.and_then(|facts| facts.comment.clone()));
            }
        }
        Definition::Trigger { create, constraint, constraint_comment, .. } if create.starts_with("CREATE CONSTRAINT ") => {
            let name = ident(constraint.as_ref().unwrap_or(&key.name));
            say(format!("CONSTRAINT {name} ON {}", table_of(key, &object.definition)), constraint_comment);
        }
        Definition::Constraint { index: Some(index), .. } => {
            say(format!("INDEX {}", qualified(&key.schema, &key.name)), &index.comment);
        }
        _ => {}
    }
    remarks
}

/// The statement that sets a comment, or takes it away.
pub(crate) fn comment(target: &str, text: Option<&str>) -> String {
    format!("COMMENT ON {target} IS {}", text.map_or_else(|| "NULL".to_owned(), literal))
}

/// ` COLLATE …`, where there is one.
pub(super) fn collate(collation: &Option<String>) -> String {
    collation.as_ref().map(|collation| format!(" COLLATE {collation}")).unwrap_or_default()
}

/// ` WITH (…)`, where there are options.
pub(super) fn with_options(options: &[String]) -> String {
    if options.is_empty() { String::new() } else { format!(" WITH ({})", options_list(options)) }
}

/// `name=value` as `reloptions` stores it, with the value as a literal. The server knows the names; they are no identifiers.
pub(super) fn options_list(options: &[String]) -> String {
    let options: Vec<String> = options
        .iter()
        .map(|option| match option.split_once('=') {
            Some((name, value)) => format!("{name}={}", literal(value)),
            None => option.clone(),
        })
        .collect();
    options.join(", ")
}

/// Everything about a sequence but its type and position.
pub(crate) fn sequence_options(sequence: &Sequence) -> String {
    format!(
        " INCREMENT BY {} MINVALUE {} MAXVALUE {} START WITH {} CACHE {} {}",
        sequence.increment,
        sequence.min,
        sequence.max,
        sequence.start,
        sequence.cache,
        if sequence.cycle { "CYCLE" } else { "NO CYCLE" }
    )
}

fn domain(name: &str, definition: &Definition) -> String {
    let Definition::Domain { base, collation, default, not_null, not_null_name, checks } = definition else {
        return String::new();
    };
    let mut statement = format!("CREATE DOMAIN {name} AS {base}{}", collate(collation));
    if let Some(default) = default {
        statement.push_str(&format!(" DEFAULT {}", source_form(default)));
    }
    if *not_null {
        if let Some(name) = not_null_name {
            statement.push_str(&format!(" CONSTRAINT {}", ident(name)));
        }
        statement.push_str(" NOT NULL");
    }
    // NOT VALID can't be said here; see `after`.
    for check in checks.iter().filter(|check| !check.definition.ends_with(" NOT VALID")) {
        statement.push_str(&format!(" CONSTRAINT {} {}", ident(&check.name), source_form(&check.definition)));
    }
    statement
}

/// A view with these columns and nothing in it, for queries that read the view itself.
fn hollow(name: &str, columns: &[String], types: &[String]) -> String {
    let columns: Vec<String> =
        types.iter().zip(columns).map(|(data_type, column)| format!("NULL::{data_type} AS {column}")).collect();
    format!("CREATE VIEW {name} AS SELECT {}", columns.join(", "))
}

fn constraint(key: &ObjectKey, definition: &Definition, then: &Snapshot) -> Vec<String> {
    let Definition::Constraint { contype, definition: text, clustered, replica_identity, index, triggers, .. } = definition
    else {
        return Vec::new();
    };
    let table = table_of(key, definition);
    let mut text = source_form(text);
    if let Some(index) = index {
        // The server prints the options of an exclusion's index, but not those of a key's, which belong behind its columns.
        let mut extra = if *contype == 'x' { String::new() } else { with_options(&index.options) };
        if let Some(tablespace) = &index.tablespace {
            extra.push_str(&format!(" USING INDEX TABLESPACE {}", ident(tablespace)));
        }
        let place = if *contype == 'x' { exclusion_tail(&text) } else { text.rfind(')').map_or(text.len(), |at| at + 1) };
        text.insert_str(place, &extra);
    }
    // Each partition has its own, which is attached to this one.
    let only = if matches!(contype, 'p' | 'u') && is_of_partitioned(then, key) { "ONLY " } else { "" };
    let mut statements = vec![format!("ALTER TABLE {only}{table} ADD CONSTRAINT {} {text}", ident(&key.name))];
    statements.extend(marks(&table, &key.name, *clustered, *replica_identity));
    if !triggers.is_empty() {
        statements.push(internal_triggers(key, triggers));
    }
    statements
}

/// Where an exclusion constraint's text goes on with its predicate or its deferrability, before which a tablespace is named.
fn exclusion_tail(text: &str) -> usize {
    [" WHERE (", " DEFERRABLE", " INITIALLY DEFERRED"].iter().filter_map(|tail| text.find(tail)).min().unwrap_or(text.len())
}

fn index(key: &ObjectKey, definition: &Definition) -> Vec<String> {
    let Definition::Index { create, tablespace, clustered, replica_identity, statistics, .. } = definition else {
        return Vec::new();
    };
    let name = qualified(&key.schema, &key.name);
    let mut statements = vec![source_form(create)];
    if let Some(tablespace) = tablespace {
        statements.push(format!("ALTER INDEX {name} SET TABLESPACE {}", ident(tablespace)));
    }
    statements.extend(
        statistics
            .iter()
            .map(|(column, target)| format!("ALTER INDEX {name} ALTER COLUMN {column} SET STATISTICS {target}")),
    );
    statements.extend(marks(&table_of(key, definition), &key.name, *clustered, *replica_identity));
    statements
}

/// The marks that a table puts on one of its indexes.
pub(super) fn marks(table: &str, index: &str, clustered: bool, replica_identity: bool) -> Vec<String> {
    let mut statements = Vec::new();
    if clustered {
        statements.push(format!("ALTER TABLE {table} CLUSTER ON {}", ident(index)));
    }
    if replica_identity {
        statements.push(format!("ALTER TABLE {table} REPLICA IDENTITY USING INDEX {}", ident(index)));
    }
    statements
}
