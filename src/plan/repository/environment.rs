//! An environment: a database and the values that plans have there.

use std::collections::BTreeMap;

use crate::plan::{id::VarName, place::Place, variable::Value};

/// A database and the values that plans have there.
#[derive(Debug, Clone, PartialEq)]
pub struct EnvironmentSettings {
    /// Where the connection's details are; none where the process's own surroundings say it.
    pub connection: Option<ConnectionSource>,
    /// Files of values, by path relative to the repository's file; later ones win.
    pub values: Vec<String>,
    /// Values, which win over those of files.
    pub vars: BTreeMap<VarName, Value>,
    /// Where the environment's name stands.
    pub at: Place,
}

/// Where the details of a connection are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConnectionSource {
    /// A URL or key=value string without a password in it.
    Url(String),
    /// A URL or key=value string in this environment variable.
    Env(String),
    /// A URL or key=value string in this file, by path relative to the repository's file, without its last line break.
    File(String),
    /// A section of libpq's service file.
    Service(String),
}
