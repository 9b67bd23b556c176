//! Everything of objects that stay but their columns.

use super::{
    super::{
        create::{marks, sequence_options},
        name::{table_of, title},
        source_form::source_form,
        trigger_state::internal_triggers,
        validate::add_domain_check,
    },
    Pair,
    column::options,
};
use crate::{
    catalog::{
        domain,
        object::{Definition, DomainCheck},
        sequence::Sequence,
        table::Table,
    },
    sql::quote::{ident, qualified},
};

pub(super) fn table(pair: Pair<'_>, then: &Table, now: &Table) -> Vec<String> {
    let alter = format!("ALTER TABLE {}", title(pair.key, &pair.then.definition));
    let mut statements = options(&alter, &then.options, &now.options);
    if let Some(of) = then.of_type.as_ref().filter(|_| then.of_type != now.of_type) {
        statements.push(format!("{alter} OF {of}"));
    }
    if then.unlogged != now.unlogged {
        statements.push(format!("{alter} SET {}", if then.unlogged { "UNLOGGED" } else { "LOGGED" }));
    }
    if then.tablespace != now.tablespace {
        let tablespace = then.tablespace.as_deref().unwrap_or("pg_default");
        statements.push(format!("{alter} SET TABLESPACE {}", ident(tablespace)));
    }
    if then.row_security != now.row_security {
        statements.push(format!("{alter} {} ROW LEVEL SECURITY", if then.row_security { "ENABLE" } else { "DISABLE" }));
    }
    if then.force_row_security != now.force_row_security {
        statements
            .push(format!("{alter} {} ROW LEVEL SECURITY", if then.force_row_security { "FORCE" } else { "NO FORCE" }));
    }
    if then.replica_identity != now.replica_identity {
        statements.extend(replica_identity(then).map(|word| format!("{alter} REPLICA IDENTITY {word}")));
    }
    statements
}

/// Whether the object is an index, or has one, that is its table's replica identity.
pub(crate) fn is_replica_identity(definition: &Definition) -> bool {
    matches!(
        definition,
        Definition::Index { replica_identity: true, .. } | Definition::Constraint { replica_identity: true, .. }
    )
}

/// The word for it; none where an index is it, which is said at the index.
pub(crate) fn replica_identity(table: &Table) -> Option<&'static str> {
    match table.replica_identity {
        'd' => Some("DEFAULT"),
        'n' => Some("NOTHING"),
        'f' => Some("FULL"),
        _ => None,
    }
}

pub(super) fn sequence(pair: Pair<'_>, then: &Sequence, now: &Sequence) -> Vec<String> {
    let alter = format!("ALTER SEQUENCE {}", title(pair.key, &pair.then.definition));
    let mut statements = Vec::new();
    let facts = |sequence: &Sequence| Sequence { owned_by: None, unlogged: false, ..sequence.clone() };
    if facts(then) != facts(now) {
        let data_type = if then.data_type == now.data_type { String::new() } else { format!(" AS {}", then.data_type) };
        // It may stand where it could not stand by the old bounds; its position is set later.
        let is_narrower = then.min > now.min || then.max < now.max;
        let restart = if is_narrower { format!(" RESTART WITH {}", then.start) } else { String::new() };
        statements.push(format!("{alter}{data_type}{}{restart}", sequence_options(then)));
    }
    if then.unlogged != now.unlogged {
        statements.push(format!("{alter} SET {}", if then.unlogged { "UNLOGGED" } else { "LOGGED" }));
    }
    statements
}

/// An index, or the one behind a constraint.
pub(super) fn index(pair: Pair<'_>) -> Vec<String> {
    let name = qualified(&pair.key.schema, &pair.key.name);
    let table = table_of(pair.key, &pair.then.definition);
    match (&pair.then.definition, &pair.now.definition) {
        (
            Definition::Index { statistics: a, clustered: c, replica_identity: e, tablespace: g, .. },
            Definition::Index { statistics: b, clustered: d, replica_identity: f, tablespace: h, .. },
        ) => {
            let mut statements = Vec::new();
            for (column, _) in b.iter().filter(|(column, _)| a.iter().all(|(other, _)| other != column)) {
                statements.push(format!("ALTER INDEX {name} ALTER COLUMN {column} SET STATISTICS -1"));
            }
            for (column, target) in a.iter().filter(|target| !b.contains(target)) {
                statements.push(format!("ALTER INDEX {name} ALTER COLUMN {column} SET STATISTICS {target}"));
            }
            if g != h {
                let tablespace = g.as_deref().unwrap_or("pg_default");
                statements.push(format!("ALTER INDEX {name} SET TABLESPACE {}", ident(tablespace)));
            }
            statements.extend(marks(&table, &pair.key.name, *c && !d, *e && !f));
            statements
        }
        (
            Definition::Constraint { clustered: c, replica_identity: e, triggers: g, .. },
            Definition::Constraint { clustered: d, replica_identity: f, triggers: h, .. },
        ) => {
            let mut statements = marks(&table, &pair.key.name, *c && !d, *e && !f);
            statements.extend((g != h).then(|| internal_triggers(pair.key, g)));
            statements
        }
        _ => Vec::new(),
    }
}

pub(super) fn view(pair: Pair<'_>) -> Vec<String> {
    let (Definition::View { options: a, defaults: c, .. }, Definition::View { options: b, defaults: d, .. }) =
        (&pair.then.definition, &pair.now.definition)
    else {
        return Vec::new();
    };
    let alter = format!("ALTER VIEW {}", title(pair.key, &pair.then.definition));
    let mut statements = options(&alter, a, b);
    for (column, _) in d.iter().filter(|(column, _)| c.iter().all(|(other, _)| other != column)) {
        statements.push(format!("{alter} ALTER COLUMN {} DROP DEFAULT", ident(column)));
    }
    for (column, default) in c.iter().filter(|default| !d.contains(default)) {
        statements.push(format!("{alter} ALTER COLUMN {} SET DEFAULT {}", ident(column), source_form(default)));
    }
    statements
}

pub(super) fn domain_before(pair: Pair<'_>) -> Vec<String> {
    let (
        Definition::Domain { checks: then, not_null: a, not_null_name: c, .. },
        Definition::Domain { checks: now, not_null: b, not_null_name: d, .. },
    ) = (&pair.then.definition, &pair.now.definition)
    else {
        return Vec::new();
    };
    let alter = format!("ALTER DOMAIN {}", title(pair.key, &pair.then.definition));
    let renamed = domain::renamed(then, now);
    let rename = |(from, to): &(&DomainCheck, &DomainCheck)| {
        format!("{alter} RENAME CONSTRAINT {} TO {}", ident(&from.name), ident(&to.name))
    };
    let mut statements: Vec<String> = now
        .iter()
        .filter(|check| !domain::has(then, check) && renamed.iter().all(|(from, _)| from.name != check.name))
        .map(|check| format!("{alter} DROP CONSTRAINT {}", ident(&check.name)))
        .collect();
    statements.extend(renamed.iter().map(rename));
    if *b && (a, c) != (b, d) {
        statements.push(format!("{alter} DROP NOT NULL"));
    }
    statements
}

pub(super) fn domain_after(pair: Pair<'_>) -> Vec<String> {
    let (
        Definition::Domain { checks: then, not_null: a, not_null_name: c, default: e, .. },
        Definition::Domain { checks: now, not_null: b, not_null_name: d, default: f, .. },
    ) = (&pair.then.definition, &pair.now.definition)
    else {
        return Vec::new();
    };
    let alter = format!("ALTER DOMAIN {}", title(pair.key, &pair.then.definition));
    let renamed = domain::renamed(then, now);
    let mut statements: Vec<String> = then
        .iter()
        .filter(|check| !domain::has(now, check) && renamed.iter().all(|(_, to)| to.name != check.name))
        .map(|check| add_domain_check(pair.key, &pair.then.definition, &check.name, &check.definition))
        .collect();
    if *a && (a, c) != (b, d) {
        statements.push(match c {
            Some(name) => format!("{alter} ADD CONSTRAINT {} NOT NULL", ident(name)),
            None => format!("{alter} SET NOT NULL"),
        });
    }
    if e != f {
        statements.push(match e {
            Some(default) => format!("{alter} SET DEFAULT {}", source_form(default)),
            None => format!("{alter} DROP DEFAULT"),
        });
    }
    statements
}
