//! What a run takes of the server: lock slots, disk, temporary files. Of each what can be asked for is compared with what there is,
//! because a restore that runs out of something is no way back.

use tokio_postgres::{Client, Error, types::Oid};

use super::findings::Findings;
use crate::{
    machine::Failure,
    postgres::{
        lock_slots::{LockNeed, LockSlots},
        relation::Relation,
    },
};

/// From here on the size of the copies is worth a word.
const BYTES_WORTH_SAYING: u64 = 1024 * 1024 * 1024;
const MEBIBYTE: u64 = 1024 * 1024;

pub(super) async fn look(client: &Client, targets: &[Relation], findings: &mut Findings) -> Result<(), Error> {
    let oids: Vec<Oid> = targets.iter().map(|table| table.oid).collect();
    let (slots, need) = (LockSlots::read(client).await?, LockNeed::of(client, &oids).await?);
    locks(slots, need, findings);
    let row = client.query_one(include_str!("sizes.sql"), &[&oids]).await?;
    let number = |index: usize| row.try_get::<_, i64>(index).map(|number| u64::try_from(number).unwrap_or_default());
    let (copies, all, largest_index) = (number(0)?, number(1)?, number(2)?);
    let (limit, may_set): (Option<i64>, bool) = (row.try_get(3)?, row.try_get(4)?);
    let limit = limit.and_then(|limit| u64::try_from(limit).ok()).filter(|_| !may_set);
    if let Some(limit) = limit.filter(|limit| *limit < largest_index) {
        findings.failures.push(temporary_files(limit, largest_index));
    }
    if copies >= BYTES_WORTH_SAYING {
        findings.warnings.push(format!(
            "the copies need about {} MiB of disk space, and a restore of everything up to {} MiB more, and as much of WAL; how much is \
             free can't be asked of the server",
            copies / MEBIBYTE,
            all / MEBIBYTE
        ));
    }
    Ok(())
}

fn locks(slots: LockSlots, need: LockNeed, findings: &mut Findings) {
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

    fn found(tables: u64, indexes: u64) -> Findings {
        let mut findings = Findings::default();
        locks(LockSlots { per_process: 64, processes: 122 }, LockNeed { tables, indexes }, &mut findings);
        findings
    }

    #[test]
    fn what_can_not_be_restored_is_refused_and_what_may_not_be_is_told() {
        assert_eq!(found(100, 200), Findings::default());
        let some = found(1000, 1000);
        assert!(some.failures.is_empty() && some.warnings[0].contains("max_locks_per_transaction = 192"), "{some:?}");
        let many = found(3000, 3000);
        assert_eq!(many.failures[0].code, "backstop::preflight::lock_slots");
        assert!(many.failures[0].hint.as_deref().unwrap().contains("max_locks_per_transaction = 448"), "{many:?}");
    }
}
