//! A foreign key over exactly these columns, in any order, to the other table, validated.

use super::{
    kind::{CheckSpec, Need, TABLES, TO, WeakerWhen, can_fail, columns},
    question::{Question, said},
    read::{some_names, texts},
    validated_constraint::validated_constraint,
};
use crate::plan::{CheckKind, Rendered};

pub(super) const KIND: CheckSpec = CheckSpec {
    name: "foreign_key",
    about: "A validated foreign key from exactly these columns to the other table exists.",
    expected: "a map with `table`, `columns` and `to`",
    fields: &[TABLES, columns(Need::Must, "One column.", "Several columns.", WeakerWhen::Unknown), TO],
    rules: &[],
    answer: None,
    is_of_its_tables: false,
    cannot_fail: can_fail,
    question,
};

fn question(kind: &CheckKind<Rendered>) -> Result<Question, String> {
    let columns = some_names(texts(kind, "columns"))?;
    let other = "(SELECT format('%s.%s', n.nspname, o.relname) FROM pg_class AS o JOIN pg_namespace AS n ON n.oid = o.relnamespace \
                 WHERE o.oid = m.other)";
    let what = format!("('foreign key from ' || m.title || {} || {other})", said(&format!(" ({}) to ", columns.join(", "))));
    Ok(validated_constraint(kind, &columns, "c.contype = 'f' AND c.confrelid = m.other", &what))
}
