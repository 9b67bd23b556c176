//! What stands in `docs/` and in README of the things that the program knows a list of.

use std::{fs, path::Path};

use backstop::checks::{FieldForm, KINDS};

fn read(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

#[test]
fn every_kind_of_check_is_described_with_its_fields() {
    let (docs, readme) = (read("docs/checks.md"), read("README.md"));
    for kind in KINDS {
        assert!(readme.contains(&format!("`{}`", kind.name)), "README.md does not name {}", kind.name);
        let row = docs.lines().find(|line| line.starts_with(&format!("| `{}` |", kind.name)));
        let row = row.unwrap_or_else(|| panic!("docs/checks.md has no row for {}", kind.name));
        for field in kind.fields {
            let names = match field.form {
                FieldForm::Bounds => &["at_least", "at_most", "exactly"][..],
                FieldForm::Query => &[],
                _ => &[field.name],
            };
            for name in names {
                assert!(row.contains(&format!("`{name}`")), "docs/checks.md does not name {name} of {}", kind.name);
            }
        }
    }
}
