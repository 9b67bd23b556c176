//! Whether the role may make the targets anew, with all that belongs to them and whoever owns it.

use std::collections::BTreeSet;

use tokio_postgres::{Client, Row};

use super::findings::PreflightFindings;
use crate::{
    catalog::{Authority, ObjectKey, ObjectKind, Snapshot, authority, hand_over},
    machine::Failure,
    plan::{Plan, Rendered, StepTransaction},
    postgres::error_class,
};

const MISSING: &str = "backstop::preflight::missing_privilege";
/// What stands before statements that help and that the role can't run itself.
const ADMINISTRATOR: &str = "Let an administrator run: ";
/// More objects than this are counted, not named.
const NAMED_MAX: usize = 5;

/// What of these objects the role could not make anew. What a restore has to do with in any case stands in the way. Views and
/// publications of others it touches only where a step changes what they hang on: where every step is looked at before it commits,
/// that is worth a word and no more.
pub(super) async fn look(
    client: &Client,
    plan: &Plan<Rendered>,
    snapshot: &Snapshot,
    recreated: &BTreeSet<ObjectKey>,
    findings: &mut PreflightFindings,
) -> Result<(), Failure> {
    let all = failures(client, snapshot, recreated).await?;
    let is_avoidable = |key: &ObjectKey| matches!(key.kind, ObjectKind::View | ObjectKind::Published);
    if plan.steps.iter().any(|step| step.transaction == StepTransaction::None) {
        findings.failures.extend(all);
        return Ok(());
    }
    let certain: BTreeSet<ObjectKey> = recreated.iter().filter(|key| !is_avoidable(key)).cloned().collect();
    let certain = failures(client, snapshot, &certain).await?;
    let avoidable = all.iter().filter(|failure| !certain.contains(failure));
    findings.warnings.extend(avoidable.map(|failure| {
        let help = failure.hint.as_deref().unwrap_or_default();
        format!("{}; a step that would make a restore do that is refused. {help}", failure.message)
    }));
    findings.failures.extend(certain);
    Ok(())
}

/// What the role, and owners beside it, must be allowed before a restore can make these objects anew.
///
/// # Errors
/// `backstop::preflight::not_looked`, with what the server said.
pub async fn failures(
    client: &Client,
    snapshot: &Snapshot,
    recreated: &BTreeSet<ObjectKey>,
) -> Result<Vec<Failure>, Failure> {
    let failed = |error| error_class::failure("backstop::preflight::not_looked", &error);
    let needed = authority(snapshot, recreated);
    client.batch_execute("SET LOCAL search_path = ''").await.map_err(failed)?;
    let (owners, read): (Vec<&str>, Vec<&ObjectKey>) = needed.reads.iter().map(|(a, b)| (a.as_str(), b)).unzip();
    let rows = client.query(include_str!("reads.sql"), &[&owners, &schemas(&read), &names(&read)]).await;
    let missing = |row: &Row| missing(row).map_err(failed);
    let mut failures: Vec<Failure> = rows.map_err(failed)?.iter().map(missing).collect::<Result<_, _>>()?;
    let sql = "SELECT current_user::text, rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user";
    let row = client.query_one(sql, &[]).await.map_err(failed)?;
    let (me, is_superuser): (String, bool) = (row.try_get(0).map_err(failed)?, row.try_get(1).map_err(failed)?);
    if is_superuser {
        return Ok(failures);
    }
    let (of_superusers, wanted) = wanted(client, &needed).await.map_err(failed)?;
    for key in of_superusers {
        failures.extend(owned_by_a_superuser(snapshot, key, &me));
    }
    let (roles, whys): (Vec<String>, Vec<String>) = wanted.into_iter().unzip();
    let (owners, places): (Vec<&str>, Vec<&str>) = needed.places.iter().map(|(a, b)| (a.as_str(), b.as_str())).unzip();
    let used: Vec<&ObjectKey> = needed.uses.iter().collect();
    let kinds: Vec<&str> = used.iter().map(|key| key.kind.word()).collect();
    let named_in: Vec<&String> = needed.named_in.iter().collect();
    let rows = client
        .query(
            include_str!("authority.sql"),
            &[&roles, &whys, &owners, &places, &kinds, &schemas(&used), &names(&used), &named_in],
        )
        .await;
    for row in &rows.map_err(failed)? {
        failures.push(missing(row)?);
    }
    Ok(failures)
}

/// What helps against all of these, as one sentence to an administrator.
pub fn what_helps(lacking: &[Failure]) -> String {
    let help = lacking.iter().filter_map(|one| one.hint.clone()).collect::<Vec<_>>().join(" ");
    help.replace(&format!(" {ADMINISTRATOR}"), " ")
}

/// What is wrong, and the statement that helps.
fn missing(row: &Row) -> Result<Failure, tokio_postgres::Error> {
    let (what, help): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    Ok(Failure::permanent(MISSING, what).hint(format!("{ADMINISTRATOR}{help}")))
}

fn schemas<'a>(keys: &[&'a ObjectKey]) -> Vec<&'a str> {
    keys.iter().map(|key| key.schema.as_str()).collect()
}

fn names<'a>(keys: &[&'a ObjectKey]) -> Vec<&'a str> {
    keys.iter().map(|key| key.name.as_str()).collect()
}

/// The objects that superusers own, as which nobody else may act; and the other roles that are acted as, with the reason.
async fn wanted<'a>(
    client: &Client,
    needed: &'a Authority,
) -> Result<(Vec<&'a ObjectKey>, Vec<(String, String)>), tokio_postgres::Error> {
    let roles: Vec<&String> = needed.owners.keys().chain(needed.grantors.keys()).collect();
    let sql = "SELECT rolname::text FROM pg_catalog.pg_roles WHERE rolsuper AND rolname = ANY ($1)";
    let superusers = client.query(sql, &[&roles]).await?;
    let superusers: BTreeSet<String> = superusers.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    let (theirs, owned): (Vec<_>, Vec<_>) = needed.owners.iter().partition(|(role, _)| superusers.contains(*role));
    let mut wanted: Vec<(String, String)> = owned
        .into_iter()
        .map(|(role, objects)| {
            (role.clone(), format!("does not own {}, so that it could not bring {} back", named(objects), it(objects)))
        })
        .collect();
    let given = |(role, objects): (&String, &BTreeSet<ObjectKey>)| {
        (role.clone(), format!("could not give back what role {role} granted on {}", named(objects)))
    };
    wanted.extend(needed.grantors.iter().filter(|(role, _)| !superusers.contains(*role)).map(given));
    Ok((theirs.into_iter().flat_map(|(_, objects)| objects).collect(), wanted))
}

/// To become a member of a superuser's role is no way to own an object.
fn owned_by_a_superuser(snapshot: &Snapshot, key: &ObjectKey, me: &str) -> Option<Failure> {
    let statement = hand_over(snapshot, key, me)?;
    let message = format!("role {me} does not own {key}, so that it could not bring it back");
    Some(Failure::permanent(MISSING, message).hint(format!("{ADMINISTRATOR}{statement};")))
}

fn it(objects: &BTreeSet<ObjectKey>) -> &'static str {
    if objects.len() == 1 { "it" } else { "them" }
}

fn named(objects: &BTreeSet<ObjectKey>) -> String {
    let mut names: Vec<String> = objects.iter().take(NAMED_MAX).map(ToString::to_string).collect();
    if objects.len() > NAMED_MAX {
        names.push(format!("{} more", objects.len() - NAMED_MAX));
    }
    names.join(", ")
}
