//! Settings of the sessions.

use std::time::Duration;

use super::{
    change::ChangeSubject,
    findings::{FieldDiff, ReviewFindings},
    weakening::Weakening,
};
use crate::plan::{Rendered, Session};

pub(super) fn compare(findings: &mut ReviewFindings, then: &Session<Rendered>, now: &Session<Rendered>) {
    let Session { lock_timeout, statement_timeout, idle_in_transaction_session_timeout, search_path } = then;
    let mut timeout = |field, then: Duration, now: Duration, rule| {
        if findings.field(&ChangeSubject::Session, field, &then, &now) == FieldDiff::Differs && now > then {
            findings.weaker(rule, &ChangeSubject::Session, &then, &now);
        }
    };
    timeout("lock_timeout", *lock_timeout, now.lock_timeout, Weakening::LockTimeoutRaised);
    timeout("statement_timeout", *statement_timeout, now.statement_timeout, Weakening::StatementTimeoutRaised);
    timeout(
        "idle_in_transaction_session_timeout",
        *idle_in_transaction_session_timeout,
        now.idle_in_transaction_session_timeout,
        Weakening::IdleTimeoutRaised,
    );
    findings.field(&ChangeSubject::Session, "search_path", search_path, &now.search_path);
}
