//! The fields of each kind of check.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::json;

use super::{
    super::{
        leaf::{Choice, Flag, Listing, Words},
        node::{Kind, Meaning, Node, shortened},
        shape::{Read, Refusal, Title, shape, wrong_type},
        sink::{Sink, instead},
    },
    expect::{BOUNDS, Count},
    rule::{any_of, at_most_one, exactly_one},
};
use crate::plan::ConstraintKind;

const TABLES: [&str; 2] = ["table", "tables"];
const COLUMNS: [&str; 2] = ["column", "columns"];

shape! {
    /// Tables.
    TablesForm, "a map with `table` or `tables`" {
        /// One table.
        may table: Words,
        /// Several tables, or an expression that gives them.
        may tables: Listing<1>,
    }
    rules json!([exactly_one(&TABLES)]);
    refuses |field| BOUNDS.contains(&field).then(|| Refusal {
        code: "backstop::load::meaningless",
        message: format!("`{field}` means nothing under `unchanged`"),
        help: "Leave the bounds out: the numbers before and after are compared with each other.",
    });
}

shape! {
    /// Tables and columns that they have.
    TableExistsForm, "a map with `table` or `tables`" {
        /// One table.
        may table: Words,
        /// Several tables, or an expression that gives them.
        may tables: Listing<1>,
        /// A column that each has.
        may column: Words,
        /// Columns that each has.
        may columns: Listing<1>,
    }
    rules json!([exactly_one(&TABLES), at_most_one(&COLUMNS)]);
}

shape! {
    /// A column and its type.
    ColumnTypeForm, "a map with `table`, `column` and `type`" {
        /// One table.
        may table: Words,
        /// Several tables; a glob stands for those that have the column.
        may tables: Listing<1>,
        /// The column.
        must column: Words,
        /// The type as PostgreSQL writes it.
        must r#type: Words,
    }
    rules json!([exactly_one(&TABLES)]);
}

shape! {
    /// Bounds of the number of rows.
    RowCountForm, "a map with `table` and bounds" {
        /// One table.
        may table: Words,
        /// Several tables, or an expression that gives them.
        may tables: Listing<1>,
        /// Not less than this.
        may at_least: Count,
        /// Not more than this.
        may at_most: Count,
        /// Exactly this.
        may exactly: Count,
    }
    rules json!([exactly_one(&TABLES), at_most_one(&["exactly", "at_least"]), at_most_one(&["exactly", "at_most"])]);
}

shape! {
    /// Columns of tables.
    ColumnsForm, "a map with `table` and `columns`" {
        /// One table.
        may table: Words,
        /// Several tables, or an expression that gives them.
        may tables: Listing<1>,
        /// One column.
        may column: Words,
        /// Several columns.
        may columns: Listing<1>,
    }
    rules json!([exactly_one(&TABLES), exactly_one(&COLUMNS)]);
}

shape! {
    /// A column and the pattern of its values.
    MatchesForm, "a map with `table`, `column` and `pattern`" {
        /// One table.
        may table: Words,
        /// Several tables, or an expression that gives them.
        may tables: Listing<1>,
        /// The column.
        must column: Words,
        /// uuid, email, or `{regex: ...}`, which the whole value must match.
        must pattern: PatternForm,
    }
    rules json!([exactly_one(&TABLES)]);
}

shape! {
    /// Columns and the columns of another table that they refer to.
    ReferencesForm, "a map with `table`, `columns`, `to` and `to_columns`" {
        /// One table.
        may table: Words,
        /// Several tables, or an expression that gives them.
        may tables: Listing<1>,
        /// One column.
        may column: Words,
        /// Several columns.
        may columns: Listing<1>,
        /// The other table.
        must to: Words,
        /// The other table's column.
        may to_column: Words,
        /// The other table's columns.
        may to_columns: Listing<1>,
    }
    rules json!([exactly_one(&TABLES), exactly_one(&COLUMNS), exactly_one(&["to_column", "to_columns"])]);
}

shape! {
    /// Columns and the table that they refer to.
    ForeignKeyForm, "a map with `table`, `columns` and `to`" {
        /// One table.
        may table: Words,
        /// Several tables, or an expression that gives them.
        may tables: Listing<1>,
        /// One column.
        may column: Words,
        /// Several columns.
        may columns: Listing<1>,
        /// The other table.
        must to: Words,
    }
    rules json!([exactly_one(&TABLES), exactly_one(&COLUMNS)]);
}

shape! {
    /// An index.
    IndexForm, "a map with `table` and `columns` or `name`" {
        /// One table.
        may table: Words,
        /// Several tables, or an expression that gives them.
        may tables: Listing<1>,
        /// The leading column.
        may column: Words,
        /// The leading columns.
        may columns: Listing<1>,
        /// The index's name.
        may name: Words,
        /// Whether it is unique.
        may unique: Flag,
    }
    rules json!([exactly_one(&TABLES), at_most_one(&COLUMNS), any_of(&["column", "columns", "name"])]);
}

shape! {
    /// Row-level security.
    RowSecurityForm, "a map with `table` and `enabled`" {
        /// One table.
        may table: Words,
        /// Several tables, or an expression that gives them.
        may tables: Listing<1>,
        /// Whether it is enabled (true).
        may enabled: Flag,
        /// Whether it holds for the owner as well.
        may forced: Flag,
    }
    rules json!([exactly_one(&TABLES)]);
}

shape! {
    /// Policies.
    PolicyForm, "a map with `table`" {
        /// One table.
        may table: Words,
        /// Several tables, or an expression that gives them.
        may tables: Listing<1>,
        /// The policy's name.
        may name: Words,
        /// How many there are at least (1).
        may at_least: Count,
    }
    rules json!([exactly_one(&TABLES)]);
}

shape! {
    /// Functions.
    FunctionForm, "a map with `name` or `names`" {
        /// One function.
        may name: Words,
        /// Several functions.
        may names: Listing<1>,
        /// The type that each returns.
        may returns: Words,
    }
    rules json!([exactly_one(&["name", "names"])]);
}

shape! {
    /// A constraint.
    ConstraintForm, "a map with `table` and `name` or `kind`" {
        /// One table.
        may table: Words,
        /// Several tables, or an expression that gives them.
        may tables: Listing<1>,
        /// The constraint's name.
        may name: Words,
        /// The constraint's kind.
        may kind: Choice<ConstraintKind>,
        /// Its column.
        may column: Words,
        /// Its columns, all of them.
        may columns: Listing<1>,
    }
    rules json!([
        exactly_one(&TABLES),
        at_most_one(&COLUMNS),
        any_of(&["name", "kind"]),
        {"if": {"not": {"required": ["name"]}}, "then": any_of(&COLUMNS)}
    ]);
}

shape! {
    /// Privileges of a role.
    PrivilegeForm, "a map with `table`, `role` and `privileges`" {
        /// One table.
        may table: Words,
        /// Several tables, or an expression that gives them.
        may tables: Listing<1>,
        /// The role.
        must role: Words,
        /// One privilege.
        may privilege: Words,
        /// Several privileges.
        may privileges: Listing<1>,
        /// Whether the role has them (true).
        may granted: Flag,
    }
    rules json!([exactly_one(&TABLES), exactly_one(&["privilege", "privileges"])]);
}

shape! {
    /// An extension.
    ExtensionForm, "a map with `name`" {
        /// Its name.
        must name: Words,
        /// The version that it has at least.
        may at_least: Words,
    }
}

shape! {
    /// A regular expression.
    RegexForm, "`uuid`, `email` or `{regex: ...}`" {
        /// The expression, as PostgreSQL's `~` takes it.
        must regex: Words,
    }
}

/// A pattern.
#[derive(Debug, Clone)]
pub(in crate::load) enum PatternForm {
    /// What `::uuid` accepts.
    Uuid,
    /// A plausible e-mail address.
    Email,
    /// A regular expression.
    Regex(RegexForm),
}

impl Read for PatternForm {
    fn read(node: &Node, sink: &mut Sink) -> Option<Self> {
        let Kind::Scalar(scalar) = &node.kind else {
            return RegexForm::read(node, sink).map(PatternForm::Regex);
        };
        match (scalar.text.as_str(), scalar.meaning) {
            ("uuid", _) => Some(PatternForm::Uuid),
            ("email", _) => Some(PatternForm::Email),
            (_, Meaning::Null) => {
                wrong_type(node, "`uuid`, `email` or `{regex: ...}`", sink);
                None
            }
            (other, _) => {
                let message = format!("unknown pattern `{}`", shortened(other));
                let help =
                    format!("{} A regular expression is written `{{regex: ...}}`.", instead(other, &["uuid", "email"]));
                sink.report("backstop::load::unknown_value", node.at, message, help);
                None
            }
        }
    }
}

impl JsonSchema for PatternForm {
    fn schema_name() -> Title {
        "PatternForm".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({"anyOf": [{"enum": ["uuid", "email"]}, generator.subschema_for::<RegexForm>()]})
    }
}
