//! The manual of the rules as a page for `man`, generated from their records.

use std::fmt::Write;

use super::{
    manual::word,
    rule::{Group, Rule},
    rules::RULES,
};

/// All rules as a page of section 7.
pub fn page() -> String {
    let mut out = ".TH backstop-lint-rules 7\n.SH NAME\nbackstop\\-lint\\-rules \\- the rules of backstop lint\n".to_owned();
    out.push_str(".SH DESCRIPTION\nWhat \\fBbackstop lint\\fR finds in plans. \\fB[lint.rules]\\fR in backstop.toml changes levels;\n");
    out.push_str("a plan makes exceptions under \\fBlint\\fR, each with its reason.\n");
    for group in Group::ALL {
        let _ = writeln!(out, ".SH {}", text(&group.title().to_uppercase()));
        for rule in RULES.iter().filter(|rule| rule.group == group) {
            tell(rule, &mut out);
        }
    }
    out
}

fn tell(rule: &Rule, out: &mut String) {
    let _ = writeln!(out, ".SS {} ({})", text(rule.code), word(rule.level));
    let _ = writeln!(out, "{}\n{}\n.PP\n{}", text(rule.condition), text(rule.effect), text(rule.remedy));
    for (title, example) in [("Instead of", rule.bad), ("write", rule.good)] {
        let _ = writeln!(out, ".PP\n{title}\n.PP\n.nf\n{}\n.fi", text(&example.shown().1));
    }
    if let Some(manual) = rule.manual {
        let _ = writeln!(out, ".PP\nSee {}", text(manual));
    }
}

/// A text with nothing in it that troff would take for its own.
fn text(text: &str) -> String {
    let escaped = text.replace('\\', "\\e").replace('-', "\\-");
    let line = |line: &str| match line.starts_with(['.', '\'']) {
        true => format!("\\&{line}"),
        false => line.to_owned(),
    };
    escaped.lines().map(line).collect::<Vec<_>>().join("\n")
}
