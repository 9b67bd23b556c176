//! Checks, kind by kind.

use crate::{
    load::{
        form::{
            BoundsForm, CheckForm, ChecksForm, ColumnsForm, ConstraintForm, Count, ExpectForm, IndexForm, InvariantForm,
            KINDS, MatchesForm, PatternForm, PolicyForm, ReferencesForm, RowCountForm, RowsForm,
        },
        leaf::{AnyWords, Choice, Flag, Listed, Listing, Name, Ranged, True, Words, id},
        shape::Field,
        sink::Sink,
    },
    plan::{Check, CheckId, CheckKind, Checks, CountBounds, Expect, List, Pattern, Place, Severity, Template, Written},
};

/// The checks by phase; bad ones are left out.
pub(super) fn checks(form: Option<ChecksForm>, sink: &mut Sink) -> Checks<Written> {
    let Some(form) = form else {
        return Checks { before: Vec::new(), unchanged: Vec::new(), after: Vec::new() };
    };
    let mut phase = |field: Field<Listed<CheckForm, 0, { crate::plan::STEPS_MAX }>>| {
        let forms = field.value.map(|Listed(checks)| checks).unwrap_or_default();
        forms.into_iter().filter_map(|form| check(form, sink)).collect()
    };
    let (before, after) = (phase(form.before), phase(form.after));
    let invariants = form.unchanged.value.map(|Listed(checks)| checks).unwrap_or_default();
    Checks { before, unchanged: invariants.into_iter().filter_map(|form| invariant(form, sink)).collect(), after }
}

fn check(form: CheckForm, sink: &mut Sink) -> Option<Check<Written>> {
    let severity = form.severity.value.as_ref().map(|Choice(severity)| *severity).unwrap_or_default();
    let head = head(form.id.clone(), &form.hint, sink);
    let kind = kind(form, severity, sink);
    let (id, at, hint) = head?;
    Some(Check { id, at, kind: kind?, severity, hint })
}

fn invariant(form: InvariantForm, sink: &mut Sink) -> Option<Check<Written>> {
    let severity = form.severity.value.as_ref().map(|Choice(severity)| *severity).unwrap_or_default();
    let head = head(form.id, &form.hint, sink);
    only_one(&[("row_count", form.row_count.key), ("sql", form.sql.key)], form.at, sink);
    let rows = form.row_count.value.and_then(|form| {
        let tables = tables(form.table, form.tables, form.at, sink)?;
        Some(CheckKind::RowCount { tables, bounds: CountBounds { at_least: None, at_most: None } })
    });
    let kind = rows.or(form.sql.value.map(|Words(sql)| CheckKind::Sql { sql, expect: None }));
    let (id, at, hint) = head?;
    Some(Check { id, at, kind: kind?, severity, hint })
}

fn head(name: Field<Name>, hint: &Field<AnyWords>, sink: &mut Sink) -> Option<(CheckId, Place, Option<String>)> {
    let (id, at) = id(&name.value?.0, CheckId::parse, ", `-`, `_` and `.`", sink)?;
    Some((id, at, hint.value.as_ref().map(|AnyWords(hint)| hint.source.clone())))
}

/// What the only kind asks; where there is none or more than one, that is reported.
fn kind(form: CheckForm, severity: Severity, sink: &mut Sink) -> Option<CheckKind<Written>> {
    let given = [
        form.table_exists.key,
        form.column_type.key,
        form.row_count.key,
        form.not_null.key,
        form.unique.key,
        form.matches.key,
        form.references.key,
        form.foreign_key.key,
        form.index.key,
        form.row_security.key,
        form.policy.key,
        form.function.key,
        form.constraint.key,
        form.privilege.key,
        form.extension.key,
        form.sql.key,
    ];
    let named: Vec<(&str, Option<Place>)> = KINDS.into_iter().zip(given).collect();
    let one = only_one(&named, form.at, sink);
    if let (Some(key), None) = (form.expect.key, form.sql.key) {
        let help = "Leave `expect` out: the other kinds say themselves what is expected.";
        sink.report("backstop::load::conflict", key, "`expect` belongs to `sql`, which this check hasn't", help);
    }
    if form.sql.is_given() && !form.expect.is_given() && severity != Severity::Info {
        let help = "Add `expect`: `{rows: 0}`, `{value: ...}`, `{number: {at_least: 1}}` or `{empty: true}`.";
        sink.report("backstop::load::missing_field", form.at, "a `sql` check must say what it expects", help);
    }
    let expected = form.expect.value.and_then(|form| expect(form, sink));
    let kinds = [
        form.table_exists.value.and_then(|form| {
            let columns = optional(form.column, form.columns, COLUMNS, sink);
            Some(CheckKind::TableExists { tables: tables(form.table, form.tables, form.at, sink)?, columns: columns? })
        }),
        form.column_type.value.and_then(|form| {
            let tables = tables(form.table, form.tables, form.at, sink);
            Some(CheckKind::ColumnType { tables: tables?, column: form.column.value?.0, data_type: form.r#type.value?.0 })
        }),
        form.row_count.value.and_then(|form| row_count(form, severity, sink)),
        form.not_null
            .value
            .and_then(|form| columns_of(form, sink))
            .map(|(tables, columns)| CheckKind::NotNull { tables, columns }),
        form.unique
            .value
            .and_then(|form| columns_of(form, sink))
            .map(|(tables, columns)| CheckKind::Unique { tables, columns }),
        form.matches.value.and_then(|form| matches(form, sink)),
        form.references.value.and_then(|form| references(form, sink)),
        form.foreign_key.value.and_then(|form| {
            let tables = tables(form.table, form.tables, form.at, sink);
            let columns = one_or_many(form.column, form.columns, COLUMNS, form.at, sink);
            Some(CheckKind::ForeignKey { tables: tables?, columns: columns?, to: form.to.value?.0 })
        }),
        form.index.value.and_then(|form| index(form, sink)),
        form.row_security.value.and_then(|form| {
            let enabled = form.enabled.value.is_none_or(|Flag(flag)| flag);
            let forced = form.forced.value.map(|Flag(flag)| flag);
            Some(CheckKind::RowSecurity { tables: tables(form.table, form.tables, form.at, sink)?, enabled, forced })
        }),
        form.policy.value.and_then(|form| policy(form, sink)),
        form.function.value.and_then(|form| {
            let names = one_or_many(form.name, form.names, ("name", "names"), form.at, sink)?;
            Some(CheckKind::Function { names, returns: form.returns.value.map(|Words(returns)| returns) })
        }),
        form.constraint.value.and_then(|form| constraint(form, sink)),
        form.privilege.value.and_then(|form| {
            let tables = tables(form.table, form.tables, form.at, sink);
            let privileges = one_or_many(form.privilege, form.privileges, ("privilege", "privileges"), form.at, sink);
            let granted = form.granted.value.is_none_or(|Flag(flag)| flag);
            Some(CheckKind::Privilege { tables: tables?, role: form.role.value?.0, privileges: privileges?, granted })
        }),
        form.extension.value.and_then(|form| {
            let at_least = form.at_least.value.map(|Words(version)| version);
            Some(CheckKind::Extension { name: form.name.value?.0, at_least })
        }),
        form.sql.value.map(|Words(sql)| CheckKind::Sql { sql, expect: expected }),
    ];
    kinds.into_iter().flatten().next().filter(|_| one)
}

const TABLES: (&str, &str) = ("table", "tables");
const COLUMNS: (&str, &str) = ("column", "columns");

fn row_count(form: RowCountForm, severity: Severity, sink: &mut Sink) -> Option<CheckKind<Written>> {
    let unbounded = !form.at_least.is_given() && !form.at_most.is_given() && !form.exactly.is_given();
    if unbounded && severity != Severity::Info {
        let help = "Add `at_least`, `at_most` or `exactly`.";
        sink.report("backstop::load::missing_field", form.at, "the bounds of the number of rows are missing", help);
    }
    let tables = tables(form.table, form.tables, form.at, sink);
    let bounds = within(form.at_least, form.at_most, form.exactly, sink);
    Some(CheckKind::RowCount { tables: tables?, bounds: bounds? })
}

fn columns_of(form: ColumnsForm, sink: &mut Sink) -> Option<(List, List)> {
    let tables = tables(form.table, form.tables, form.at, sink);
    let columns = one_or_many(form.column, form.columns, COLUMNS, form.at, sink);
    Some((tables?, columns?))
}

fn matches(form: MatchesForm, sink: &mut Sink) -> Option<CheckKind<Written>> {
    let tables = tables(form.table, form.tables, form.at, sink);
    let pattern = match form.pattern.value? {
        PatternForm::Uuid => Pattern::Uuid,
        PatternForm::Email => Pattern::Email,
        PatternForm::Regex(form) => Pattern::Regex(form.regex.value?.0),
    };
    Some(CheckKind::Matches { tables: tables?, column: form.column.value?.0, pattern })
}

fn references(form: ReferencesForm, sink: &mut Sink) -> Option<CheckKind<Written>> {
    let tables = tables(form.table, form.tables, form.at, sink);
    let columns = one_or_many(form.column, form.columns, COLUMNS, form.at, sink);
    let there = form.to_columns.key.or(form.to_column.key);
    let to_columns = one_or_many(form.to_column, form.to_columns, ("to_column", "to_columns"), form.at, sink);
    if let (Some(List::Items(here)), Some(List::Items(other)), Some(at)) = (&columns, &to_columns, there)
        && here.len() != other.len()
    {
        let message = format!("{} of the table can't refer to {}", counted(here.len()), counted(other.len()));
        sink.report("backstop::load::impossible", at, message, "Name as many columns on either side.");
    }
    Some(CheckKind::References { tables: tables?, columns: columns?, to: form.to.value?.0, to_columns: to_columns? })
}

fn counted(columns: usize) -> String {
    if columns == 1 { "1 column".to_owned() } else { format!("{columns} columns") }
}

fn index(form: IndexForm, sink: &mut Sink) -> Option<CheckKind<Written>> {
    let tables = tables(form.table, form.tables, form.at, sink);
    if !form.column.is_given() && !form.columns.is_given() && !form.name.is_given() {
        let message = "the index has neither `columns` nor `name`";
        sink.report("backstop::load::missing_field", form.at, message, "Add `columns`, or the index's `name`.");
    }
    let columns = optional(form.column, form.columns, COLUMNS, sink);
    let unique = form.unique.value.map(|Flag(flag)| flag);
    Some(CheckKind::Index { tables: tables?, columns: columns?, name: form.name.value.map(|Words(name)| name), unique })
}

fn policy(form: PolicyForm, sink: &mut Sink) -> Option<CheckKind<Written>> {
    let at_least = form.at_least.value.map_or(1, |Ranged(number)| number);
    let name = form.name.value.map(|Words(name)| name);
    Some(CheckKind::Policy { tables: tables(form.table, form.tables, form.at, sink)?, name, at_least })
}

fn constraint(form: ConstraintForm, sink: &mut Sink) -> Option<CheckKind<Written>> {
    let tables = tables(form.table, form.tables, form.at, sink);
    let nameless = !form.name.is_given();
    if nameless && !form.kind.is_given() {
        let message = "the constraint has neither `name` nor `kind`";
        sink.report("backstop::load::missing_field", form.at, message, "Add its `name`, or its `kind` and `columns`.");
    } else if nameless && !form.column.is_given() && !form.columns.is_given() {
        let message = "a constraint without `name` is known by its columns, and they are missing";
        sink.report("backstop::load::missing_field", form.at, message, "Add `columns`, or the constraint's `name`.");
    }
    let columns = optional(form.column, form.columns, COLUMNS, sink);
    let kind = form.kind.value.map(|Choice(kind)| kind);
    Some(CheckKind::Constraint { tables: tables?, name: form.name.value.map(|Words(name)| name), kind, columns: columns? })
}

fn expect(form: ExpectForm, sink: &mut Sink) -> Option<Expect<Written>> {
    let named = [("rows", form.rows.key), ("value", form.value.key), ("number", form.number.key), ("empty", form.empty.key)];
    if !only_one(&named, form.at, sink) {
        return None;
    }
    let rows = form.rows.value.and_then(|rows| bounds(rows, sink)).map(Expect::Rows);
    let number = form.number.value.and_then(|number| bounds(number, sink)).map(Expect::Number);
    let value = form.value.value.map(|AnyWords(value)| Expect::Value(value));
    rows.or(number).or(value).or(form.empty.value.map(|True| Expect::Rows(CountBounds::exactly(0))))
}

/// A number, or bounds with at least one in them.
pub(super) fn bounds(form: RowsForm, sink: &mut Sink) -> Option<CountBounds> {
    match form {
        RowsForm::Exactly(number) => Some(CountBounds::exactly(number)),
        RowsForm::Within(form) => {
            let BoundsForm { at, at_least, at_most, exactly } = *form;
            if !at_least.is_given() && !at_most.is_given() && !exactly.is_given() {
                let help = "Add `at_least`, `at_most` or `exactly`, or write a number.";
                sink.report("backstop::load::missing_field", at, "the bounds are missing", help);
                return None;
            }
            within(at_least, at_most, exactly, sink)
        }
    }
}

fn within(least: Field<Count>, most: Field<Count>, exactly: Field<Count>, sink: &mut Sink) -> Option<CountBounds> {
    if let (Some(key), true) = (exactly.key, least.is_given() || most.is_given()) {
        let help = "Leave out `exactly` or the other bounds.";
        sink.report("backstop::load::conflict", key, "`exactly` can't stand beside other bounds", help);
        return None;
    }
    let number = |field: &Field<Count>| field.value.map(|Ranged(number)| number);
    if let (Some(min), Some(max), Some(at)) = (number(&least), number(&most), most.at)
        && min > max
    {
        let message = format!("no number is at least {min} and at most {max}");
        sink.report("backstop::load::impossible", at, message, "Write bounds that a number can keep.");
        return None;
    }
    Some(match number(&exactly) {
        Some(number) => CountBounds::exactly(number),
        None => CountBounds { at_least: number(&least), at_most: number(&most) },
    })
}

fn tables(table: Field<Words>, tables: Field<Listing<1>>, at: Place, sink: &mut Sink) -> Option<List> {
    one_or_many(table, tables, TABLES, at, sink)
}

/// Exactly one of `column: a` and `columns: [a, b]`.
fn one_or_many(
    one: Field<Words>,
    many: Field<Listing<1>>,
    names: (&'static str, &'static str),
    at: Place,
    sink: &mut Sink,
) -> Option<List> {
    if !one.is_given() && !many.is_given() {
        let message = format!("neither `{}` nor `{}` is there", names.0, names.1);
        sink.report("backstop::load::missing_field", at, message, format!("Add `{}` or `{}`.", names.0, names.1));
        return None;
    }
    let good = one.value.is_some() || many.value.is_some();
    optional(one, many, names, sink).filter(|_| good)
}

/// `column: a`, `columns: [a, b]` or none of them.
fn optional(
    one: Field<Words>,
    many: Field<Listing<1>>,
    names: (&'static str, &'static str),
    sink: &mut Sink,
) -> Option<List> {
    if let (Some(_), Some(key)) = (one.key, many.key) {
        let message = format!("`{}` and `{}` can't stand together", names.0, names.1);
        sink.report("backstop::load::conflict", key, message, "Put all of them into one list.");
        return None;
    }
    let one = one.value.map(|Words(text)| List::Items(vec![text]));
    Some(one.or(many.value.map(|Listing(list)| list)).unwrap_or_else(|| List::Items(Vec::<Template>::new())))
}

/// Whether exactly one field was given; if not, that is reported.
fn only_one(fields: &[(&str, Option<Place>)], at: Place, sink: &mut Sink) -> bool {
    let mut given: Vec<(&str, Place)> = fields.iter().filter_map(|(name, key)| key.map(|key| (*name, key))).collect();
    given.sort_by_key(|(_, key)| key.start);
    match given[..] {
        [_] => true,
        [] => {
            let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
            let help = format!("Add one of `{}`.", names.join("`, `"));
            sink.report("backstop::load::missing_field", at, "it isn't said what is asked", help);
            false
        }
        [(first, _), (second, key), ..] => {
            let message = format!("`{first}` and `{second}` can't stand together");
            sink.report("backstop::load::conflict", key, message, "Make two of it, each with an id of its own.");
            false
        }
    }
}
