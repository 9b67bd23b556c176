//! A text → findings.

use std::collections::BTreeMap;

use backstop::{
    lint::{Finding, lint},
    load::{Loaded, PlanFormat, load},
    plan::LintSettings,
    render::{Inputs, ResolvedPlan, render},
};

/// A plan of this text.
pub fn read(text: &str) -> (Loaded, ResolvedPlan) {
    let loaded =
        load("plan.yaml", text.as_bytes(), PlanFormat::Yaml).unwrap_or_else(|p| panic!("{:?}\n{text}", p.records()));
    let mut inputs = Inputs::builder(&loaded.plan.vars).build().expect("values");
    inputs.secrets = inputs.secrets_wanted().map(|(name, _)| (name.clone(), String::new())).collect();
    let resolved = render(&loaded.plan, &inputs).unwrap_or_else(|problems| panic!("{problems:?}\n{text}"));
    (loaded, resolved)
}

/// What is found in it.
pub fn found(text: &str) -> Vec<Finding> {
    let (loaded, resolved) = read(text);
    lint(&loaded.plan, &resolved, &BTreeMap::new(), &LintSettings::default()).expect("known rules")
}

/// The codes of what is found in a sound plan with these steps, YAML.
pub fn codes(text: &str) -> Vec<&'static str> {
    found(text).iter().map(|finding| finding.rule.code).collect()
}

/// A sound plan around one step of this SQL.
pub fn around(sql: &str) -> String {
    let indented: String = sql.lines().map(|line| format!("      {line}\n")).collect();
    format!(
        "format: backstop/v1\nname: sound\nbackup: {{targets: [{{tables: [\"public.*\"]}}]}}\n\
         checks: {{after: [{{id: there, row_count: {{table: public.orders, at_least: 1}}}}]}}\n\
         steps:\n  - id: step\n    expect_rows: {{at_least: 0}}\n    sql: |\n{indented}"
    )
}
