//! From locks to proof.

use std::collections::BTreeSet;

use tokio_postgres::{Client, Error};

use super::{
    attempts::RemainingStatements,
    consumers::Consumers,
    content::differing,
    kept_rows::{KeptRows, script_keeping},
    late_names::{self, LateName},
    locks::lock_all,
    nearest,
    others::{Temporary, told},
    position::{SequenceTargets, out_of_place},
    proof::{prove, prove_content, prove_structure},
    repair,
    replay::{Parted, later_writes_of},
    request::{RestoreRequest, RestoreScope, snapshot, snapshot_before},
    roles,
    scope::scope,
    script_runner::{DropBehavior, ScriptRunner, row_counts},
    statistics::analyze,
    view::differing_views,
};
use crate::{
    catalog::{
        Action, Column, Comparison, InUse, ObjectKey, ObjectKind, Scope, Script, SetAside, Snapshot, Unrestorable,
        WithOthers, compare, keep_widened, shown_to_subscribers, with_others,
    },
    drive::manifest::Manifest,
    machine::{Failure, FailureClass, Fidelity, Restoration},
    postgres::{
        capture::Places,
        digest::{copied_as_text, pin},
        error_class::failure,
        event_triggers,
        expressions::{evaluate_under, pin_formats, safe_paths},
        fence::{self, Capturing, Lets},
        later_writes::carry_over_under,
        transaction::{self, BEGIN},
    },
};

/// What went wrong where nothing more precise is known.
const FAILED: &str = "backstop::restore::failed";

/// Brings the backup back in a transaction of its own.
///
/// # Errors
/// As [`restore_in`]; nothing was changed then, unless the connection was lost while COMMIT was on its way.
pub async fn restore(client: &Client, request: &RestoreRequest<'_>) -> Result<Restoration, Failure> {
    client.batch_execute(BEGIN).await.map_err(|error| failure(FAILED, &error))?;
    let done = restore_in(client, request).await;
    transaction::end(client, done, FAILED).await
}

/// Brings the backup back in the open transaction, which is READ COMMITTED, and proves it. The caller stores the event in the
/// same transaction and commits, or rolls back where this fails. Settings are changed until the transaction's end.
///
/// # Errors
/// `backstop::table_lock::busy` (transient) where somebody has one of the tables; `backstop::restore::unrestorable` where
/// something stands in the way; `later_writes`, undecided, where it would overwrite what others wrote; `statement_failed`, `copy_missing` or `failed` with what went wrong; `differs` where the proof
/// fails, with each difference named. What is for good is [`FailureClass::Partial`] where it was to be exact.
pub async fn restore_in(client: &Client, request: &RestoreRequest<'_>) -> Result<Restoration, Failure> {
    let manifest = narrowed(client, request.manifest).await?;
    let mut open = manifest.paths.shunned.clone();
    match bring_back(client, &RestoreRequest { manifest: &manifest, ..request.clone() }, &mut open).await {
        Ok(restoration) => Ok(left_under_open(restoration, &open)),
        Err(failure) if (failure.class, request.fidelity) == (FailureClass::Permanent, Fidelity::Exact) => {
            Err(under_open(failure, &open).class(FailureClass::Partial))
        }
        Err(failure) => Err(under_open(failure, &open)),
    }
}

/// With the paths that are safe at this moment.
async fn narrowed(client: &Client, manifest: &Manifest) -> Result<Manifest, Failure> {
    let paths = safe_paths(client, manifest).await.map_err(|error| failure(FAILED, &error))?;
    Ok(Manifest { paths, ..manifest.clone() })
}

/// A function may have failed because a schema is not looked into.
fn under_open(failure: Failure, open: &[String]) -> Failure {
    if open.is_empty() || failure.code != "backstop::restore::statement_failed" {
        return failure;
    }
    failure.hint(format!("{} Then try again: `backstop restore`.", open.join(" ")))
}

/// The same where the rest was brought back without it.
fn left_under_open(mut restoration: Restoration, open: &[String]) -> Restoration {
    if !open.is_empty() {
        let reasons = restoration.remaining.iter_mut().filter_map(|left| left.reason.as_mut());
        reasons.for_each(|reason| reason.push_str(&format!("; {}", open.join(" "))));
    }
    restoration
}

#[expect(clippy::cognitive_complexity, reason = "the order of what a restore does is one list, and is read as a whole")]
async fn bring_back(client: &Client, request: &RestoreRequest<'_>, open: &mut Vec<String>) -> Result<Restoration, Failure> {
    let failed = |error: Error| failure(FAILED, &error);
    prepare(client, request).await?;
    lock_all(client, request).await?;
    let capturing = lower_fence(client, request).await?;
    let later = later_writes_of(client, request.manifest, request.later_writes, capturing).await?;
    let PlannedRestore { manifest: planned, now, places, script, kept, unmade, in_use, set_aside, others } =
        find_way(client, request).await?;
    let request = &RestoreRequest { manifest: &planned, ..request.clone() };
    let kept = kept.keep(client, request.manifest.algorithm, &now).await?;
    let targets = SequenceTargets::find(client, request.manifest, &now, &script, request.sequences).await.map_err(failed)?;
    let consumers = Consumers::unserved(client, &script, &request.manifest.snapshot, &now).await.map_err(failed)?;
    let temporary = Temporary::in_need(client).await.map_err(failed)?;
    let dropped = row_counts(client, &script.dropped_tables).await.map_err(failed)?;
    let drops = if temporary.is_empty() { DropBehavior::Restrict } else { DropBehavior::Cascade };
    let actor = ScriptRunner::new(client, request.manifest, request.store, &targets).keeping(&kept).dropping(drops);
    let covered = request.manifest.tables.iter().map(|table| table.key()).collect();
    let parted = Parted::of(&script, &request.manifest.snapshot, &covered, later.are_captured);
    let keys = parted.keys(&request.manifest.snapshot);
    let mut left = Vec::new();
    let disabled = event_triggers::disable(client).await.map_err(failed)?;
    evaluate_under(client, &request.manifest.snapshot).await.map_err(failed)?;
    let late = run_all(&actor, request.fidelity, &parted.first, &now, &mut left).await?;
    // Schemas are as they were by now, and what could not be looked into before can be.
    let manifest = narrowed(client, request.manifest).await?;
    open.clone_from(&manifest.paths.shunned);
    let request = &RestoreRequest { manifest: &manifest, ..request.clone() };
    let actor = ScriptRunner::new(client, &manifest, request.store, &targets).keeping(&kept).dropping(drops);
    late_names::set(client, &manifest.paths, &late).await?;
    client.batch_execute("SET CONSTRAINTS ALL IMMEDIATE").await.map_err(failed)?;
    pin_formats(client).await.map_err(failed)?;
    let mut carried = None;
    if later.are_captured {
        let after = snapshot(client, request).await?;
        // What others wrote comes on top of what is proven to be the backup's.
        prove_content(client, request.manifest, &after).await?;
        carried = Some(carry_over_under(client, request.manifest, &keys).await?);
        evaluate_under(client, &request.manifest.snapshot).await.map_err(failed)?;
        run_all(&actor, request.fidelity, &parted.afterwards, &now, &mut left).await?;
        pin_formats(client).await.map_err(failed)?;
    }
    event_triggers::enable(client, disabled).await.map_err(failed)?;
    let (after, script) = repair::repaired(client, request, (&now, &places), script).await?;
    if let RestoreScope::ByRun(_) = request.changed {
        for (sequence, position) in
            out_of_place(client, request.manifest, &after, &script, request.sequences).await.map_err(failed)?
        {
            actor.set(&sequence, position).await?;
        }
    }
    kept.prove(client, request.manifest.algorithm).await?;
    targets.prove(client, &kept.sequences(&after)).await?;
    let (respelled, mut remaining) = match (request.fidelity, carried) {
        (Fidelity::Exact, None) => (prove(client, request.manifest, &after, &script).await?, Vec::new()),
        (Fidelity::Exact, Some(_)) => (prove_structure(request.manifest, &after, &script)?, Vec::new()),
        (Fidelity::Nearest, _) => {
            if carried.is_none() {
                prove_content(client, request.manifest, &after).await?;
            }
            let mut then = request.manifest.snapshot.clone();
            let texts = kept.left_as_text(&mut then, &after);
            let Comparison { differences, respelled } = compare(&then, &after, &script);
            let remaining = nearest::remaining(&differences, left, &then, &now, &after)?;
            (respelled, texts.into_iter().chain(remaining).collect())
        }
    };
    remaining.extend(in_use.into_iter().filter_map(nearest::stays));
    remaining.extend(set_aside.into_iter().map(nearest::set_aside));
    let gone = temporary.gone(client).await.map_err(failed)?;
    let refreshed = differing_views(client, request.manifest, &after).await?;
    let unanalyzed = analyze(client, &request.manifest.snapshot, &script).await.map_err(failed)?;
    let carried = carried.unwrap_or_default();
    Ok(Restoration {
        remaining,
        respelled: respelled.iter().map(ToString::to_string).collect(),
        refreshed: refreshed.iter().map(ToString::to_string).collect(),
        unanalyzed,
        carried_over: carried.whole,
        quarantined: carried.quarantined,
        curtailed: carried.curtailed,
        set_aside: carried.set_aside,
        overwritten: later.overwritten,
        unpublished: consumers.memberships,
        slots: consumers.slots,
        others: told(others, (&unmade, &after), &gone),
        ..report(request.manifest, &script, dropped)
    })
}

/// Takes the run's fence down, where it has one, once it is noted what came past it; says whether it captured what others wrote.
async fn lower_fence(client: &Client, request: &RestoreRequest<'_>) -> Result<Capturing, Failure> {
    let Some(run) = request.run else { return Ok(Capturing::No) };
    let capturing = fence::capturing(client, run).await?;
    fence::note_breaches(client, run).await?;
    fence::lower_in(client, run).await?;
    Ok(capturing)
}

/// Runs actions as exactly as they are wanted. Gives the names that come late; what could not be run is added to what is left.
async fn run_all(
    actor: &ScriptRunner<'_>,
    fidelity: Fidelity,
    actions: &[&Action],
    now: &Snapshot,
    left: &mut Vec<RemainingStatements>,
) -> Result<Vec<LateName>, Failure> {
    match fidelity {
        Fidelity::Exact => actor.run(actions.to_vec()).await,
        Fidelity::Nearest => {
            let (late, more) = nearest::run(actor, actions, now).await?;
            left.extend(more);
            Ok(late)
        }
    }
}

/// What a restore would do at this moment.
#[derive(Debug, Clone)]
pub struct PlannedRestore {
    /// The backup, with what others made since in its structure.
    pub manifest: Manifest,
    /// The structure as it is.
    pub now: Snapshot,
    /// Where its objects stand in the catalog.
    pub places: Places,
    /// What is to be done.
    pub script: Script,
    /// The rows that no backup has, of tables that it makes anew.
    pub kept: KeptRows,
    /// What others made, and nobody could make again.
    pub unmade: BTreeSet<ObjectKey>,
    /// What the run made and others use, so that it stays.
    pub in_use: Vec<InUse>,
    /// Rules of others that don't hold afterwards, or not for all rows.
    pub set_aside: Vec<SetAside>,
    /// What becomes of others' tables and of what they changed of the targets, where that can't stay: in words.
    pub others: Vec<String>,
}

/// Finds the way back from what the open transaction sees. Nothing is changed.
///
/// # Errors
/// As [`restore_in`].
pub async fn find_way(client: &Client, request: &RestoreRequest<'_>) -> Result<PlannedRestore, Failure> {
    let (now, places) = snapshot_before(client, request).await?;
    let mut reload = differing(client, request.manifest, &now).await?;
    reload.extend(differing_views(client, request.manifest, &now).await?);
    let mut scope = scope(request, &now, reload);
    let mut with = with_others(&request.manifest.snapshot, &now, &scope, request.others, request.place());
    if request.fidelity.is_exact() && !with.in_use.is_empty() {
        return Err(unrestorable(with.in_use.iter().map(Unrestorable::from).collect()));
    }
    scope.changed.extend(with.loosened.iter().cloned());
    let scripted =
        |with: &WithOthers, scope: &Scope| script_keeping(&with.then, &now, scope, &with.remade).map_err(unrestorable);
    let (mut script, mut kept) = scripted(&with, &scope)?;
    if !request.fidelity.is_exact() {
        let tables = kept.iter().map(|(table, _)| table.clone()).collect();
        let widened = keep_widened(&mut with.then, &now, &tables, &scope.covered);
        if !widened.is_empty() {
            with.in_use.extend(widened);
            (script, kept) = scripted(&with, &scope)?;
        }
    }
    if names_objects_anew(request.manifest, &script, &mut scope) {
        (script, kept) = scripted(&with, &scope)?;
    }
    let then = &with.then;
    roles::may_make_anew(client, &now, kept.iter().map(|(table, _)| table).collect()).await?;
    if request.fidelity.is_exact() {
        roles::all_there(client, then, &script).await?;
    }
    let script = shown_to_subscribers(script, then, &now);
    let WithOthers { then, unmade, mut moved, in_use, taken_back, set_aside, .. } = with;
    moved.extend(taken_back);
    Ok(PlannedRestore {
        manifest: Manifest { snapshot: then, ..request.manifest.clone() },
        now,
        places,
        script,
        kept,
        unmade,
        in_use,
        set_aside,
        others: moved,
    })
}

/// Settings for the transaction in which a script runs, beside those that are pinned.
pub const SETTINGS: &str = "SET LOCAL check_function_bodies = off; SET LOCAL default_tablespace = ''; \
                            SET LOCAL default_table_access_method = heap; SET CONSTRAINTS ALL IMMEDIATE";

/// Settings, all of them for this transaction alone. A deferred foreign key with events under way would refuse ALTER TABLE.
async fn prepare(client: &Client, request: &RestoreRequest<'_>) -> Result<(), Failure> {
    let failed = |error| failure(FAILED, &error);
    pin(client).await.map_err(failed)?;
    client.batch_execute(SETTINGS).await.map_err(failed)?;
    // Indexes are built anew; whoever can't lift the limit was told before the run where that matters.
    const LIFT: &str = "SELECT pg_catalog.set_config('temp_file_limit', '-1', true) FROM pg_catalog.pg_roles AS r \
                        WHERE r.rolsuper AND r.rolname OPERATOR(pg_catalog.=) current_user";
    client.execute(LIFT, &[]).await.map_err(failed)?;
    match request.run {
        Some(run) => fence::announce(client, run, Lets::Transaction).await,
        None => Ok(()),
    }
}

/// Values of types like regclass hold OIDs, which are others once the object is made anew: their tables are loaded again then,
/// because the copy has the names. Triggers and other parts are no such objects to anyone. Says whether that widens the scope.
fn names_objects_anew(manifest: &Manifest, script: &Script, scope: &mut Scope) -> bool {
    let is_part =
        |kind| matches!(kind, ObjectKind::Constraint | ObjectKind::Trigger | ObjectKind::Policy | ObjectKind::Rule);
    let is_named =
        |kind| !is_part(kind) && !matches!(kind, ObjectKind::Statistics | ObjectKind::Publication | ObjectKind::Published);
    if !script.recreated.iter().any(|key| is_named(key.kind)) {
        return false;
    }
    let before = scope.reload.len();
    let holds_names = |columns: &[Column]| columns.iter().any(|column| column.builtin && copied_as_text(column));
    let tables = manifest.tables.iter().filter(|table| manifest.columns(table).is_some_and(holds_names));
    scope.reload.extend(tables.map(|table| table.key()));
    scope.reload.len() > before
}

fn unrestorable(problems: Vec<Unrestorable>) -> Failure {
    let lines: Vec<String> = problems.iter().map(|problem| format!("{} {}", problem.object, problem.why)).collect();
    Failure::permanent("backstop::restore::unrestorable", format!("the way back is blocked: {}", lines.join("; ")))
        .detail(lines.join("\n"))
        .hint("Put these objects right by hand, then run `backstop restore` again; the backup and all evidence are kept.")
}

/// What was done to which table.
fn report(manifest: &Manifest, script: &Script, dropped: Vec<(String, u64)>) -> Restoration {
    let loaded = |key: &ObjectKey| script.actions.iter().any(|action| matches!(action, Action::Load(table) if table == key));
    let (reloaded, untouched): (Vec<_>, Vec<_>) = manifest.tables.iter().partition(|table| loaded(&table.key()));
    Restoration {
        reloaded: reloaded.iter().map(|table| table.title()).collect(),
        untouched: untouched.iter().map(|table| table.title()).collect(),
        dropped,
        recreated: script.recreated.len(),
        proven: manifest.tables.len(),
        ..Restoration::default()
    }
}
