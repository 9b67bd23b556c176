//! Where what is found is written down.

use super::{
    change::{ChangeSubject, PlanChangeKind, Review, ReviewedChange, TextForm, WeakerSafety},
    describe::{Description, Word},
    weakening::Weakening,
};
use crate::{plan::Text, sql::normalized};

/// What stands where there is nothing.
const NOTHING: &str = "nothing";

/// Whether two values differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldDiff {
    Same,
    Differs,
}

/// What is found, in order.
#[derive(Debug, Default)]
pub(super) struct ReviewFindings {
    review: Review,
}

impl ReviewFindings {
    /// A field whose values are compared as they are.
    pub(super) fn field<T: Description + PartialEq>(
        &mut self,
        subject: &ChangeSubject,
        field: &'static str,
        then: &T,
        now: &T,
    ) -> FieldDiff {
        if then == now {
            return FieldDiff::Same;
        }
        self.change(subject, Some(field), TextForm::Words, (then.description(), now.description()));
        FieldDiff::Differs
    }

    /// A field with a word out of a few, and how strong each is: less is weaker.
    pub(super) fn ranked<T: serde::Serialize + PartialEq + Copy>(
        &mut self,
        subject: &ChangeSubject,
        field: &'static str,
        (then, now): (T, T),
        (rule, strength): (Weakening, impl Fn(T) -> u8),
    ) {
        if then == now {
            return;
        }
        self.words(subject, field, then, now);
        if strength(now) < strength(then) {
            self.weaker(rule, subject, &Word(then), &Word(now));
        }
    }

    /// A field with a word out of a few that have no order.
    pub(super) fn words<T: serde::Serialize + PartialEq + Copy>(
        &mut self,
        subject: &ChangeSubject,
        field: &'static str,
        then: T,
        now: T,
    ) {
        if then != now {
            self.change(subject, Some(field), TextForm::Words, (Word(then).description(), Word(now).description()));
        }
    }

    /// SQL, where comments and layout don't count.
    pub(super) fn sql(
        &mut self,
        subject: &ChangeSubject,
        field: &'static str,
        then: Option<&Text>,
        now: Option<&Text>,
    ) -> FieldDiff {
        let meant = |text: Option<&Text>| text.map(|text| normalized(text.shown()));
        if then.map(Text::shown) == now.map(Text::shown) || meant(then) == meant(now) {
            return FieldDiff::Same;
        }
        let shown = |text: Option<&Text>| text.map(|text| laid_out(text.shown()));
        self.change(subject, Some(field), TextForm::Sql, (shown(then), shown(now)));
        FieldDiff::Differs
    }

    /// Something that is new, as YAML.
    pub(super) fn added(&mut self, subject: &ChangeSubject, yaml: String) {
        self.change(subject, None, TextForm::Yaml, (None, Some(yaml)));
    }

    /// Something that is gone, as YAML.
    pub(super) fn removed(&mut self, subject: &ChangeSubject, yaml: String) {
        self.change(subject, None, TextForm::Yaml, (Some(yaml), None));
    }

    /// Something that has another place.
    pub(super) fn moved(&mut self, subject: &ChangeSubject, before: String, after: String) {
        self.review.changes.push(ReviewedChange {
            subject: subject.clone(),
            field: None,
            how: PlanChangeKind::Moved,
            before: Some(before),
            after: Some(after),
            form: TextForm::Words,
            only_in: Vec::new(),
        });
    }

    /// A change whose texts are known.
    pub(super) fn change(
        &mut self,
        subject: &ChangeSubject,
        field: Option<&'static str>,
        form: TextForm,
        (before, after): (Option<String>, Option<String>),
    ) {
        let how = match (&before, &after) {
            (None, _) => PlanChangeKind::Added,
            (_, None) => PlanChangeKind::Removed,
            (Some(_), Some(_)) => PlanChangeKind::Changed,
        };
        self.review.changes.push(ReviewedChange {
            subject: subject.clone(),
            field,
            how,
            before,
            after,
            form,
            only_in: Vec::new(),
        });
    }

    /// Safety that got weaker.
    pub(super) fn weaker(
        &mut self,
        rule: Weakening,
        subject: &ChangeSubject,
        before: &impl Description,
        after: &impl Description,
    ) {
        self.weaker_because(rule, subject, (before, after), rule.why());
    }

    /// The same with a reason of its own.
    pub(super) fn weaker_because(
        &mut self,
        rule: Weakening,
        subject: &ChangeSubject,
        (before, after): (&impl Description, &impl Description),
        why: &str,
    ) {
        let told = |text: Option<String>| text.unwrap_or_else(|| NOTHING.to_owned());
        self.review.weaker.push(WeakerSafety {
            rule,
            subject: subject.clone(),
            before: told(before.description()),
            after: told(after.description()),
            why: why.to_owned(),
            only_in: Vec::new(),
        });
    }

    /// What was found, the gravest first.
    pub(super) fn into_review(self) -> Review {
        let mut review = self.review;
        review.weaker.sort_by_key(|weaker| weaker.rule);
        review
    }
}

/// SQL without the blanks at the ends of lines and the empty lines around it.
fn laid_out(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().map(str::trim_end).skip_while(|line| line.is_empty()).collect();
    lines.join("\n")
}
