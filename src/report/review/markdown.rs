//! For the comment of a pull request: what got weaker first, the rest folded, and no longer than a comment may be.
//!
//! What comes from plans stands in code spans, in fences that are longer than any run of backticks in them, or with HTML
//! escaped: it can't become markup, a mention or a link.

use super::{
    super::{
        style::{one_line, printable},
        units::so_many,
    },
    lines::{ChangeText, cut, hazard, headline, only_in, shown, so_many_findings, unreadable},
    text::losses,
};
use crate::review::{FileChange, Hazard, PlanChangeKind, PlanReview, ReviewedChange, Reviews, WeakerSafety};

/// A line that shows nowhere, by which a pipeline finds its comment again.
pub const MARKER: &str = "<!-- backstop diff -->";
/// Most bytes of the whole; GitHub takes 65,536 characters, and the caller may put something around it.
const BYTES_MAX: usize = 60_000;
/// Of them for what got weaker.
const WEAKER_BYTES_MAX: usize = 30_000;
/// And up to here for what lint finds anew and no longer.
const FINDINGS_BYTES_MAX: usize = 40_000;
/// And for the words at the end.
const CLOSING_BYTES: usize = 600;

/// The comment. `see` is the command that shows all of it.
pub fn markdown(reviews: &Reviews, see: &str) -> String {
    let mut page = CommentPage { text: format!("{MARKER}\n{}\n", summary(reviews)), left_out: 0 };
    if reviews.weaker() > 0 {
        page.push("\n### ⚠️ Safety that got weaker\n\n".to_owned(), WEAKER_BYTES_MAX);
        for plan in &reviews.plans {
            for loss in &plan.review.weaker {
                page.push(weaker(plan, loss), WEAKER_BYTES_MAX);
            }
        }
    }
    findings(reviews, &mut page);
    for plan in &reviews.plans {
        page.push(head(plan), BYTES_MAX - CLOSING_BYTES);
        for change in &plan.review.changes {
            let (line, below) = entry(change);
            if page.push_whole(format!("{line}{below}"), BYTES_MAX - CLOSING_BYTES) {
                continue;
            }
            page.left_out += 1;
            if !below.is_empty() {
                // The line alone, where its texts have no place.
                let line = format!("{} _(left out here)_\n", line.trim_end());
                page.push_whole(line, BYTES_MAX - CLOSING_BYTES);
            }
        }
    }
    page.closed(see)
}

fn summary(reviews: &Reviews) -> String {
    let Reviews { old, new, environments, plans, .. } = reviews;
    let versions = format!("{} → {}", code(old), code(new));
    if reviews.is_nothing() {
        return format!("**backstop**: nothing changed in meaning ({versions}).");
    }
    let is_bad = reviews.weaker() > 0 || reviews.is_broken() || reviews.failing_findings() > 0;
    let found = match reviews.new_findings() {
        0 => String::new(),
        _ => format!(", **{}**", so_many_findings(reviews)),
    };
    let mark = if is_bad { "⚠️ " } else { "" };
    let broken = if reviews.is_broken() { ", **a new version is not valid**" } else { "" };
    let with = match environments.as_slice() {
        [] => String::new(),
        names => format!(", with the values of {}", names.iter().map(|name| code(name)).collect::<Vec<_>>().join(", ")),
    };
    let losses = match reviews.weaker() {
        0 => losses(0),
        n => format!("**{}**", losses(n)),
    };
    let verb = if plans.len() == 1 { "differs" } else { "differ" };
    format!(
        "{mark}**backstop**: {} {verb}, {losses}{found}{broken} ({versions}{with}).",
        so_many(plans.len() as u64, "plan")
    )
}

fn weaker(plan: &PlanReview, loss: &WeakerSafety) -> String {
    let WeakerSafety { rule, subject, before, after, why, only_in: places } = loss;
    let places = environments(places);
    format!(
        "- **{}: {}**{places} in {}: {} → {}<br>{why}\n",
        code(&subject.to_string()),
        rule.title(),
        code(&plan.path),
        value(before),
        value(after)
    )
}

/// What lint finds anew, each with what to do, and below a fold what it finds no longer.
fn findings(reviews: &Reviews, page: &mut CommentPage) {
    let of_all = |which: fn(&PlanReview) -> &[Hazard]| {
        reviews.plans.iter().flat_map(move |plan| which(plan).iter().map(move |hazard| (plan, hazard)))
    };
    if reviews.new_findings() > 0 {
        page.push("\n### New findings of lint\n\n".to_owned(), FINDINGS_BYTES_MAX);
        for (plan, found) in of_all(|plan| &plan.findings.new) {
            let mark = if found.fails { "❌ " } else { "" };
            let Hazard { rule, effect, remedy, .. } = found;
            let told = code(&hazard(found));
            let line = format!(
                "- {mark}{told} in {}, {}<br>{} {}\n",
                code(&plan.path),
                code(rule),
                escaped(effect),
                escaped(remedy)
            );
            page.push(line, FINDINGS_BYTES_MAX);
        }
    }
    let gone: Vec<String> = of_all(|plan| &plan.findings.gone).map(|(plan, found)| no_longer(plan, found)).collect();
    if !gone.is_empty() {
        let count = so_many(gone.len() as u64, "finding");
        let fold =
            format!("\n<details><summary>{count} of lint no longer there</summary>\n\n{}\n</details>\n", gone.concat());
        page.push(fold, FINDINGS_BYTES_MAX);
    }
}

fn no_longer(plan: &PlanReview, found: &Hazard) -> String {
    let reason = found.excepted.as_ref().map(|reason| format!(": excepted, {}", code(&cut(reason))));
    format!("- {} in {}, {}{}\n", code(&hazard(found)), code(&plan.path), code(&found.rule), reason.unwrap_or_default())
}

fn head(plan: &PlanReview) -> String {
    let name = plan.plan.as_deref().map(|name| format!(" ({})", code(name))).unwrap_or_default();
    let was = plan.was.as_deref().map(|was| format!(", was {}", code(was))).unwrap_or_default();
    let fate = match plan.fate {
        FileChange::Added => " is new",
        FileChange::Removed => " is gone",
        FileChange::Changed => "",
    };
    let mut out = format!("\n### {}{name}{was}{fate}\n\n", code(&plan.path));
    for problem in &plan.unreadable {
        out += &format!("- ❌ **{}**\n{}", escaped(&unreadable(problem)), fenced(&problem.why.join("\n"), "text"));
    }
    if !plan.stand_ins.is_empty() {
        let names: Vec<String> = plan.stand_ins.iter().map(|name| code(&format!("<{name}>"))).collect();
        out += &format!("_No value was given for variables; their names stand for them: {}._\n\n", names.join(", "));
    }
    out
}

/// A change's line, and what is folded below it.
fn entry(change: &ReviewedChange) -> (String, String) {
    let mark = match change.how {
        PlanChangeKind::Added => "➕",
        PlanChangeKind::Removed => "➖",
        PlanChangeKind::Changed => "✏️",
        PlanChangeKind::Moved => "↕️",
    };
    let places = environments(&change.only_in);
    let head = format!("- {mark} {}{places}", code(&headline(change)));
    let fold = |text: &str, language: &str, what: &str| {
        let count = so_many(text.lines().count() as u64, "line");
        format!("  <details><summary>{what}, {count}</summary>\n\n{}\n  </details>\n", fenced(text, language))
    };
    match shown(change) {
        ChangeText::Beside(Some(before), Some(after)) => {
            (format!("{head}: {} → {}\n", value(&before), value(&after)), String::new())
        }
        ChangeText::Beside(before, after) => {
            (format!("{head}: {}\n", value(&before.or(after).unwrap_or_default())), String::new())
        }
        ChangeText::Diff(diff) => (format!("{head}\n"), fold(&diff, "diff", "what differs")),
        ChangeText::Whole(text, language) => (format!("{head}\n"), fold(&text, language, "all of it")),
    }
}

fn environments(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { escaped(&only_in(names)) }
}

/// A value on one line; what stands for nothing is no code.
fn value(text: &str) -> String {
    if text == "nothing" { "_nothing_".to_owned() } else { code(&cut(text)) }
}

/// A code span that nothing in the text can end.
fn code(text: &str) -> String {
    let text = one_line(text);
    let ticks = "`".repeat(longest_run(&text) + 1);
    let space = if text.is_empty() || text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{ticks}{space}{text}{space}{ticks}")
}

/// A fenced block that nothing in the text can end, inside of a list.
fn fenced(text: &str, language: &str) -> String {
    let text = printable(text);
    let fence = "`".repeat(longest_run(&text).max(2) + 1);
    let lines: String = text.trim_end().lines().map(|line| format!("  {line}\n")).collect();
    format!("  {fence}{language}\n{lines}  {fence}\n")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            c => out.push(c),
        }
        out
    })
}

/// The comment as far as it is written, and how much had no place in it.
struct CommentPage {
    text: String,
    left_out: usize,
}

impl CommentPage {
    fn has_place(&self, part: &str, max: usize) -> bool {
        self.text.len() + part.len() <= max
    }

    /// Adds a part, or counts it.
    fn push(&mut self, part: String, max: usize) {
        if !self.push_whole(part, max) {
            self.left_out += 1;
        }
    }

    /// Adds a part where it has a place.
    fn push_whole(&mut self, part: String, max: usize) -> bool {
        let fits = self.has_place(&part, max);
        if fits {
            self.text += &part;
        }
        fits
    }

    fn closed(mut self, see: &str) -> String {
        if self.left_out > 0 {
            let parts = so_many(self.left_out as u64, "part");
            self.text +=
                &format!("\n**{parts} left out**, because a comment can't be longer. All of it: {}\n", code(&cut(see)));
        }
        self.text
    }
}
