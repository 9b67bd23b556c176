//! What a run takes of the server: lock slots, sessions, disk and WAL, temporary files. Of each what can be asked for is compared with what there is,
//! because a restore that runs out of something is no way back.

use tokio_postgres::{Client, Error, types::Oid};

use super::findings::PreflightFindings;
use crate::{
    machine::Failure,
    plan::{Plan, Rendered, Verify},
    postgres::{
        lock_slots::{LockNeed, LockSlots},
        relation::Relation,
        session_slots::{SESSIONS_OF_RUN, SESSIONS_OF_TRIAL, SessionSlots},
    },
};

/// From here on the size of the copies is worth a word.
const BYTES_WORTH_SAYING: u64 = 1024 * 1024 * 1024;
const MEBIBYTE: u64 = 1024 * 1024;

/// `open` sessions of the run are open already.
pub(super) async fn look(
    client: &Client,
    plan: &Plan<Rendered>,
    targets: &[Relation],
    open: u64,
    findings: &mut PreflightFindings,
) -> Result<(), Error> {
    let oids: Vec<Oid> = targets.iter().map(|table| table.oid).collect();
    let (slots, need) = (LockSlots::read(client).await?, LockNeed::of(client, &oids).await?);
    locks(slots, need, findings);
    sessions(&SessionSlots::read(client).await?, plan, open, findings);
    let row = client.query_one(include_str!("sizes.sql"), &[&oids]).await?;
    let number = |index: usize| row.try_get::<_, i64>(index).map(|number| u64::try_from(number).unwrap_or_default());
    let (copies, all, largest_index) = (number(0)?, number(1)?, number(2)?);
    let (limit, may_set): (Option<i64>, bool) = (row.try_get(3)?, row.try_get(4)?);
    let limit = limit.and_then(|limit| u64::try_from(limit).ok()).filter(|_| !may_set);
    if let Some(limit) = limit.filter(|limit| *limit < largest_index) {
        findings.failures.push(temporary_files(limit, largest_index));
    }
    let (slot, kept): (Option<String>, Option<i64>) = (row.try_get(5)?, row.try_get(6)?);
    if let Some((slot, kept)) =
        slot.zip(kept.map(|kept| u64::try_from(kept).unwrap_or_default())).filter(|(_, kept)| *kept < copies + all)
    {
        findings.warnings.push(lost_slot(&slot, kept, copies, all));
    }
    if copies >= BYTES_WORTH_SAYING {
        let (copies, all) = (copies / MEBIBYTE, all / MEBIBYTE);
        findings.warnings.push(format!(
            "the copies need about {copies} MiB of disk space and as much of WAL, and a restore of everything, with its indexes, up to \
             {all} MiB more of both; how much is free can't be asked of the server"
        ));
    }
    Ok(())
}

/// The run's own sessions, and those of the trial. Those that copy side by side are as many as there is room for, down to none.
fn sessions(slots: &SessionSlots, plan: &Plan<Rendered>, open: u64, findings: &mut PreflightFindings) {
    let trial = if plan.backup.verify == Verify::Restore { SESSIONS_OF_TRIAL } else { 0 };
    let more = (SESSIONS_OF_RUN + trial).saturating_sub(open);
    if slots.free() < more {
        let of_trial =
            if trial > 0 { format!(", {trial} of them for the trial restore (`verify: restore`)") } else { String::new() };
        let message =
            format!("a run needs {more} more sessions at once{of_trial}, and {} are free: {}", slots.free(), slots.why());
        let failure = Failure::permanent("backstop::preflight::session_slots", message);
        findings.failures.push(failure.hint(slots.way_out(more)));
    }
}

fn lost_slot(slot: &str, kept: u64, copies: u64, all: u64) -> String {
    format!(
        "replication slot {slot} is lost after {} MiB more of WAL (max_slot_wal_keep_size), unless its reader keeps up: the copies write \
         about {} MiB, and a restore of everything up to {} MiB more",
        kept / MEBIBYTE,
        copies / MEBIBYTE,
        all / MEBIBYTE
    )
}

fn locks(slots: LockSlots, need: LockNeed, findings: &mut PreflightFindings) {
    let (all, least, most) = (slots.all(), need.backup().max(need.comparison()), need.everything());
    let help = |locks: u64| {
        format!(
            "Let an administrator run ALTER SYSTEM SET max_locks_per_transaction = {}, and restart the server; or name fewer targets in a plan.",
            slots.per_process_for(locks)
        )
    };
    let has = format!(
        "the server has room for {all} (max_locks_per_transaction {} x {} processes, and a tenth)",
        slots.per_process, slots.processes
    );
    if least > all {
        let message = format!("{} targets need {least} locks at once for a backup and a restore, and {has}", need.tables);
        findings.failures.push(Failure::permanent("backstop::preflight::lock_slots", message).hint(help(most)));
    } else if most > all {
        findings.warnings.push(format!(
            "a restore that makes all {} targets anew would need {most} locks at once, and {has}: a step that changes too many of them \
             is refused. {}",
            need.tables,
            help(most)
        ));
    }
}

fn temporary_files(limit: u64, index: u64) -> Failure {
    Failure::permanent(
        "backstop::preflight::temp_file_limit",
        format!(
            "a restore may have to build an index of {} MiB anew, and the role's temp_file_limit is {} MiB",
            index / MEBIBYTE,
            limit / MEBIBYTE
        ),
    )
    .hint("Let an administrator run ALTER ROLE ... SET temp_file_limit = -1 for the role that applies plans.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(tables: u64, indexes: u64) -> PreflightFindings {
        let mut findings = PreflightFindings::default();
        locks(LockSlots { per_process: 64, processes: 122 }, LockNeed { tables, indexes }, &mut findings);
        findings
    }

    #[test]
    fn what_can_not_be_restored_is_refused_and_what_may_not_be_is_told() {
        assert_eq!(found(100, 200), PreflightFindings::default());
        let some = found(1000, 1000);
        assert!(some.failures.is_empty() && some.warnings[0].contains("max_locks_per_transaction = 192"), "{some:?}");
        let many = found(3000, 3000);
        assert_eq!(many.failures[0].code, "backstop::preflight::lock_slots");
        assert!(many.failures[0].hint.as_deref().unwrap().contains("max_locks_per_transaction = 448"), "{many:?}");
    }
}
