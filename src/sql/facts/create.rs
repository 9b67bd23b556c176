//! CREATE.

use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::{
    super::name::QualifiedName,
    expression,
    node::{child, find, has, name, name_in, words},
    operation::{OperationKind, PolicyCommand, PolicyStatement, Routine},
};

/// CREATE TABLE, CREATE TABLE AS
pub(super) fn table(node: &SyntaxNode) -> Option<OperationKind> {
    let keys = node
        .descendants()
        .filter(|below| matches!(below.kind(), SyntaxKind::FOREIGN_KEY_CONSTRAINT | SyntaxKind::REFERENCES_CONSTRAINT));
    Some(OperationKind::CreateTable {
        table: name_in(node, SyntaxKind::TABLE_NAME)?,
        temporary: has(node, SyntaxKind::TEMP) || holds_before_name(node, &["temp", "temporary"]),
        if_not_exists: has(node, SyntaxKind::IF_NOT_EXISTS),
        references: keys.filter_map(|key| name_in(&key, SyntaxKind::TABLE_NAME_REF)).collect(),
        partition_of: child(node, SyntaxKind::PARTITION_OF).and_then(|of| name_in(&of, SyntaxKind::TABLE_NAME_REF)),
    })
}

fn holds_before_name(node: &SyntaxNode, keywords: &[&str]) -> bool {
    let text = words(node).to_ascii_lowercase();
    text.split(' ').take_while(|word| *word != "table" && *word != "into").any(|word| keywords.contains(&word))
}

/// SELECT INTO
pub(super) fn table_of_query(node: &SyntaxNode) -> Option<OperationKind> {
    let into = child(node, SyntaxKind::INTO_CLAUSE)?;
    Some(OperationKind::CreateTable {
        table: name(&find(&into, SyntaxKind::PATH)?)?,
        temporary: words(&into).to_ascii_lowercase().contains("temp"),
        if_not_exists: false,
        references: Vec::new(),
        partition_of: None,
    })
}

/// CREATE VIEW, CREATE MATERIALIZED VIEW
pub(super) fn view(node: &SyntaxNode) -> Option<OperationKind> {
    let materialized = node.kind() == SyntaxKind::CREATE_MATERIALIZED_VIEW;
    Some(OperationKind::CreateView { view: name_in(node, SyntaxKind::VIEW)?, materialized })
}

/// CREATE SCHEMA
pub(super) fn schema(node: &SyntaxNode) -> Option<OperationKind> {
    let target = node.children().find(|child| child.kind() != SyntaxKind::IF_NOT_EXISTS)?;
    Some(OperationKind::CreateSchema { schema: name(&target)?.name })
}

/// CREATE TYPE, CREATE DOMAIN
pub(super) fn new_type(node: &SyntaxNode) -> Option<OperationKind> {
    Some(OperationKind::CreateType {
        name: name_in(node, SyntaxKind::TYPE_NAME).or_else(|| name_in(node, SyntaxKind::DOMAIN))?,
    })
}

/// CREATE INDEX
pub(super) fn index(node: &SyntaxNode) -> Option<OperationKind> {
    Some(OperationKind::CreateIndex {
        table: name_in(node, SyntaxKind::TABLE_RELATION_NAME)?,
        index: name_in(node, SyntaxKind::INDEX),
        concurrently: has(node, SyntaxKind::CONCURRENTLY_KW),
        if_not_exists: has(node, SyntaxKind::IF_NOT_EXISTS),
    })
}

/// CREATE TRIGGER
pub(super) fn trigger(node: &SyntaxNode) -> Option<OperationKind> {
    Some(OperationKind::CreateTrigger { table: name_in(node, SyntaxKind::ON_RELATION)? })
}

/// CREATE FUNCTION, CREATE PROCEDURE
pub(super) fn routine(node: &SyntaxNode) -> Option<OperationKind> {
    let named = node
        .children()
        .find(|child| matches!(child.kind(), SyntaxKind::FUNCTION_NAME | SyntaxKind::PROCEDURE_NAME | SyntaxKind::PATH))?;
    Some(OperationKind::CreateRoutine(with_options(name(&named)?, node)))
}

/// ALTER FUNCTION, ALTER PROCEDURE, ALTER ROUTINE
pub(super) fn altered_routine(node: &SyntaxNode) -> Option<OperationKind> {
    has(node, SyntaxKind::FUNC_OPTION_LIST).then_some(())?;
    let named = find(node, SyntaxKind::PATH_REF)?;
    Some(OperationKind::AlterRoutine(with_options(name(&named)?, node)))
}

fn with_options(name: QualifiedName, node: &SyntaxNode) -> Routine {
    let options = child(node, SyntaxKind::FUNC_OPTION_LIST);
    let sets_path = |option: SyntaxNode| {
        option.kind() == SyntaxKind::SET_FUNC_OPTION
            && find(&option, SyntaxKind::CONFIG_PARAMETER_REF).is_some_and(|p| words(&p).eq_ignore_ascii_case("search_path"))
    };
    let language = options.as_ref().and_then(|options| child(options, SyntaxKind::LANGUAGE_FUNC_OPTION));
    Routine {
        name,
        definer: options.as_ref().is_some_and(|options| has(options, SyntaxKind::SECURITY_DEFINER_FUNC_OPTION)),
        search_path: options.is_some_and(|options| options.children().any(sets_path)),
        language: language.map(|language| {
            let written = words(&language);
            let named = written.split(' ').next_back().unwrap_or_default();
            named.trim_matches(['\'', '"']).to_ascii_lowercase()
        }),
    }
}

/// CREATE POLICY, ALTER POLICY
pub(super) fn policy(node: &SyntaxNode) -> Option<OperationKind> {
    let on = child(node, SyntaxKind::ON_TABLE)?;
    let command =
        child(node, SyntaxKind::POLICY_COMMAND).map(|command| words(&command).to_ascii_lowercase()).unwrap_or_default();
    let clause = |kind| find(node, kind).map(|clause| expression::truth(&clause));
    Some(OperationKind::Policy(PolicyStatement {
        table: name_in(&on, SyntaxKind::TABLE_NAME_REF)?,
        restrictive: child(node, SyntaxKind::AS_POLICY_TYPE)
            .is_some_and(|p| words(&p).to_ascii_lowercase().contains("restrictive")),
        command: match command.trim_start_matches("for ") {
            "select" => PolicyCommand::Select,
            "insert" => PolicyCommand::Insert,
            "update" => PolicyCommand::Update,
            "delete" => PolicyCommand::Delete,
            _ => PolicyCommand::All,
        },
        using: clause(SyntaxKind::USING_EXPR_CLAUSE),
        check: clause(SyntaxKind::WITH_CHECK_EXPR_CLAUSE),
        altered: node.kind() == SyntaxKind::ALTER_POLICY,
    }))
}
