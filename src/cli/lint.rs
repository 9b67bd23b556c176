//! `backstop lint`

use std::path::Path;

use super::{
    answer::{Answer, RuleRecord, Rules},
    arguments::{FindingsForm, Lint},
    confinement,
    console::{Console, print, print_json},
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
    let format = arguments.reported.or(console.format());
    if let Some(code) = &arguments.explain {
        return explain(code, format);
    }
    if arguments.rules {
        return rules(format);
    }
    confinement::confine(&arguments.plans, &arguments.values, arguments.base.as_deref())?;
    let settings = settings(arguments)?;
    let plans = read_ordered(&plan_files::collect(&arguments.plans, &arguments.values.chosen, console)?)?;
    let mut placed = Vec::new();
    for ((path, loaded), offline) in plans.iter().zip(resolve_offline(&plans, &arguments.values)?) {
        let found = lint::lint(&loaded.plan, &offline.resolved, &offline.inputs.files, &settings);
        let findings = found.map_err(|unknown| unknown_rules(&offline, unknown))?;
        placed.push(Placed::of(path, loaded, &offline, findings, &settings));
    }
    let report = report::LintReport::new(placed.iter().map(|plan| plan.record.clone()).collect(), Exit::Invalid.code());
    match format {
        FindingsForm::Text => print(drawn(&placed, &report, console.style()).trim_end())?,
        FindingsForm::Json => print_json(&report)?,
        FindingsForm::Markdown => print(report::markdown(&report).trim_end())?,
        FindingsForm::Sarif => print(report::sarif(&report, env!("CARGO_PKG_VERSION")).trim_end())?,
        FindingsForm::Junit => print(report::junit(&report).trim_end())?,
        FindingsForm::Github => print_lines(&report::github(&report))?,
    }
    Ok(if report.failed { Exit::Invalid } else { Exit::Done })
}

/// Prints lines, and where there are none not even an empty one.
fn print_lines(text: &str) -> Result<(), Problem> {
    if text.is_empty() { Ok(()) } else { print(text.trim_end()) }
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

fn explain(code: &str, format: FindingsForm) -> Result<Exit, Problem> {
    let Some(rule) = rule_called(code) else {
        let help = match lint::nearest(code) {
            Some(near) => format!("Did you mean `{near}`? `backstop lint --rules` lists all."),
            None => "`backstop lint --rules` lists all.".to_owned(),
        };
        return Err(Problem::usage("backstop::lint::unknown_rule", format!("there is no rule `{code}`"), help));
    };
    match format {
        FindingsForm::Json => print_json(&Answer::Rule(described(rule)))?,
        FindingsForm::Text => print(lint::explanation(rule).trim_end())?,
        FindingsForm::Markdown | FindingsForm::Sarif | FindingsForm::Junit | FindingsForm::Github => {
            return Err(no_findings("a rule is explained as text or json"));
        }
    }
    Ok(Exit::Done)
}

fn rules(format: FindingsForm) -> Result<Exit, Problem> {
    match format {
        FindingsForm::Json => {
            print_json(&Answer::Rules(Rules { rules: RULES.iter().map(|rule| described(rule)).collect() }))?;
        }
        FindingsForm::Markdown => print(lint::manual().trim_end())?,
        FindingsForm::Sarif | FindingsForm::Junit | FindingsForm::Github => {
            return Err(no_findings("rules are listed as text, json or markdown"));
        }
        FindingsForm::Text => {
            let width = RULES.iter().map(|rule| rule.code.len()).max().unwrap_or(0);
            let line = |rule: &&Rule| format!("{:width$}  {:7}  {}", rule.code, lint::word(rule.level), rule.title);
            print(&RULES.iter().map(line).collect::<Vec<_>>().join("\n"))?;
        }
    }
    Ok(Exit::Done)
}

fn no_findings(message: &str) -> Problem {
    Problem::usage("backstop::cli::report", message, "SARIF, JUnit's XML and annotations are for what is found in plans.")
}

fn described(rule: &Rule) -> RuleRecord {
    RuleRecord {
        code: rule.code.to_owned(),
        title: rule.title.to_owned(),
        group: rule.group.word().to_owned(),
        level: lint::word(rule.level).to_owned(),
        condition: rule.condition.to_owned(),
        effect: rule.effect.to_owned(),
        remedy: rule.remedy.to_owned(),
        manual: rule.manual.map(str::to_owned),
        bad: rule.bad.plan(),
        good: rule.good.plan(),
    }
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
