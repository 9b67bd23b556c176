//! The file as a whole.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    approval,
    environment::environments,
    form::{LintForm, RepositoryForm},
};
use crate::{
    load::{
        assemble::{refuse, root},
        decode,
        diagnostics::Diagnostics,
        format::PlanFormat,
        problem::Problems,
        scalar::{Choice, FormatTag, Keyed, Listing},
        shape::FromNode,
        source::PlanSource,
    },
    plan::{LintSettings, RepositorySettings, RuleSetting},
};

/// A repository's settings and the file that they were read from.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedRepository {
    /// The settings.
    pub repository: RepositorySettings,
    /// The file: excerpts of places come from it.
    pub source: Arc<PlanSource>,
}

/// Reads a repository's file, which is TOML. `name` is how messages call it.
///
/// # Errors
/// All mistakes of the file, at their places; of a file that isn't well-formed TOML the first.
pub fn repository(name: &str, bytes: &[u8]) -> Result<LoadedRepository, Problems> {
    const FORMAT: PlanFormat = PlanFormat::Toml;
    let text = decode::decode(bytes).map_err(|(shown, problem)| refuse(&PlanSource::new(name, shown, FORMAT), problem))?;
    let source = PlanSource::new(name, text, FORMAT);
    let mut diagnostics = Diagnostics::default();
    let root = root(source.text(), FORMAT, &mut diagnostics).map_err(|problem| refuse(&source, problem))?;
    let form = root.as_ref().and_then(|root| RepositoryForm::read(root, &mut diagnostics));
    let repository = form.and_then(|form| assemble(form, &mut diagnostics));
    match repository.filter(|_| diagnostics.is_empty()) {
        Some(repository) => Ok(LoadedRepository { repository, source: Arc::new(source) }),
        None => {
            let (problems, more) = diagnostics.into_parts();
            Err(Problems::with_more(&[Arc::new(source)], problems, more))
        }
    }
}

/// The settings; what is wrong in them has been reported.
fn assemble(form: RepositoryForm, diagnostics: &mut Diagnostics) -> Option<RepositorySettings> {
    let plans = form.plans.value.map(Listing::into_items).unwrap_or_default();
    let environments = environments(form.environments.value, diagnostics);
    let lint = form.lint.value.map(lint).unwrap_or_default();
    let approval = approval::policy(form.approval.value, diagnostics);
    let FormatTag = form.format.value?;
    let read_outside = form.read_outside.value.map(Listing::into_items).unwrap_or_default();
    Some(RepositorySettings {
        plans: plans.into_iter().map(|path| path.source).collect(),
        read_outside: read_outside.into_iter().map(|path| path.source).collect(),
        environments,
        lint,
        approval,
    })
}

fn lint(form: LintForm) -> LintSettings {
    let mut rules = BTreeMap::new();
    for (code, at, level) in form.rules.value.map(|Keyed(rules)| rules).unwrap_or_default() {
        if let Some(Choice(level)) = level {
            rules.insert(code, RuleSetting { level, at });
        }
    }
    LintSettings { fail_on: form.fail_on.value.map(|Choice(level)| level).unwrap_or_default(), rules }
}
