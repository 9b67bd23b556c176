//! For a terminal.

use super::{
    super::{
        style::{Style, Tone, indented, one_line, printable},
        units::so_many,
    },
    columns::side_by_side,
    lines::{ChangeText, cut, hazard, headline, only_in, shown, so_many_findings, texts, unreadable, visible},
    width::Width,
};
use crate::review::{
    FileChange, Hazard, Hazards, PlanChangeKind, PlanReview, ReviewedChange, Reviews, WeakerSafety, Weight,
};

/// How texts that differ are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Line by line, as `diff -u` does.
    Unified,
    /// The old text and the new one in two columns.
    SideBySide(Width),
}

/// Most findings of a plan that are told one by one.
const FINDINGS_MAX: usize = 20;

/// All plans, one after the other; of each first what got weaker.
pub fn text(reviews: &Reviews, width: Width, layout: Layout, style: Style) -> String {
    let Reviews { old, new, plans, .. } = reviews;
    if reviews.is_nothing() {
        return format!("nothing changed in meaning from {} to {}\n", one_line(old), one_line(new));
    }
    let mut out: String = plans.iter().map(|plan| of_plan(plan, width, layout, style) + "\n").collect();
    out += &format!("{}: {}", so_many(plans.len() as u64, "plan"), losses(reviews.weaker()));
    if reviews.new_findings() > 0 {
        out += &format!(", {}", so_many_findings(reviews));
    }
    if reviews.is_broken() {
        out += ", and a new version is not valid";
    }
    out + "\n"
}

/// In words how often safety got weaker.
pub(super) fn losses(weaker: usize) -> String {
    match weaker {
        0 => "no safety got weaker".to_owned(),
        1 => "safety got weaker in 1 place".to_owned(),
        n => format!("safety got weaker in {n} places"),
    }
}

fn of_plan(plan: &PlanReview, width: Width, layout: Layout, style: Style) -> String {
    let mut out = style.paint(Tone::Strong, &title(plan)) + "\n";
    for problem in &plan.unreadable {
        out += &format!("  {} {}\n", style.bad(), unreadable(problem));
        for why in &problem.why {
            out += &indented(&printable(why), 6);
        }
    }
    if !plan.stand_ins.is_empty() {
        let names: Vec<String> = plan.stand_ins.iter().map(|name| format!("<{name}>")).collect();
        let note = format!("no value was given for variables; their names stand for them: {}", one_line(&names.join(", ")));
        out += &indented(&wrapped(&note, width, 2), 2);
    }
    if !plan.review.weaker.is_empty() {
        out += &format!("  {}\n", style.paint(Tone::Bad, "safety that got weaker"));
        out += &plan.review.weaker.iter().map(|loss| weaker(loss, width, style)).collect::<String>();
    }
    out += &findings(&plan.findings, width, style);
    if !plan.review.changes.is_empty() {
        let head = if plan.fate == FileChange::Added { "what it does" } else { "what changed" };
        out += &format!("  {}\n", style.paint(Tone::Strong, head));
        out += &indented(&plan.review.changes.iter().map(|change| line(change, layout, style)).collect::<String>(), 2);
    }
    out
}

fn title(plan: &PlanReview) -> String {
    let name = plan.plan.as_deref().map(|name| format!("  {name}")).unwrap_or_default();
    let was = plan.was.as_deref().map(|was| format!("  (was {})", one_line(was))).unwrap_or_default();
    let fate = match plan.fate {
        FileChange::Added => "  is new",
        FileChange::Removed => "  is gone; where it was applied, it stays applied",
        FileChange::Changed => "",
    };
    format!("{}{name}{was}{fate}", one_line(&plan.path))
}

fn weaker(loss: &WeakerSafety, width: Width, style: Style) -> String {
    let WeakerSafety { rule, subject, before, after, why, only_in: places } = loss;
    let code = style.paint(Tone::Quiet, &format!("[{}]", rule.name()));
    let head = format!("{}: {}{}", one_line(&subject.to_string()), rule.title(), only_in(places));
    let mut out = format!("  {} {head} {code}\n", style.bad());
    for (word, value) in [("before", before), ("after", after)] {
        out += &format!("      {} {}\n", style.paint(Tone::Quiet, &format!("{word:<6}")), cut(&printable(value)));
    }
    out + &indented(&wrapped(why, width, 6), 6)
}

/// Changes, a line each, with what differs beneath.
pub fn change_lines(changes: &[ReviewedChange], style: Style) -> String {
    changes.iter().map(|change| line(change, Layout::Unified, style)).collect()
}

fn line(change: &ReviewedChange, layout: Layout, style: Style) -> String {
    let mark = match change.how {
        PlanChangeKind::Added => style.paint(Tone::Good, "+"),
        PlanChangeKind::Removed => style.paint(Tone::Bad, "-"),
        PlanChangeKind::Changed => style.paint(Tone::Careful, "~"),
        PlanChangeKind::Moved => style.paint(Tone::Careful, "↕"),
    };
    let head = format!("{mark} {}{}", one_line(&headline(change)), only_in(&change.only_in));
    let value = |text: &str| cut(&printable(text));
    if let (Layout::SideBySide(width), Some((before, after))) = (layout, texts(change)) {
        let (before, after) = (&*visible(before, after), &*visible(after, before));
        let beside = side_by_side(&printable(before), &printable(after), Width(width.0.saturating_sub(6)), style);
        return format!("{head}\n{}", indented(&beside, 4));
    }
    match shown(change) {
        ChangeText::Beside(Some(before), Some(after)) => format!("{head}: {} → {}\n", value(&before), value(&after)),
        ChangeText::Beside(before, after) => format!("{head}: {}\n", value(&before.or(after).unwrap_or_default())),
        ChangeText::Diff(diff) => format!("{head}\n{}", indented(&coloured(&printable(&diff), style), 4)),
        ChangeText::Whole(text, _) => format!("{head}\n{}", indented(&printable(&text), 4)),
    }
}

/// What lint finds more, and what it finds no longer.
fn findings(findings: &Hazards, width: Width, style: Style) -> String {
    let Hazards { new, gone } = findings;
    let mut out = String::new();
    if !new.is_empty() {
        out += &format!("  {}\n", style.paint(Tone::Bad, "what lint finds anew"));
        out += &new.iter().take(FINDINGS_MAX).map(|found| of_finding(found, width, style)).collect::<String>();
        out += &more(new.len());
    }
    if !gone.is_empty() {
        out += &format!("  {}\n", style.paint(Tone::Strong, "what lint finds no longer"));
        for found in gone.iter().take(FINDINGS_MAX) {
            let reason = found.excepted.as_ref().map(|reason| format!("; excepted: {}", cut(&printable(reason))));
            let code = style.paint(Tone::Quiet, &format!("[{}]", found.rule));
            out += &format!("  {} {}{} {code}\n", style.good(), one_line(&hazard(found)), reason.unwrap_or_default());
        }
        out += &more(gone.len());
    }
    out
}

fn of_finding(found: &Hazard, width: Width, style: Style) -> String {
    let mark = match found.level {
        _ if found.fails => style.bad(),
        Weight::Error | Weight::Warning => style.careful(),
        Weight::Note => style.paint(Tone::Quiet, "·"),
    };
    let code = style.paint(Tone::Quiet, &format!("[{}]", found.rule));
    let head = format!("  {mark} {} {code}\n", one_line(&hazard(found)));
    head + &indented(&wrapped(&format!("{} {}", found.effect, found.remedy), width, 6), 6)
}

fn more(all: usize) -> String {
    match all.saturating_sub(FINDINGS_MAX) {
        0 => String::new(),
        n => format!("    and {n} more, which `backstop lint` tells\n"),
    }
}

fn coloured(diff: &str, style: Style) -> String {
    let line = |line: &str| {
        let tone = match line.chars().next() {
            Some('+') => Tone::Good,
            Some('-') => Tone::Bad,
            Some('@') => Tone::Quiet,
            _ => return format!("{line}\n"),
        };
        style.paint(tone, line) + "\n"
    };
    diff.lines().map(line).collect()
}

/// The words of a text in lines that fit, moved to the right by so much.
fn wrapped(text: &str, Width(width): Width, margin: usize) -> String {
    let width = width.max(Width::LEAST).saturating_sub(margin);
    let (mut out, mut used) = (String::new(), 0);
    for word in text.split_whitespace() {
        let long = word.chars().count();
        if used > 0 && used + 1 + long > width {
            out.push('\n');
            used = 0;
        }
        if used > 0 {
            out.push(' ');
            used += 1;
        }
        out += word;
        used += long;
    }
    out + "\n"
}
