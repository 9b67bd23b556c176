//! A tree → operations.

use std::collections::BTreeSet;

use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::{
    super::{lock::LockLevel, name::QualifiedName, split::split},
    alter::{self, Located},
    body, change, create, drop, expression, maintenance,
    node::{self, words},
    operation::{Operation, OperationKind, When},
    places::NodePlaces,
    privileges,
};

/// What was found so far in a statement.
pub(super) struct StatementWalk {
    lock: LockLevel,
    when: When,
    operations: Vec<Operation>,
    reads: Vec<QualifiedName>,
}

impl StatementWalk {
    pub(super) fn new(lock: LockLevel) -> Self {
        StatementWalk { lock, when: When::Now, operations: Vec::new(), reads: Vec::new() }
    }

    pub(super) fn finish(self) -> (Vec<Operation>, Vec<QualifiedName>) {
        (self.operations, self.reads)
    }

    /// Goes through a tree whose places are to be found by `places`.
    pub(super) fn of_tree(&mut self, root: &SyntaxNode, places: &NodePlaces<'_>) {
        let queries: BTreeSet<String> = root
            .descendants()
            .filter(|node| node.kind() == SyntaxKind::CTE_NAME)
            .filter_map(|node| Some(node::name(&node)?.name))
            .collect();
        for node in root.descendants() {
            for (at, action) in acts(&node, self.when) {
                let lock = if self.when == When::Now { self.lock } else { lock_of(&node) };
                self.operations.push(Operation { at: places.of(&at), when: self.when, lock, action });
            }
            match node.kind() {
                SyntaxKind::RELATION_FROM_ITEM if self.when != When::InRoutine => {
                    let read = node::name(&node).filter(|name| name.schema.is_some() || !queries.contains(&name.name));
                    self.reads.extend(read);
                }
                SyntaxKind::DO => self.inside(When::InBlock, |walk| {
                    body::of_do(&node, places, &mut |body, places| walk.of_tree(body, places))
                }),
                SyntaxKind::CREATE_FUNCTION | SyntaxKind::CREATE_PROCEDURE => {
                    self.inside(When::InRoutine, |walk| {
                        body::of_routine(&node, places, &mut |body, places| walk.of_tree(body, places))
                    });
                }
                _ => {}
            }
        }
    }

    /// What stands in a body of a body is done no sooner.
    fn inside(&mut self, when: When, go: impl FnOnce(&mut Self)) {
        let before = self.when;
        if before != When::InRoutine {
            self.when = when;
        }
        go(self);
        self.when = before;
    }
}

/// What the node itself does.
fn acts(node: &SyntaxNode, when: When) -> Vec<Located> {
    let one = |action: Option<OperationKind>| action.map(|action| (node.clone(), action)).into_iter().collect();
    match node.kind() {
        SyntaxKind::ALTER_TABLE => alter::table(node),
        SyntaxKind::ALTER_TYPE => one(alter::kind_of_value(node).or_else(|| alter::renamed(node))),
        SyntaxKind::ALTER_DOMAIN => one(alter::domain(node)),
        SyntaxKind::ALTER_VIEW
        | SyntaxKind::ALTER_MATERIALIZED_VIEW
        | SyntaxKind::ALTER_SCHEMA
        | SyntaxKind::ALTER_SEQUENCE => one(alter::renamed(node)),
        SyntaxKind::ALTER_FUNCTION | SyntaxKind::ALTER_PROCEDURE | SyntaxKind::ALTER_ROUTINE => {
            one(create::altered_routine(node).or_else(|| alter::renamed(node)))
        }
        SyntaxKind::CREATE_TABLE | SyntaxKind::CREATE_TABLE_AS => one(create::table(node)),
        // In a body INTO names a variable.
        SyntaxKind::SELECT_INTO if when == When::Now => one(create::table_of_query(node)),
        SyntaxKind::CREATE_VIEW | SyntaxKind::CREATE_MATERIALIZED_VIEW => one(create::view(node)),
        SyntaxKind::CREATE_SCHEMA => one(create::schema(node)),
        SyntaxKind::CREATE_TYPE | SyntaxKind::CREATE_DOMAIN => one(create::new_type(node)),
        SyntaxKind::CREATE_INDEX => one(create::index(node)),
        SyntaxKind::CREATE_FUNCTION | SyntaxKind::CREATE_PROCEDURE => one(create::routine(node)),
        SyntaxKind::CREATE_POLICY | SyntaxKind::ALTER_POLICY => one(create::policy(node)),
        SyntaxKind::CREATE_TRIGGER => one(create::trigger(node)),
        SyntaxKind::TRUNCATE => one(drop::truncate(node)),
        SyntaxKind::INSERT | SyntaxKind::UPDATE | SyntaxKind::DELETE | SyntaxKind::MERGE => one(change::of(node)),
        SyntaxKind::PLPGSQL_COMMIT_STMT | SyntaxKind::PLPGSQL_ROLLBACK_STMT => one(Some(OperationKind::EndTransaction {
            is_conditional: node.ancestors().any(|above| is_condition(above.kind())),
        })),
        SyntaxKind::CALL | SyntaxKind::PLPGSQL_CALL_STMT => {
            one(node::name(node).map(|procedure| OperationKind::Call { procedure }))
        }
        SyntaxKind::LOCK => one(maintenance::lock(node)),
        SyntaxKind::REFRESH => one(maintenance::refresh(node)),
        SyntaxKind::REINDEX => one(maintenance::reindex(node)),
        SyntaxKind::CLUSTER => one(maintenance::cluster(node)),
        SyntaxKind::VACUUM => one(maintenance::vacuum(node)),
        SyntaxKind::SET | SyntaxKind::RESET => one(maintenance::setting(node)),
        SyntaxKind::GRANT => one(Some(privileges::grant(node))),
        SyntaxKind::REVOKE => one(privileges::revoke(node)),
        SyntaxKind::ROLE_OPTION_LIST => privileges::role(node).into_iter().map(|action| (node.clone(), action)).collect(),
        SyntaxKind::ALTER_OPTION_LIST => one(privileges::option(node)),
        SyntaxKind::CREATE_SUBSCRIPTION => one(privileges::subscription(node)),
        SyntaxKind::ALTER_SUBSCRIPTION => {
            let acts = [alter::reconnected(node), privileges::subscription(node)];
            acts.into_iter().flatten().map(|action| (node.clone(), action)).collect()
        }
        SyntaxKind::OWNER_TO | SyntaxKind::REASSIGN => one(Some(OperationKind::ChangeOwner)),
        SyntaxKind::PLPGSQL_DYN_EXECUTE_STMT
        | SyntaxKind::PLPGSQL_FOR_DYN_STMT
        | SyntaxKind::PLPGSQL_RETURN_QUERY_EXECUTE_STMT => one(expression::executed(node)),
        kind => one(drop::of(node, kind)),
    }
}

/// Whether what stands in there is not come to each time.
fn is_condition(kind: SyntaxKind) -> bool {
    matches!(kind, SyntaxKind::PLPGSQL_IF_STMT | SyntaxKind::PLPGSQL_CASE_STMT | SyntaxKind::PLPGSQL_EXCEPTION_HANDLER)
}

/// How strongly a statement in a body locks, by the same rules as any other.
fn lock_of(node: &SyntaxNode) -> LockLevel {
    split(&words(node))
        .ok()
        .and_then(|statements| statements.first().map(|statement| statement.lock()))
        .unwrap_or(LockLevel::Rows)
}
