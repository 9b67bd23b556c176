//! ALTER TABLE and ALTER TYPE.

use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::{
    super::name::QualifiedName,
    expression,
    node::{bare, child, find, has, holds, name, name_in, string, words},
    operation::OperationKind,
    table_action::{AddedConstraint, ConstraintKind, Default, NewColumn, TableAction, TriggerState},
};

/// Types that count by themselves (<https://www.postgresql.org/docs/current/datatype-numeric.html#DATATYPE-SERIAL>).
const SERIALS: [&str; 6] = ["serial", "bigserial", "smallserial", "serial2", "serial4", "serial8"];

/// An operation, and the node that it stands in.
pub(super) type Located = (SyntaxNode, OperationKind);

/// Every action of an ALTER TABLE.
pub(super) fn table(node: &SyntaxNode) -> Vec<Located> {
    let Some(table) = name_in(node, SyntaxKind::TABLE_RELATION_NAME) else { return Vec::new() };
    let actions =
        node.children().filter(|child| !matches!(child.kind(), SyntaxKind::TABLE_RELATION_NAME | SyntaxKind::IF_EXISTS));
    let found = actions.map(|child| {
        let action = action(&child).unwrap_or(TableAction::Other);
        (child, OperationKind::AlterTable { table: table.clone(), action })
    });
    found.collect()
}

fn action(node: &SyntaxNode) -> Option<TableAction> {
    Some(match node.kind() {
        SyntaxKind::ADD_COLUMN => TableAction::AddColumn(new_column(node)?),
        SyntaxKind::DROP_COLUMN => TableAction::DropColumn {
            column: bare(node, SyntaxKind::COLUMN_NAME_REF)?,
            cascade: has(node, SyntaxKind::CASCADE),
        },
        SyntaxKind::ALTER_COLUMN => column(node)?,
        SyntaxKind::ADD_CONSTRAINT => TableAction::AddConstraint(constraint(&node.first_child()?)?),
        SyntaxKind::VALIDATE_CONSTRAINT => {
            TableAction::Validate { constraint: bare(node, SyntaxKind::CONSTRAINT_NAME_REF)? }
        }
        SyntaxKind::DROP_CONSTRAINT => TableAction::DropConstraint {
            constraint: bare(node, SyntaxKind::CONSTRAINT_NAME_REF)?,
            cascade: has(node, SyntaxKind::CASCADE),
        },
        SyntaxKind::ATTACH_PARTITION => TableAction::Attach { partition: name_in(node, SyntaxKind::TABLE_NAME_REF)? },
        SyntaxKind::DETACH_PARTITION => TableAction::Detach {
            partition: name_in(node, SyntaxKind::TABLE_NAME_REF)?,
            concurrently: has(node, SyntaxKind::DETACH_CONCURRENTLY) || has(node, SyntaxKind::DETACH_FINALIZE),
        },
        SyntaxKind::DISABLE_TRIGGER => triggers(node, false),
        SyntaxKind::ENABLE_TRIGGER | SyntaxKind::ENABLE_ALWAYS_TRIGGER | SyntaxKind::ENABLE_REPLICA_TRIGGER => {
            triggers(node, true)
        }
        SyntaxKind::ENABLE_RLS => TableAction::RowSecurity { enabled: true },
        SyntaxKind::DISABLE_RLS => TableAction::RowSecurity { enabled: false },
        SyntaxKind::SET_LOGGED => TableAction::SetLogged { logged: true },
        SyntaxKind::SET_UNLOGGED => TableAction::SetLogged { logged: false },
        SyntaxKind::SET_TABLESPACE => TableAction::SetTablespace,
        SyntaxKind::SET_ACCESS_METHOD => TableAction::SetAccessMethod,
        SyntaxKind::TABLE_RENAME_TO => TableAction::Rename { to: name(node)?.name },
        SyntaxKind::RENAME_COLUMN => TableAction::RenameColumn { column: bare(node, SyntaxKind::COLUMN_NAME_REF)? },
        SyntaxKind::SET_SCHEMA => TableAction::SetSchema,
        _ => TableAction::Other,
    })
}

fn triggers(node: &SyntaxNode, enabled: bool) -> TableAction {
    let trigger = find(node, SyntaxKind::TRIGGER_REF).and_then(|trigger| Some(name(&trigger)?.name));
    TableAction::Triggers(TriggerState { trigger, enabled })
}

fn column(node: &SyntaxNode) -> Option<TableAction> {
    let column = bare(node, SyntaxKind::COLUMN_NAME_REF)?;
    let option = node.children().find(|child| child.kind() != SyntaxKind::COLUMN_NAME_REF)?;
    Some(match option.kind() {
        SyntaxKind::SET_TYPE => TableAction::SetType {
            column,
            data_type: option.children().next().map(|data_type| words(&data_type).to_ascii_lowercase()).unwrap_or_default(),
            computed: child(&option, SyntaxKind::USING_EXPR).is_some_and(|using| expression::computes(&using)),
        },
        SyntaxKind::SET_NOT_NULL => TableAction::SetNotNull { column },
        SyntaxKind::ADD_GENERATED => TableAction::AddIdentity,
        SyntaxKind::SET_EXPRESSION => TableAction::SetExpression { column },
        _ => TableAction::Other,
    })
}

fn new_column(node: &SyntaxNode) -> Option<NewColumn> {
    let is_serial = |child: &SyntaxNode| SERIALS.contains(&words(child).to_ascii_lowercase().as_str());
    let default = child(node, SyntaxKind::DEFAULT_CONSTRAINT).map_or(Default::None, |default| expression::default(&default));
    let constraints = node.children().filter(|child| child.kind() != SyntaxKind::NOT_NULL_CONSTRAINT);
    Some(NewColumn {
        name: bare(node, SyntaxKind::COLUMN_NAME)?,
        default,
        not_null: has(node, SyntaxKind::NOT_NULL_CONSTRAINT),
        counts: child(node, SyntaxKind::PATH_TYPE).is_some_and(|data_type| is_serial(&data_type))
            || holds(node, SyntaxKind::IDENTITY_KW),
        stored: holds(node, SyntaxKind::STORED_KW),
        constraints: constraints.filter_map(|child| Some(constraint(&child)?.kind)).collect(),
    })
}

/// A constraint, of a table or of a column.
pub(super) fn constraint(node: &SyntaxNode) -> Option<AddedConstraint> {
    let using_index = has(node, SyntaxKind::USING_INDEX_NAME);
    let kind = match node.kind() {
        SyntaxKind::CHECK_CONSTRAINT => ConstraintKind::Check { not_null: expression::not_null(node) },
        SyntaxKind::NOT_NULL_CONSTRAINT => ConstraintKind::NotNull { column: bare(node, SyntaxKind::COLUMN_NAME_REF)? },
        SyntaxKind::FOREIGN_KEY_CONSTRAINT | SyntaxKind::REFERENCES_CONSTRAINT => {
            ConstraintKind::ForeignKey { to: name_in(node, SyntaxKind::TABLE_NAME_REF)? }
        }
        SyntaxKind::PRIMARY_KEY_CONSTRAINT => ConstraintKind::PrimaryKey { using_index },
        SyntaxKind::UNIQUE_CONSTRAINT => ConstraintKind::Unique { using_index },
        SyntaxKind::EXCLUDE_CONSTRAINT => ConstraintKind::Exclude,
        _ => return None,
    };
    let named = child(node, SyntaxKind::CONSTRAINT_NAME_CLAUSE);
    Some(AddedConstraint {
        name: named.and_then(|clause| bare(&clause, SyntaxKind::CONSTRAINT_NAME)),
        kind,
        not_valid: has(node, SyntaxKind::NOT_VALID),
    })
}

/// ALTER TYPE … ADD VALUE
pub(super) fn kind_of_value(node: &SyntaxNode) -> Option<OperationKind> {
    let add = child(node, SyntaxKind::ADD_VALUE)?;
    let name: QualifiedName = name_in(node, SyntaxKind::TYPE_NAME_REF)?;
    Some(OperationKind::AddEnumValue { name, value: string(&child(&add, SyntaxKind::LITERAL)?).unwrap_or_default() })
}

/// ALTER DOMAIN that looks at rows.
pub(super) fn domain(node: &SyntaxNode) -> Option<OperationKind> {
    let tightens = |child: SyntaxNode| match child.kind() {
        SyntaxKind::ADD_CONSTRAINT => !holds(&child, SyntaxKind::NOT_VALID),
        SyntaxKind::VALIDATE_CONSTRAINT | SyntaxKind::SET_NOT_NULL => true,
        _ => false,
    };
    node.children().any(tightens).then_some(())?;
    Some(OperationKind::TightenDomain { domain: name_in(node, SyntaxKind::DOMAIN_REF)? })
}

/// ALTER SUBSCRIPTION … CONNECTION
pub(super) fn reconnected(node: &SyntaxNode) -> Option<OperationKind> {
    child(node, SyntaxKind::CONNECTION_CLAUSE)?;
    Some(OperationKind::ReconnectSubscription { subscription: name(&node.first_child()?)?.name })
}

/// ALTER … RENAME of a view, a type, a schema, a function.
pub(super) fn renamed(node: &SyntaxNode) -> Option<OperationKind> {
    let to = node.children().find(|child| RENAMES.contains(&child.kind()))?;
    let part = match to.kind() {
        SyntaxKind::RENAME_VALUE | SyntaxKind::RENAME_ATTRIBUTE | SyntaxKind::RENAME_COLUMN => {
            Some(words(&to.first_child()?))
        }
        _ => None,
    };
    let named = node.children().find(|child| child.kind() != SyntaxKind::IF_EXISTS)?;
    Some(OperationKind::Rename { name: name(&named)?, part })
}

/// What gives something another name that programs may use.
const RENAMES: [SyntaxKind; 10] = [
    SyntaxKind::RENAME_VALUE,
    SyntaxKind::RENAME_ATTRIBUTE,
    SyntaxKind::RENAME_COLUMN,
    SyntaxKind::TYPE_RENAME_TO,
    SyntaxKind::VIEW_RENAME_TO,
    SyntaxKind::SCHEMA_RENAME_TO,
    SyntaxKind::FUNCTION_RENAME_TO,
    SyntaxKind::PROCEDURE_RENAME_TO,
    SyntaxKind::ROUTINE_RENAME_TO,
    SyntaxKind::SEQUENCE_RENAME_TO,
];
