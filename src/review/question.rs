//! What a check asks, and whether it asks for less.

use super::{
    change::{Form, Subject},
    ledger::{Found, Ledger},
    reach::Reach,
    told::Told,
    weakening::Weakening,
};
use crate::plan::{CheckKind, CountBounds, Expect, Pattern, Rendered, Text};

/// A check at two times.
pub(super) struct Question<'a> {
    pub(super) ledger: &'a mut Ledger,
    pub(super) subject: &'a Subject,
    /// Whether its failure leads to anything; where it does not, asking for less is no loss.
    pub(super) weighs: bool,
    pub(super) path_then: &'a [Text],
    pub(super) path_now: &'a [Text],
    /// The whole check as YAML, then and now.
    pub(super) yaml: (String, String),
}

/// The name that plans have for a kind of check.
pub(super) fn name(kind: &CheckKind<Rendered>) -> &'static str {
    use CheckKind as K;
    match kind {
        K::TableExists { .. } => "table_exists",
        K::ColumnType { .. } => "column_type",
        K::RowCount { .. } => "row_count",
        K::NotNull { .. } => "not_null",
        K::Unique { .. } => "unique",
        K::Matches { .. } => "matches",
        K::References { .. } => "references",
        K::ForeignKey { .. } => "foreign_key",
        K::Index { .. } => "index",
        K::RowSecurity { .. } => "row_security",
        K::Policy { .. } => "policy",
        K::Function { .. } => "function",
        K::Constraint { .. } => "constraint",
        K::Privilege { .. } => "privilege",
        K::Extension { .. } => "extension",
        K::Sql { .. } => "sql",
    }
}

impl Question<'_> {
    /// Compares field by field; every kind of check is taken apart as it was then.
    pub(super) fn compare(&mut self, then: &CheckKind<Rendered>, now: &CheckKind<Rendered>) {
        use CheckKind as K;
        match (then, now) {
            (K::TableExists { tables, columns }, K::TableExists { tables: t, columns: c }) => {
                self.tables(tables, t);
                self.fewer("columns", columns, c);
            }
            (K::ColumnType { tables, column, data_type }, K::ColumnType { tables: t, column: c, data_type: d }) => {
                self.tables(tables, t);
                self.other("column", column, c);
                self.other("type", data_type, d);
            }
            (K::RowCount { tables, bounds }, K::RowCount { tables: t, bounds: b }) => {
                self.tables(tables, t);
                self.bounds("rows", *bounds, *b);
            }
            (K::NotNull { tables, columns }, K::NotNull { tables: t, columns: c }) => {
                self.tables(tables, t);
                self.fewer("columns", columns, c);
            }
            (K::Unique { tables, columns }, K::Unique { tables: t, columns: c }) => {
                self.tables(tables, t);
                self.more("columns", columns, c);
            }
            (K::Matches { tables, column, pattern }, K::Matches { tables: t, column: c, pattern: p }) => {
                self.tables(tables, t);
                self.other("column", column, c);
                self.other("pattern", &of_pattern(pattern), &of_pattern(p));
            }
            (
                K::References { tables, columns, to, to_columns },
                K::References { tables: t, columns: c, to: o, to_columns: k },
            ) => {
                self.tables(tables, t);
                self.other("columns", columns, c);
                self.other("to", to, o);
                self.other("to_columns", to_columns, k);
            }
            (K::ForeignKey { tables, columns, to }, K::ForeignKey { tables: t, columns: c, to: o }) => {
                self.tables(tables, t);
                self.other("columns", columns, c);
                self.other("to", to, o);
            }
            (K::RowSecurity { tables, enabled, forced }, K::RowSecurity { tables: t, enabled: e, forced: f }) => {
                self.tables(tables, t);
                self.opposite("enabled", *enabled, *e);
                self.dropped("forced", forced, f);
            }
            (K::Policy { tables, name, at_least }, K::Policy { tables: t, name: n, at_least: a }) => {
                self.tables(tables, t);
                self.dropped("name", name, n);
                self.lowered("at_least", at_least, a, a < at_least);
            }
            (
                K::Privilege { tables, role, privileges, granted },
                K::Privilege { tables: t, role: r, privileges: p, granted: g },
            ) => {
                self.tables(tables, t);
                self.other("role", role, r);
                self.fewer("privileges", privileges, p);
                self.opposite("granted", *granted, *g);
            }
            (K::Sql { sql, expect }, K::Sql { sql: s, expect: e }) => {
                self.ledger.sql(self.subject, "sql", Some(sql), Some(s));
                self.expectation(expect.as_ref(), e.as_ref());
            }
            _ => self.structure(then, now),
        }
    }

    /// The kinds that look for an object by its name or parts; and what is of another kind now.
    fn structure(&mut self, then: &CheckKind<Rendered>, now: &CheckKind<Rendered>) {
        use CheckKind as K;
        match (then, now) {
            (K::Index { tables, columns, name, unique }, K::Index { tables: t, columns: c, name: n, unique: u }) => {
                self.tables(tables, t);
                self.emptied("columns", columns, c);
                self.dropped("name", name, n);
                self.dropped("unique", unique, u);
            }
            (K::Function { names, returns }, K::Function { names: n, returns: r }) => {
                self.fewer("names", names, n);
                self.dropped("returns", returns, r);
            }
            (K::Constraint { tables, name, kind, columns }, K::Constraint { tables: t, name: n, kind: k, columns: c }) => {
                self.tables(tables, t);
                self.dropped("name", name, n);
                let word = |kind: &Option<_>| kind.as_ref().map(super::told::name);
                self.dropped("kind", &word(kind), &word(k));
                self.emptied("columns", columns, c);
            }
            (K::Extension { name, at_least }, K::Extension { name: n, at_least: a }) => {
                self.other("name", name, n);
                let is_lower = match (at_least, a) {
                    (Some(then), Some(now)) => version(now.shown()) < version(then.shown()),
                    (Some(_), None) => true,
                    (None, _) => false,
                };
                self.lowered("at_least", at_least, a, is_lower);
            }
            _ => {
                let (before, after) = self.yaml.clone();
                self.ledger.change(self.subject, None, Form::Yaml, Some(before), Some(after));
                self.weaker(Weakening::CheckReplaced, &name(then).to_owned(), &name(now).to_owned());
            }
        }
    }

    fn weaker(&mut self, rule: Weakening, before: &impl Told, after: &impl Told) {
        if self.weighs {
            self.ledger.weaker(rule, self.subject, before, after);
        }
    }

    /// A field of which nobody can tell whether the one value asks for more than the other.
    fn other<T: Told + PartialEq>(&mut self, field: &'static str, then: &T, now: &T) {
        self.ledger.field(self.subject, field, then, now);
    }

    /// Tables: what is not named any more, or by no pattern, is not looked at.
    fn tables(&mut self, then: &Vec<Text>, now: &Vec<Text>) {
        let (before, after) = (Reach::of(then, self.path_then), Reach::of(now, self.path_now));
        let gone: Vec<String> = before.beyond(&after).map(|(entry, _)| entry.text.clone()).collect();
        if self.ledger.field(self.subject, "tables", then, now) == Found::Differs && !gone.is_empty() {
            self.weaker(Weakening::CheckNarrowed, then, now);
        }
    }

    /// Things that all must hold: fewer are less.
    fn fewer(&mut self, field: &'static str, then: &Vec<Text>, now: &Vec<Text>) {
        if self.ledger.field(self.subject, field, then, now) == Found::Differs && then.iter().any(|item| !now.contains(item))
        {
            self.weaker(Weakening::CheckNarrowed, then, now);
        }
    }

    /// Columns that must not agree all together: more are less.
    fn more(&mut self, field: &'static str, then: &Vec<Text>, now: &Vec<Text>) {
        let is_wider = now.len() > then.len() && then.iter().all(|column| now.contains(column));
        if self.ledger.field(self.subject, field, then, now) == Found::Differs && is_wider {
            self.weaker(Weakening::CheckLoosened, then, now);
        }
    }

    /// A condition that is not set any more.
    fn dropped<T: Told + PartialEq>(&mut self, field: &'static str, then: &Option<T>, now: &Option<T>) {
        self.lowered(field, then, now, then.is_some() && now.is_none());
    }

    /// The same of a list.
    fn emptied(&mut self, field: &'static str, then: &Vec<Text>, now: &Vec<Text>) {
        self.lowered(field, then, now, !then.is_empty() && now.is_empty());
    }

    fn lowered<T: Told + PartialEq>(&mut self, field: &'static str, then: &T, now: &T, is_less: bool) {
        if self.ledger.field(self.subject, field, then, now) == Found::Differs && is_less {
            self.weaker(Weakening::CheckLoosened, then, now);
        }
    }

    /// A demand that turned into its opposite.
    fn opposite(&mut self, field: &'static str, then: bool, now: bool) {
        if self.ledger.field(self.subject, field, &then, &now) == Found::Differs {
            let told = |yes: bool| format!("{field}: {yes}");
            self.weaker(Weakening::CheckReplaced, &told(then), &told(now));
        }
    }

    fn bounds(&mut self, field: &'static str, then: CountBounds, now: CountBounds) {
        self.lowered(field, &then, &now, is_wider(then, now));
    }

    fn expectation(&mut self, then: Option<&Expect<Rendered>>, now: Option<&Expect<Rendered>>) {
        let is_less = match (then, now) {
            (Some(Expect::Rows(then)), Some(Expect::Rows(now)))
            | (Some(Expect::Number(then)), Some(Expect::Number(now))) => is_wider(*then, *now),
            (Some(Expect::Rows(_) | Expect::Value(_) | Expect::Number(_)), Some(_)) | (None, _) => false,
            (Some(_), None) => true,
        };
        self.lowered("expect", &then.map(of_expect), &now.map(of_expect), is_less);
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
