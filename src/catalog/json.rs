//! What the server's JSON says otherwise than ours.

use serde::{Deserialize, Deserializer};

/// A list that the server's JSON gives as null where nothing is in it.
pub(super) fn or_empty<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::<Vec<T>>::deserialize(from)?.unwrap_or_default())
}
