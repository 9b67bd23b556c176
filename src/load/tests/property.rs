//! Whatever the bytes are: an answer, no panic, and places that lie in the file.

use proptest::prelude::*;

use super::*;

fn survives(bytes: &[u8], format: PlanFormat) {
    match load("p", bytes, format) {
        Ok(loaded) => {
            for step in &loaded.plan.steps {
                let (crate::plan::SqlSource::Inline(sql) | crate::plan::SqlSource::File(sql)) = &step.sql;
                for offset in 0..sql.source.len() + 2 {
                    let at = loaded.source.locate(sql, offset);
                    assert!(at >= sql.at.start && at <= sql.at.start + sql.at.len, "{sql:?}: {offset} stands at {at}");
                }
            }
        }
        Err(problems) => {
            assert!(!problems.reports().is_empty());
            rendered(&problems);
            for record in problems.records() {
                assert!(record.line >= 1 && record.column >= 1);
                assert!(!record.message.is_empty());
            }
        }
    }
}

/// A plan with some of its bytes replaced, cut out or repeated.
fn mutated(text: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let change = (0..text.len(), 0..8usize, prop_oneof![Just(None), any::<u8>().prop_map(Some), ascii().prop_map(Some)]);
    proptest::collection::vec(change, 1..6).prop_map(move |changes| {
        let mut bytes = text.as_bytes().to_vec();
        for (at, len, byte) in changes {
            let start = at.min(bytes.len());
            let end = (start + len).min(bytes.len());
            bytes.splice(start..end, byte.into_iter().cycle().take(len));
        }
        bytes
    })
}

fn ascii() -> impl Strategy<Value = u8> {
    prop::sample::select(b"\t\n\r \"'#%&*,-:>?@[]`{|}!\\=.~<0a".to_vec())
}

fn short_plan(text: &'static str) -> &'static str {
    &text[..text.find("row_count").unwrap()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        survives(&bytes, PlanFormat::Yaml);
        survives(&bytes, PlanFormat::Toml);
    }

    #[test]
    fn arbitrary_marks(bytes in proptest::collection::vec(ascii(), 0..200)) {
        survives(&bytes, PlanFormat::Yaml);
        survives(&bytes, PlanFormat::Toml);
    }

    #[test]
    fn mutated_yaml(bytes in mutated(FULL_YAML)) {
        survives(&bytes, PlanFormat::Yaml);
    }

    #[test]
    fn mutated_toml(bytes in mutated(FULL_TOML)) {
        survives(&bytes, PlanFormat::Toml);
    }

    #[test]
    fn mutated_beginnings(yaml in mutated(short_plan(FULL_YAML)), toml in mutated(short_plan(FULL_TOML))) {
        survives(&yaml, PlanFormat::Yaml);
        survives(&toml, PlanFormat::Toml);
    }

    #[test]
    fn any_sql_in_quotes(sql in "[ a-z\\n\\r\\t\"'\\\\{}ä€😀]{0,60}") {
        let quoted = serde_json::to_string(&format!("x{sql}")).unwrap();
        survives(format!("format: backstop/v1\nname: p\nsteps: [{{id: a, sql: {quoted}}}]\n").as_bytes(), PlanFormat::Yaml);
        survives(format!("format = \"backstop/v1\"\nname = \"p\"\nsteps = [{{id = \"a\", sql = {quoted}}}]\n").as_bytes(), PlanFormat::Toml);
        let block: String = format!("x{sql}").split('\n').map(|line| format!("    {line}\n")).collect();
        for marker in ["|", "|-", ">", ">+"] {
            let text = format!("format: backstop/v1\nname: p\nsteps:\n- id: a\n  sql: {marker}\n{block}");
            survives(text.as_bytes(), PlanFormat::Yaml);
        }
    }
}
