//! Whether a file among others is a plan.

use super::{
    assemble::root,
    decode,
    diagnostics::Diagnostics,
    format::PlanFormat,
    node::{NodeKind, ValueNode},
};

/// What the marks of all versions of the format begin with.
const MARK: &str = "backstop/v";

/// Whether a file is, or was meant to be, a plan: it bears the format's mark, or it has steps. Of a file that can't be read the
/// answer is yes where the mark stands anywhere in it, so that a broken plan is a mistake and isn't passed over.
pub fn is_plan(bytes: &[u8], format: PlanFormat) -> bool {
    let read = decode::decode(bytes).ok().map(|text| root(&text, format, &mut Diagnostics::default()));
    match read {
        Some(Ok(Some(ValueNode { kind: NodeKind::Map(entries), .. }))) => {
            entries.iter().any(|entry| match &entry.value.kind {
                NodeKind::Scalar(scalar) => entry.key == "format" && scalar.text.starts_with(MARK),
                NodeKind::List(_) => entry.key == "steps",
                NodeKind::Map(_) => false,
            })
        }
        Some(Ok(_)) => false,
        Some(Err(_)) | None => bytes.windows(MARK.len()).any(|window| window == MARK.as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::{PlanFormat, is_plan};

    #[test]
    fn plans_are_told_from_values() {
        for (text, expected) in [
            ("format: backstop/v1\nname: a\n", true),
            ("{\"format\": \"backstop/v9\"}", true),
            ("name: a\nsteps: [{id: a}]\n", true),
            ("format: backstop/v1\n\tbroken: [", true),
            ("role: api\nsize: 5\n", false),
            ("format: json\n", false),
            ("- a\n", false),
            ("", false),
            ("a: [", false),
        ] {
            assert_eq!(is_plan(text.as_bytes(), PlanFormat::Yaml), expected, "{text}");
        }
        assert!(is_plan(b"format = 'backstop/v1'\n", PlanFormat::Toml));
        assert!(!is_plan(b"role = 'api'\n", PlanFormat::Toml));
    }
}
