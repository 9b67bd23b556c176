//! ALTER TABLE and ALTER TYPE.

use super::{
    super::name::QualifiedName,
    expression,
    node::{Kind, Node, bare, child, find, has, holds, name, name_in, string, words},
    operation::OperationKind,
    table_action::{Constraint, ConstraintKind, Default, NewColumn, TableAction, TriggerState},
};

/// Types that count by themselves (<https://www.postgresql.org/docs/current/datatype-numeric.html#DATATYPE-SERIAL>).
const SERIALS: [&str; 6] = ["serial", "bigserial", "smallserial", "serial2", "serial4", "serial8"];

/// An operation, and the node that it stands in.
pub(super) type Located = (Node, OperationKind);

/// Every action of an ALTER TABLE.
pub(super) fn table(node: &Node) -> Vec<Located> {
    let Some(table) = name_in(node, Kind::TABLE_RELATION_NAME) else { return Vec::new() };
    let actions = node.children().filter(|child| !matches!(child.kind(), Kind::TABLE_RELATION_NAME | Kind::IF_EXISTS));
    let found = actions.map(|child| {
        let action = action(&child).unwrap_or(TableAction::Other);
        (child, OperationKind::AlterTable { table: table.clone(), action })
    });
    found.collect()
}

fn action(node: &Node) -> Option<TableAction> {
    Some(match node.kind() {
        Kind::ADD_COLUMN => TableAction::AddColumn(new_column(node)?),
        Kind::DROP_COLUMN => {
            TableAction::DropColumn { column: bare(node, Kind::COLUMN_NAME_REF)?, cascade: has(node, Kind::CASCADE) }
        }
        Kind::ALTER_COLUMN => column(node)?,
        Kind::ADD_CONSTRAINT => TableAction::AddConstraint(constraint(&node.first_child()?)?),
        Kind::VALIDATE_CONSTRAINT => TableAction::Validate { constraint: bare(node, Kind::CONSTRAINT_NAME_REF)? },
        Kind::DROP_CONSTRAINT => TableAction::DropConstraint {
            constraint: bare(node, Kind::CONSTRAINT_NAME_REF)?,
            cascade: has(node, Kind::CASCADE),
        },
        Kind::ATTACH_PARTITION => TableAction::Attach { partition: name_in(node, Kind::TABLE_NAME_REF)? },
        Kind::DETACH_PARTITION => TableAction::Detach {
            partition: name_in(node, Kind::TABLE_NAME_REF)?,
            concurrently: has(node, Kind::DETACH_CONCURRENTLY) || has(node, Kind::DETACH_FINALIZE),
        },
        Kind::DISABLE_TRIGGER => triggers(node, false),
        Kind::ENABLE_TRIGGER | Kind::ENABLE_ALWAYS_TRIGGER | Kind::ENABLE_REPLICA_TRIGGER => triggers(node, true),
        Kind::ENABLE_RLS => TableAction::RowSecurity { enabled: true },
        Kind::DISABLE_RLS => TableAction::RowSecurity { enabled: false },
        Kind::SET_LOGGED => TableAction::SetLogged { logged: true },
        Kind::SET_UNLOGGED => TableAction::SetLogged { logged: false },
        Kind::SET_TABLESPACE => TableAction::SetTablespace,
        Kind::SET_ACCESS_METHOD => TableAction::SetAccessMethod,
        Kind::TABLE_RENAME_TO => TableAction::Rename { to: name(node)?.name },
        Kind::RENAME_COLUMN => TableAction::RenameColumn { column: bare(node, Kind::COLUMN_NAME_REF)? },
        Kind::SET_SCHEMA => TableAction::SetSchema,
        _ => TableAction::Other,
    })
}

fn triggers(node: &Node, enabled: bool) -> TableAction {
    let trigger = find(node, Kind::TRIGGER_REF).and_then(|trigger| Some(name(&trigger)?.name));
    TableAction::Triggers(TriggerState { trigger, enabled })
}

fn column(node: &Node) -> Option<TableAction> {
    let column = bare(node, Kind::COLUMN_NAME_REF)?;
    let option = node.children().find(|child| child.kind() != Kind::COLUMN_NAME_REF)?;
    Some(match option.kind() {
        Kind::SET_TYPE => TableAction::SetType {
            column,
            data_type: option.children().next().map(|data_type| words(&data_type).to_ascii_lowercase()).unwrap_or_default(),
            using: has(&option, Kind::USING_EXPR),
        },
        Kind::SET_NOT_NULL => TableAction::SetNotNull { column },
        Kind::ADD_GENERATED => TableAction::AddIdentity,
        Kind::SET_EXPRESSION => TableAction::SetExpression { column },
        _ => TableAction::Other,
    })
}

fn new_column(node: &Node) -> Option<NewColumn> {
    let is_serial = |child: &Node| SERIALS.contains(&words(child).to_ascii_lowercase().as_str());
    let default = child(node, Kind::DEFAULT_CONSTRAINT).map_or(Default::None, |default| expression::default(&default));
    let constraints = node.children().filter(|child| child.kind() != Kind::NOT_NULL_CONSTRAINT);
    Some(NewColumn {
        name: bare(node, Kind::COLUMN_NAME)?,
        default,
        not_null: has(node, Kind::NOT_NULL_CONSTRAINT),
        counts: child(node, Kind::PATH_TYPE).is_some_and(|data_type| is_serial(&data_type))
            || holds(node, Kind::IDENTITY_KW),
        stored: holds(node, Kind::STORED_KW),
        constraints: constraints.filter_map(|child| Some(constraint(&child)?.kind)).collect(),
    })
}

/// A constraint, of a table or of a column.
pub(super) fn constraint(node: &Node) -> Option<Constraint> {
    let using_index = has(node, Kind::USING_INDEX_NAME);
    let kind = match node.kind() {
        Kind::CHECK_CONSTRAINT => ConstraintKind::Check { not_null: expression::not_null(node) },
        Kind::NOT_NULL_CONSTRAINT => ConstraintKind::NotNull { column: bare(node, Kind::COLUMN_NAME_REF)? },
        Kind::FOREIGN_KEY_CONSTRAINT | Kind::REFERENCES_CONSTRAINT => {
            ConstraintKind::ForeignKey { to: name_in(node, Kind::TABLE_NAME_REF)? }
        }
        Kind::PRIMARY_KEY_CONSTRAINT => ConstraintKind::PrimaryKey { using_index },
        Kind::UNIQUE_CONSTRAINT => ConstraintKind::Unique { using_index },
        Kind::EXCLUDE_CONSTRAINT => ConstraintKind::Exclude,
        _ => return None,
    };
    let named = child(node, Kind::CONSTRAINT_NAME_CLAUSE);
    Some(Constraint {
        name: named.and_then(|clause| bare(&clause, Kind::CONSTRAINT_NAME)),
        kind,
        not_valid: has(node, Kind::NOT_VALID),
    })
}

/// ALTER TYPE … ADD VALUE
pub(super) fn kind_of_value(node: &Node) -> Option<OperationKind> {
    let add = child(node, Kind::ADD_VALUE)?;
    let name: QualifiedName = name_in(node, Kind::TYPE_NAME_REF)?;
    Some(OperationKind::AddEnumValue { name, value: string(&child(&add, Kind::LITERAL)?).unwrap_or_default() })
}

/// ALTER DOMAIN that looks at rows.
pub(super) fn domain(node: &Node) -> Option<OperationKind> {
    let tightens = |child: Node| match child.kind() {
        Kind::ADD_CONSTRAINT => !holds(&child, Kind::NOT_VALID),
        Kind::VALIDATE_CONSTRAINT | Kind::SET_NOT_NULL => true,
        _ => false,
    };
    node.children().any(tightens).then_some(())?;
    Some(OperationKind::TightenDomain { domain: name_in(node, Kind::DOMAIN_REF)? })
}

/// ALTER … RENAME of a view, a type, a schema, a function.
pub(super) fn renamed(node: &Node) -> Option<OperationKind> {
    let to = node.children().find(|child| RENAMES.contains(&child.kind()))?;
    let part = match to.kind() {
        Kind::RENAME_VALUE | Kind::RENAME_ATTRIBUTE | Kind::RENAME_COLUMN => Some(words(&to.first_child()?)),
        _ => None,
    };
    let named = node.children().find(|child| child.kind() != Kind::IF_EXISTS)?;
    Some(OperationKind::Rename { name: name(&named)?, part })
}

/// What gives something another name that programs may use.
const RENAMES: [Kind; 10] = [
    Kind::RENAME_VALUE,
    Kind::RENAME_ATTRIBUTE,
    Kind::RENAME_COLUMN,
    Kind::TYPE_RENAME_TO,
    Kind::VIEW_RENAME_TO,
    Kind::SCHEMA_RENAME_TO,
    Kind::FUNCTION_RENAME_TO,
    Kind::PROCEDURE_RENAME_TO,
    Kind::ROUTINE_RENAME_TO,
    Kind::SEQUENCE_RENAME_TO,
];
