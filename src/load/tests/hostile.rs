//! Files that mean harm, or are no plans: one clear problem, soon, and never a panic.

use std::time::{Duration, Instant};

use super::*;
use crate::plan::FILE_BYTES_MAX;

/// What has not come to an end by then never will. Speed is the benchmarks' matter.
const SOON: Duration = Duration::from_secs(300);

/// Codes of the problems, for which a small stack must be enough.
fn codes(bytes: Vec<u8>, format: PlanFormat) -> Vec<&'static str> {
    let started = Instant::now();
    let read = move || {
        let problems = load("p", &bytes, format).err();
        if let Some(problems) = &problems {
            assert!(rendered(problems).len() < 1_000_000, "the message is longer than anyone reads");
        }
        told(problems.map_or_else(|| yaml(FULL_YAML), Err)).into_iter().map(|(code, ..)| code).collect()
    };
    let codes = std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(read).unwrap().join().unwrap();
    assert!(started.elapsed() < SOON, "took {:?}", started.elapsed());
    codes
}

fn both(text: &str) -> [Vec<&'static str>; 2] {
    [codes(text.into(), PlanFormat::Yaml), codes(text.into(), PlanFormat::Toml)]
}

#[test]
fn nesting_10_000_deep() {
    for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", ""), ("a: [", "]")] {
        for text in [open.repeat(10_000), format!("a: {}{}", open.repeat(10_000), close.repeat(10_000))] {
            let codes = codes(text.into(), PlanFormat::Yaml);
            assert!(codes == ["too_deep"] || codes == ["syntax"], "{open}: {codes:?}");
        }
    }
    assert_eq!(codes("[".repeat(200_000).into(), PlanFormat::Yaml), ["too_deep"]);
    assert_eq!(codes("- ".repeat(200_000).into(), PlanFormat::Yaml), ["too_deep"]);
    let indented: String = (0..3_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    assert_eq!(codes(indented.into(), PlanFormat::Yaml), ["too_deep"]);

    for (open, close) in [("[", "]"), ("{a = ", "}")] {
        for text in [format!("a = {}", open.repeat(10_000)), format!("a = {}1{}", open.repeat(10_000), close.repeat(10_000))]
        {
            assert_eq!(codes(text.into(), PlanFormat::Toml), ["too_deep"], "{open}");
        }
    }
}

#[test]
fn dotted_keys_a_million_deep() {
    let chain = "a.".repeat(1_000_000);
    for text in [
        format!("{chain}a = 1"),
        format!("[{chain}a]\nb = 1"),
        format!("[[{chain}a]]\nb = 1"),
        format!("x = {{{chain}a = 1}}\nx = {{{chain}a = 1}}"),
        "\"#\".".repeat(1_000_000) + "a = 1",
    ] {
        assert_eq!(codes(text.into(), PlanFormat::Toml), ["too_deep"]);
    }
    let header = format!("[{}a]\n{}a = {}1{}", "a.".repeat(60), "a.".repeat(30), "[".repeat(30), "]".repeat(30));
    assert!(!codes(header.into(), PlanFormat::Toml).is_empty());
}

#[test]
fn aliases_that_multiply() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..12 {
        bomb += &format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(", "));
    }
    assert_eq!(codes(bomb.into(), PlanFormat::Yaml), ["too_many_values"]);
    let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), vec!["*a"; 20_000].join(", "));
    assert_eq!(codes(long.into(), PlanFormat::Yaml), ["too_many_values"]);
    let mut deep = "a0: &a0 [x]\n".to_owned();
    for n in 1..200 {
        deep += &format!("a{n}: &a{n} [*a{}]\n", n - 1);
    }
    assert_eq!(codes(deep.into(), PlanFormat::Yaml), ["too_deep"]);
    let anchors = format!("a: {}x", "&a [".repeat(60));
    assert!(!codes(anchors.into(), PlanFormat::Yaml).is_empty());
    assert_eq!(codes("a: &a [*a]".into(), PlanFormat::Yaml), ["syntax"]);
    assert_eq!(codes("a: *nobody".into(), PlanFormat::Yaml), ["syntax"]);
}

#[test]
fn a_hundred_megabytes() {
    for format in [PlanFormat::Yaml, PlanFormat::Toml] {
        assert_eq!(codes(vec![b'#'; 100_000_000], format), ["too_large"]);
        assert_eq!(codes(vec![b'#'; FILE_BYTES_MAX + 1], format), ["too_large"]);
        assert_eq!(codes(vec![b'#'; FILE_BYTES_MAX], format), ["empty"]);
    }
}

#[test]
fn sixteen_megabytes_of_whatever_parses() {
    for (unit, format) in [
        ("x", PlanFormat::Yaml),
        ("a: 1\n", PlanFormat::Yaml),
        ("[],", PlanFormat::Yaml),
        ("- a\n", PlanFormat::Yaml),
        ("'", PlanFormat::Yaml),
        ("a=1\n", PlanFormat::Toml),
        ("=\n", PlanFormat::Toml),
        ("[a]\n", PlanFormat::Toml),
        ("x", PlanFormat::Toml),
    ] {
        let text = unit.repeat(FILE_BYTES_MAX / unit.len() / 8);
        assert!(!codes(text.into(), format).is_empty(), "{unit}");
    }
    let list = format!("a = [{}]", "1,".repeat(1_500_000));
    assert_eq!(codes(list.into(), PlanFormat::Toml), ["too_many_values"]);
    let list = format!("a: [{}]", "1,".repeat(1_500_000));
    assert_eq!(codes(list.into(), PlanFormat::Yaml), ["too_many_values"]);
}

#[test]
fn as_many_mistakes_as_fit_are_bounded_and_counted() {
    let fields: String = (0..100_000).map(|n| format!("unknown_field_{n}: 1\n")).collect();
    let problems = yaml(&fields).unwrap_err();
    assert_eq!(problems.reports().len(), 100);
    assert!(problems.more() >= 99_900);
    assert!(problems.to_string().ends_with("the first 100 are shown"), "{problems}");
    let checks: String =
        (0..5_000).map(|n| format!("  - {{id: check-number-{n}, sql: SELECT 1, severity: info}}\n")).collect();
    let steps: String = (0..5_000).map(|n| format!("- {{id: s{n}, sql: SELECT 1, checks: [chekc-numbre-{n}]}}\n")).collect();
    let text = format!("format: backstop/v1\nname: p\nchecks:\n  after:\n{checks}steps:\n{steps}");
    assert_eq!(codes(text.into(), PlanFormat::Yaml).len(), 100);
}

#[test]
fn what_is_no_text() {
    for format in [PlanFormat::Yaml, PlanFormat::Toml] {
        assert_eq!(codes(b"\xFF\xFEf\0o\0".to_vec(), format), ["not_utf8"]);
        assert_eq!(codes(b"\xFE\xFF\0f\0o".to_vec(), format), ["not_utf8"]);
        assert_eq!(codes(b"\x7FELF\x02\x01\x01\0\0\0".to_vec(), format), ["control_character"]);
        assert_eq!(codes((0..=255).cycle().take(100_000).collect(), format), ["not_utf8"]);
        let problems = load("p", b"# fine\n# b\xC3\xA4d: \xFF!\n", format).unwrap_err();
        assert_eq!(told(Err(problems)), [("not_utf8", 2, 8)]);
        let problems = load("p", b"# fine\n# \0\n", format).unwrap_err();
        assert_eq!(told(Err(problems)), [("control_character", 2, 3)]);
    }
}

#[test]
fn byte_order_marks_and_carriage_returns_are_fine() {
    for (text, format) in [(FULL_YAML, PlanFormat::Yaml), (FULL_TOML, PlanFormat::Toml)] {
        let marked = format!("\u{FEFF}{text}");
        assert_eq!(load("p", marked.as_bytes(), format).unwrap().plan, load("p", text.as_bytes(), format).unwrap().plan);
        let returned = text.replace('\n', "\r\n");
        let plan = load("p", returned.as_bytes(), format).unwrap_or_else(|p| panic!("{}", rendered(&p))).plan;
        assert_eq!(plan.steps.len(), 4);
        let crate::plan::SqlSource::Inline(sql) = &plan.steps[0].sql else { panic!("inline") };
        assert!(!sql.source.contains('\r'), "{:?}", sql.source);
    }
    let mistaken = "\u{FEFF}format: backstop/v2\r\nname: p\r\nsteps: [{id: a, sql: b}]\r\n";
    assert_eq!(told(yaml(mistaken)), [("unknown_format", 1, 9)]);
}

#[test]
fn tabs_are_answered_with_spaces() {
    let problems = yaml("format: backstop/v1\nsteps:\n\t- id: a\n").unwrap_err();
    let records = problems.records();
    assert_eq!((records.len(), records[0].code, records[0].line), (1, "backstop::load::syntax", 3));
    assert!(records[0].help.as_deref().unwrap().contains("spaces"), "{records:?}");
    let problems = yaml("steps:\n  - id: a\n\t  sql: b\n").unwrap_err();
    assert!(problems.records()[0].help.as_deref().unwrap().contains("spaces"), "{:?}", problems.records());
}

#[test]
fn files_that_hold_something_else() {
    assert_eq!(both(""), [["empty"], ["empty"]]);
    assert_eq!(both("# nothing yet\n\n"), [["empty"], ["empty"]]);
    assert_eq!(codes("---\n".into(), PlanFormat::Yaml), ["empty"]);
    assert_eq!(codes("---\n---\n".into(), PlanFormat::Yaml), ["several_documents"]);
    assert_eq!(told(yaml("- a\n- b\n")), [("wrong_type", 1, 1)]);
    assert_eq!(told(yaml("just words\n")), [("wrong_type", 1, 1)]);
    assert_eq!(told(toml("just words\n")), [("syntax", 1, 6)]);
    assert_eq!(told(yaml("format: backstop/v1\n---\nname: b\n")), [("several_documents", 2, 1)]);
    assert_eq!(told(yaml("format: backstop/v1\nname: {\n")), [("syntax", 2, 7)]);
    assert_eq!(told(toml("format = \"backstop/v1\"\nname = [\n")), [("syntax", 2, 9)]);
    assert_eq!(told(yaml("format: !include other.yaml\n")), [("tag", 1, 18)]);
    assert_eq!(told(yaml("{{ a }}: 1\n")), [("syntax", 1, 2)]);
}
