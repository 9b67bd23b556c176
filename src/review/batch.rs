//! How a step is cut into batches.

use super::{
    change::{Form, Subject},
    ledger::{Found, Ledger},
    told::time,
    weakening::Weakening,
};
use crate::plan::{Batch, Rendered};

pub(super) fn compare(
    ledger: &mut Ledger,
    subject: &Subject,
    then: Option<&Batch<Rendered>>,
    now: Option<&Batch<Rendered>>,
) {
    let (Some(then), Some(now)) = (then, now) else {
        if then.is_some() != now.is_some() {
            ledger.change(subject, Some("batch"), Form::Words, then.map(words), now.map(words));
        }
        return;
    };
    let Batch { at: _, table, key, size, target, max_lag } = then;
    ledger.field(subject, "batch.table", table, &now.table);
    ledger.field(subject, "batch.key", key, &now.key);
    ledger.field(subject, "batch.size", size, &now.size);
    if ledger.field(subject, "batch.target", target, &now.target) == Found::Differs && now.target > *target {
        ledger.weaker(Weakening::BatchTargetRaised, subject, target, &now.target);
    }
    if ledger.field(subject, "batch.max_lag", max_lag, &now.max_lag) == Found::Differs {
        let is_less = match (max_lag, now.max_lag) {
            (Some(then), Some(now)) => now > *then,
            (Some(_), None) => true,
            (None, _) => false,
        };
        if is_less {
            ledger.weaker(Weakening::MaxLagRaised, subject, max_lag, &now.max_lag);
        }
    }
}

fn words(batch: &Batch<Rendered>) -> String {
    let Batch { at: _, table, key, size, target, max_lag } = batch;
    let lag = max_lag.map(|lag| format!(", max_lag {}", time(lag))).unwrap_or_default();
    format!("{size} rows of {table} by {key}, target {}{lag}", time(*target))
}
