//! TOML: a document whose parts know the comments around them.

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table};

use super::order::ValueSchema;

/// The text with the keys of its tables in order; nothing where it can't be read.
pub(super) fn ordered(text: &str, known: ValueSchema<'_>) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    let head = head(&mut document);
    sort(document.as_table_mut(), known);
    let mut next = 0;
    number(document.as_table_mut(), &mut next);
    Some(format!("{head}{document}"))
}

/// What stands above the first key is the file's, and is taken off here to stay on top.
fn head(document: &mut DocumentMut) -> String {
    let Some(first) = document.as_table().iter().next().map(|(name, _)| name.to_owned()) else { return String::new() };
    let table = document.as_table_mut();
    match table.get_mut(&first) {
        Some(Item::Value(_)) => {}
        Some(Item::Table(inner)) if !inner.is_implicit() && !inner.is_dotted() => return taken(inner.decor_mut()),
        Some(Item::ArrayOfTables(tables)) => {
            return tables.get_mut(0).map(|inner| taken(inner.decor_mut())).unwrap_or_default();
        }
        _ => return String::new(),
    }
    table.key_mut(&first).map(|mut key| taken(key.leaf_decor_mut())).unwrap_or_default()
}

fn taken(decor: &mut toml_edit::Decor) -> String {
    let text = decor.prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default().to_owned();
    decor.set_prefix("");
    text
}

fn sort(table: &mut Table, known: ValueSchema<'_>) {
    table.sort_values_by(|one, _, other, _| {
        let place = |key: &toml_edit::Key| known.place(key.get()).unwrap_or(usize::MAX);
        place(one).cmp(&place(other))
    });
    for (key, item) in table.iter_mut() {
        let known = known.field(key.get());
        match item {
            Item::Table(inner) => sort(inner, known),
            Item::ArrayOfTables(tables) => tables.iter_mut().for_each(|inner| sort(inner, known.item())),
            Item::Value(_) | Item::None => {}
        }
    }
}

/// Tables are written by their positions: these follow the order of their keys.
fn number(table: &mut Table, next: &mut isize) {
    table.set_position(Some(*next));
    *next += 1;
    for (_, item) in table.iter_mut() {
        match item {
            Item::Table(inner) => number(inner, next),
            Item::ArrayOfTables(tables) => number_each(tables, next),
            Item::Value(_) | Item::None => {}
        }
    }
}

fn number_each(tables: &mut ArrayOfTables, next: &mut isize) {
    for table in tables.iter_mut() {
        number(table, next);
    }
}
