//! What statements of one object say of others, looked up in a snapshot.

use super::{
    hierarchy::is_of_partitioned,
    kind::{ObjectKey, ObjectKind},
    kinds::{Definition, Sequence, StructureLookup},
    object::Object,
    snapshot::Snapshot,
};

impl StructureLookup for Snapshot {
    fn server_version(&self) -> u32 {
        self.server_version
    }

    fn identity_sequence(&self, table: &ObjectKey, column: &str) -> Option<(&ObjectKey, &Sequence)> {
        // What the server calls it by itself, before all of them are gone through.
        let usual = ObjectKey::new(ObjectKind::Sequence, table.schema.as_str(), format!("{}_{column}_seq", table.name));
        let usual =
            self.objects.get_key_value(&usual).and_then(|(key, object)| Some((key, feeding(object, table, column)?)));
        let mut sequences = self.objects.iter().filter(|(key, _)| key.kind == ObjectKind::Sequence);
        usual.or_else(|| sequences.find_map(|(key, object)| Some((key, feeding(object, table, column)?))))
    }

    fn is_of_partitioned(&self, part: &ObjectKey) -> bool {
        is_of_partitioned(self, part)
    }
}

/// The sequence, where it feeds the identity of this column.
fn feeding<'a>(object: &'a Object, table: &ObjectKey, column: &str) -> Option<&'a Sequence> {
    let Definition::Sequence(sequence) = &object.definition else { return None };
    let (owner, name) = sequence.owned_by.as_ref()?;
    (sequence.identity && owner == table && name == column).then_some(sequence)
}
