//! The state of a backup in an empty database, in that session's open transaction.

use std::collections::BTreeSet;

use tokio_postgres::{Client, Error};

use super::stream::stream;
use crate::{
    catalog::{
        Action, ObjectKey, ObjectKind, Scope, Script, Snapshot, Subset, Unrestorable, closure, compare, script, subset,
    },
    drive::manifest::Manifest,
    machine::Failure,
    plan::Sequences,
    postgres::{
        backup::{OpenCopy, Store},
        capture,
        digest::{copied_as_text, pin},
        error_class::failure,
        expressions::{around_texts, digest_along, evaluate_under, pin_formats, set_path},
        restore::{SETTINGS, SequenceTargets, copy_gone, copy_of, differing_views, in_words, setval, statement_failed},
    },
    sql::quote::ident,
};

/// What went wrong where nothing more precise is known.
const FAILED: &str = "backstop::trial::failed";

/// What the state is brought from.
#[derive(Debug, Clone, Copy)]
pub struct BackupSource<'a> {
    /// A session of the backup's own database.
    pub client: &'a Client,
    /// What is built, and what it is compared with.
    pub manifest: &'a Manifest,
    /// Where its rows are.
    pub store: &'a Store,
}

/// Which rows are brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowSelection {
    /// Those of every table of the backup.
    All,
    /// Not those that name objects of the database (`regclass` and its kin), which may not be there.
    NamingNothing,
}

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltState {
    /// Tables with rows.
    pub tables: usize,
    /// Their rows.
    pub rows: u64,
    /// Objects, the tables among them.
    pub objects: usize,
    /// Those of them whose text the server respelled.
    pub respelled: Vec<String>,
    /// What is not as in the backup, a fragment each.
    pub unproven: Vec<String>,
}

/// Makes the backup's tables with their parts and dependents and everything that these need, fills them, and proves structure
/// and content equal to what the backup recorded. Both sessions are in transactions; that of the backup's own database sees copies that are there.
///
/// # Errors
/// `backstop::trial::unrestorable` where something can't be made, `backstop::trial::differs` where the proof fails,
/// `backstop::restore::…`, `backstop::trial::…` or `backstop::digest::failed` with what the server said.
pub async fn build(from: BackupSource<'_>, to: &Client, rows: RowSelection) -> Result<BuiltState, Failure> {
    let BackupSource { client: from, manifest, store } = from;
    let failed = |error: Error| failure(FAILED, &error);
    pin(from).await.map_err(failed)?;
    pin(to).await.map_err(failed)?;
    to.batch_execute(SETTINGS).await.map_err(failed)?;
    let mut unproven = Vec::new();
    let filled = filled(manifest, rows, &mut unproven);
    let covered: BTreeSet<ObjectKey> = manifest.tables.iter().map(|table| table.key()).collect();
    let reached = closure(&manifest.snapshot, &covered);
    let present = extensions(from, to, &reached, &mut unproven).await.map_err(failed)?;
    let mut wanted = excerpt_of(manifest, &filled, &covered, &present);
    let (role, ours) = roles(to).await.map_err(failed)?;
    let strangers = wanted.hand_over(&role, &ours);
    if !strangers.is_empty() {
        let strangers: Vec<String> = strangers.into_iter().collect();
        unproven.push(format!("owners and grants of what belongs to {}: {role} can't act as they", strangers.join(", ")));
    }
    schemas(to, &wanted.snapshot).await.map_err(failed)?;
    let public = public_is_ours(to).await.map_err(failed)?;
    let now = capture::snapshot(to, &[]).await.map_err(failed)?;
    let script = script_of(&wanted, &now, public)?;
    let targets = SequenceTargets::find(to, manifest, &now, &script, Sequences::Exact).await.map_err(failed)?;
    evaluate_under(to, &manifest.snapshot).await.map_err(failed)?;
    let mut path = "";
    for action in &script.actions {
        let (Action::Sql { object, .. } | Action::Load(object) | Action::Position(object)) = action;
        let wanted_path = manifest.paths.of_object(object, &manifest.snapshot);
        if wanted_path != path {
            to.batch_execute(&set_path(wanted_path)).await.map_err(failed)?;
            path = wanted_path;
        }
        match action {
            Action::Sql { sql, object } => {
                to.batch_execute(sql).await.map_err(|error| statement_failed(sql, object, &error))?;
            }
            Action::Load(table) if filled.contains(table) => {
                fill(BackupSource { client: from, manifest, store }, to, table).await?;
            }
            Action::Load(_) => {}
            Action::Position(sequence) => {
                if let Some(sql) = targets.of(sequence).map(|position| setval(sequence, position)) {
                    to.batch_execute(&sql).await.map_err(|error| statement_failed(&sql, sequence, &error))?;
                }
            }
        }
    }
    to.batch_execute(&format!("{}; SET CONSTRAINTS ALL IMMEDIATE", set_path(""))).await.map_err(failed)?;
    pin_formats(to).await.map_err(failed)?;
    if !public && wanted.snapshot.objects.contains_key(&public_key()) {
        unproven.push("owner, privileges and comment of the schema public: it belongs to another role there".to_owned());
    }
    unproven.extend(said(&wanted, &covered));
    let mut built = prove(to, manifest, (&wanted, &script), &filled).await?;
    built.unproven.splice(..0, unproven);
    Ok(built)
}

/// Brings a table's rows from its copy, whose texts are read as they were written.
async fn fill(from: BackupSource<'_>, to: &Client, table: &ObjectKey) -> Result<(), Failure> {
    let BackupSource { client: from, manifest, store } = from;
    let failed = |error: Error| failure(FAILED, &error);
    let (copy, columns) = copy_of(manifest, table)?;
    let opened = OpenCopy::open(store, from, manifest.copy_id(copy), columns).await?;
    let opened = opened.ok_or_else(|| copy_gone(manifest, copy))?;
    let [pinned, own] = around_texts(&manifest.snapshot);
    to.batch_execute(&pinned).await.map_err(failed)?;
    stream(from, to, &opened.relation, copy, columns).await?;
    to.batch_execute(&own).await.map_err(failed)?;
    opened.close(from).await
}

/// Compares structure and content.
async fn prove(
    to: &Client,
    manifest: &Manifest,
    (wanted, script): (&Subset, &Script),
    filled: &BTreeSet<ObjectKey>,
) -> Result<BuiltState, Failure> {
    let after = capture::snapshot(to, &[]).await.map_err(|error| failure(FAILED, &error))?;
    let comparison = compare(&wanted.snapshot, &after, script);
    let mut differences: Vec<String> = comparison.differences.iter().map(in_words).collect();
    let (mut tables, mut rows) = (0, 0);
    for table in manifest.tables.iter().filter(|table| filled.contains(&table.key())) {
        let made = wanted.snapshot.objects.contains_key(&table.key());
        let Some(columns) = manifest.columns(table).filter(|_| made) else { continue };
        let content = digest_along(to, manifest.algorithm, &manifest.paths, &table.key(), columns).await?;
        if content != table.content {
            differences.push(format!(
                "{} holds {} rows with digest {}, the backup recorded {} rows with digest {}",
                table.title(),
                content.rows,
                content.digest,
                table.content.rows,
                table.content.digest
            ));
        }
        tables += 1;
        rows += content.rows;
    }
    if !differences.is_empty() {
        return Err(differs(&differences));
    }
    let mut unproven = Vec::new();
    // Where tables beneath have no rows, or the view was stale then, its query gives others.
    for view in differing_views(to, manifest, &after).await? {
        unproven.push(format!("rows of {view}: its query gives others there than the view held"));
    }
    let respelled = comparison.respelled.iter().map(ToString::to_string).collect();
    Ok(BuiltState { tables, rows, objects: wanted.snapshot.objects.len(), respelled, unproven })
}

/// The tables that get rows.
fn filled(manifest: &Manifest, rows: RowSelection, unproven: &mut Vec<String>) -> BTreeSet<ObjectKey> {
    let mut filled = BTreeSet::new();
    for table in &manifest.tables {
        let names_objects = manifest
            .columns(table)
            .unwrap_or_default()
            .iter()
            .find(|column| column.builtin && copied_as_text(column) && rows == RowSelection::NamingNothing);
        match names_objects {
            None => {
                filled.insert(table.key());
            }
            Some(column) => unproven.push(format!(
                "rows of {}: its column {} ({}) names objects that need not be there",
                table.title(),
                column.name,
                column.data_type
            )),
        }
    }
    filled
}

/// Tables of the backup that get no rows are made empty like those that are none of it.
fn excerpt_of(
    manifest: &Manifest,
    filled: &BTreeSet<ObjectKey>,
    covered: &BTreeSet<ObjectKey>,
    present: &BTreeSet<ObjectKey>,
) -> Subset {
    let whole = subset(&manifest.snapshot, covered, present);
    if filled == covered {
        return whole;
    }
    let mut whole = whole;
    let some = subset(&manifest.snapshot, filled, present);
    for key in &some.unvalidated {
        if let Some(loose) = some.snapshot.objects.get(key).filter(|_| whole.snapshot.objects.contains_key(key)) {
            whole.snapshot.objects.insert(key.clone(), loose.clone());
        }
    }
    Subset { unvalidated: some.unvalidated, ..whole }
}

/// What an subset leaves open, in words.
fn said(wanted: &Subset, covered: &BTreeSet<ObjectKey>) -> Vec<String> {
    let mut said: Vec<String> = wanted.left_out.iter().map(|out| format!("{}: it {}", out.object, out.why)).collect();
    said.extend(
        wanted
            .unvalidated
            .iter()
            .map(|key| format!("{key}: made, but not validated, for the rows that it points to are no part of it")),
    );
    let empty: Vec<String> = wanted
        .hollow
        .iter()
        .filter(|table| !covered.contains(*table))
        .map(|table| format!("{}.{}", table.schema, table.name))
        .collect();
    if !empty.is_empty() {
        said.push(format!("tables that the backup does not hold, made empty for what points to them: {}", empty.join(", ")));
    }
    said
}

fn script_of(wanted: &Subset, now: &Snapshot, public: bool) -> Result<Script, Failure> {
    let keys = || wanted.snapshot.objects.keys();
    let scope = Scope {
        covered: keys().filter(|key| key.kind == ObjectKind::Table).cloned().collect(),
        changed: keys().filter(|key| public || **key != public_key()).cloned().collect(),
        reload: BTreeSet::new(),
    };
    script(&wanted.snapshot, now, &scope).map_err(|problems| unrestorable(&problems))
}

fn public_key() -> ObjectKey {
    ObjectKey::new(ObjectKind::Schema, "public", "public")
}

/// Whether the role may change the schema public, which every new database has.
async fn public_is_ours(to: &Client) -> Result<bool, Error> {
    const LOOK: &str = "SELECT coalesce((SELECT pg_catalog.pg_has_role(n.nspowner, 'USAGE') \
                        FROM pg_catalog.pg_namespace AS n WHERE n.nspname OPERATOR(pg_catalog.=) 'public'), true)";
    to.query_one(LOOK, &[]).await?.try_get(0)
}

/// The session's role, and all that it can become.
async fn roles(to: &Client) -> Result<(String, BTreeSet<String>), Error> {
    const LOOK: &str = "SELECT current_user::pg_catalog.text, ARRAY(SELECT r.rolname::pg_catalog.text FROM pg_catalog.pg_roles AS r \
                        WHERE pg_catalog.pg_has_role(r.oid, CASE WHEN pg_catalog.current_setting('server_version_num')::pg_catalog.int4 \
                        OPERATOR(pg_catalog.>=) 160000 THEN 'SET' ELSE 'MEMBER' END))";
    let row = to.query_one(LOOK, &[]).await?;
    Ok((row.try_get(0)?, row.try_get::<_, Vec<String>>(1)?.into_iter().collect()))
}

/// Makes the extensions that are needed, as far as the role may, and returns those that are there.
async fn extensions(
    from: &Client,
    to: &Client,
    reached: &BTreeSet<ObjectKey>,
    unproven: &mut Vec<String>,
) -> Result<BTreeSet<ObjectKey>, Error> {
    const LOOK: &str = "SELECT n.nspname::pg_catalog.text, e.extversion FROM pg_catalog.pg_extension AS e \
                        JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) e.extnamespace \
                        WHERE pg_catalog.quote_ident(e.extname) OPERATOR(pg_catalog.=) $1";
    let mut present = BTreeSet::new();
    for key in reached.iter().filter(|key| key.kind == ObjectKind::Other && key.schema == "extension") {
        let Some(row) = from.query_opt(LOOK, &[&key.name]).await? else {
            unproven.push(format!("{key}: it is not installed any more"));
            continue;
        };
        let (schema, version): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let own_schema = match schema.as_str() {
            "public" | "pg_catalog" => String::new(),
            other => format!("CREATE SCHEMA IF NOT EXISTS {};", ident(other)),
        };
        let create = format!(
            "SAVEPOINT backstop_extension; {own_schema} CREATE EXTENSION IF NOT EXISTS {} SCHEMA {} VERSION {} CASCADE",
            key.name,
            ident(&schema),
            ident(&version)
        );
        match to.batch_execute(&create).await {
            Ok(()) => {
                to.batch_execute("RELEASE SAVEPOINT backstop_extension").await?;
                present.insert(key.clone());
            }
            Err(error) => {
                to.batch_execute("ROLLBACK TO SAVEPOINT backstop_extension; RELEASE SAVEPOINT backstop_extension").await?;
                unproven.push(format!("{key}: it could not be created there: {}", failure(FAILED, &error).message));
            }
        }
    }
    // Creating extensions may have changed settings that others rely on.
    pin(to).await?;
    to.batch_execute(SETTINGS).await?;
    Ok(present)
}

/// Makes the schemas first, open to the owners of what comes into them: an object can be given only to a role that may create
/// such objects there. The script then gives the recorded privileges.
async fn schemas(to: &Client, wanted: &Snapshot) -> Result<(), Error> {
    let owners: BTreeSet<&String> = wanted.objects.values().filter_map(|object| object.owner.as_ref()).collect();
    let ours = public_is_ours(to).await?;
    for key in wanted.objects.keys().filter(|key| key.kind == ObjectKind::Schema) {
        let name = ident(&key.name);
        to.batch_execute(&format!("CREATE SCHEMA IF NOT EXISTS {name}")).await?;
        if *key == public_key() && !ours {
            continue;
        }
        let grants: Vec<String> =
            owners.iter().map(|owner| format!("GRANT USAGE, CREATE ON SCHEMA {name} TO {}", ident(owner))).collect();
        to.batch_execute(&grants.join(";")).await?;
    }
    Ok(())
}

fn unrestorable(problems: &[Unrestorable]) -> Failure {
    let lines: Vec<String> = problems.iter().map(|problem| format!("{} {}", problem.object, problem.why)).collect();
    Failure::permanent(
        "backstop::trial::unrestorable",
        format!("what the backup holds can't be made anew: {}", lines.join("; ")),
    )
    .detail(lines.join("\n"))
    .hint("A restore works only as long as these objects are left as they are; see in the manual what can be made anew.")
}

fn differs(differences: &[String]) -> Failure {
    let first = differences.first().cloned().unwrap_or_default();
    let more = match differences.len() {
        0 | 1 => String::new(),
        more => format!("; and {} more", more - 1),
    };
    Failure::permanent(
        "backstop::trial::differs",
        format!("what the backup restores is not what it recorded: {first}{more}"),
    )
    .detail(differences.join("\n"))
    .hint("Don't rely on this backup: take another one, and find out what changed its copies or its manifest.")
}
