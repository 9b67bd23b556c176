//! Where what is found is written down.

use super::{
    change::{Change, Form, How, Review, Subject, Weaker},
    describe::{Description, Word},
    weakening::Weakening,
};
use crate::{plan::Text, sql::normalized};

/// What stands where there is nothing.
const NOTHING: &str = "nothing";

/// Whether two values differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Same,
    Differs,
}

/// What is found, in order.
#[derive(Debug, Default)]
pub(super) struct Findings {
    review: Review,
}

impl Findings {
    /// A field whose values are compared as they are.
    pub(super) fn field<T: Description + PartialEq>(
        &mut self,
        subject: &Subject,
        field: &'static str,
        then: &T,
        now: &T,
    ) -> Found {
        if then == now {
            return Found::Same;
        }
        self.change(subject, Some(field), Form::Words, (then.description(), now.description()));
        Found::Differs
    }

    /// A field with a word out of a few, and how strong each is: less is weaker.
    pub(super) fn ranked<T: serde::Serialize + PartialEq + Copy>(
        &mut self,
        subject: &Subject,
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
        subject: &Subject,
        field: &'static str,
        then: T,
        now: T,
    ) {
        if then != now {
            self.change(subject, Some(field), Form::Words, (Word(then).description(), Word(now).description()));
        }
    }

    /// SQL, where comments and layout don't count.
    pub(super) fn sql(&mut self, subject: &Subject, field: &'static str, then: Option<&Text>, now: Option<&Text>) -> Found {
        let meant = |text: Option<&Text>| text.map(|text| normalized(text.shown()));
        if then.map(Text::shown) == now.map(Text::shown) || meant(then) == meant(now) {
            return Found::Same;
        }
        let shown = |text: Option<&Text>| text.map(|text| laid_out(text.shown()));
        self.change(subject, Some(field), Form::Sql, (shown(then), shown(now)));
        Found::Differs
    }

    /// Something that is new, as YAML.
    pub(super) fn added(&mut self, subject: &Subject, yaml: String) {
        self.change(subject, None, Form::Yaml, (None, Some(yaml)));
    }

    /// Something that is gone, as YAML.
    pub(super) fn removed(&mut self, subject: &Subject, yaml: String) {
        self.change(subject, None, Form::Yaml, (Some(yaml), None));
    }

    /// Something that has another place.
    pub(super) fn moved(&mut self, subject: &Subject, before: String, after: String) {
        self.review.changes.push(Change {
            subject: subject.clone(),
            field: None,
            how: How::Moved,
            before: Some(before),
            after: Some(after),
            form: Form::Words,
            only_in: Vec::new(),
        });
    }

    /// A change whose texts are known.
    pub(super) fn change(
        &mut self,
        subject: &Subject,
        field: Option<&'static str>,
        form: Form,
        (before, after): (Option<String>, Option<String>),
    ) {
        let how = match (&before, &after) {
            (None, _) => How::Added,
            (_, None) => How::Removed,
            (Some(_), Some(_)) => How::Changed,
        };
        self.review.changes.push(Change { subject: subject.clone(), field, how, before, after, form, only_in: Vec::new() });
    }

    /// Safety that got weaker.
    pub(super) fn weaker(
        &mut self,
        rule: Weakening,
        subject: &Subject,
        before: &impl Description,
        after: &impl Description,
    ) {
        self.weaker_because(rule, subject, (before, after), rule.why());
    }

    /// The same with a reason of its own.
    pub(super) fn weaker_because(
        &mut self,
        rule: Weakening,
        subject: &Subject,
        (before, after): (&impl Description, &impl Description),
        why: &str,
    ) {
        let told = |text: Option<String>| text.unwrap_or_else(|| NOTHING.to_owned());
        self.review.weaker.push(Weaker {
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
