//! Rights, roles and secrets.

use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::{
    node::{child, children, has, name, string, words},
    operation::{OperationKind, Power},
};

/// GRANT
pub(super) fn grant(node: &SyntaxNode) -> OperationKind {
    OperationKind::Grant { to_public: names_public(node), all: has(node, SyntaxKind::ALL_PRIVILEGES) }
}

/// REVOKE … FROM PUBLIC
pub(super) fn revoke(node: &SyntaxNode) -> Option<OperationKind> {
    names_public(node).then_some(())?;
    let on = child(node, SyntaxKind::ON_PRIVILEGE_OBJECTS_CLAUSE)?;
    let whole = |path: &SyntaxNode| {
        path.kind() == SyntaxKind::PATH_REF && path.parent().is_none_or(|parent| parent.kind() != SyntaxKind::PATH_REF)
    };
    Some(OperationKind::RevokeFromPublic { names: on.descendants().filter(whole).filter_map(|path| name(&path)).collect() })
}

fn names_public(node: &SyntaxNode) -> bool {
    let roles = child(node, SyntaxKind::ROLE_REF_LIST);
    roles.is_some_and(|list| children(&list, SyntaxKind::ROLE_REF).any(|role| words(&role).eq_ignore_ascii_case("public")))
}

/// What the options of a role give.
pub(super) fn role(node: &SyntaxNode) -> Vec<OperationKind> {
    let mut acts = Vec::new();
    let power = |option: SyntaxNode| match words(&option).to_ascii_lowercase().as_str() {
        "superuser" => Some(Power::Superuser),
        "bypassrls" => Some(Power::BypassRls),
        "createrole" => Some(Power::CreateRole),
        "replication" => Some(Power::Replication),
        _ => None,
    };
    let powers: Vec<Power> = node.children().filter_map(power).collect();
    if !powers.is_empty() {
        acts.push(OperationKind::Empower { powers });
    }
    let with_password = |option: &SyntaxNode| {
        matches!(option.kind(), SyntaxKind::ROLE_OPTION_PASSWORD | SyntaxKind::ROLE_OPTION_ENCRYPTED_PASSWORD)
            && child(option, SyntaxKind::LITERAL).is_some_and(|literal| is_secret(&literal))
    };
    if node.children().any(|option| with_password(&option)) {
        acts.push(OperationKind::Password);
    }
    acts
}

/// Options of a foreign server or user mapping.
pub(super) fn option(node: &SyntaxNode) -> Option<OperationKind> {
    let is_password = |option: SyntaxNode| {
        let name = option.first_child().map(|name| words(&name).to_ascii_lowercase()).unwrap_or_default();
        name.trim_matches('"') == "password"
            && child(&option, SyntaxKind::LITERAL).is_some_and(|literal| is_secret(&literal))
    };
    node.children().any(is_password).then_some(OperationKind::Password)
}

/// The connection of a subscription.
pub(super) fn subscription(node: &SyntaxNode) -> Option<OperationKind> {
    let written =
        node.descendants().filter(|below| below.kind() == SyntaxKind::LITERAL).filter_map(|literal| string(&literal));
    let holds = |text: String| {
        let lower = text.to_ascii_lowercase();
        let value = lower.split("password=").nth(1).or_else(|| lower.split("password =").nth(1));
        value.is_some_and(|value| !value.trim_start().starts_with(REDACTED))
    };
    written.into_iter().any(holds).then_some(OperationKind::Password)
}

/// What stands in a rendered text where a secret of the plan goes.
const REDACTED: &str = "***";

/// Whether a literal says something that is no reference to a secret: the plan's own are redacted before anybody reads them.
fn is_secret(literal: &SyntaxNode) -> bool {
    string(literal).is_some_and(|text| !text.is_empty() && !text.contains(REDACTED))
}
