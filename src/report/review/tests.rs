//! What a comment and a terminal show, and that nothing in a plan can break out of it.

use super::{Layout, MARKER, Width, markdown, review_document, text};
use crate::{
    report::Style,
    review::{
        ChangeSubject, DiffSide, FileChange, Hazard, Hazards, PlanChangeKind, PlanReview, Review, ReviewedChange, Reviews,
        TextForm, Unreadable, Weakening, WeakerSafety, Weight,
    },
};

fn change(field: Option<&'static str>, form: TextForm, before: Option<&str>, after: Option<&str>) -> ReviewedChange {
    let how = match (before, after) {
        (None, _) => PlanChangeKind::Added,
        (_, None) => PlanChangeKind::Removed,
        _ => PlanChangeKind::Changed,
    };
    let text = |text: Option<&str>| text.map(str::to_owned);
    let subject = ChangeSubject::Step("fill".to_owned());
    ReviewedChange { subject, field, how, before: text(before), after: text(after), form, only_in: vec![] }
}

fn loss(rule: Weakening, before: &str, after: &str) -> WeakerSafety {
    let (before, after) = (before.to_owned(), after.to_owned());
    WeakerSafety { rule, subject: ChangeSubject::Backup, before, after, why: rule.why().to_owned(), only_in: vec![] }
}

fn plan(path: &str, changes: Vec<ReviewedChange>, weaker: Vec<WeakerSafety>) -> PlanReview {
    PlanReview {
        path: path.to_owned(),
        was: None,
        plan: Some("fill".to_owned()),
        fate: FileChange::Changed,
        review: Review { weaker, changes },
        findings: Hazards::default(),
        stand_ins: vec![],
        unreadable: vec![],
    }
}

fn finding(rule: &str, message: &str) -> Hazard {
    Hazard {
        rule: rule.to_owned(),
        level: Weight::Warning,
        fails: false,
        step: Some("fill".to_owned()),
        message: message.to_owned(),
        effect: "It leads to this.".to_owned(),
        remedy: "Do that.".to_owned(),
        excepted: None,
        only_in: vec![],
    }
}

fn reviews(plans: Vec<PlanReview>) -> Reviews {
    Reviews { old: "main".to_owned(), new: "HEAD".to_owned(), environments: vec![], plans }
}

fn some() -> Reviews {
    let mut changed = plan(
        "plans/fill.yaml",
        vec![
            ReviewedChange {
                only_in: vec!["production".to_owned()],
                ..change(Some("keep"), TextForm::Words, Some("3"), Some("1"))
            },
            change(Some("sql"), TextForm::Sql, Some("UPDATE t\nSET n = 1"), Some("UPDATE t\nSET n = 2")),
            change(None, TextForm::Yaml, None, Some("id: new\nsql: SELECT 1\n")),
            ReviewedChange {
                how: PlanChangeKind::Moved,
                ..change(None, TextForm::Words, Some("step 2 of 2, after a"), Some("step 1 of 2, the first"))
            },
        ],
        vec![loss(Weakening::TargetRemoved, "public.accounts", "nothing")],
    );
    changed.findings = Hazards {
        new: vec![
            Hazard {
                fails: true,
                level: Weight::Error,
                ..finding("drop-table", "accounts is gone, and no backup target covers it")
            },
            Hazard { only_in: vec!["production".to_owned()], ..finding("cascade", "all that depends on <b> goes, too") },
        ],
        gone: vec![Hazard { excepted: Some("it is empty".to_owned()), ..finding("set-not-null", "every row is looked at") }],
    };
    changed.stand_ins = vec!["api_role".to_owned()];
    let broken = PlanReview {
        was: Some("plans/old.yaml".to_owned()),
        unreadable: vec![Unreadable {
            version: DiffSide::Old,
            environment: None,
            why: vec!["plans/old.yaml:3: the field `nmae` is not known".to_owned()],
        }],
        fate: FileChange::Added,
        ..plan("plans/new.yaml", vec![], vec![])
    };
    reviews(vec![changed, broken])
}

#[test]
fn a_terminal_shows_what_got_weaker_first() {
    insta::assert_snapshot!(text(&some(), Width(72), Layout::Unified, Style::Plain));
    assert!(text(&some(), Width(72), Layout::Unified, Style::Coloured).contains("\u{1b}[31m-SET n = 1"));
    assert_eq!(
        text(&reviews(vec![]), Width(72), Layout::Unified, Style::Plain),
        "nothing changed in meaning from main to HEAD\n"
    );
}

#[test]
fn a_comment_shows_what_got_weaker_first_and_folds_the_rest() {
    insta::assert_snapshot!(markdown(&some(), "backstop diff --git main..HEAD"));
}

#[test]
fn nothing_in_a_plan_breaks_out_of_the_comment() {
    let hostile = "a ``` b\n```\n</details><script>alert(1)</script> @everyone <!-- x -->\n````\n[x](http://evil)\u{202e}";
    let mut found = plan(
        "plans/`x` <b>.yaml",
        vec![
            change(Some("sql"), TextForm::Sql, Some("SELECT 1"), Some(hostile)),
            change(Some("schema"), TextForm::Words, Some(hostile), None),
            change(None, TextForm::Yaml, None, Some(hostile)),
        ],
        vec![loss(Weakening::TargetRemoved, hostile, "nothing")],
    );
    found.review.changes[0].subject = ChangeSubject::Step("</summary>".to_owned());
    found.findings.new.push(finding("cascade", hostile));
    found.findings.gone.push(Hazard { excepted: Some(hostile.to_owned()), ..finding("cascade", hostile) });
    let comment = markdown(&reviews(vec![found]), "backstop diff");
    let mut fence: Option<String> = None;
    for line in comment.lines() {
        let ticks: String = line.trim_start().chars().take_while(|c| *c == '`').collect();
        match &fence {
            Some(open) if line.trim() == open => fence = None,
            Some(_) => continue,
            None if ticks.len() >= 3 && !line.trim_start()[ticks.len()..].contains('`') => fence = Some(ticks),
            None => {}
        }
        // Outside of fences, markup stands in code spans or is ours.
        let outside = without_code(line);
        for bad in ["<script", "@everyone", "[x](", "</summary></code>", "\u{202e}"] {
            assert!(!outside.contains(bad), "{bad} in {line}");
        }
    }
    assert!(fence.is_none(), "every fence is closed:\n{comment}");
    assert_eq!(comment.matches("<details>").count(), comment.lines().filter(|line| line.trim() == "</details>").count());
}

/// The line without its code spans (CommonMark 6.1).
fn without_code(line: &str) -> String {
    let (mut out, mut rest) = (String::new(), line);
    while let Some(at) = rest.find('`') {
        let run = rest[at..].chars().take_while(|c| *c == '`').count();
        let (ticks, inside) = (&rest[at..at + run], &rest[at + run..]);
        out += &rest[..at];
        let end = inside
            .match_indices(ticks)
            .map(|(end, _)| end)
            .find(|end| !inside[..*end].ends_with('`') && !inside[end + run..].starts_with('`'));
        match end {
            Some(end) => rest = &inside[end + run..],
            None => {
                out += ticks;
                rest = inside;
            }
        }
    }
    out + rest
}

#[test]
fn a_comment_is_never_longer_than_it_may_be() {
    let long = "UPDATE some_table SET n = 1;\n".repeat(400);
    let changes = (0..40).map(|_| change(Some("sql"), TextForm::Sql, Some("SELECT 1"), Some(&long))).collect();
    let weaker = (0..500).map(|_| loss(Weakening::TargetRemoved, &"x".repeat(300), "nothing")).collect();
    let mut found = plan("p.yaml", changes, weaker);
    found.findings.new = (0..500).map(|_| finding("cascade", &"x".repeat(200))).collect();
    found.findings.gone = found.findings.new.clone();
    let comment = markdown(&reviews(vec![found]), &"backstop diff ".repeat(90));
    assert!(comment.chars().count() < 65_536 && comment.len() < 62_000, "{}", comment.len());
    assert!(comment.starts_with(MARKER) && comment.contains("left out**"));
    let last = comment.lines().last().unwrap();
    assert!(last.contains("backstop diff"), "{last}");
    assert_eq!(comment.matches("<details>").count(), comment.matches("</details>").count());
    assert!(comment.contains("_(left out here)_"), "what has no place is named: {}", &comment[comment.len() - 2000..]);
}

#[test]
fn a_document_says_what_a_pipeline_asks() {
    let value = serde_json::to_value(review_document(&some(), 3)).unwrap();
    assert_eq!(value["kind"], "review");
    assert_eq!((&value["exit_code"], &value["weaker"]), (&3.into(), &1.into()));
    assert_eq!(value["review"]["plans"][0]["review"]["weaker"][0]["rule"], "target_removed");
    assert_eq!(value["review"]["plans"][0]["review"]["weaker"][0]["subject"], serde_json::json!({"kind": "backup"}));
}

#[test]
fn texts_stand_beside_each_other_where_that_is_asked() {
    let told = text(&some(), Width(72), Layout::SideBySide(Width(72)), Style::Plain);
    assert!(told.contains("- SET n = 1                     │ + SET n = 2\n"), "{told}");
    assert!(told.contains("keep (only in production): 3 → 1"), "{told}");
}

#[test]
fn findings_of_a_plan_are_not_told_without_end() {
    let mut found = plan("p.yaml", vec![], vec![]);
    found.findings.new = (0..30).map(|n| finding("cascade", &format!("number {n}."))).collect();
    let told = text(&reviews(vec![found]), Width(72), Layout::Unified, Style::Plain);
    assert!(told.contains("number 19.") && !told.contains("number 20."), "{told}");
    assert!(told.contains("and 10 more, which `backstop lint` tells"), "{told}");
    assert!(told.ends_with("1 plan: no safety got weaker, 30 new findings of lint\n"), "{told}");
}
