//! A saved plan, for whoever is to approve it.

use super::{
    style::{indented, one_line, printable},
    units::moment,
};
use crate::saved::SavedPlan;

/// What it holds, and who approved it: the names that the approvals give themselves.
pub fn saved_plan(saved: &SavedPlan) -> String {
    let content = &saved.content;
    let mut out = format!("saved plan {}\n", one_line(&content.id));
    out += &format!(
        "  made at {} by {} with backstop {}\n",
        moment(&content.made_at),
        one_line(&content.made_by),
        one_line(&content.program)
    );
    if let Some(at) = &content.expires_at {
        out += &format!("  good until {}\n", moment(at));
    }
    out += &format!("  for {}\n  digest {}\n", one_line(&content.database.to_string()), saved.digest);
    if content.plans.is_empty() {
        out += "\nnothing to do\n";
    }
    for plan in &content.plans {
        out +=
            &format!("\n{}  {}  fingerprint {}\n", one_line(&plan.name), one_line(&plan.path), one_line(&plan.fingerprint));
        out += &indented(&printable(&plan.rendered), 2);
    }
    if !saved.approvals.is_empty() {
        out += "\napproved by\n";
    }
    for approval in &saved.approvals {
        out += &format!("  {}  at {}  key {}\n", one_line(&approval.name), moment(&approval.at), one_line(&approval.key));
    }
    out
}
