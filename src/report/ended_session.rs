//! A session that was ended because a run waited too long for its lock.

use super::{
    style::{Style, one_line},
    units::moment,
};

/// A session that a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedSession<'a> {
    /// RFC 3339.
    pub at: &'a str,
    /// `pg_stat_activity.pid`
    pub pid: i32,
    /// `pg_stat_activity.usename`; none where that is hidden.
    pub role: Option<&'a str>,
    /// Its `application_name`.
    pub application: Option<&'a str>,
    /// Its last statement.
    pub query: Option<&'a str>,
}

/// One line about it.
pub fn ended_session(ended: &EndedSession<'_>, style: Style) -> String {
    let EndedSession { at, pid, role, application, query } = ended;
    let mut who = format!("pid {pid}");
    for (word, value) in [(", role ", role), (", application ", application), (": ", query)] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            who += word;
            who += &one_line(value);
        }
    }
    format!("{} ended a session that was in the way at {}: {who}", style.careful(), moment(at))
}
