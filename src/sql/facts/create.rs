//! CREATE.

use super::{
    super::name::QualifiedName,
    expression,
    node::{Kind, Node, child, find, has, name, name_in, words},
    operation::{Command, OperationKind, Policy, Routine},
};

/// CREATE TABLE, CREATE TABLE AS
pub(super) fn table(node: &Node) -> Option<OperationKind> {
    let keys = node
        .descendants()
        .filter(|below| matches!(below.kind(), Kind::FOREIGN_KEY_CONSTRAINT | Kind::REFERENCES_CONSTRAINT));
    Some(OperationKind::CreateTable {
        table: name_in(node, Kind::TABLE_NAME)?,
        temporary: has(node, Kind::TEMP) || holds_before_name(node, &["temp", "temporary"]),
        if_not_exists: has(node, Kind::IF_NOT_EXISTS),
        references: keys.filter_map(|key| name_in(&key, Kind::TABLE_NAME_REF)).collect(),
        partition_of: child(node, Kind::PARTITION_OF).and_then(|of| name_in(&of, Kind::TABLE_NAME_REF)),
    })
}

fn holds_before_name(node: &Node, keywords: &[&str]) -> bool {
    let text = words(node).to_ascii_lowercase();
    text.split(' ').take_while(|word| *word != "table" && *word != "into").any(|word| keywords.contains(&word))
}

/// SELECT INTO
pub(super) fn table_of_query(node: &Node) -> Option<OperationKind> {
    let into = child(node, Kind::INTO_CLAUSE)?;
    Some(OperationKind::CreateTable {
        table: name(&find(&into, Kind::PATH)?)?,
        temporary: words(&into).to_ascii_lowercase().contains("temp"),
        if_not_exists: false,
        references: Vec::new(),
        partition_of: None,
    })
}

/// CREATE VIEW, CREATE MATERIALIZED VIEW
pub(super) fn view(node: &Node) -> Option<OperationKind> {
    let materialized = node.kind() == Kind::CREATE_MATERIALIZED_VIEW;
    Some(OperationKind::CreateView { view: name_in(node, Kind::VIEW)?, materialized })
}

/// CREATE SCHEMA
pub(super) fn schema(node: &Node) -> Option<OperationKind> {
    let target = node.children().find(|child| child.kind() != Kind::IF_NOT_EXISTS)?;
    Some(OperationKind::CreateSchema { schema: name(&target)?.name })
}

/// CREATE TYPE, CREATE DOMAIN
pub(super) fn new_type(node: &Node) -> Option<OperationKind> {
    Some(OperationKind::CreateType { name: name_in(node, Kind::TYPE_NAME).or_else(|| name_in(node, Kind::DOMAIN))? })
}

/// CREATE INDEX
pub(super) fn index(node: &Node) -> Option<OperationKind> {
    Some(OperationKind::CreateIndex {
        table: name_in(node, Kind::TABLE_RELATION_NAME)?,
        index: name_in(node, Kind::INDEX),
        concurrently: has(node, Kind::CONCURRENTLY_KW),
        if_not_exists: has(node, Kind::IF_NOT_EXISTS),
    })
}

/// CREATE TRIGGER
pub(super) fn trigger(node: &Node) -> Option<OperationKind> {
    Some(OperationKind::CreateTrigger { table: name_in(node, Kind::ON_RELATION)? })
}

/// CREATE FUNCTION, CREATE PROCEDURE
pub(super) fn routine(node: &Node) -> Option<OperationKind> {
    let named =
        node.children().find(|child| matches!(child.kind(), Kind::FUNCTION_NAME | Kind::PROCEDURE_NAME | Kind::PATH))?;
    Some(OperationKind::CreateRoutine(with_options(name(&named)?, node)))
}

/// ALTER FUNCTION, ALTER PROCEDURE, ALTER ROUTINE
pub(super) fn altered_routine(node: &Node) -> Option<OperationKind> {
    has(node, Kind::FUNC_OPTION_LIST).then_some(())?;
    let named = find(node, Kind::PATH_REF)?;
    Some(OperationKind::AlterRoutine(with_options(name(&named)?, node)))
}

fn with_options(name: QualifiedName, node: &Node) -> Routine {
    let options = child(node, Kind::FUNC_OPTION_LIST);
    let sets_path = |option: Node| {
        option.kind() == Kind::SET_FUNC_OPTION
            && find(&option, Kind::CONFIG_PARAMETER_REF).is_some_and(|p| words(&p).eq_ignore_ascii_case("search_path"))
    };
    let language = options.as_ref().and_then(|options| child(options, Kind::LANGUAGE_FUNC_OPTION));
    Routine {
        name,
        definer: options.as_ref().is_some_and(|options| has(options, Kind::SECURITY_DEFINER_FUNC_OPTION)),
        search_path: options.is_some_and(|options| options.children().any(sets_path)),
        language: language.map(|language| {
            let written = words(&language);
            let named = written.split(' ').next_back().unwrap_or_default();
            named.trim_matches(['\'', '"']).to_ascii_lowercase()
        }),
    }
}

/// CREATE POLICY, ALTER POLICY
pub(super) fn policy(node: &Node) -> Option<OperationKind> {
    let on = child(node, Kind::ON_TABLE)?;
    let command = child(node, Kind::POLICY_COMMAND).map(|command| words(&command).to_ascii_lowercase()).unwrap_or_default();
    let clause = |kind| find(node, kind).map(|clause| expression::truth(&clause));
    Some(OperationKind::Policy(Policy {
        table: name_in(&on, Kind::TABLE_NAME_REF)?,
        restrictive: child(node, Kind::AS_POLICY_TYPE)
            .is_some_and(|p| words(&p).to_ascii_lowercase().contains("restrictive")),
        command: match command.trim_start_matches("for ") {
            "select" => Command::Select,
            "insert" => Command::Insert,
            "update" => Command::Update,
            "delete" => Command::Delete,
            _ => Command::All,
        },
        using: clause(Kind::USING_EXPR_CLAUSE),
        check: clause(Kind::WITH_CHECK_EXPR_CLAUSE),
        altered: node.kind() == Kind::ALTER_POLICY,
    }))
}
