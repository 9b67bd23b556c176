//! The database itself.

use serde::{Deserialize, Serialize};

/// What `ALTER DATABASE` sets, and the settings that roles have in this database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Database {
    /// CONNECTION LIMIT; -1 is none.
    pub connection_limit: i32,
    /// IS_TEMPLATE
    pub is_template: bool,
    /// ALLOW_CONNECTIONS
    pub allows_connections: bool,
    /// The version of its collation, where the server keeps one (from PostgreSQL 15 on).
    pub collation_version: Option<String>,
    /// `ALTER DATABASE … SET` and `ALTER ROLE … IN DATABASE … SET`.
    pub settings: Vec<RoleSettings>,
}

/// The settings of one role, or of all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleSettings {
    /// Whose; none is everybody's.
    pub role: Option<String>,
    /// `name=value`, as `pg_db_role_setting.setconfig` has them.
    pub settings: Vec<String>,
}
