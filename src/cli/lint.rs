//! `backstop lint`

use std::path::Path;

use super::{
    arguments::{Lint, ReportFormat},
    console::{Console, print},
    exit::Exit,
    findings::{Placed, drawn},
    plan_files,
    problem::Problem,
    reading::{Offline, read_ordered, resolve_offline},
    repository::Repository,
};
use crate::{
    lint::{self, RULES, Rule, UnknownRule, rule_called},
    load::{self, Problems},
    plan::{LintSettings, Place},
    report::lint as report,
};

/// Says what is dangerous in plans. Nothing is connected to.
pub fn run(arguments: &Lint, console: &Console) -> Result<Exit, Problem> {
    let format =
        arguments.reported.report.unwrap_or(if console.is_json() { ReportFormat::Json } else { ReportFormat::Text });
    if let Some(code) = &arguments.explain {
        return explain(code, format);
    }
    if arguments.rules {
        return rules(format);
    }
    let settings = settings(arguments)?;
    let plans = read_ordered(&plan_files::collect(&arguments.plans, &arguments.values.chosen, console)?)?;
    let mut placed = Vec::new();
    for ((path, loaded), offline) in plans.iter().zip(resolve_offline(&plans, &arguments.values)?) {
        let found = lint::lint(&loaded.plan, &offline.resolved, &offline.inputs.files, &settings);
        let findings = found.map_err(|unknown| unknown_rules(&offline, unknown))?;
        placed.push(Placed::of(path, loaded, &offline, findings, &settings));
    }
    let report = report::LintReport::new(placed.iter().map(|plan| plan.record.clone()).collect(), Exit::Invalid.code());
    let text = match format {
        ReportFormat::Text => drawn(&placed, &report, console.style()),
        ReportFormat::Json => serde_json::to_string(&report).map_err(|error| Problem::unexpected(error.to_string()))?,
        ReportFormat::Markdown => report::markdown(&report),
        ReportFormat::Sarif => report::sarif(&report, env!("CARGO_PKG_VERSION")),
        ReportFormat::Junit => report::junit(&report),
        ReportFormat::Github => report::github(&report),
    };
    print(text.trim_end())?;
    Ok(if report.failed { Exit::Invalid } else { Exit::Done })
}

/// As the repository's file says, and the arguments before it.
fn settings(arguments: &Lint) -> Result<LintSettings, Problem> {
    let mut settings = LintSettings::default();
    if let Some(repository) = Repository::find(&arguments.values.chosen)? {
        settings = repository.loaded.repository.lint.clone();
        let unknown = settings.rules.iter().filter(|(code, _)| rule_called(code).is_none());
        let unknown: Vec<load::Problem> = unknown.map(|(code, rule)| unknown_rule(code, rule.at)).collect();
        if !unknown.is_empty() {
            return Err(Problems::new(&[repository.loaded.source], unknown).into());
        }
    }
    if let Some(level) = arguments.fail_on {
        settings.fail_on = level.into();
    }
    Ok(settings)
}

fn explain(code: &str, format: ReportFormat) -> Result<Exit, Problem> {
    let Some(rule) = rule_called(code) else {
        let help = match lint::nearest(code) {
            Some(near) => format!("Did you mean `{near}`? `backstop lint --rules` lists all."),
            None => "`backstop lint --rules` lists all.".to_owned(),
        };
        return Err(Problem::usage("backstop::lint::unknown_rule", format!("there is no rule `{code}`"), help));
    };
    match format {
        ReportFormat::Json => print(&described(rule).to_string())?,
        _ => print(lint::explanation(rule).trim_end())?,
    }
    Ok(Exit::Done)
}

fn rules(format: ReportFormat) -> Result<Exit, Problem> {
    match format {
        ReportFormat::Json => {
            let all: Vec<_> = RULES.iter().map(|rule| described(rule)).collect();
            print(&serde_json::json!({"kind": "rules", "rules": all}).to_string())?;
        }
        ReportFormat::Markdown => print(lint::manual().trim_end())?,
        _ => {
            let width = RULES.iter().map(|rule| rule.code.len()).max().unwrap_or(0);
            let line = |rule: &&Rule| format!("{:width$}  {:7}  {}", rule.code, lint::word(rule.level), rule.title);
            print(&RULES.iter().map(line).collect::<Vec<_>>().join("\n"))?;
        }
    }
    Ok(Exit::Done)
}

fn described(rule: &Rule) -> serde_json::Value {
    serde_json::json!({
        "code": rule.code, "title": rule.title, "group": rule.group.word(), "level": rule.level, "condition": rule.condition,
        "effect": rule.effect, "remedy": rule.remedy, "manual": rule.manual, "bad": rule.bad.plan(), "good": rule.good.plan(),
    })
}

fn unknown_rules(offline: &Offline, unknown: Vec<UnknownRule>) -> Problem {
    let problems = unknown.iter().map(|rule| unknown_rule(&rule.code, rule.at)).collect();
    Problems::new(&offline.sources, problems).into()
}

fn unknown_rule(code: &str, at: Place) -> load::Problem {
    load::Problem {
        code: "backstop::lint::unknown_rule",
        message: format!("there is no rule `{code}`"),
        help: Some(match lint::nearest(code) {
            Some(near) => format!("Did you mean `{near}`?"),
            None => "`backstop lint --rules` lists all.".to_owned(),
        }),
        labels: vec![(at, "here".to_owned())],
    }
}

/// How a file is called in reports: relative to the working directory where it stands in it.
pub fn shown(path: &Path) -> String {
    path.strip_prefix("./").unwrap_or(path).display().to_string()
}
