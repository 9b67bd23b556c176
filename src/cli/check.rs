//! `backstop check`

use super::{
    arguments::{Check, Phase, ReportFormat},
    console::{Console, print},
    exit::Exit,
    journals::unreadable,
    place::Database,
    problem::Problem,
    reading::{read_plan, resolve},
};
use crate::{
    machine::{CheckPhase, ChecksEvaluated},
    postgres::check,
    report::{self, Suite, annotations, junit},
};

/// Evaluates one phase of a plan's checks in a read-only transaction.
pub async fn run(arguments: &Check, console: &Console) -> Result<Exit, Problem> {
    if let Some(ReportFormat::Markdown | ReportFormat::Sarif) = arguments.reported.report {
        let help = "Write `--report text`, `json`, `junit` or `github`.";
        return Err(Problem::usage("backstop::cli::report", "answers of checks have no such form", help));
    }
    let loaded = read_plan(&arguments.plan)?;
    let resolved = resolve(&loaded, &arguments.plan, &arguments.values)?;
    let database = Database::open(&arguments.place).await?;
    let connection = database.connect().await?;
    let phase = match arguments.phase {
        Phase::Before => CheckPhase::Before,
        Phase::After => CheckPhase::After,
    };
    let results = check::phase(&connection.client, resolved.plan(), phase).await.map_err(unreadable)?;
    let evaluated = ChecksEvaluated { results };
    let blocking = evaluated.blocking();
    let exit = if blocking.is_empty() { Exit::Done } else { Exit::Aborted };
    let text = match evaluated.results.as_slice() {
        [] => "the plan has no such checks".to_owned(),
        results => report::checks(results, console.style()),
    };
    let value = serde_json::json!({
        "kind": "checks", "results": evaluated.results, "blocking": blocking, "exit_code": exit.code(),
    });
    let line = |id: &str| {
        let checks = &loaded.plan.checks;
        let all = checks.before.iter().chain(&checks.unchanged).chain(&checks.after);
        all.filter(|check| check.id.as_str() == id).map(|check| loaded.source.position(check.at.start).line).next()
    };
    match arguments.reported.report {
        None => console.answer(&text, &value)?,
        Some(ReportFormat::Text) => print(text.trim_end())?,
        Some(ReportFormat::Json) => print(&value.to_string())?,
        Some(ReportFormat::Junit) => {
            let suite = Suite::of_checks(resolved.plan().name.as_str(), &evaluated.results);
            print(junit(&[suite]).trim_end())?;
        }
        Some(ReportFormat::Github) => {
            // What holds needs no annotation.
            let file = arguments.plan.display().to_string();
            print(annotations(&evaluated.results, &file, line).trim_end())?;
        }
        Some(ReportFormat::Markdown | ReportFormat::Sarif) => {}
    }
    Ok(exit)
}
