//! The plan as a whole.

use std::sync::Arc;

use super::{check, reference::IdReferences, step, variable};
use crate::load::{
    decode,
    diagnostics::{Diagnostics, problem},
    form::{BackupForm, PlanForm, RollbackForm, SessionForm},
    format::PlanFormat,
    node::{Meaning, NodeKind, ValueNode, place},
    problem::{LoadProblem, Problems},
    scalar::{AnyWords, Choice, FormatTag, Listed, Listing, Name, NonBlankText, Ranged, Timeout, id},
    shape::{FromNode, ShapeField},
    source::PlanSource,
    toml, yaml,
};
use crate::plan::{Backup, List, Plan, PlanName, Rollback, Session, Target, Template, Written};

/// A plan and the file that it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// Free of mistakes; nothing in it is rendered yet.
    pub plan: Plan<Written>,
    /// The file: excerpts and places of templates come from it.
    pub source: Arc<PlanSource>,
}

/// Reads a plan. `name` is how messages call the file.
///
/// # Errors
/// All mistakes of the file, at their places; of a file that isn't well-formed YAML or TOML the first.
pub fn load(name: &str, bytes: &[u8], format: PlanFormat) -> Result<Loaded, Problems> {
    let text = decode::decode(bytes).map_err(|(shown, problem)| refuse(&PlanSource::new(name, shown, format), problem))?;
    let source = PlanSource::new(name, text, format);
    let mut diagnostics = Diagnostics::default();
    let root = tree(source.text(), format, &mut diagnostics).map_err(|problem| refuse(&source, problem))?;
    let plan = PlanForm::read(&root, &mut diagnostics).and_then(|form| assemble(form, &mut diagnostics));
    match plan.filter(|_| diagnostics.is_empty()) {
        Some(plan) => Ok(Loaded { plan, source: Arc::new(source) }),
        None => {
            let (problems, more) = diagnostics.into_parts();
            Err(Problems::with_more(&[Arc::new(source)], problems, more))
        }
    }
}

pub(in crate::load) fn refuse(source: &PlanSource, problem: LoadProblem) -> Problems {
    Problems::new(&[Arc::new(source.clone())], vec![problem])
}

/// The file's one value; nothing where it holds none.
pub(in crate::load) fn root(
    text: &str,
    format: PlanFormat,
    diagnostics: &mut Diagnostics,
) -> Result<Option<ValueNode>, LoadProblem> {
    match format {
        PlanFormat::Yaml => yaml::parse(text, diagnostics),
        PlanFormat::Toml => toml::parse(text, diagnostics).map(Some),
    }
}

fn tree(text: &str, format: PlanFormat, diagnostics: &mut Diagnostics) -> Result<ValueNode, LoadProblem> {
    let root = root(text, format, diagnostics)?;
    let is_empty = |node: &ValueNode| match &node.kind {
        NodeKind::Map(entries) => entries.is_empty(),
        NodeKind::List(_) => false,
        NodeKind::Scalar(scalar) => scalar.meaning == Meaning::Null,
    };
    root.filter(|root| !is_empty(root)).ok_or_else(|| {
        let help = "A plan begins with `format`, `name` and `steps`.";
        problem("backstop::load::empty", place(0, 0), "the file holds no plan", help)
    })
}

/// The plan; nothing where something that it can't do without is missing or bad, which then has been reported.
fn assemble(form: PlanForm, diagnostics: &mut Diagnostics) -> Option<Plan<Written>> {
    IdReferences::of(&form).resolve(diagnostics);
    let name = form.name.value.and_then(|Name(name)| id(&name, PlanName::parse, ", `-`, `_` and `.`", diagnostics));
    let requires = requires(form.requires, name.as_ref().map(|(name, _)| name), diagnostics);
    let transaction = choice(&form.transaction);
    let rollback = form.rollback.value.as_ref().map(rollback).unwrap_or_default();
    let vars = variable::variables(form.vars, diagnostics);
    let checks = check::checks(form.checks.value, diagnostics);
    let steps_are_good = form.steps.value.is_some();
    let forms = form.steps.value.map(|Listed(steps)| steps).unwrap_or_default();
    let written = forms.len();
    let steps = step::steps(forms, transaction.unwrap_or_default(), rollback.on_failure, diagnostics);
    let FormatTag = form.format.value?;
    let (name, name_at) = name?;
    Some(Plan {
        name,
        name_at,
        description: words(form.description),
        owner: words(form.owner),
        links: items(form.links).into_iter().map(|link| link.source).collect(),
        requires,
        repeat: choice(&form.repeat).unwrap_or_default(),
        transaction: transaction.unwrap_or_default(),
        vars,
        templates: items(form.templates),
        session: session(form.session.value),
        backup: backup(form.backup.value),
        checks,
        steps: (steps_are_good && steps.len() == written).then_some(steps)?,
        rollback,
        lint: step::exceptions(form.lint.value),
    })
}

fn requires(
    field: ShapeField<Listing<0>>,
    own: Option<&PlanName>,
    diagnostics: &mut Diagnostics,
) -> Vec<(PlanName, crate::plan::Place)> {
    let mut found = Vec::new();
    for required in items(field) {
        let Some((name, at)) = id(&required, PlanName::parse, ", `-`, `_` and `.`", diagnostics) else { continue };
        if Some(&name) == own {
            let message = format!("the plan `{name}` requires itself");
            diagnostics.report("backstop::load::cycle", at, message, "Name only plans that come before this one.");
        }
        found.push((name, at));
    }
    found
}

fn session(form: Option<SessionForm>) -> Session<Written> {
    let or = |field: Option<ShapeField<Timeout>>, default| {
        field.and_then(|field| field.value).map_or(default, |Timeout(duration)| duration)
    };
    let (lock, statement, idle, path) = match form {
        Some(form) => (
            Some(form.lock_timeout),
            Some(form.statement_timeout),
            Some(form.idle_in_transaction_session_timeout),
            form.search_path.value,
        ),
        None => (None, None, None, None),
    };
    Session {
        lock_timeout: or(lock, Session::<Written>::LOCK_TIMEOUT),
        statement_timeout: or(statement, Session::<Written>::STATEMENT_TIMEOUT),
        idle_in_transaction_session_timeout: or(idle, Session::<Written>::IDLE_TIMEOUT),
        search_path: path.map_or_else(|| List::Items(vec![unwritten("public")]), |Listing(list)| list),
    }
}

fn backup(form: Option<BackupForm>) -> Backup<Written> {
    let Some(form) = form else {
        return Backup {
            schema: unwritten(Backup::<Written>::SCHEMA),
            keep: Backup::<Written>::KEEP,
            writers: Default::default(),
            sequences: Default::default(),
            verify: Default::default(),
            targets: Vec::new(),
            allow_uncovered: List::Items(Vec::new()),
            execute_role: None,
            admin_role: None,
        };
    };
    let targets = form.targets.value.map(|Listed(targets)| targets).unwrap_or_default();
    let keep = form.keep.value.and_then(|Ranged(keep)| u32::try_from(keep).ok());
    Backup {
        schema: form.schema.value.map_or_else(|| unwritten(Backup::<Written>::SCHEMA), |NonBlankText(schema)| schema),
        keep: keep.unwrap_or(Backup::<Written>::KEEP),
        writers: choice(&form.writers).unwrap_or_default(),
        sequences: choice(&form.sequences).unwrap_or_default(),
        verify: choice(&form.verify).unwrap_or_default(),
        targets: targets
            .into_iter()
            .filter_map(|target| {
                let at = target.tables.at.unwrap_or(target.at);
                let exclude = target.exclude.value.map_or(List::Items(Vec::new()), |Listing(list)| list);
                target.tables.value.map(|Listing(tables)| Target { tables, exclude, at })
            })
            .collect(),
        allow_uncovered: form.allow_uncovered.value.map_or(List::Items(Vec::new()), |Listing(list)| list),
        execute_role: form.execute_role.value.map(|NonBlankText(role)| role),
        admin_role: form.admin_role.value.map(|NonBlankText(role)| role),
    }
}

fn rollback(form: &RollbackForm) -> Rollback {
    Rollback {
        on_failure: choice(&form.on_failure).unwrap_or_default(),
        on_interrupt: choice(&form.on_interrupt).unwrap_or_default(),
    }
}

fn choice<T: Copy>(field: &ShapeField<Choice<T>>) -> Option<T> {
    field.value.as_ref().map(|Choice(choice)| *choice)
}

fn words(field: ShapeField<AnyWords>) -> Option<String> {
    field.value.map(|AnyWords(text)| text.source)
}

fn items(field: ShapeField<Listing<0>>) -> Vec<Template> {
    field.value.map(Listing::into_items).unwrap_or_default()
}

/// A text that stands nowhere: a default.
fn unwritten(text: &str) -> Template {
    Template { source: text.to_owned(), at: place(0, 0) }
}
