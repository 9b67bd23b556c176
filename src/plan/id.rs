//! Names of plans, steps, checks, variables and environments.

use std::fmt;

use super::bounds::ID_BYTES_MAX;

/// Why a text can't be an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdError {
    /// Nothing in it.
    Empty,
    /// More than [`ID_BYTES_MAX`] bytes.
    TooLong,
    /// Holds this character, which an id can't.
    Character(char),
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IdError::Empty => f.write_str("is empty"),
            IdError::TooLong => write!(f, "is longer than {ID_BYTES_MAX} bytes"),
            IdError::Character(c) => write!(f, "holds {c:?}"),
        }
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $extra:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
        pub struct $name(String);

        impl $name {
            /// Parses an id.
            ///
            /// # Errors
            /// [`IdError`] where the text is empty, too long or holds a character that an id can't.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                parse(text, $extra).map(Self)
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).map_err(|why| serde::de::Error::custom(format!("`{text}` {why}")))
            }
        }
    };
}

id!(
    /// The name of a plan: how the journal knows it.
    PlanName,
    "-_."
);
id!(
    /// The id of a step, unique in its plan.
    StepId,
    "-_."
);
id!(
    /// The id of a check, unique in its plan.
    CheckId,
    "-_."
);
id!(
    /// The name of a variable, as templates use it.
    VarName,
    "_"
);
id!(
    /// The name of an environment that plans run in.
    EnvironmentName,
    "-_."
);

fn parse(text: &str, extra: &str) -> Result<String, IdError> {
    if text.is_empty() {
        return Err(IdError::Empty);
    }
    if text.len() > ID_BYTES_MAX {
        return Err(IdError::TooLong);
    }
    match text.chars().find(|c| !c.is_ascii_alphanumeric() && !extra.contains(*c)) {
        Some(c) => Err(IdError::Character(c)),
        None => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_keep_their_bounds() {
        assert_eq!(StepId::parse("convert-ids.2").unwrap().as_str(), "convert-ids.2");
        assert_eq!(StepId::parse(""), Err(IdError::Empty));
        assert_eq!(StepId::parse(&"x".repeat(64)), Err(IdError::TooLong));
        assert_eq!(StepId::parse("a b"), Err(IdError::Character(' ')));
        assert_eq!(VarName::parse("a-b"), Err(IdError::Character('-')));
    }
}
