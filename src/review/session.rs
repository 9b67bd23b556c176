//! Settings of the sessions.

use std::time::Duration;

use super::{
    change::Subject,
    findings::{Findings, Found},
    weakening::Weakening,
};
use crate::plan::{Rendered, Session};

pub(super) fn compare(findings: &mut Findings, then: &Session<Rendered>, now: &Session<Rendered>) {
    let Session { lock_timeout, statement_timeout, idle_in_transaction_session_timeout, search_path } = then;
    let mut timeout = |field, then: Duration, now: Duration, rule| {
        if findings.field(&Subject::Session, field, &then, &now) == Found::Differs && now > then {
            findings.weaker(rule, &Subject::Session, &then, &now);
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
    findings.field(&Subject::Session, "search_path", search_path, &now.search_path);
}
