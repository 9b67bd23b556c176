//! What a check asks, and whether it asks for less.

use super::{
    change::{ChangeSubject, TextForm},
    describe::Description,
    findings::{FieldDiff, ReviewFindings},
    target_coverage::TargetCoverage,
    weakening::Weakening,
};
use crate::{
    checks::{self, WeakerWhen},
    plan::{CheckKind, CountBounds, Expect, FieldValue, Pattern, Rendered, Text},
};

/// A check at two times.
pub(super) struct CheckComparison<'a> {
    pub(super) findings: &'a mut ReviewFindings,
    pub(super) subject: &'a ChangeSubject,
    /// Whether its failure leads to anything; where it does not, asking for less is no loss.
    pub(super) weighs: bool,
    pub(super) path_then: &'a [Text],
    pub(super) path_now: &'a [Text],
    /// The whole check as YAML, then and now.
    pub(super) yaml: (String, String),
}

impl CheckComparison<'_> {
    /// Compares field by field, as the kind declares what asks for less; one of another kind asks something else.
    pub(super) fn compare(&mut self, then: &CheckKind<Rendered>, now: &CheckKind<Rendered>) {
        let Some(kind) = checks::find(then.name).filter(|_| then.name == now.name) else {
            let (before, after) = self.yaml.clone();
            self.findings.change(self.subject, None, TextForm::Yaml, (Some(before), Some(after)));
            self.weaker(Weakening::CheckReplaced, &then.name.to_owned(), &now.name.to_owned());
            return;
        };
        for field in kind.fields {
            let absent = FieldValue::Absent;
            let (then, now) = (then.field(field.name).unwrap_or(&absent), now.field(field.name).unwrap_or(&absent));
            self.field(field.name, field.weaker, then, now);
        }
    }

    fn field(&mut self, name: &'static str, rule: WeakerWhen, then: &FieldValue<Rendered>, now: &FieldValue<Rendered>) {
        let rule_of_review = match rule {
            WeakerWhen::OtherSql => {
                self.findings.sql(self.subject, name, text(then), text(now));
                return;
            }
            WeakerWhen::FewerTables | WeakerWhen::Fewer => Weakening::CheckNarrowed,
            WeakerWhen::Opposite => Weakening::CheckReplaced,
            WeakerWhen::Unknown
            | WeakerWhen::More
            | WeakerWhen::Dropped
            | WeakerWhen::Lower
            | WeakerWhen::LowerVersion
            | WeakerWhen::Wider
            | WeakerWhen::WiderAnswer => Weakening::CheckLoosened,
        };
        // What bounds are about is what people know them by.
        let told = if rule == WeakerWhen::Wider { "rows" } else { name };
        if self.findings.field(self.subject, told, then, now) == FieldDiff::Same || !self.is_less(rule, then, now) {
            return;
        }
        if rule == WeakerWhen::Opposite {
            let words = |value: &FieldValue<Rendered>| format!("{name}: {}", value.description().unwrap_or_default());
            self.weaker(rule_of_review, &words(then), &words(now));
        } else {
            self.weaker(rule_of_review, then, now);
        }
    }

    /// Whether the one value, which is another one than before, asks for less.
    fn is_less(&self, rule: WeakerWhen, then: &FieldValue<Rendered>, now: &FieldValue<Rendered>) -> bool {
        let (texts_then, texts_now) = (texts(then), texts(now));
        match rule {
            WeakerWhen::Unknown | WeakerWhen::OtherSql => false,
            WeakerWhen::FewerTables => {
                let (before, after) =
                    (TargetCoverage::of(texts_then, self.path_then), TargetCoverage::of(texts_now, self.path_now));
                before.beyond(&after).next().is_some()
            }
            WeakerWhen::Fewer => texts_then.iter().any(|item| !texts_now.contains(item)),
            WeakerWhen::More => texts_now.len() > texts_then.len() && texts_then.iter().all(|item| texts_now.contains(item)),
            WeakerWhen::Dropped => then.description().is_some() && now.description().is_none(),
            WeakerWhen::Lower => count(now) < count(then),
            WeakerWhen::LowerVersion => match (text(then), text(now)) {
                (Some(then), Some(now)) => version(now.shown()) < version(then.shown()),
                (Some(_), None) => true,
                (None, _) => false,
            },
            WeakerWhen::Opposite => true,
            WeakerWhen::Wider => bounds(then).zip(bounds(now)).is_some_and(|(then, now)| is_wider(then, now)),
            WeakerWhen::WiderAnswer => takes_more(then, now),
        }
    }

    fn weaker(&mut self, rule: Weakening, before: &impl Description, after: &impl Description) {
        if self.weighs {
            self.findings.weaker(rule, self.subject, before, after);
        }
    }
}

impl Description for FieldValue<Rendered> {
    fn description(&self) -> Option<String> {
        match self {
            FieldValue::Absent => None,
            FieldValue::Tables(texts) | FieldValue::Objects(texts) | FieldValue::Texts(texts) => texts.description(),
            FieldValue::Table(text) | FieldValue::Text(text) | FieldValue::Query(text) => text.description(),
            FieldValue::Word(word) => Some((*word).to_owned()),
            FieldValue::Flag(yes) => yes.description(),
            FieldValue::Count(number) => number.description(),
            FieldValue::Bounds(bounds) => bounds.description(),
            FieldValue::Pattern(pattern) => Some(of_pattern(pattern)),
            FieldValue::Expect(expect) => Some(of_expect(expect)),
        }
    }
}

fn texts(value: &FieldValue<Rendered>) -> &[Text] {
    if let FieldValue::Tables(texts) | FieldValue::Objects(texts) | FieldValue::Texts(texts) = value { texts } else { &[] }
}

fn text(value: &FieldValue<Rendered>) -> Option<&Text> {
    if let FieldValue::Text(text) | FieldValue::Query(text) = value { Some(text) } else { None }
}

fn count(value: &FieldValue<Rendered>) -> Option<u64> {
    if let FieldValue::Count(number) = value { Some(*number) } else { None }
}

fn bounds(value: &FieldValue<Rendered>) -> Option<CountBounds> {
    if let FieldValue::Bounds(bounds) = value { Some(*bounds) } else { None }
}

/// Whether every answer that the one expectation takes is taken by the other, and more are.
fn takes_more(then: &FieldValue<Rendered>, now: &FieldValue<Rendered>) -> bool {
    match (then, now) {
        (FieldValue::Expect(Expect::Rows(then)), FieldValue::Expect(Expect::Rows(now)))
        | (FieldValue::Expect(Expect::Number(then)), FieldValue::Expect(Expect::Number(now))) => is_wider(*then, *now),
        (FieldValue::Expect(_), FieldValue::Absent) => true,
        (_, _) => false,
    }
}

/// Whether everything that fits the one fits the other, and more does.
pub(super) fn is_wider(then: CountBounds, now: CountBounds) -> bool {
    let range = |CountBounds { at_least, at_most }: CountBounds| (at_least.unwrap_or(0), at_most.unwrap_or(u64::MAX));
    let ((least_then, most_then), (least_now, most_now)) = (range(then), range(now));
    least_now <= least_then && most_now >= most_then && (least_now, most_now) != (least_then, most_then)
}

fn of_pattern(pattern: &Pattern<Rendered>) -> String {
    match pattern {
        Pattern::Uuid => "uuid".to_owned(),
        Pattern::Email => "email".to_owned(),
        Pattern::Regex(regex) => format!("regex {}", regex.shown()),
    }
}

fn of_expect(expect: &Expect<Rendered>) -> String {
    match expect {
        Expect::Rows(bounds) => format!("rows: {bounds}"),
        Expect::Value(value) => format!("value: {}", value.shown()),
        Expect::Number(bounds) => format!("number: {bounds}"),
    }
}

/// The numbers of a version, for comparing.
fn version(text: &str) -> Vec<u64> {
    text.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
}
