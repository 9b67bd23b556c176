//! `backstop demo`

use std::time::Duration;

use super::{
    arguments::{Demo, Running},
    console::Console,
    exit::Exit,
    place::{Database, run_script},
    problem::Problem,
    reading::resolve_with,
    running::Site,
    signals,
};
use crate::{
    load::{self, Format},
    postgres,
    render::{Inputs, ResolvedPlan},
};

const SCHEMA: &str = include_str!("../../examples/multi-org/schema.sql");
const GENERATE: &str = include_str!("../../examples/multi-org/generate.sql");
const SUCCEEDS: (&str, &str) = ("plans/multi-org-security.yaml", include_str!("../../plans/multi-org-security.yaml"));
const FAILS: (&str, &str) =
    ("plans/multi-org-security-failing.yaml", include_str!("../../plans/multi-org-security-failing.yaml"));

/// The files that the plans name.
const FILES: [(&str, &str); 7] = [
    ("macros/tenant.sql.j2", include_str!("../../plans/macros/tenant.sql.j2")),
    ("sql/convert-ids.sql.j2", include_str!("../../plans/sql/convert-ids.sql.j2")),
    ("sql/foreign-keys.sql.j2", include_str!("../../plans/sql/foreign-keys.sql.j2")),
    ("sql/indexes.sql.j2", include_str!("../../plans/sql/indexes.sql.j2")),
    ("sql/membership-functions.sql.j2", include_str!("../../plans/sql/membership-functions.sql.j2")),
    ("sql/rls.sql.j2", include_str!("../../plans/sql/rls.sql.j2")),
    ("sql/views.sql.j2", include_str!("../../plans/sql/views.sql.j2")),
];

/// Runs a migration that succeeds, and one whose last check fails and that is restored, on a throwaway server.
pub async fn run(arguments: &Demo, console: &mut Console) -> Result<Exit, Problem> {
    let time = Duration::from_secs(10);
    let running = Running { lock_wait: time, wait: time, terminate_blockers_after: None, grace: None, jobs: 2 };
    let interruption = signals::listen(running.grace)?;
    console.say("starting a throwaway PostgreSQL …");
    let first = Database::fresh(arguments.pg_bin.clone()).await?;
    let second = first.another("second").await?;
    let acts = [
        (&first, SUCCEEDS, Exit::Done, "1. A migration that succeeds."),
        (
            &second,
            FAILS,
            Exit::Restored,
            "2. The same migration with a check that fails: all is brought back by itself, and proven.",
        ),
    ];
    for (database, plan, expected, title) in acts {
        console.say(&format!("\n{title}\n"));
        fill(database, arguments.profiles, console).await?;
        let site = Site { database, running: &running, interruption: &interruption };
        let exit = site.apply(&resolved(plan)?, console).await?;
        if exit != expected {
            return Ok(exit);
        }
    }
    console.say("\nThe server and its data are gone now. On your own: `backstop apply PLAN --database-url URL`.");
    Ok(Exit::Done)
}

async fn fill(database: &Database, profiles: u32, console: &Console) -> Result<(), Problem> {
    console.say(&format!("filling the example database with {profiles} people …"));
    let connection = database.connect().await?;
    let script = format!("SET backstop_demo.profiles = '{profiles}';\n{SCHEMA}\n{GENERATE}");
    run_script(&connection.client, &script)
        .await
        .map_err(|error| Problem::failure(Exit::Unexpected, postgres::failure("backstop::cli::demo", &error)))
}

fn resolved((name, text): (&str, &str)) -> Result<ResolvedPlan, Problem> {
    let loaded = load::load(name, text.as_bytes(), Format::Yaml)?;
    let inputs = Inputs::builder(&loaded.plan.vars).build()?;
    resolve_with(&loaded, inputs, |file| {
        let found = FILES.iter().find(|(known, _)| *known == file);
        found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| Problem::unexpected(format!("the demo has no file {file}")))
    })
}
