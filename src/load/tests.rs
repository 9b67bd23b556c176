//! The room as a whole, in both notations.

mod agreement;
mod hostile;
mod mistakes;
mod ordering;
mod places;
mod plans;
mod property;

use super::{Loaded, PlanFormat, Problems, load};

const FULL_YAML: &str = include_str!("../../tests/fixtures/load/full.yaml");
const FULL_TOML: &str = include_str!("../../tests/fixtures/load/full.toml");

fn yaml(text: &str) -> Result<Loaded, Problems> {
    load("plan.yaml", text.as_bytes(), PlanFormat::Yaml)
}

fn toml(text: &str) -> Result<Loaded, Problems> {
    load("plan.toml", text.as_bytes(), PlanFormat::Toml)
}

/// Code, line and column of every problem.
fn told(result: Result<Loaded, Problems>) -> Vec<(&'static str, usize, usize)> {
    let Err(problems) = result else { return Vec::new() };
    let records = problems.records();
    records.iter().map(|record| (record.code.trim_start_matches("backstop::load::"), record.line, record.column)).collect()
}

/// Everything that a person would see.
fn rendered(problems: &Problems) -> String {
    let mut out = String::new();
    miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::unicode_nocolor())
        .with_width(120)
        .render_report(&mut out, problems)
        .unwrap();
    out
}
