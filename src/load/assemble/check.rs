//! Checks, kind by kind.

use crate::{
    checks::{CheckSpec, FieldRule, Need, find},
    load::{
        diagnostics::Diagnostics,
        form::{
            AskedForm, BoundsForm, CheckForm, ChecksForm, Count, ExpectForm, InvariantForm, KindForm, PatternForm, RowsForm,
            Texts, WrittenField,
        },
        scalar::{AnyWords, Choice, Flag, Listed, Listing, Name, NonBlankText, Ranged, True, id},
        shape::ShapeField,
    },
    plan::{
        Check, CheckId, CheckKind, Checks, CountBounds, Expect, FieldValue, List, Pattern, Place, Severity, Template,
        Written,
    },
};

/// The checks by phase; bad ones are left out.
pub(super) fn checks(form: Option<ChecksForm>, diagnostics: &mut Diagnostics) -> Checks<Written> {
    let Some(form) = form else {
        return Checks { before: Vec::new(), unchanged: Vec::new(), after: Vec::new() };
    };
    let mut phase = |field: ShapeField<Listed<CheckForm, 0, { crate::plan::STEPS_MAX }>>| {
        let forms = field.value.map(|Listed(checks)| checks).unwrap_or_default();
        forms.into_iter().filter_map(|CheckForm(form)| check(form, diagnostics)).collect()
    };
    let (before, after) = (phase(form.before), phase(form.after));
    let invariants = form.unchanged.value.map(|Listed(checks)| checks).unwrap_or_default();
    Checks {
        before,
        unchanged: invariants.into_iter().filter_map(|InvariantForm(form)| invariant(form, diagnostics)).collect(),
        after,
    }
}

fn check(form: AskedForm, diagnostics: &mut Diagnostics) -> Option<Check<Written>> {
    let severity = form.severity.value.as_ref().map(|Choice(severity)| *severity).unwrap_or_default();
    let head = head(&form.id, &form.hint, diagnostics);
    let kind = kind(form, Some(severity).filter(|severity| *severity != Severity::Info), diagnostics);
    let (id, at, hint) = head?;
    Some(Check { id, at, kind: kind?, severity, hint })
}

fn invariant(form: AskedForm, diagnostics: &mut Diagnostics) -> Option<Check<Written>> {
    let severity = form.severity.value.as_ref().map(|Choice(severity)| *severity).unwrap_or_default();
    let head = head(&form.id, &form.hint, diagnostics);
    let kind = kind(form, None, diagnostics);
    let (id, at, hint) = head?;
    Some(Check { id, at, kind: kind?, severity, hint })
}

fn head(
    name: &ShapeField<Name>,
    hint: &ShapeField<AnyWords>,
    diagnostics: &mut Diagnostics,
) -> Option<(CheckId, Place, Option<String>)> {
    let (id, at) = id(&name.value.as_ref()?.0, CheckId::parse, ", `-`, `_` and `.`", diagnostics)?;
    Some((id, at, hint.value.as_ref().map(|AnyWords(hint)| hint.source.clone())))
}

/// What the only kind asks; where there is none or more than one, that is reported. `heard` is the severity of a check whose failure leads
/// to anything, which must say what it expects.
fn kind(form: AskedForm, heard: Option<Severity>, diagnostics: &mut Diagnostics) -> Option<CheckKind<Written>> {
    let named: Vec<(&str, Option<Place>)> = form.kinds.iter().map(|(kind, field)| (kind.name, field.key)).collect();
    let one = only_one(&named, form.at, diagnostics);
    if let (Some(key), None) = (form.expect.key, form.query.key) {
        let help = "Leave `expect` out: the other kinds say themselves what is expected.";
        diagnostics.report("backstop::load::conflict", key, "`expect` belongs to `sql`, which this check hasn't", help);
    }
    if form.query.is_given() && !form.expect.is_given() && heard.is_some() {
        let help = "Add `expect`: `{rows: 0}`, `{value: ...}`, `{number: {at_least: 1}}` or `{empty: true}`.";
        diagnostics.report("backstop::load::missing_field", form.at, "a `sql` check must say what it expects", help);
    }
    let expected = form.expect.value.and_then(|form| expect(form, diagnostics));
    let mut found = None;
    for (kind, field) in form.kinds {
        let asked = field.value.and_then(|form| of_fields(kind, form, heard.is_some(), diagnostics));
        found = found.or(asked);
    }
    let query = form.query.value.map(|NonBlankText(sql)| {
        let values = expected.map(|expect| ("expect", FieldValue::Expect(expect)));
        let values = [("sql", FieldValue::Query(sql))].into_iter().chain(values).collect();
        find("sql").map(|kind| kind.of(values))
    });
    found.or(query.flatten()).filter(|_| one)
}

/// The kind with what is written in its fields.
fn of_fields(
    kind: &'static CheckSpec,
    form: KindForm,
    is_heard: bool,
    diagnostics: &mut Diagnostics,
) -> Option<CheckKind<Written>> {
    let mut is_good = keeps_rules(kind, &form, diagnostics);
    let keys: Vec<(&str, Option<Place>)> = form.fields.iter().map(|(name, given)| (*name, given.key())).collect();
    let mut values = Vec::with_capacity(form.fields.len());
    for (name, given) in form.fields {
        match value(given, form.at, is_heard, diagnostics) {
            Some(value) => values.push((name, value)),
            None => is_good = false,
        }
    }
    let asked = kind.of(values);
    for rule in kind.rules {
        if let FieldRule::SameLength { here, there, help } = rule
            && let Some(at) = keys.iter().find(|(name, _)| name == there).and_then(|(_, key)| *key)
        {
            is_good &= is_as_long((asked.field(here), asked.field(there)), at, help, diagnostics);
        }
    }
    is_good.then_some(asked)
}

/// Whether what fields mean together is right; the first rule that is broken is reported.
fn keeps_rules(kind: &'static CheckSpec, form: &KindForm, diagnostics: &mut Diagnostics) -> bool {
    let is_given = |name: &&str| form.fields.iter().any(|(field, given)| field == name && given.key().is_some());
    for rule in kind.rules {
        let (is_kept, message, help) = match rule {
            FieldRule::AnyOf { fields, message, help } => (fields.iter().any(&is_given), message, help),
            FieldRule::AnyUnless { given, fields, message, help } => {
                (is_given(given) || fields.iter().any(&is_given), message, help)
            }
            // Looked at when the lists are known.
            FieldRule::SameLength { .. } => continue,
        };
        if !is_kept {
            diagnostics.report("backstop::load::missing_field", form.at, *message, *help);
            return false;
        }
    }
    true
}

fn is_as_long(
    (here, there): (Option<&FieldValue<Written>>, Option<&FieldValue<Written>>),
    at: Place,
    help: &str,
    diagnostics: &mut Diagnostics,
) -> bool {
    let (Some(FieldValue::Texts(List::Items(here))), Some(FieldValue::Texts(List::Items(there)))) = (here, there) else {
        return true;
    };
    if here.is_empty() || there.is_empty() || here.len() == there.len() {
        return true;
    }
    let message = format!("{} of the table can't refer to {}", counted(here.len()), counted(there.len()));
    diagnostics.report("backstop::load::impossible", at, message, help);
    false
}

fn counted(columns: usize) -> String {
    if columns == 1 { "1 column".to_owned() } else { format!("{columns} columns") }
}

/// What a field holds; nothing where that is bad, which is reported.
fn value(given: WrittenField, at: Place, is_heard: bool, diagnostics: &mut Diagnostics) -> Option<FieldValue<Written>> {
    match given {
        WrittenField::Texts(texts) => {
            let of = texts.of;
            match texts.need {
                Need::Must => one_or_many(texts, at, diagnostics).map(of),
                Need::May => optional(texts, diagnostics).map(of),
            }
        }
        WrittenField::Text(field, of) => field.value.map(|NonBlankText(text)| of(text)),
        WrittenField::Perhaps(field) => {
            Some(field.value.map_or(FieldValue::Absent, |NonBlankText(text)| FieldValue::Text(text)))
        }
        WrittenField::Word(field) => Some(field.value.map_or(FieldValue::Absent, FieldValue::Word)),
        WrittenField::Flag(field, default) => {
            let flag = field.value.map(|Flag(flag)| flag).or(default);
            Some(flag.map_or(FieldValue::Absent, FieldValue::Flag))
        }
        WrittenField::Count(field, default) => Some(FieldValue::Count(field.value.map_or(default, |Ranged(number)| number))),
        WrittenField::Bounds(least, most, exactly) => {
            if is_heard && !least.is_given() && !most.is_given() && !exactly.is_given() {
                let help = "Add `at_least`, `at_most` or `exactly`.";
                diagnostics.report(
                    "backstop::load::missing_field",
                    at,
                    "the bounds of the number of rows are missing",
                    help,
                );
            }
            within(least, most, exactly, diagnostics).map(FieldValue::Bounds)
        }
        WrittenField::Pattern(field) => match field.value? {
            PatternForm::Uuid => Some(FieldValue::Pattern(Pattern::Uuid)),
            PatternForm::Email => Some(FieldValue::Pattern(Pattern::Email)),
            PatternForm::Regex(form) => Some(FieldValue::Pattern(Pattern::Regex(form.regex.value?.0))),
        },
        WrittenField::Beside => Some(FieldValue::Absent),
    }
}

fn expect(form: ExpectForm, diagnostics: &mut Diagnostics) -> Option<Expect<Written>> {
    let named = [("rows", form.rows.key), ("value", form.value.key), ("number", form.number.key), ("empty", form.empty.key)];
    if !only_one(&named, form.at, diagnostics) {
        return None;
    }
    let rows = form.rows.value.and_then(|rows| bounds(rows, diagnostics)).map(Expect::Rows);
    let number = form.number.value.and_then(|number| bounds(number, diagnostics)).map(Expect::Number);
    let value = form.value.value.map(|AnyWords(value)| Expect::Value(value));
    rows.or(number).or(value).or(form.empty.value.map(|True| Expect::Rows(CountBounds::exactly(0))))
}

/// A number, or bounds with at least one in them.
pub(super) fn bounds(form: RowsForm, diagnostics: &mut Diagnostics) -> Option<CountBounds> {
    match form {
        RowsForm::Exactly(number) => Some(CountBounds::exactly(number)),
        RowsForm::Within(form) => {
            let BoundsForm { at, at_least, at_most, exactly } = *form;
            if !at_least.is_given() && !at_most.is_given() && !exactly.is_given() {
                let help = "Add `at_least`, `at_most` or `exactly`, or write a number.";
                diagnostics.report("backstop::load::missing_field", at, "the bounds are missing", help);
                return None;
            }
            within(at_least, at_most, exactly, diagnostics)
        }
    }
}

fn within(
    least: ShapeField<Count>,
    most: ShapeField<Count>,
    exactly: ShapeField<Count>,
    diagnostics: &mut Diagnostics,
) -> Option<CountBounds> {
    if let (Some(key), true) = (exactly.key, least.is_given() || most.is_given()) {
        let help = "Leave out `exactly` or the other bounds.";
        diagnostics.report("backstop::load::conflict", key, "`exactly` can't stand beside other bounds", help);
        return None;
    }
    let number = |field: &ShapeField<Count>| field.value.map(|Ranged(number)| number);
    if let (Some(min), Some(max), Some(at)) = (number(&least), number(&most), most.at)
        && min > max
    {
        let message = format!("no number is at least {min} and at most {max}");
        diagnostics.report("backstop::load::impossible", at, message, "Write bounds that a number can keep.");
        return None;
    }
    Some(match number(&exactly) {
        Some(number) => CountBounds::exactly(number),
        None => CountBounds { at_least: number(&least), at_most: number(&most) },
    })
}

/// Exactly one of `column: a` and `columns: [a, b]`.
fn one_or_many(texts: Texts, at: Place, diagnostics: &mut Diagnostics) -> Option<List> {
    if !texts.one.is_given() && !texts.many.is_given() {
        let (one, many) = texts.names;
        let message = format!("neither `{one}` nor `{many}` is there");
        diagnostics.report("backstop::load::missing_field", at, message, format!("Add `{one}` or `{many}`."));
        return None;
    }
    let good = texts.one.value.is_some() || texts.many.value.is_some();
    optional(texts, diagnostics).filter(|_| good)
}

/// `column: a`, `columns: [a, b]` or none of them.
fn optional(texts: Texts, diagnostics: &mut Diagnostics) -> Option<List> {
    let Texts { one, many, names, .. } = texts;
    if let (Some(_), Some(key)) = (one.key, many.key) {
        let message = format!("`{}` and `{}` can't stand together", names.0, names.1);
        diagnostics.report("backstop::load::conflict", key, message, "Put all of them into one list.");
        return None;
    }
    let one = one.value.map(|NonBlankText(text)| List::Items(vec![text]));
    Some(one.or(many.value.map(|Listing(list)| list)).unwrap_or_else(|| List::Items(Vec::<Template>::new())))
}

/// Whether exactly one field was given; if not, that is reported.
fn only_one(fields: &[(&str, Option<Place>)], at: Place, diagnostics: &mut Diagnostics) -> bool {
    let mut given: Vec<(&str, Place)> = fields.iter().filter_map(|(name, key)| key.map(|key| (*name, key))).collect();
    given.sort_by_key(|(_, key)| key.start);
    match given[..] {
        [_] => true,
        [] => {
            let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
            let help = format!("Add one of `{}`.", names.join("`, `"));
            diagnostics.report("backstop::load::missing_field", at, "it isn't said what is asked", help);
            false
        }
        [(first, _), (second, key), ..] => {
            let message = format!("`{first}` and `{second}` can't stand together");
            diagnostics.report("backstop::load::conflict", key, message, "Make two of it, each with an id of its own.");
            false
        }
    }
}
