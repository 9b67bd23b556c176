//! Files with values of variables, one for each environment.

use std::sync::Arc;

use super::{
    assemble::{refuse, root, undeclared},
    decode,
    diagnostics::Diagnostics,
    format::PlanFormat,
    node::NodeKind,
    problem::Problems,
    shape::wrong_type,
    source::PlanSource,
};
use crate::plan::Value;

/// Reads a file of values: a map from the names of variables to their values, secrets as `{env: NAME}` or `{file: PATH}`.
/// Whether the plan declares them, and as what, is the renderer's question.
///
/// # Errors
/// All mistakes of the file, at their places.
pub fn values(name: &str, bytes: &[u8], format: PlanFormat) -> Result<Vec<(String, Value)>, Problems> {
    let text = decode::decode(bytes).map_err(|(shown, problem)| refuse(&PlanSource::new(name, shown, format), problem))?;
    let source = PlanSource::new(name, text, format);
    let mut diagnostics = Diagnostics::default();
    let root = root(source.text(), format, &mut diagnostics).map_err(|problem| refuse(&source, problem))?;
    let mut values = Vec::new();
    match root.as_ref().map(|node| (&node.kind, node)) {
        None => {}
        Some((NodeKind::Map(entries), _)) => {
            for entry in entries {
                values.extend(undeclared(&entry.value, &mut diagnostics).map(|value| (entry.key.clone(), value)));
            }
        }
        Some((_, node)) => wrong_type(node, "a map from names to values", &mut diagnostics),
    }
    if diagnostics.is_empty() {
        return Ok(values);
    }
    let (problems, more) = diagnostics.into_parts();
    Err(Problems::with_more(&[Arc::new(source)], problems, more))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::SecretSource;

    #[test]
    fn both_notations_give_the_same_values() {
        let yaml = "role: api\nsize: 5\nstrict: true\ntables: [a, b]\npassword: {env: PW}\n";
        let toml = "role = 'api'\nsize = 5\nstrict = true\ntables = ['a', 'b']\npassword = {env = 'PW'}\n";
        let expected = [
            ("role", Value::String("api".into())),
            ("size", Value::Integer(5)),
            ("strict", Value::Boolean(true)),
            ("tables", Value::List(vec![Value::String("a".into()), Value::String("b".into())])),
            ("password", Value::Secret(SecretSource::Env("PW".into()))),
        ]
        .map(|(name, value)| (name.to_owned(), value));
        for (text, format) in [(yaml, PlanFormat::Yaml), (toml, PlanFormat::Toml)] {
            let mut values = values("values", text.as_bytes(), format).unwrap();
            values.sort_by_key(|(name, _)| expected.iter().position(|(other, _)| other == name));
            assert_eq!(values, expected);
        }
        assert_eq!(super::values("values", b"", PlanFormat::Yaml).unwrap(), []);
    }

    #[test]
    fn a_file_that_is_no_map_is_refused_at_its_place() {
        let problems = values("values.yaml", b"- a\n", PlanFormat::Yaml).unwrap_err();
        assert_eq!(problems.records()[0].code, "backstop::load::wrong_type");
    }
}
