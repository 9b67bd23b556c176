//! The manual of the rules, generated from their records.

use std::fmt::Write;

use super::{
    rule::{Group, Rule, TableClaim},
    rules::RULES,
};
use crate::{plan::RuleLevel, sql::LockLevel};

/// All rules as Markdown, group by group.
pub fn manual() -> String {
    let mut out = "# The rules of `backstop lint`\n".to_owned();
    for group in Group::ALL {
        let _ = write!(out, "\n## {}\n", group.title());
        for rule in RULES.iter().filter(|rule| rule.group == group) {
            let _ = write!(out, "\n{}", explanation(rule));
        }
    }
    out
}

/// One rule as Markdown.
pub fn explanation(rule: &Rule) -> String {
    let mut out = format!("### `{}`: {}\n\n", rule.code, rule.title);
    let _ = writeln!(
        out,
        "Level: {}.{}\n",
        word(rule.level),
        rule.claim.map(|claim| format!(" {}", claimed(&claim))).unwrap_or_default()
    );
    let _ = writeln!(out, "{} {}\n\n{}\n", rule.condition, rule.effect, rule.remedy);
    for (title, example) in [("Instead of", rule.bad), ("write", rule.good)] {
        let (language, text) = example.shown();
        let _ = writeln!(out, "{title}\n\n```{language}\n{text}\n```\n");
    }
    if let Some(page) = rule.manual {
        let _ = writeln!(out, "See <{page}>.");
    }
    out
}

/// How a level is called.
pub fn word(level: RuleLevel) -> &'static str {
    match level {
        RuleLevel::Off => "off",
        RuleLevel::Note => "note",
        RuleLevel::Warning => "warning",
        RuleLevel::Error => "error",
    }
}

fn claimed(claim: &TableClaim) -> String {
    let lock = match claim.lock {
        LockLevel::Everybody => "Everybody waits (ACCESS EXCLUSIVE)",
        LockLevel::Writers => "Writers wait (SHARE or stronger)",
        LockLevel::Maintenance => "Readers and writers go on (SHARE UPDATE EXCLUSIVE)",
        LockLevel::Rows => "Readers and writers go on",
        LockLevel::None => "Nobody waits",
    };
    let what = match (claim.rewrites, claim.scans) {
        (true, _) => " while the table is written anew.",
        (false, true) => " while all rows are read.",
        (false, false) => " for a moment, and before that for as long as it waits for its lock.",
    };
    format!("{lock}{what}")
}
