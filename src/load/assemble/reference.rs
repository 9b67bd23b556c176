//! Ids that come twice, and references that lead nowhere.

use std::collections::HashMap;

use crate::{
    load::{
        diagnostics::{Diagnostics, instead, problem, with_first},
        form::{CheckForm, PlanForm, StepForm},
        scalar::{Listed, Listing, Name},
        shape::ShapeField,
    },
    plan::{CheckId, Template},
};

/// The ids of a plan and what refers to them, those of bad checks and steps included: they were meant to be there.
#[derive(Default)]
pub(super) struct IdReferences {
    before: Vec<Template>,
    unchanged: Vec<Template>,
    after: Vec<Template>,
    /// The after-checks couldn't be read, so that nobody knows what is missing.
    after_is_unknown: bool,
    steps: Vec<Template>,
    wanted: Vec<Template>,
}

impl IdReferences {
    pub(super) fn of(form: &PlanForm) -> IdReferences {
        let mut names = IdReferences { after_is_unknown: is_bad(&form.checks), ..IdReferences::default() };
        if let Some(checks) = &form.checks.value {
            let ids = |forms: &[CheckForm]| forms.iter().filter_map(|CheckForm(form)| text(&form.id)).collect();
            names.before = checks.before.value.as_ref().map(|Listed(forms)| ids(forms)).unwrap_or_default();
            names.after = checks.after.value.as_ref().map(|Listed(forms)| ids(forms)).unwrap_or_default();
            if let Some(Listed(forms)) = &checks.unchanged.value {
                names.unchanged = forms.iter().filter_map(|form| text(&form.0.id)).collect();
            }
            names.after_is_unknown |= is_bad(&checks.after);
        }
        let steps: &[StepForm] = form.steps.value.as_ref().map_or(&[], |Listed(steps)| steps);
        names.steps = steps.iter().filter_map(|step| text(&step.id)).collect();
        names.wanted =
            steps.iter().flat_map(|step| step.checks.value.clone().map(Listing::into_items).unwrap_or_default()).collect();
        names
    }

    /// Reports ids that aren't unique, and checks of steps that don't exist.
    pub(super) fn resolve(&self, diagnostics: &mut Diagnostics) {
        once("check", self.before.iter().chain(&self.unchanged).chain(&self.after), diagnostics);
        once("step", self.steps.iter(), diagnostics);
        if self.after_is_unknown {
            return;
        }
        let after: Vec<&str> = self.after.iter().map(|id| id.source.as_str()).collect();
        let known: HashMap<&str, Option<&str>> = (self.before.iter().map(|id| (id.source.as_str(), Some("before"))))
            .chain(self.unchanged.iter().map(|id| (id.source.as_str(), Some("unchanged"))))
            .chain(after.iter().map(|id| (*id, None)))
            .collect();
        // What can't be an id has been reported as such.
        for wanted in self.wanted.iter().filter(|wanted| CheckId::parse(&wanted.source).is_ok()) {
            let id = wanted.source.as_str();
            match known.get(id) {
                Some(None) => {}
                _ if diagnostics.is_full() => diagnostics.count(),
                Some(Some(phase)) => {
                    let message = format!("the check `{id}` stands under `{phase}`, and steps run only those under `after`");
                    let help = "Move the check to `after`, or leave it out here.";
                    diagnostics.report("backstop::load::unknown_check", wanted.at, message, help);
                }
                None => {
                    let help = match after[..] {
                        [] => "Add it under `checks`, in `after`.".to_owned(),
                        _ => instead(id, &after),
                    };
                    let message = format!("there is no check `{id}` under `after`");
                    diagnostics.report("backstop::load::unknown_check", wanted.at, message, help);
                }
            }
        }
    }
}

fn is_bad<T>(field: &ShapeField<T>) -> bool {
    field.is_given() && field.value.is_none()
}

fn text(id: &ShapeField<Name>) -> Option<Template> {
    id.value.as_ref().map(|Name(id)| id.clone())
}

fn once<'a>(what: &str, ids: impl Iterator<Item = &'a Template>, diagnostics: &mut Diagnostics) {
    let mut first: HashMap<&str, &Template> = HashMap::new();
    for id in ids {
        if let Some(earlier) = first.get(id.source.as_str()) {
            let message = format!("a second {what} is called `{}`", crate::load::node::shortened(&id.source));
            let again = problem("backstop::load::duplicate_id", id.at, message, "Give each an id of its own.");
            diagnostics.push(with_first(again, earlier.at));
        } else {
            first.insert(&id.source, id);
        }
    }
}
