//! Range types.

use crate::catalog::range::Range;

/// `CREATE TYPE … AS RANGE` with everything said, so that nothing is left to what is the default now.
pub(super) fn create(name: &str, range: &Range) -> String {
    let mut options = vec![format!("SUBTYPE = {}", range.subtype), format!("SUBTYPE_OPCLASS = {}", range.operator_class)];
    let more = [
        ("COLLATION", &range.collation),
        ("CANONICAL", &range.canonical),
        ("SUBTYPE_DIFF", &range.subtype_diff),
        ("MULTIRANGE_TYPE_NAME", &range.multirange),
    ];
    options.extend(more.iter().filter_map(|(word, value)| value.as_ref().map(|value| format!("{word} = {value}"))));
    format!("CREATE TYPE {name} AS RANGE ({})", options.join(", "))
}
