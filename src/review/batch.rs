//! How a step is cut into batches.

use super::{
    change::{ChangeSubject, TextForm},
    describe::time,
    findings::{FieldDiff, ReviewFindings},
    weakening::Weakening,
};
use crate::plan::{Batch, Rendered};

pub(super) fn compare(
    findings: &mut ReviewFindings,
    subject: &ChangeSubject,
    then: Option<&Batch<Rendered>>,
    now: Option<&Batch<Rendered>>,
) {
    let (Some(then), Some(now)) = (then, now) else {
        if then.is_some() != now.is_some() {
            findings.change(subject, Some("batch"), TextForm::Words, (then.map(words), now.map(words)));
        }
        return;
    };
    let Batch { at: _, table, key, size, target, max_lag } = then;
    findings.field(subject, "batch.table", table, &now.table);
    findings.field(subject, "batch.key", key, &now.key);
    findings.field(subject, "batch.size", size, &now.size);
    if findings.field(subject, "batch.target", target, &now.target) == FieldDiff::Differs && now.target > *target {
        findings.weaker(Weakening::BatchTargetRaised, subject, target, &now.target);
    }
    if findings.field(subject, "batch.max_lag", max_lag, &now.max_lag) == FieldDiff::Differs {
        let is_less = match (max_lag, now.max_lag) {
            (Some(then), Some(now)) => now > *then,
            (Some(_), None) => true,
            (None, _) => false,
        };
        if is_less {
            findings.weaker(Weakening::MaxLagRaised, subject, max_lag, &now.max_lag);
        }
    }
}

fn words(batch: &Batch<Rendered>) -> String {
    let Batch { at: _, table, key, size, target, max_lag } = batch;
    let lag = max_lag.map(|lag| format!(", max_lag {}", time(lag))).unwrap_or_default();
    format!("{size} rows of {table} by {key}, target {}{lag}", time(*target))
}
