//! Keywords that take one of a few values.

use super::{
    conninfo_error::ConninfoError,
    keyword::{KeywordValue, KeywordValues},
};

/// One allowed value and what it means.
pub(super) type Choices<T> = (&'static str, &'static [(&'static str, T)]);

/// The meaning of a keyword whose values are words.
pub(super) fn choice<T: Copy>(
    settings: &KeywordValues,
    keyword: &'static str,
    (allowed, choices): &Choices<T>,
) -> Result<Option<T>, ConninfoError> {
    let Some(given) = settings.get(keyword) else { return Ok(None) };
    match choices.iter().find(|(name, _)| *name == given.value) {
        Some((_, meaning)) => Ok(Some(*meaning)),
        None => Err(bad_value(keyword, allowed, given)),
    }
}

pub(super) fn bad_value(keyword: &'static str, allowed: &'static str, given: &KeywordValue) -> ConninfoError {
    ConninfoError::Value { keyword, value: given.value.clone(), allowed, origin: given.origin.clone() }
}
