//! The differences of an object, kind by kind.

use super::{
    derived,
    lineage::{attached, descent},
    table,
    wording::{comment, excerpt, grants, list, plain, switch},
};
use crate::catalog::{
    companion::Companion,
    database::{Database, RoleSettings},
    foreign_key::hang_alike,
    label::SecurityLabel,
    object::{CompositeAttribute, ConstraintTrigger, Definition, DomainCheck, Object},
    sequence::Sequence,
};

/// The differences between two states of one object; never empty for two that differ.
pub(crate) fn of(then: &Object, now: &Object) -> Vec<String> {
    let mut what = definition(&then.definition, &now.definition);
    plain(&mut what, "owner", &then.owner, &now.owner);
    grants(&mut what, "", &then.grants, &now.grants);
    comment(&mut what, "comment", &then.comment, &now.comment);
    list(&mut what, "security label", &labels(then), &labels(now));
    companions(&mut what, &then.companions, &now.companions);
    let extensions = |object: &Object| object.extensions.iter().cloned().collect::<Vec<_>>();
    list(&mut what, "dependence on extension", &extensions(then), &extensions(now));
    if !hang_alike(then, now) {
        plain(&mut what, "hangs on", &then.hangs_on, &now.hangs_on);
    }
    if what.is_empty() {
        what.push("definition differs".to_owned());
    }
    what
}

/// What came along with it.
fn companions(what: &mut Vec<String>, then: &[Companion], now: &[Companion]) {
    let of = |all: &'_ [Companion], one: &Companion| {
        all.iter().find(|other| (&other.noun, &other.identity) == (&one.noun, &one.identity)).cloned()
    };
    let more = now.iter().filter(|one| of(then, one).is_none());
    for one in then.iter().chain(more) {
        let on = format!("{} {}", one.noun.to_lowercase(), one.identity);
        let (before, after) = (of(then, one), of(now, one));
        let list = |one: &Option<Companion>| one.as_ref().and_then(|one| one.grants.clone()).unwrap_or_default();
        grants(what, &format!(" on {on}"), &list(&before), &list(&after));
        let text = |one: &Option<Companion>| one.as_ref().and_then(|one| one.comment.clone());
        comment(what, &format!("comment on {on}"), &text(&before), &text(&after));
        let owner = |one: &Option<Companion>| one.as_ref().filter(|one| one.own_owner).and_then(|one| one.owner.clone());
        plain(what, &format!("owner of {on}"), &owner(&before), &owner(&after));
    }
}

fn labels(object: &Object) -> Vec<String> {
    let label = |label: &SecurityLabel| {
        let on = label.column.as_ref().map(|column| format!(" on column {column}")).unwrap_or_default();
        format!("{}{on} {}", label.provider, label.label)
    };
    object.labels.iter().map(label).collect()
}

fn definition(then: &Definition, now: &Definition) -> Vec<String> {
    let mut what = Vec::new();
    match (then, now) {
        (Definition::Table(then), Definition::Table(now)) => table::table(&mut what, then, now),
        (Definition::Sequence(then), Definition::Sequence(now)) => sequence(&mut what, then, now),
        (Definition::Enum { labels: then }, Definition::Enum { labels: now }) => list(&mut what, "label", then, now),
        (Definition::Domain { .. }, Definition::Domain { .. }) => domain(&mut what, then, now),
        (Definition::Composite { attributes: then }, Definition::Composite { attributes: now }) => {
            let names = |attributes: &[CompositeAttribute]| -> Vec<String> {
                attributes.iter().map(|attribute| format!("{} {}", attribute.name, attribute.data_type)).collect()
            };
            list(&mut what, "attribute", &names(then), &names(now));
        }
        (Definition::Function { create: then, .. }, Definition::Function { create: now, .. }) => {
            excerpt(&mut what, "definition", then, now);
        }
        (Definition::Constraint { .. }, Definition::Constraint { .. }) => constraint(&mut what, then, now),
        (Definition::Index { .. }, Definition::Index { .. }) => index(&mut what, then, now),
        (Definition::View { .. }, Definition::View { .. }) => view(&mut what, then, now),
        (Definition::Policy { .. }, Definition::Policy { .. }) => policy(&mut what, then, now),
        (Definition::Database(then), Definition::Database(now)) => database(&mut what, then, now),
        (Definition::Rule { create: a, enabled: x }, Definition::Rule { create: b, enabled: y }) => {
            excerpt(&mut what, "definition", a, b);
            if x != y {
                what.push(format!("{} -> {}", firing(*x), firing(*y)));
            }
        }
        (
            Definition::Trigger { create: a, enabled: x, parent: c, constraint: e, constraint_comment: g },
            Definition::Trigger { create: b, enabled: y, parent: d, constraint: f, constraint_comment: h },
        ) => {
            attached(&mut what, c, d);
            excerpt(&mut what, "definition", a, b);
            plain(&mut what, "constraint", e, f);
            comment(&mut what, "comment on the constraint", g, h);
            if x != y {
                what.push(format!("{} -> {}", firing(*x), firing(*y)));
            }
        }
        _ => derived::definition(&mut what, then, now),
    }
    what
}

/// What `pg_trigger.tgenabled` means.
pub(super) fn firing(enabled: char) -> &'static str {
    match enabled {
        'O' => "enabled",
        'D' => "disabled",
        'R' => "enabled for replicas",
        'A' => "always enabled",
        _ => "in an unknown state",
    }
}

fn database(what: &mut Vec<String>, then: &Database, now: &Database) {
    plain(what, "connection limit", &Some(then.connection_limit), &Some(now.connection_limit));
    switch(what, "template", then.is_template, now.is_template);
    switch(what, "connections allowed", then.allows_connections, now.allows_connections);
    plain(what, "collation version", &then.collation_version, &now.collation_version);
    let settings = |database: &Database| -> Vec<String> {
        let of = |of: &RoleSettings| {
            let role = of.role.as_ref().map(|role| format!("of role {role} ")).unwrap_or_default();
            of.settings.iter().map(|setting| format!("{role}{setting}")).collect::<Vec<_>>()
        };
        database.settings.iter().flat_map(of).collect()
    };
    list(what, "setting", &settings(then), &settings(now));
}

fn sequence(what: &mut Vec<String>, then: &Sequence, now: &Sequence) {
    plain(what, "type", &Some(&then.data_type), &Some(&now.data_type));
    for (word, then, now) in [
        ("start", then.start, now.start),
        ("increment", then.increment, now.increment),
        ("minimum", then.min, now.min),
        ("maximum", then.max, now.max),
        ("cache", then.cache, now.cache),
    ] {
        plain(what, word, &Some(then), &Some(now));
    }
    switch(what, "cycle", then.cycle, now.cycle);
    switch(what, "unlogged", then.unlogged, now.unlogged);
    switch(what, "identity", then.identity, now.identity);
    let owner = |sequence: &Sequence| {
        sequence.owned_by.as_ref().map(|(table, column)| format!("{}.{}.{column}", table.schema, table.name))
    };
    plain(what, "owned by", &owner(then), &owner(now));
}

fn domain(what: &mut Vec<String>, then: &Definition, now: &Definition) {
    let (
        Definition::Domain { base: a, collation: c, default: e, not_null: g, not_null_name: i, checks: k },
        Definition::Domain { base: b, collation: d, default: f, not_null: h, not_null_name: j, checks: l },
    ) = (then, now)
    else {
        return;
    };
    plain(what, "base type", &Some(a), &Some(b));
    plain(what, "collation", c, d);
    plain(what, "default", e, f);
    switch(what, "not null", *g, *h);
    if g == h {
        plain(what, "not-null constraint", i, j);
    }
    let checks = |checks: &[DomainCheck]| -> Vec<String> {
        checks.iter().map(|check| format!("{} {}", check.name, check.definition)).collect()
    };
    list(what, "constraint", &checks(k), &checks(l));
    for before in k {
        if let Some(after) = l.iter().find(|after| after.name == before.name) {
            comment(what, &format!("comment on constraint {}", before.name), &before.comment, &after.comment);
        }
    }
}

fn constraint(what: &mut Vec<String>, then: &Definition, now: &Definition) {
    let (
        Definition::Constraint {
            definition: a,
            validated: c,
            clustered: e,
            replica_identity: g,
            index: i,
            parent: k,
            descent: m,
            triggers: o,
            ..
        },
        Definition::Constraint {
            definition: b,
            validated: d,
            clustered: f,
            replica_identity: h,
            index: j,
            parent: l,
            descent: n,
            triggers: p,
            ..
        },
    ) = (then, now)
    else {
        return;
    };
    excerpt(what, "definition", a, b);
    descent(what, "constraint", *m, *n);
    attached(what, k, l);
    switch(what, "validated", *c, *d);
    switch(what, "cluster mark", *e, *f);
    switch(what, "replica identity", *g, *h);
    if let (Some(i), Some(j)) = (i, j) {
        list(what, "option", &i.options, &j.options);
        plain(what, "tablespace", &i.tablespace, &j.tablespace);
        comment(what, "comment on the index", &i.comment, &j.comment);
    }
    let states = |triggers: &[ConstraintTrigger]| -> Vec<String> {
        let on =
            |trigger: &ConstraintTrigger| trigger.partition.as_ref().map(|name| format!(" on {name}")).unwrap_or_default();
        triggers.iter().map(|trigger| format!("{}{} {}", trigger.function, on(trigger), firing(trigger.state))).collect()
    };
    list(what, "internal trigger", &states(o), &states(p));
}

fn index(what: &mut Vec<String>, then: &Definition, now: &Definition) {
    let (
        Definition::Index {
            create: a,
            valid: c,
            tablespace: e,
            clustered: g,
            replica_identity: i,
            statistics: k,
            parent: m,
            ..
        },
        Definition::Index {
            create: b,
            valid: d,
            tablespace: f,
            clustered: h,
            replica_identity: j,
            statistics: l,
            parent: n,
            ..
        },
    ) = (then, now)
    else {
        return;
    };
    excerpt(what, "definition", a, b);
    attached(what, m, n);
    switch(what, "valid", *c, *d);
    plain(what, "tablespace", e, f);
    switch(what, "cluster mark", *g, *h);
    switch(what, "replica identity", *i, *j);
    if k != l {
        what.push("statistics targets differ".to_owned());
    }
}

fn view(what: &mut Vec<String>, then: &Definition, now: &Definition) {
    let (
        Definition::View { columns: a, query: c, options: e, column_facts: g, defaults: i, .. },
        Definition::View { columns: b, query: d, options: f, column_facts: h, defaults: j, .. },
    ) = (then, now)
    else {
        return;
    };
    list(what, "column", a, b);
    excerpt(what, "query", c, d);
    list(what, "option", e, f);
    table::facts(what, g, h);
    let defaults = |defaults: &[(String, String)]| -> Vec<String> {
        defaults.iter().map(|(column, value)| format!("{column} {value}")).collect()
    };
    list(what, "default", &defaults(i), &defaults(j));
}

fn policy(what: &mut Vec<String>, then: &Definition, now: &Definition) {
    let (
        Definition::Policy { permissive: a, command: c, roles: e, using: g, check: i },
        Definition::Policy { permissive: b, command: d, roles: f, using: h, check: j },
    ) = (then, now)
    else {
        return;
    };
    switch(what, "permissive", *a, *b);
    plain(what, "for", &Some(c), &Some(d));
    list(what, "role", e, f);
    let text = |expression: &Option<String>| expression.clone().unwrap_or_else(|| "none".to_owned());
    excerpt(what, "using", &text(g), &text(h));
    excerpt(what, "with check", &text(i), &text(j));
}
