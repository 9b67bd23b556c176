//! The tables that are copied: globs resolved, names checked.

use tokio_postgres::{Client, Error, types::Oid};

use crate::{
    machine::Failure,
    plan::{Plan, Rendered, Target, Text},
    postgres::{
        error_class,
        relation::{NotFound, Relation, RelationKind, Relations},
        search_path::PlanPath,
        session::{Lifetime, SessionSettings},
    },
    sql::TablePattern,
};

/// What the targets of a plan mean.
#[derive(Debug, Default)]
pub(super) struct ResolvedTargets {
    pub(super) targets: Vec<Relation>,
    pub(super) failures: Vec<Failure>,
    pub(super) warnings: Vec<String>,
}

/// The tables that the plan's backup covers now, as schema and name, ordered; looked up in a transaction of its own, or in
/// the caller's where one is open.
///
/// # Errors
/// Names and patterns that mean no table.
pub async fn targets(client: &Client, plan: &Plan<Rendered>) -> Result<Vec<(String, String)>, Vec<Failure>> {
    let failed = |error| vec![error_class::failure("backstop::preflight::not_looked", &error)];
    let settings = SessionSettings::of_plan(&plan.name, &plan.session);
    settings.apply(client, Lifetime::Session).await.map_err(|failure| vec![failure])?;
    let relations = Relations::read(client, &PlanPath::of(&plan.session)).await.map_err(failed)?;
    let resolved = resolve(plan, &relations);
    if !resolved.failures.is_empty() {
        return Err(resolved.failures);
    }
    let all = with_trees(client, &relations, resolved.targets).await.map_err(failed)?;
    Ok(all.into_iter().map(|table| (table.schema, table.name)).collect())
}

/// All relations as the plan's session sees them, looked up in a session whose settings are the plan's afterwards,
/// but for its search path.
///
/// # Errors
/// `backstop::preflight::not_looked`, with what the server said.
pub async fn relations(client: &Client, plan: &Plan<Rendered>) -> Result<Relations, Failure> {
    SessionSettings::of_plan(&plan.name, &plan.session).apply(client, Lifetime::Session).await?;
    Relations::read(client, &PlanPath::of(&plan.session))
        .await
        .map_err(|error| error_class::failure("backstop::preflight::not_looked", &error))
}

pub(super) fn resolve(plan: &Plan<Rendered>, relations: &Relations) -> ResolvedTargets {
    let mut resolved = ResolvedTargets::default();
    for target in &plan.backup.targets {
        let excluded = excluded(target, relations, &mut resolved);
        for name in &target.tables {
            match relations.find(name.sent()) {
                Ok(mut found) => {
                    found.retain(|table| !excluded.contains(table));
                    take(plan, name, found, &mut resolved);
                }
                Err(why) => resolved.failures.push(unknown(name, &why)),
            }
        }
    }
    for name in &plan.backup.allow_uncovered {
        if let Err(why) = relations.find(name.sent()) {
            resolved.warnings.push(format!("allow_uncovered: {}", why.message(name.shown())));
        }
    }
    resolved
}

/// What a target leaves out. A name that means nothing leaves nothing out.
fn excluded<'r>(target: &Target<Rendered>, relations: &'r Relations, resolved: &mut ResolvedTargets) -> Vec<&'r Relation> {
    let mut excluded = Vec::new();
    for name in &target.exclude {
        match relations.find(name.sent()) {
            Ok(found) => excluded.extend(found),
            Err(why) => resolved.warnings.push(format!("exclude: {}", why.message(name.shown()))),
        }
    }
    excluded
}

/// A pattern means tables that can be copied; a name that means anything else is a mistake.
fn take(plan: &Plan<Rendered>, name: &Text, found: Vec<&Relation>, resolved: &mut ResolvedTargets) {
    let is_pattern = TablePattern::parse(name.sent()).is_ok_and(|pattern| pattern.exact().is_none());
    let off_limits = |table: &Relation| table.schema == "backstop" || table.schema == plan.backup.schema.sent();
    for table in found {
        let is_table = matches!(table.kind, RelationKind::Table | RelationKind::Partitioned);
        if is_pattern && (!is_table || off_limits(table) || table.extension.is_some()) {
            continue;
        }
        if !is_table {
            let what = match table.kind {
                RelationKind::View => "a view",
                RelationKind::MaterializedView => "a materialized view",
                _ => "a foreign table",
            };
            let failure = Failure::permanent(
                "backstop::preflight::not_a_table",
                format!("target {table} is {what}, which holds no rows of its own to copy"),
            );
            resolved.failures.push(failure.hint(match table.kind {
                RelationKind::Foreign => left_out(table),
                RelationKind::Table | RelationKind::Partitioned | RelationKind::View | RelationKind::MaterializedView => {
                    "Name the tables that it reads from.".to_owned()
                }
            }));
        } else if let Some(extension) = &table.extension {
            resolved.failures.push(
                Failure::permanent(
                    "backstop::preflight::extension_member",
                    format!("target {table} belongs to extension {extension}, which alone can make it"),
                )
                .hint(left_out(table)),
            );
        } else if table.is_of_the_system() {
            resolved.failures.push(
                Failure::permanent("backstop::preflight::system_table", format!("target {table} belongs to the server"))
                    .hint(left_out(table)),
            );
        } else if off_limits(table) {
            resolved.failures.push(
                Failure::permanent("backstop::preflight::off_limits", format!("target {table} belongs to backstop itself"))
                    .hint("Leave it out: the journal and the backups are never part of a backup."),
            );
        } else if !resolved.targets.contains(table) {
            resolved.targets.push(table.clone());
        }
    }
}

/// What helps with what no restore can bring back.
fn left_out(table: &Relation) -> String {
    format!(
        "Leave it out: no restore brings it back. Where a step writes to it all the same, say `allow_uncovered: [{table}]` in the \
         plan's `backup`: what was written stays."
    )
}

fn unknown(name: &Text, why: &NotFound) -> Failure {
    let failure = Failure::permanent("backstop::preflight::unknown_table", format!("target: {}", why.message(name.shown())));
    match why {
        NotFound::NoTable { suggestion: Some(other) } => failure.hint(format!("Write {other}, if that was meant.")),
        NotFound::NoTable { suggestion: None } => {
            failure.hint("Correct the name, or make the table first: no schema has one of that name, or of a name like it.")
        }
        NotFound::NoMatch => failure.hint("Leave the pattern out, or correct it: a backup that misses a table is none."),
        NotFound::NoName(_) => failure.hint("Write schema.table, with double quotes around names with capitals or blanks."),
    }
}

/// With all partitions and heirs, ordered by name: a statement that names a table acts on those below it, too.
pub(super) async fn with_trees(
    client: &Client,
    relations: &Relations,
    mut targets: Vec<Relation>,
) -> Result<Vec<Relation>, Error> {
    const BELOW: &str = "WITH RECURSIVE tree (oid) AS ( \
                           SELECT t.oid FROM unnest($1::oid[]) AS t (oid) \
                           UNION SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits AS i ON i.inhparent = tree.oid) \
                         SELECT oid FROM tree";
    let named: Vec<Oid> = targets.iter().map(|table| table.oid).collect();
    for row in client.query(BELOW, &[&named]).await? {
        // Of a foreign table below is said elsewhere that it can't be brought back.
        let is_table = |table: &&Relation| matches!(table.kind, RelationKind::Table | RelationKind::Partitioned);
        if let Some(below) = relations.by_oid(row.try_get(0)?).filter(is_table)
            && !targets.contains(below)
        {
            targets.push(below.clone());
        }
    }
    targets.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
    Ok(targets)
}

/// Heap and TOAST of all of them.
pub(super) async fn bytes(client: &Client, targets: &[Relation]) -> Result<u64, Error> {
    let oids: Vec<Oid> = targets.iter().map(|table| table.oid).collect();
    let sql = "SELECT coalesce(sum(pg_table_size(oid::regclass)), 0)::bigint FROM unnest($1::oid[]) AS t (oid)";
    Ok(u64::try_from(client.query_one(sql, &[&oids]).await?.try_get::<_, i64>(0)?).unwrap_or_default())
}
