//! Two versions of one plan → what changed, with the values of each environment.

use super::plan_version::{PlanVersion, RenderedVersion, VersionValues, loaded, rendered};
use crate::{
    lint::{Finding, lint},
    load::Loaded,
    plan::{LintSettings, RuleLevel},
    review::{self, FileChange, Hazard, Hazards, PlanReview, Rendition, Review, Unreadable, Weight, deduplicate},
};

/// An environment's values, as they were and as they are.
pub struct Around {
    /// Its name; none where there are no environments.
    pub environment: Option<String>,
    /// As they were.
    pub old: VersionValues,
    /// As they are.
    pub new: VersionValues,
}

/// A plan file's two versions.
pub struct PlanPair<'a> {
    /// As it was; none where it is new.
    pub old: Option<PlanVersion<'a>>,
    /// As it is; none where it is gone.
    pub new: Option<PlanVersion<'a>>,
}

impl PlanPair<'_> {
    /// What changed, and what lint finds more and less; nothing where nothing did. What findings weigh is as `settings` say.
    pub fn reviewed(&self, arounds: &[Around], settings: &LintSettings) -> Option<PlanReview> {
        let (old, new) = (self.old.as_ref().map(loaded), self.new.as_ref().map(loaded));
        let fate = match (&self.old, &self.new) {
            (None, _) => FileChange::Added,
            (_, None) => FileChange::Removed,
            (Some(_), Some(_)) => FileChange::Changed,
        };
        let name = |version: &Option<Result<Loaded, Vec<String>>>| {
            version.as_ref().and_then(|loaded| loaded.as_ref().ok()).map(|loaded| loaded.plan.name.to_string())
        };
        let path = self.new.as_ref().or(self.old.as_ref()).map(|version| version.name.to_owned()).unwrap_or_default();
        let was = self.old.as_ref().map(|version| version.name.to_owned()).filter(|was| *was != path);
        let mut found = PlanReview {
            path,
            was,
            plan: name(&new).or_else(|| name(&old)),
            fate,
            review: Review::default(),
            findings: Hazards::default(),
            stand_ins: Vec::new(),
            unreadable: Vec::new(),
        };
        if fate != FileChange::Removed {
            let mut renditions = Vec::new();
            for around in arounds {
                let sides = (side(self.old.as_ref(), &old, &around.old), side(self.new.as_ref(), &new, &around.new));
                let Some((then, now)) = readable(sides, around, &mut found) else { continue };
                let review = match &then {
                    Some((_, then)) => review::compare(then.plan.plan(), now.1.plan.plan()),
                    None => review::introduced(now.1.plan.plan()),
                };
                let findings = match review.is_nothing() {
                    true => Hazards::default(),
                    false => more_and_less(then.as_ref(), &now, settings, around, &mut found),
                };
                let environment = around.environment.clone().unwrap_or_default();
                renditions.push(Rendition { environment, review, findings });
            }
            (found.review, found.findings) = deduplicate(renditions);
            found.unreadable = once(std::mem::take(&mut found.unreadable), arounds.len());
        }
        (!found.is_nothing()).then_some(found)
    }
}

/// A version as it is written and as it would run; why not where it can't.
type LoadedVersion<'l> = Option<Result<(&'l Loaded, RenderedVersion), Vec<String>>>;

fn side<'l>(
    version: Option<&PlanVersion<'_>>,
    loaded: &'l Option<Result<Loaded, Vec<String>>>,
    setting: &VersionValues,
) -> LoadedVersion<'l> {
    match (version, loaded.as_ref()?) {
        (Some(version), Ok(loaded)) => Some(rendered(loaded, version, setting).map(|rendered| (loaded, rendered))),
        (_, Err(why)) => Some(Err(why.clone())),
        (None, _) => None,
    }
}

type Readable<'l> = (Option<(&'l Loaded, RenderedVersion)>, (&'l Loaded, RenderedVersion));

/// Both sides where the new one can be read; what can't be is noted.
fn readable<'l>(
    sides: (LoadedVersion<'l>, LoadedVersion<'l>),
    around: &Around,
    found: &mut PlanReview,
) -> Option<Readable<'l>> {
    let mut noted = |version, side: LoadedVersion<'l>| match side? {
        Ok((loaded, rendered)) => {
            for name in &rendered.stand_ins {
                if !found.stand_ins.contains(name) {
                    found.stand_ins.push(name.clone());
                }
            }
            Some((loaded, rendered))
        }
        Err(why) => {
            found.unreadable.push(Unreadable { version, environment: around.environment.clone(), why });
            None
        }
    };
    let (old, new) = (noted(review::DiffSide::Old, sides.0), noted(review::DiffSide::New, sides.1));
    Some((old, new?))
}

/// What lint finds in the new version alone, and in the old one alone.
fn more_and_less(
    then: Option<&(&Loaded, RenderedVersion)>,
    now: &(&Loaded, RenderedVersion),
    settings: &LintSettings,
    around: &Around,
    found: &mut PlanReview,
) -> Hazards {
    let findings = |(loaded, rendered): &(&Loaded, RenderedVersion)| {
        lint(&loaded.plan, &rendered.plan, &rendered.files, settings)
            .map(|findings| findings.iter().map(|finding| hazard(finding, settings)).collect::<Vec<_>>())
    };
    let old = then.map(findings).and_then(Result::ok).unwrap_or_default();
    match findings(now) {
        Ok(new) => Hazards::between(old, new),
        Err(unknown) => {
            let why = unknown.iter().map(|rule| format!("{}: there is no rule `{}`", found.path, rule.code)).collect();
            found.unreadable.push(Unreadable {
                version: review::DiffSide::New,
                environment: around.environment.clone(),
                why,
            });
            Hazards::default()
        }
    }
}

fn hazard(finding: &Finding, settings: &LintSettings) -> Hazard {
    Hazard {
        rule: finding.rule.code.to_owned(),
        level: match finding.level {
            RuleLevel::Error => Weight::Error,
            RuleLevel::Warning => Weight::Warning,
            RuleLevel::Note | RuleLevel::Off => Weight::Note,
        },
        fails: finding.fails(settings),
        step: finding.step.as_ref().map(ToString::to_string),
        message: finding.message.clone(),
        effect: finding.rule.effect.to_owned(),
        remedy: finding.rule.remedy.to_owned(),
        excepted: finding.excepted.clone(),
        only_in: Vec::new(),
    }
}

/// What is so in all environments is told of none.
fn once(unreadable: Vec<Unreadable>, all: usize) -> Vec<Unreadable> {
    let mut told: Vec<Unreadable> = Vec::new();
    for problem in &unreadable {
        let is_same = |other: &&Unreadable| other.version == problem.version && other.why == problem.why;
        if unreadable.iter().filter(is_same).count() < all {
            told.push(problem.clone());
        } else if !told.iter().any(|other| is_same(&other)) {
            told.push(Unreadable { environment: None, ..problem.clone() });
        }
    }
    told
}
