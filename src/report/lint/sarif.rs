//! SARIF 2.1.0 (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>).

use serde_json::{Value, json};

use super::record::{FindingRecord, LintReport};
use crate::lint::{RULES, Rule};

/// The schema that the log keeps to.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The report as a SARIF log of one run. What the plan makes an exception of is suppressed in the plan itself.
pub fn sarif(report: &LintReport, version: &str) -> String {
    let rules: Vec<Value> = RULES.iter().map(|rule| descriptor(rule)).collect();
    let results: Vec<Value> = report.findings().map(result).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "backstop", "version": version, "rules": rules}},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    serde_json::to_string_pretty(&log).unwrap_or_default()
}

fn descriptor(rule: &Rule) -> Value {
    let descriptor = json!({
        "id": rule.code,
        "name": rule.code,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": format!("{} {}", rule.condition, rule.effect)},
        "help": {"text": rule.remedy},
        "defaultConfiguration": {"level": word(rule)},
        "properties": {"tags": [rule.group.word()]},
    });
    with(descriptor, [("helpUri", rule.manual.map(Value::from))])
}

fn word(rule: &Rule) -> &'static str {
    match rule.level {
        crate::plan::RuleLevel::Error => "error",
        crate::plan::RuleLevel::Warning => "warning",
        crate::plan::RuleLevel::Note => "note",
        crate::plan::RuleLevel::Off => "none",
    }
}

fn result(finding: &FindingRecord) -> Value {
    let index = RULES.iter().position(|rule| rule.code == finding.rule);
    let result = json!({
        "ruleId": finding.rule,
        "level": finding.level,
        "message": {"text": format!("{}. {}", finding.message, finding.remedy)},
        "locations": [{
            "physicalLocation": {
                "artifactLocation": {"uri": uri(&finding.file)},
                "region": {
                    "startLine": finding.line,
                    "startColumn": finding.column,
                    "endLine": finding.end_line,
                    "endColumn": finding.end_column,
                },
            },
        }],
        "partialFingerprints": {
            "backstop/v1": format!("{}:{}:{}", finding.rule, finding.step.as_deref().unwrap_or_default(), finding.message),
        },
    });
    let suppression = |reason| json!([{"kind": "inSource", "status": "accepted", "justification": reason}]);
    with(result, [("ruleIndex", index.map(Value::from)), ("suppressions", finding.excepted.as_ref().map(suppression))])
}

/// The object with those of the properties that have a value.
fn with<const N: usize>(mut object: Value, properties: [(&str, Option<Value>); N]) -> Value {
    if let Value::Object(fields) = &mut object {
        fields.extend(properties.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    }
    object
}

/// A path as a relative reference: all that it may not hold is written as bytes.
fn uri(path: &str) -> String {
    let path = path.replace('\\', "/");
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte);
    let written = path.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") });
    written.collect()
}
