//! One version of one plan → what would run, with values or with what stands for them.

use std::{collections::BTreeMap, env, path::Path};

use super::super::resolve_plans::{PREFIX, placed};
use crate::{
    load::{self, Loaded, PlanFormat, Problems},
    plan::Value,
    render::{Inputs, RenderProblem, ResolvedPlan, StandIn, files_wanted, render},
};

/// Reads a file that a plan names, by its name there.
pub type PlanFileReader<'a> = &'a dyn Fn(&str) -> Result<Vec<u8>, String>;

/// A plan file of one version.
pub struct PlanVersion<'a> {
    /// How messages call it.
    pub name: &'a str,
    /// Its content.
    pub bytes: &'a [u8],
    /// Reads the files beside it.
    pub beside: PlanFileReader<'a>,
}

/// Values that plans are rendered with: those of one environment, and those of the command line.
#[derive(Debug, Clone, Default)]
pub struct VersionValues {
    /// Of the environment's files and of its own, then of the command line's files; later ones win.
    pub values: Vec<(String, Value)>,
    /// `NAME=VALUE` of the command line.
    pub assignments: Vec<String>,
}

/// A version as it would run.
pub struct RenderedVersion {
    /// Stand-ins are in it where values are missing.
    pub plan: ResolvedPlan,
    /// Variables that something else stands for.
    pub stand_ins: Vec<String>,
    /// The texts of the files that it names.
    pub files: BTreeMap<String, String>,
}

/// A plan as it is written.
///
/// # Errors
/// Everything that is wrong, a line each.
pub fn loaded(version: &PlanVersion<'_>) -> Result<Loaded, Vec<String>> {
    let format = PlanFormat::of_path(Path::new(version.name)).unwrap_or(PlanFormat::Yaml);
    load::load(version.name, version.bytes, format).map_err(|problems| lines(&problems))
}

/// A plan as it would run. No secret is read; what has no value is stood for.
///
/// # Errors
/// Everything that is wrong, a line each.
pub fn rendered(
    loaded: &Loaded,
    version: &PlanVersion<'_>,
    setting: &VersionValues,
) -> Result<RenderedVersion, Vec<String>> {
    // A variable that need not have a value may be asked for by templates whether it is defined: so it stands for nothing at
    // first.
    let first = attempt(loaded, version, setting, StandIn::Required);
    first.or_else(|why| attempt(loaded, version, setting, StandIn::All).map_err(|_| why))
}

fn attempt(
    loaded: &Loaded,
    version: &PlanVersion<'_>,
    setting: &VersionValues,
    which: StandIn,
) -> Result<RenderedVersion, Vec<String>> {
    let declares = |name: &str| loaded.plan.vars.keys().any(|known| known.as_str().eq_ignore_ascii_case(name.trim()));
    let values = setting.values.iter().filter(|(name, _)| declares(name)).cloned();
    let of_environment = env::vars_os().filter_map(|(name, value)| {
        let name = name.to_str()?.strip_prefix(PREFIX)?.to_owned();
        Some((name, value.to_str()?.to_owned()))
    });
    let of_environment: Vec<_> = of_environment.filter(|(name, _)| declares(name)).collect();
    let assigned = setting.assignments.iter().filter(|text| text.split_once('=').is_none_or(|(name, _)| declares(name)));
    let builder = Inputs::builder(&loaded.plan.vars).values_file(values).environment(of_environment).assignments(assigned);
    let (mut inputs, without) = builder
        .stand_in(which)
        .map_err(|problems| problems.into_iter().map(|problem| problem.message).collect::<Vec<_>>())?;
    let (wanted, mut missing) = (files_wanted(&loaded.plan), Vec::new());
    for name in &wanted {
        let text = (version.beside)(name).and_then(|bytes| {
            String::from_utf8(bytes)
                .map_err(|error| format!("{name}: byte {} is no UTF-8", error.utf8_error().valid_up_to()))
        });
        match text {
            Ok(text) => {
                inputs.files.insert(name.clone(), text);
            }
            Err(why) => missing.push(why),
        }
    }
    if !missing.is_empty() {
        return Err(missing);
    }
    let told = |problems: Vec<RenderProblem>| lines(&placed(loaded, &wanted, &inputs, problems));
    let plan = render(&loaded.plan, &inputs).map_err(told)?;
    Ok(RenderedVersion { plan, stand_ins: without.iter().map(ToString::to_string).collect(), files: inputs.files })
}

/// Mistakes, a line each: where, and what.
fn lines(problems: &Problems) -> Vec<String> {
    problems.records().into_iter().map(|record| format!("{}:{}: {}", record.file, record.line, record.message)).collect()
}
