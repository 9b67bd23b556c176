//! What statements of one object say of others, looked up in a snapshot.

use super::{
    hierarchy::is_of_partitioned,
    kind::{ObjectKey, ObjectKind},
    kinds::{Definition, Sequence, StructureLookup},
    snapshot::Snapshot,
};

impl StructureLookup for Snapshot {
    fn server_version(&self) -> u32 {
        self.server_version
    }

    fn identity_sequence(&self, table: &ObjectKey, column: &str) -> Option<(&ObjectKey, &Sequence)> {
        self.objects.iter().filter(|(key, _)| key.kind == ObjectKind::Sequence).find_map(|(key, object)| {
            let Definition::Sequence(sequence) = &object.definition else { return None };
            let (owner, name) = sequence.owned_by.as_ref()?;
            (sequence.identity && owner == table && name == column).then_some((key, sequence))
        })
    }

    fn is_of_partitioned(&self, part: &ObjectKey) -> bool {
        is_of_partitioned(self, part)
    }
}
