//! JUnit's XML against the structure that Jenkins publishes: `junit-10.xsd` of <https://github.com/jenkinsci/xunit-plugin>.
//! There is no validator for XSD at hand, so what it says of the elements that we may write stands here as a table.

use std::fs;

use quick_xml::{Reader, XmlVersion, events::Event};

use crate::{
    program::work::{Work, run},
    support::{Program, database},
};

/// An element: its name, what it must have, what it may have besides, and the elements in it.
struct Element {
    name: &'static str,
    required: &'static [&'static str],
    optional: &'static [&'static str],
    children: &'static [&'static str],
}

const TEXT: [&str; 2] = ["type", "message"];
const ELEMENTS: [Element; 8] = [
    Element {
        name: "testsuites",
        required: &[],
        optional: &["name", "time", "tests", "failures", "errors"],
        children: &["testsuite"],
    },
    Element {
        name: "testsuite",
        required: &["name", "tests", "failures", "errors"],
        optional: &["group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"],
        children: &["testsuite", "properties", "testcase", "system-out", "system-err"],
    },
    Element {
        name: "testcase",
        required: &["name"],
        optional: &["time", "classname", "group"],
        children: &["skipped", "error", "failure", "system-out", "system-err"],
    },
    Element { name: "failure", required: &[], optional: &TEXT, children: &[] },
    Element { name: "error", required: &[], optional: &TEXT, children: &[] },
    Element { name: "skipped", required: &[], optional: &TEXT, children: &[] },
    Element { name: "system-out", required: &[], optional: &[], children: &[] },
    Element { name: "system-err", required: &[], optional: &[], children: &[] },
];

/// Counts of a document that fits: suites, cases, and cases that failed or erred.
#[track_caller]
fn fits(xml: &str) -> (usize, usize, usize) {
    let mut reader = Reader::from_str(xml);
    let (mut open, mut counts): (Vec<&Element>, _) = (Vec::new(), (0, 0, 0));
    loop {
        let event = reader.read_event().unwrap_or_else(|why| panic!("{why}\n{xml}"));
        let (start, is_empty) = match &event {
            Event::Start(start) => (start, false),
            Event::Empty(start) => (start, true),
            Event::End(_) => {
                open.pop().expect("an open element");
                continue;
            }
            Event::Eof => break,
            _ => continue,
        };
        let name = String::from_utf8(start.name().as_ref().to_vec()).unwrap();
        let element = ELEMENTS.iter().find(|element| element.name == name).unwrap_or_else(|| panic!("{name}\n{xml}"));
        match open.last() {
            None => assert_eq!(name, "testsuites", "{xml}"),
            Some(parent) => assert!(parent.children.contains(&element.name), "{name} in {}\n{xml}", parent.name),
        }
        let mut given = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.unwrap();
            let key = String::from_utf8(attribute.key.as_ref().to_vec()).unwrap();
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).unwrap();
            if key == "time" {
                // SUREFIRE_TIME: digits, with thousands apart or not, and a fraction.
                assert!(value.parse::<f64>().is_ok() && value.bytes().all(|b| b.is_ascii_digit() || b == b'.'), "{value}");
            }
            given.push(key);
        }
        for key in &given {
            let is_known = element.required.iter().chain(element.optional).any(|known| known == key);
            assert!(is_known, "{name} may have no attribute {key}\n{xml}");
        }
        assert!(element.required.iter().all(|required| given.iter().any(|key| key == required)), "{name}: {given:?}\n{xml}");
        match name.as_str() {
            "testsuite" => counts.0 += 1,
            "testcase" => counts.1 += 1,
            "failure" | "error" => counts.2 += 1,
            _ => {}
        }
        if !is_empty {
            open.push(element);
        }
    }
    assert!(open.is_empty(), "{xml}");
    counts
}

const PLAN: &str = "format: backstop/v1
name: told
backup: {targets: [{tables: [public.items]}]}
checks:
  before:
    - {id: few, sql: 'SELECT id FROM public.items WHERE id < 2', expect: {rows: 0}, severity: warn}
    - {id: none, sql: 'SELECT id FROM public.gone', expect: {rows: 0}}
    - {id: all, row_count: {table: public.items, at_least: 99}, hint: 'more <b>&\"rows\"</b>'}
steps: [{id: s, sql: ALTER TABLE public.items ADD COLUMN more int}]
";

#[test]
fn checks_runs_and_findings_fit_the_structure() {
    let (database, work) = (database("published_junit"), Work::new());
    database.execute("CREATE TABLE public.items (id int PRIMARY KEY); INSERT INTO items SELECT generate_series(1, 9)");
    work.file("plans/told.yaml", PLAN);
    let fine = PLAN.replace("name: told", "name: fine").replace("public.gone", "public.items WHERE false");
    let fine = work.file("plans/fine.yaml", &fine.replace("at_least: 99", "at_least: 1"));
    let (folder, report) = (fine.parent().unwrap().to_owned(), work.path("report.xml"));
    let folder = folder.to_str().unwrap();
    let checked = run(&database, &["check", folder, "--report", "junit"]).expect_code(4);
    assert_eq!(fits(&checked.stdout), (2, 6, 2));
    let linted = Program::new().arguments(&["lint", folder, "--report", "junit"]).run();
    assert_eq!(fits(&linted.stdout).0, 2);
    run(&database, &["apply", folder, "--junit", report.to_str().unwrap()]).expect_code(4);
    let (suites, cases, failed) = fits(&fs::read_to_string(&report).unwrap());
    assert!(suites == 2 && cases > 8 && failed >= 3, "{suites} {cases} {failed}");
}
