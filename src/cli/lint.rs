//! `backstop lint`

use super::{
    answer::{Answer, RuleRecord, Rules},
    arguments::{FindingsForm, LintArgs},
    console::Console,
    exit::Exit,
    findings::{Placed, drawn},
    stdio::{print, print_json},
};
use crate::{
    lint::{self, RULES, Rule, rule_called},
    operations::{
        OperationProblem, confined,
        lint::{findings, settings},
    },
    report::lint as report,
};

/// Says what is dangerous in plans. Nothing is connected to.
pub fn run(arguments: &LintArgs, console: &mut Console) -> Result<Exit, OperationProblem> {
    let format = arguments.reported.or(console.format());
    if let Some(code) = &arguments.explain {
        return explain(code, format);
    }
    if arguments.rules {
        return rules(format);
    }
    let (configuration, values) = (arguments.values.configuration(), arguments.values.given());
    let configuration = confined(&configuration, &arguments.plans, &values, arguments.base.as_deref())?;
    let settings = settings(&configuration, arguments.fail_on.map(Into::into))?;
    let plans = findings(&configuration, &arguments.plans, &values, &settings, console)?;
    let placed: Vec<Placed> = plans.into_iter().map(|plan| Placed::of(plan, &settings)).collect();
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
fn print_lines(text: &str) -> Result<(), OperationProblem> {
    if text.is_empty() { Ok(()) } else { print(text.trim_end()) }
}

fn explain(code: &str, format: FindingsForm) -> Result<Exit, OperationProblem> {
    let Some(rule) = rule_called(code) else {
        let help = match lint::nearest(code) {
            Some(near) => format!("Did you mean `{near}`? `backstop lint --rules` lists all."),
            None => "`backstop lint --rules` lists all.".to_owned(),
        };
        return Err(OperationProblem::usage("backstop::lint::unknown_rule", format!("there is no rule `{code}`"), help));
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

fn rules(format: FindingsForm) -> Result<Exit, OperationProblem> {
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

fn no_findings(message: &str) -> OperationProblem {
    OperationProblem::usage(
        "backstop::cli::report",
        message,
        "SARIF, JUnit's XML and annotations are for what is found in plans.",
    )
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
