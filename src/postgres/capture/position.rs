//! Where sequences stand.

use std::collections::BTreeMap;

use tokio_postgres::{Client, Error};

use crate::{
    catalog::{ObjectKey, ObjectKind, SequencePosition},
    sql::quote::{literal, qualified},
};

/// Positions of sequences by their keys.
pub type Positions = BTreeMap<ObjectKey, SequencePosition>;

/// How many sequences one query asks: each is a branch of a UNION ALL, and the server's planner takes its time over thousands.
const AT_ONCE: usize = 500;

/// The positions of these sequences, asked of themselves: `pg_sequence_last_value` doesn't tell whether the value was handed
/// out. Keys of other kinds are passed over.
///
/// # Errors
/// When one of the sequences doesn't exist or may not be read.
pub async fn positions(client: &Client, sequences: &[ObjectKey]) -> Result<Positions, Error> {
    let sequences: Vec<&ObjectKey> = sequences.iter().filter(|key| key.kind == ObjectKind::Sequence).collect();
    let mut found = Positions::new();
    for some in sequences.chunks(AT_ONCE) {
        let branches: Vec<String> = some
            .iter()
            .map(|key| {
                format!(
                    "SELECT {} AS schema, {} AS name, last_value, is_called FROM {}",
                    literal(&key.schema),
                    literal(&key.name),
                    qualified(&key.schema, &key.name)
                )
            })
            .collect();
        for row in client.query_typed(&branches.join("\nUNION ALL\n"), &[]).await? {
            let key = ObjectKey::new(ObjectKind::Sequence, row.try_get::<_, String>(0)?, row.try_get::<_, String>(1)?);
            found.insert(key, SequencePosition { last_value: row.try_get(2)?, is_called: row.try_get(3)? });
        }
    }
    Ok(found)
}
