//! What there is to know of a kind of check.

use super::question::Question;
use crate::plan::{CheckKind, FieldValue, Rendered, Stage};

/// A kind of check.
#[derive(Debug)]
pub struct CheckSpec {
    /// The name that plans have for it.
    pub name: &'static str,
    /// What holds where it passes, in a sentence.
    pub about: &'static str,
    /// What a plan must write there, as the rest of "expected …".
    pub expected: &'static str,
    /// Its fields, in the order in which a plan's fingerprint has them. It never changes, or plans would count as others than before.
    pub fields: &'static [CheckField],
    /// What its fields mean together; where one does not hold, those behind it are not looked at.
    pub rules: &'static [FieldRule],
    /// What `unchanged` compares, where it may ask it.
    pub answer: Option<&'static str>,
    /// Whether nothing but the tables that it names decides.
    pub is_of_its_tables: bool,
    /// Why it holds whatever the database is like, where it does.
    pub cannot_fail: fn(&CheckKind<Rendered>) -> Option<&'static str>,
    /// What it asks the server.
    ///
    /// # Errors
    /// Why it can't be asked, as a fragment: a name is none, for instance.
    pub question: fn(&CheckKind<Rendered>) -> Result<Question, String>,
}

impl CheckSpec {
    /// The kind with these values, in the order of its fields; those that are missing are absent.
    pub fn of<S: Stage>(&self, mut values: Vec<(&str, FieldValue<S>)>) -> CheckKind<S> {
        let mut take = |name: &str| {
            let at = values.iter().position(|(given, _)| *given == name)?;
            Some(values.swap_remove(at).1)
        };
        let fields = self.fields.iter().map(|field| (field.name, take(field.name).unwrap_or(FieldValue::Absent)));
        CheckKind { name: self.name, fields: fields.collect() }
    }
}

/// A field of a kind.
#[derive(Debug)]
pub struct CheckField {
    /// Its name. Where one or many can be written, that for many.
    pub name: &'static str,
    /// What is written there.
    pub form: FieldForm,
    /// When it asks for less than before.
    pub weaker: WeakerWhen,
}

/// Whether a field must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It must.
    Must,
    /// It may be left out.
    May,
}

/// What is written in a field. Descriptions are those of the schema.
#[derive(Debug)]
pub enum FieldForm {
    /// `table: a`, or `tables: [a, b]`: names or patterns.
    Tables {
        /// Describes the list.
        many: &'static str,
    },
    /// Another table.
    Table {
        /// Describes it.
        about: &'static str,
    },
    /// One text under one name, or several under the field's own.
    Texts {
        /// The name for one.
        one: &'static str,
        /// Describes the one.
        about_one: &'static str,
        /// Describes the list.
        about: &'static str,
        /// Whether they must be there.
        need: Need,
        /// Whether they are names of objects.
        are_objects: bool,
    },
    /// One text: SQL, a name, or words.
    Text {
        /// Describes it.
        about: &'static str,
        /// Whether it must be there.
        need: Need,
    },
    /// One of a few words, which may be left out.
    Word {
        /// Describes it.
        about: &'static str,
        /// The words.
        words: &'static [&'static str],
    },
    /// Yes or no.
    Flag {
        /// Describes it.
        about: &'static str,
        /// What holds where it is left out; none where that says nothing.
        default: Option<bool>,
    },
    /// A whole number, not negative.
    Count {
        /// Describes it.
        about: &'static str,
        /// What holds where it is left out.
        default: u64,
    },
    /// `at_least`, `at_most` or `exactly`.
    Bounds,
    /// A pattern of values.
    Pattern {
        /// Describes it.
        about: &'static str,
    },
    /// A query of the plan's own, which stands in the place of a map of fields.
    Query,
    /// What the query must answer.
    Expect,
}

/// When the value of a field asks for less than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeakerWhen {
    /// Nobody can tell which of two values asks for more.
    Unknown,
    /// A table is meant no more.
    FewerTables,
    /// One of the things that all must hold is gone.
    Fewer,
    /// More things that must only not all be so together.
    More,
    /// It is left out.
    Dropped,
    /// It is a lower number.
    Lower,
    /// It is a lower version, or left out.
    LowerVersion,
    /// Yes became no, or no became yes: it asks something else.
    Opposite,
    /// The bounds take more numbers.
    Wider,
    /// It takes more answers.
    WiderAnswer,
    /// It is SQL, where comments and layout don't count.
    OtherSql,
}

/// What fields mean together.
#[derive(Debug)]
pub enum FieldRule {
    /// At least one of the fields is there, by any of its names.
    AnyOf {
        /// By any name that a plan has for them.
        fields: &'static [&'static str],
        /// What is wrong where none is, as a fragment.
        message: &'static str,
        /// What to do, as a sentence.
        help: &'static str,
    },
    /// At least one of the fields is there where another one is not.
    AnyUnless {
        /// The other field.
        given: &'static str,
        /// By any name that a plan has for them.
        fields: &'static [&'static str],
        /// What is wrong where none is.
        message: &'static str,
        /// A sentence for whoever wrote the plan.
        help: &'static str,
    },
    /// Two lists have as many items.
    SameLength {
        /// The one.
        here: &'static str,
        /// The other one.
        there: &'static str,
        /// A sentence for whoever wrote the plan.
        help: &'static str,
    },
}

/// A kind that can fail whatever its fields hold.
pub(super) fn can_fail(_: &CheckKind<Rendered>) -> Option<&'static str> {
    None
}

/// The field of tables that nearly all kinds begin with.
pub(super) const TABLES: CheckField = CheckField {
    name: "tables",
    form: FieldForm::Tables { many: "Several tables, or an expression that gives them." },
    weaker: WeakerWhen::FewerTables,
};

/// The other table.
pub(super) const TO: CheckField =
    CheckField { name: "to", form: FieldForm::Table { about: "The other table." }, weaker: WeakerWhen::Unknown };

/// A single column that must be there.
pub(super) const COLUMN: CheckField = CheckField {
    name: "column",
    form: FieldForm::Text { about: "The column.", need: Need::Must },
    weaker: WeakerWhen::Unknown,
};

pub(super) const fn columns(need: Need, about_one: &'static str, about: &'static str, weaker: WeakerWhen) -> CheckField {
    CheckField {
        name: "columns",
        form: FieldForm::Texts { one: "column", about_one, about, need, are_objects: false },
        weaker,
    }
}
