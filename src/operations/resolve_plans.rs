//! Plan files, with everything that they name, → resolved plans.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    configuration::Configuration,
    files::FileAccess,
    problem::{OperationProblem, ProblemKind},
    repository::RepositoryEnvironment,
};
use crate::{
    load::{self, Loaded, PlanFormat, PlanSource, Problems},
    machine::Failure,
    plan::{Place, SecretSource, Template, Value, VarName},
    render::{Inputs, RenderProblem, ResolvedPlan, files_wanted, render},
};

/// Environment variables with this prefix are values of the plan's variables.
pub const PREFIX: &str = "BACKSTOP_VAR_";

/// Values of plans' variables, beside those of the environment that is chosen and of `BACKSTOP_VAR_…`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VariableValues {
    /// Files with values, YAML or TOML; later files win.
    pub files: Vec<PathBuf>,
    /// `NAME=VALUE`, which win over everything.
    pub assignments: Vec<String>,
}

/// Reads a plan file.
///
/// # Errors
/// Why it can't be read, and all its mistakes.
pub fn read_plan(files: &FileAccess, path: &Path) -> Result<Loaded, OperationProblem> {
    let format = format_of(path)?;
    Ok(load::load(&path.display().to_string(), &files.read(path)?, format)?)
}

/// Reads a plan file and renders it with its variables' values and the files beside it.
///
/// # Errors
/// What can't be read, and all mistakes of the plan.
pub fn read_resolved(
    configuration: &Configuration,
    path: &Path,
    values: &VariableValues,
) -> Result<ResolvedPlan, OperationProblem> {
    let loaded = read_plan(configuration.files(), path)?;
    let given = GivenValues::read(configuration, values)?;
    rendered(&loaded, &inputs(&loaded, path, &given, &BTreeSet::new())?)
}

/// Renders several plans. A value is given to those that declare its variable; one that none of them declares is a mistake.
///
/// # Errors
/// What can't be read, and all mistakes of the first plan that has some.
pub fn resolve_all(
    configuration: &Configuration,
    plans: &[(PathBuf, Loaded)],
    values: &VariableValues,
) -> Result<Vec<ResolvedPlan>, OperationProblem> {
    let names = plans.iter().flat_map(|(_, loaded)| loaded.plan.vars.keys());
    let known = names.map(|name| name.as_str().to_ascii_lowercase()).collect();
    let given = GivenValues::read(configuration, values)?;
    plans.iter().map(|(path, loaded)| rendered(loaded, &inputs(loaded, path, &given, &known)?)).collect()
}

/// The values that there are, from wherever.
struct GivenValues {
    /// How files are read.
    reach: FileAccess,
    /// Those of the environment that was named, with its name; the later ones win.
    environment: Option<(String, Vec<(String, Value)>)>,
    /// Those of `--values`, file by file.
    files: Vec<Vec<(String, Value)>>,
    /// Those of `BACKSTOP_VAR_…`, without the prefix.
    variables: Vec<(String, String)>,
    /// Those of `--var`.
    assigned: Vec<String>,
}

impl GivenValues {
    fn read(configuration: &Configuration, values: &VariableValues) -> Result<Self, OperationProblem> {
        let reach = configuration.files();
        let environment = configuration.environment()?.map(|found| of_environment(&found, reach)).transpose()?;
        let files = values.files.iter().map(|path| values_of(reach, path)).collect::<Result<_, _>>()?;
        let variables = env::vars_os().filter_map(|(name, value)| {
            let name = name.to_str()?.strip_prefix(PREFIX)?.to_owned();
            Some((name, value.to_str()?.to_owned()))
        });
        let assigned = values.assignments.clone();
        Ok(GivenValues { reach: reach.clone(), environment, files, variables: variables.collect(), assigned })
    }
}

fn of_environment(
    environment: &RepositoryEnvironment,
    reach: &FileAccess,
) -> Result<(String, Vec<(String, Value)>), OperationProblem> {
    let mut values = Vec::new();
    for path in environment.values_files() {
        values.extend(values_of(reach, &path)?);
    }
    values.extend(environment.vars()?);
    Ok((environment.name().to_owned(), values))
}

fn values_of(reach: &FileAccess, path: &Path) -> Result<Vec<(String, Value)>, OperationProblem> {
    Ok(load::values(&path.display().to_string(), &reach.read(path)?, format_of(path)?)?)
}

/// A plan as it would run, with everything that it was made of.
pub struct Sourced {
    /// Its file, as it was named.
    pub path: String,
    /// Rendered with all values that apply.
    pub resolved: ResolvedPlan,
    /// The texts of its file and of those that it names, by path.
    pub files: BTreeMap<String, String>,
    /// The values of its variables, secrets as references.
    pub values: BTreeMap<VarName, Value>,
}

/// The same as [`resolve_all`], with what the plans are made of.
///
/// # Errors
/// As there.
pub fn resolve_sourced(
    configuration: &Configuration,
    plans: &[(PathBuf, Loaded)],
    values: &VariableValues,
) -> Result<Vec<Sourced>, OperationProblem> {
    let names = plans.iter().flat_map(|(_, loaded)| loaded.plan.vars.keys());
    let known = names.map(|name| name.as_str().to_ascii_lowercase()).collect();
    let given = GivenValues::read(configuration, values)?;
    let one = |(path, loaded): &(PathBuf, Loaded)| {
        let inputs = inputs(loaded, path, &given, &known)?;
        let resolved = rendered(loaded, &inputs)?;
        let mut files = inputs.files;
        let path = path.display().to_string();
        files.insert(path.clone(), loaded.source.text().to_owned());
        Ok(Sourced { path, resolved, files, values: inputs.values })
    };
    plans.iter().map(one).collect()
}

/// Plans rendered where nothing but their files is at hand: without secrets, which stand in nothing that is shown.
pub struct Offline {
    /// The plan as it would run.
    pub resolved: ResolvedPlan,
    /// Values and files that went into it.
    pub inputs: Inputs,
    /// Its files, by path relative to the plan.
    pub wanted: Vec<String>,
    /// The plan's own text, then those of its files.
    pub sources: Vec<Arc<PlanSource>>,
}

/// The same as [`resolve_all`], without secrets.
///
/// # Errors
/// As there.
pub fn resolve_offline(
    configuration: &Configuration,
    plans: &[(PathBuf, Loaded)],
    values: &VariableValues,
) -> Result<Vec<Offline>, OperationProblem> {
    let names = plans.iter().flat_map(|(_, loaded)| loaded.plan.vars.keys());
    let known = names.map(|name| name.as_str().to_ascii_lowercase()).collect();
    let given = GivenValues::read(configuration, values)?;
    let one = |(path, loaded): &(PathBuf, Loaded)| {
        let mut inputs = chosen(loaded, &given, &known)?;
        inputs.secrets = inputs.secrets_wanted().map(|(name, _)| (name.clone(), format!("***{name}***"))).collect();
        texts(&given.reach, loaded, path, &mut inputs)?;
        let resolved = rendered(loaded, &inputs)?;
        let wanted = files_wanted(&loaded.plan);
        let sources = sources(loaded, &wanted, &inputs);
        Ok(Offline { resolved, inputs, wanted, sources })
    };
    plans.iter().map(one).collect()
}

/// Values, secrets and the files beside the plan. `known` are the names, in lower case, of all variables of the plans that get the same
/// values.
fn inputs(loaded: &Loaded, path: &Path, given: &GivenValues, known: &BTreeSet<String>) -> Result<Inputs, OperationProblem> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut inputs = chosen(loaded, given, known)?;
    inputs.secrets = secrets(&given.reach, &inputs, folder)?;
    texts(&given.reach, loaded, path, &mut inputs)?;
    Ok(inputs)
}

/// Reads the files beside the plan.
fn texts(reach: &FileAccess, loaded: &Loaded, path: &Path, inputs: &mut Inputs) -> Result<(), OperationProblem> {
    let folder = path.parent().unwrap_or(Path::new(""));
    for name in files_wanted(&loaded.plan) {
        let file = folder.join(&name);
        let text = String::from_utf8(reach.read_named(&file)?).map_err(|error| {
            let message = format!("{}: byte {} is no UTF-8", file.display(), error.utf8_error().valid_up_to());
            let failure = Failure::permanent("backstop::cli::not_utf8", message).hint("Save it as UTF-8.");
            OperationProblem::failure(ProblemKind::Invalid, failure)
        })?;
        inputs.files.insert(name, text);
    }
    Ok(())
}

/// Renders a plan whose files somebody else reads.
///
/// # Errors
/// What can't be read, and all mistakes of the plan.
pub fn resolve_with(
    loaded: &Loaded,
    mut inputs: Inputs,
    read_file: impl Fn(&str) -> Result<String, OperationProblem>,
) -> Result<ResolvedPlan, OperationProblem> {
    for name in files_wanted(&loaded.plan) {
        let text = read_file(&name)?;
        inputs.files.insert(name, text);
    }
    rendered(loaded, &inputs)
}

fn rendered(loaded: &Loaded, inputs: &Inputs) -> Result<ResolvedPlan, OperationProblem> {
    let placed = |problems| placed(loaded, &files_wanted(&loaded.plan), inputs, problems).into();
    render(&loaded.plan, inputs).map_err(placed)
}

/// The values in rising precedence: defaults, the named environment, files, environment variables, command line.
fn chosen(loaded: &Loaded, given: &GivenValues, known: &BTreeSet<String>) -> Result<Inputs, OperationProblem> {
    let declared: BTreeSet<String> = loaded.plan.vars.keys().map(|name| name.as_str().to_ascii_lowercase()).collect();
    let is_for_it = |name: &str| {
        let name = name.trim().to_ascii_lowercase();
        declared.contains(&name) || !known.contains(&name)
    };
    let mut builder = Inputs::builder(&loaded.plan.vars);
    if let Some((name, values)) = &given.environment {
        builder = builder.of_repository(name, values.iter().cloned());
    }
    for values in &given.files {
        builder = builder.values_file(values.iter().filter(|(name, _)| is_for_it(name)).cloned());
    }
    let variables = given.variables.iter().filter(|(name, _)| is_for_it(name)).cloned();
    let assigned = given.assigned.iter().filter(|text| text.split_once('=').is_none_or(|(name, _)| is_for_it(name)));
    Ok(builder.environment(variables).assignments(assigned).build()?)
}

/// The secrets themselves, from where the variables say that they are.
fn secrets(reach: &FileAccess, inputs: &Inputs, folder: &Path) -> Result<BTreeMap<VarName, String>, OperationProblem> {
    let (mut found, mut failures) = (BTreeMap::new(), Vec::new());
    for (name, source) in inputs.secrets_wanted() {
        let secret = match source {
            SecretSource::Env(variable) => env::var(variable).map_err(|_| format!("the environment has no {variable}")),
            SecretSource::File(file) => {
                reach.read_words(&folder.join(file)).map(|text| text.strip_suffix('\n').unwrap_or(&text).to_owned())
            }
        };
        match secret {
            Ok(secret) => {
                found.insert(name.clone(), secret);
            }
            Err(why) => failures.push(
                Failure::permanent("backstop::cli::secret", format!("the secret `{name}` can't be had: {why}"))
                    .hint("Set the variable or the file that it names."),
            ),
        }
    }
    if failures.is_empty() { Ok(found) } else { Err(OperationProblem::failures(ProblemKind::Invalid, failures)) }
}

/// Render problems as mistakes at their places, in the plan or in the file that they stand in.
pub fn placed(loaded: &Loaded, wanted: &[String], inputs: &Inputs, problems: Vec<RenderProblem>) -> Problems {
    let sources = sources(loaded, wanted, inputs);
    let mistake = |problem: RenderProblem| load::LoadProblem {
        labels: vec![(exact(loaded, &problem), "here".to_owned())],
        code: problem.code,
        message: problem.message,
        help: Some(problem.help).filter(|help| !help.is_empty()),
    };
    Problems::new(&sources, problems.into_iter().map(mistake).collect())
}

/// The plan's own text, then those of its files.
fn sources(loaded: &Loaded, wanted: &[String], inputs: &Inputs) -> Vec<Arc<PlanSource>> {
    let file = |name: &String| {
        let text = inputs.files.get(name).cloned().unwrap_or_default();
        Arc::new(PlanSource::new(name, text, PlanFormat::Yaml))
    };
    std::iter::once(Arc::clone(&loaded.source)).chain(wanted.iter().map(file)).collect()
}

/// Where in its file a render problem stands. A text of the plan is found again through the plan's spelling of it.
fn exact(loaded: &Loaded, problem: &RenderProblem) -> Place {
    let Some(offset) = problem.offset else { return problem.at };
    if problem.at.file.0 > 0 {
        return Place { start: offset, len: 1, ..problem.at };
    }
    let template = Template { source: problem.text.clone(), at: problem.at };
    Place { start: loaded.source.locate(&template, offset), len: 1, ..problem.at }
}

fn format_of(path: &Path) -> Result<PlanFormat, OperationProblem> {
    PlanFormat::of_path(path).ok_or_else(|| {
        let message = format!("{}: neither YAML nor TOML by its name", path.display());
        OperationProblem::usage("backstop::cli::format", message, "Name the file `….yaml`, `….yml` or `….toml`.")
    })
}

/// Reads and orders several plans: each after those that it requires.
///
/// # Errors
/// Why one can't be read, and all mistakes of the first one that has some.
pub fn read_ordered(files: &FileAccess, paths: &[PathBuf]) -> Result<Vec<(PathBuf, Loaded)>, OperationProblem> {
    let mut loaded = Vec::new();
    for path in paths {
        loaded.push((path.clone(), read_plan(files, path)?));
    }
    let plans: Vec<_> = loaded.iter().map(|(_, loaded)| &loaded.plan).collect();
    let sources: Vec<_> = loaded.iter().map(|(_, loaded)| Arc::clone(&loaded.source)).collect();
    let order = load::order(&plans, load::Unknown::External).map_err(|problems| Problems::new(&sources, problems))?;
    let mut slots: Vec<_> = loaded.into_iter().map(Some).collect();
    Ok(order.sequence.into_iter().filter_map(|index| slots.get_mut(index).and_then(Option::take)).collect())
}
