//! Variables of a plan and their values.

use serde::{Deserialize, Serialize};

use super::place::Place;

/// A declared variable.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// What its value must be.
    pub kind: VarType,
    /// The value where none is given.
    pub default: Option<Value>,
    /// Whether a value must be given.
    pub required: bool,
    /// For people.
    pub description: Option<String>,
    /// Where the name stands.
    pub at: Place,
}

/// The type of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VarType {
    /// A text.
    String,
    /// A whole number that fits in 64 bits.
    Integer,
    /// A number.
    Number,
    /// true or false.
    Boolean,
    /// A list of any of these.
    List,
    /// A reference to where the secret is; its value is never shown, stored or fingerprinted.
    Secret,
}

/// A variable's value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A text.
    String(String),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// true or false.
    Boolean(bool),
    /// A list.
    List(Vec<Value>),
    /// Where the secret is.
    Secret(SecretSource),
}

/// Where a secret is to be found when the plan is rendered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretSource {
    /// In this environment variable.
    Env(String),
    /// In this file, without its last line break.
    File(String),
}
