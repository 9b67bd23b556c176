//! Who may call the functions.

use crate::plan::{Plan, Rendered, Text};

/// The roles that may call the functions of a schema beside their owner.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Callers {
    /// May call all of them.
    pub execute: Option<String>,
    /// May call all of them, read the copies and the journal, and make things in the schema.
    pub admin: Option<String>,
}

impl Callers {
    /// Whether nobody but the owner may call them.
    pub fn is_nobody(&self) -> bool {
        self.execute.is_none() && self.admin.is_none()
    }
}

/// Those that the plan names.
pub fn callers(plan: &Plan<Rendered>) -> Callers {
    let role = |role: &Option<Text>| role.as_ref().map(|role| role.sent().to_owned());
    Callers { execute: role(&plan.backup.execute_role), admin: role(&plan.backup.admin_role) }
}
