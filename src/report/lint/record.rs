//! What was found, as plain values: what `--report json` prints, and what all other reports are made of.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::{
    lint::Finding,
    plan::{LintSettings, RuleLevel},
};

/// What was found in some plans.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct LintReport {
    /// Always `lint`.
    pub kind: &'static str,
    /// The plans that were looked at.
    pub plans: Vec<PlanRecord>,
    /// How many findings there are.
    pub counts: Counts,
    /// Whether a finding fails the command.
    pub failed: bool,
    /// 3 where one does, or else 0.
    pub exit_code: u8,
}

/// What was found in a plan.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PlanRecord {
    /// As its file has it.
    pub name: String,
    /// Path of the plan's file, as the command was given it.
    pub file: String,
    /// What was found, in the order of its steps.
    pub findings: Vec<FindingRecord>,
}

/// One finding.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct FindingRecord {
    /// The rule's code.
    pub rule: &'static str,
    /// How much it weighs: note, warning or error.
    pub level: &'static str,
    /// Whether it fails the command.
    pub fails: bool,
    /// What is wrong here.
    pub message: String,
    /// What it leads to.
    pub effect: &'static str,
    /// What to do instead.
    pub remedy: &'static str,
    /// The page of PostgreSQL's manual that says so.
    pub manual: Option<&'static str>,
    /// The step that it is about.
    pub step: Option<String>,
    /// The file that it stands in.
    pub file: String,
    /// Its first line, from 1.
    pub line: usize,
    /// The column there, from 1, in characters.
    pub column: usize,
    /// Its last line.
    pub end_line: usize,
    /// The column after its last character.
    pub end_column: usize,
    /// Why the plan makes an exception of it, where it does.
    pub excepted: Option<String>,
}

/// How many findings there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Counts {
    /// Of level error.
    pub errors: usize,
    /// Of level warning.
    pub warnings: usize,
    /// Of level note.
    pub notes: usize,
    /// Of any level, of which the plan makes an exception; counted nowhere else.
    pub excepted: usize,
}

impl LintReport {
    /// A report over plans; `failing` is the exit code where a finding fails the command.
    pub fn new(plans: Vec<PlanRecord>, failing: u8) -> Self {
        let mut counts = Counts::default();
        for finding in plans.iter().flat_map(|plan| &plan.findings) {
            let counter = match (&finding.excepted, finding.level) {
                (Some(_), _) => &mut counts.excepted,
                (None, "error") => &mut counts.errors,
                (None, "warning") => &mut counts.warnings,
                (None, _) => &mut counts.notes,
            };
            *counter += 1;
        }
        let failed = plans.iter().flat_map(|plan| &plan.findings).any(|finding| finding.fails);
        LintReport { kind: "lint", plans, counts, failed, exit_code: if failed { failing } else { 0 } }
    }

    /// All findings.
    pub fn findings(&self) -> impl Iterator<Item = &FindingRecord> {
        self.plans.iter().flat_map(|plan| &plan.findings)
    }

    /// One line that says how many.
    pub fn summary(&self) -> String {
        let named = [(self.counts.errors, "error"), (self.counts.warnings, "warning"), (self.counts.notes, "note")];
        let mut parts: Vec<String> = named
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}{}", if count == 1 { "" } else { "s" }))
            .collect();
        if parts.is_empty() {
            parts.push("nothing found".to_owned());
        }
        if self.counts.excepted > 0 {
            parts.push(format!("{} excepted", self.counts.excepted));
        }
        let plans = self.plans.len();
        format!("{} in {plans} plan{}", parts.join(", "), if plans == 1 { "" } else { "s" })
    }
}

impl FindingRecord {
    /// A finding at a place: file, first line and column, last line and column.
    pub fn new(finding: &Finding, settings: &LintSettings, file: &str, from: (usize, usize), to: (usize, usize)) -> Self {
        FindingRecord {
            rule: finding.rule.code,
            level: level(finding.level),
            fails: finding.fails(settings),
            message: finding.message.clone(),
            effect: finding.rule.effect,
            remedy: finding.rule.remedy,
            manual: finding.rule.manual,
            step: finding.step.as_ref().map(ToString::to_string),
            file: file.to_owned(),
            line: from.0,
            column: from.1,
            end_line: to.0,
            end_column: to.1,
            excepted: finding.excepted.clone(),
        }
    }
}

/// How a level is called.
fn level(level: RuleLevel) -> &'static str {
    match level {
        RuleLevel::Off => "off",
        RuleLevel::Note => "note",
        RuleLevel::Warning => "warning",
        RuleLevel::Error => "error",
    }
}

/// The JSON Schema of a report.
pub fn schema() -> Value {
    schemars::generate::SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<LintReport>().to_value()
}
