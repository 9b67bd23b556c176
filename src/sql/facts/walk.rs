//! A tree → operations.

use std::collections::BTreeSet;

use super::{
    super::{lock::LockLevel, name::QualifiedName, split::split},
    alter::{self, Located},
    body, change, create, drop, expression, maintenance,
    node::{self, Kind, Node, words},
    operation::{Operation, OperationKind, When},
    places::Places,
    privileges,
};

/// What was found so far in a statement.
pub(super) struct Walk {
    lock: LockLevel,
    when: When,
    operations: Vec<Operation>,
    reads: Vec<QualifiedName>,
}

impl Walk {
    pub(super) fn new(lock: LockLevel) -> Self {
        Walk { lock, when: When::Now, operations: Vec::new(), reads: Vec::new() }
    }

    pub(super) fn finish(self) -> (Vec<Operation>, Vec<QualifiedName>) {
        (self.operations, self.reads)
    }

    /// Goes through a tree whose places are to be found by `places`.
    pub(super) fn of_tree(&mut self, root: &Node, places: &Places<'_>) {
        let queries: BTreeSet<String> = root
            .descendants()
            .filter(|node| node.kind() == Kind::CTE_NAME)
            .filter_map(|node| Some(node::name(&node)?.name))
            .collect();
        for node in root.descendants() {
            for (at, action) in acts(&node, self.when) {
                let lock = if self.when == When::Now { self.lock } else { lock_of(&node) };
                self.operations.push(Operation { at: places.of(&at), when: self.when, lock, action });
            }
            match node.kind() {
                Kind::RELATION_FROM_ITEM if self.when != When::InRoutine => {
                    let read = node::name(&node).filter(|name| name.schema.is_some() || !queries.contains(&name.name));
                    self.reads.extend(read);
                }
                Kind::DO => self.inside(When::InBlock, |walk| {
                    body::of_do(&node, places, &mut |body, places| walk.of_tree(body, places))
                }),
                Kind::CREATE_FUNCTION | Kind::CREATE_PROCEDURE => {
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
fn acts(node: &Node, when: When) -> Vec<Located> {
    let one = |action: Option<OperationKind>| action.map(|action| (node.clone(), action)).into_iter().collect();
    match node.kind() {
        Kind::ALTER_TABLE => alter::table(node),
        Kind::ALTER_TYPE => one(alter::kind_of_value(node).or_else(|| alter::renamed(node))),
        Kind::ALTER_DOMAIN => one(alter::domain(node)),
        Kind::ALTER_VIEW | Kind::ALTER_MATERIALIZED_VIEW | Kind::ALTER_SCHEMA | Kind::ALTER_SEQUENCE => {
            one(alter::renamed(node))
        }
        Kind::ALTER_FUNCTION | Kind::ALTER_PROCEDURE | Kind::ALTER_ROUTINE => {
            one(create::altered_routine(node).or_else(|| alter::renamed(node)))
        }
        Kind::CREATE_TABLE | Kind::CREATE_TABLE_AS => one(create::table(node)),
        // In a body INTO names a variable.
        Kind::SELECT_INTO if when == When::Now => one(create::table_of_query(node)),
        Kind::CREATE_VIEW | Kind::CREATE_MATERIALIZED_VIEW => one(create::view(node)),
        Kind::CREATE_SCHEMA => one(create::schema(node)),
        Kind::CREATE_TYPE | Kind::CREATE_DOMAIN => one(create::new_type(node)),
        Kind::CREATE_INDEX => one(create::index(node)),
        Kind::CREATE_FUNCTION | Kind::CREATE_PROCEDURE => one(create::routine(node)),
        Kind::CREATE_POLICY | Kind::ALTER_POLICY => one(create::policy(node)),
        Kind::CREATE_TRIGGER => one(create::trigger(node)),
        Kind::TRUNCATE => one(drop::truncate(node)),
        Kind::INSERT | Kind::UPDATE | Kind::DELETE | Kind::MERGE => one(change::of(node)),
        Kind::PLPGSQL_COMMIT_STMT | Kind::PLPGSQL_ROLLBACK_STMT => one(Some(OperationKind::EndTransaction {
            is_conditional: node.ancestors().any(|above| is_condition(above.kind())),
        })),
        Kind::CALL | Kind::PLPGSQL_CALL_STMT => one(node::name(node).map(|procedure| OperationKind::Call { procedure })),
        Kind::LOCK => one(maintenance::lock(node)),
        Kind::REFRESH => one(maintenance::refresh(node)),
        Kind::REINDEX => one(maintenance::reindex(node)),
        Kind::CLUSTER => one(maintenance::cluster(node)),
        Kind::VACUUM => one(maintenance::vacuum(node)),
        Kind::SET | Kind::RESET => one(maintenance::setting(node)),
        Kind::GRANT => one(Some(privileges::grant(node))),
        Kind::REVOKE => one(privileges::revoke(node)),
        Kind::ROLE_OPTION_LIST => privileges::role(node).into_iter().map(|action| (node.clone(), action)).collect(),
        Kind::ALTER_OPTION_LIST => one(privileges::option(node)),
        Kind::CREATE_SUBSCRIPTION => one(privileges::subscription(node)),
        Kind::OWNER_TO | Kind::REASSIGN => one(Some(OperationKind::ChangeOwner)),
        Kind::PLPGSQL_DYN_EXECUTE_STMT | Kind::PLPGSQL_FOR_DYN_STMT | Kind::PLPGSQL_RETURN_QUERY_EXECUTE_STMT => {
            one(expression::executed(node))
        }
        kind => one(drop::of(node, kind)),
    }
}

/// Whether what stands in there is not come to each time.
fn is_condition(kind: Kind) -> bool {
    matches!(kind, Kind::PLPGSQL_IF_STMT | Kind::PLPGSQL_CASE_STMT | Kind::PLPGSQL_EXCEPTION_HANDLER)
}

/// How strongly a statement in a body locks, by the same rules as any other.
fn lock_of(node: &Node) -> LockLevel {
    split(&words(node))
        .ok()
        .and_then(|statements| statements.first().map(|statement| statement.lock()))
        .unwrap_or(LockLevel::Rows)
}
