//! Rendering within bounds: what a template makes of a few bytes has no end of its own.
//!
//! The template engine counts instructions, but one instruction can double a text, nest a value for ever or compare values that
//! share their parts without end. So a plan is rendered where memory, stack and time are bounded, whatever the engine does.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use super::{inputs::Inputs, problem::RenderProblem, resolved::ResolvedPlan};
use crate::{
    limits::{Bounds, Overrun, within},
    plan::{FileIndex, Place, Plan, SqlSource, Value, Written},
};

/// Memory that rendering may take, in bytes, beside what follows from the size of the plan.
const MEMORY: usize = 192 << 20;
/// How often the texts of a plan may be in memory at once: the template, what comes of it in both readings, and their forms for
/// people and for the fingerprint.
const TIMES_MAX: usize = 32;
/// Room for nesting, in bytes.
const STACK: usize = 64 << 20;
/// Rendering takes milliseconds. The bound changes nothing of what comes out, only whether something does.
const TIME: Duration = Duration::from_secs(30);

/// Which text is being rendered.
#[derive(Default)]
pub(super) struct UnderWay {
    file: AtomicUsize,
    start: AtomicUsize,
    len: AtomicUsize,
}

impl UnderWay {
    /// This one, from now on.
    pub(super) fn at(&self, place: Place) {
        self.file.store(place.file.0, Ordering::Relaxed);
        self.start.store(place.start, Ordering::Relaxed);
        self.len.store(place.len, Ordering::Relaxed);
    }

    fn place(&self) -> Place {
        let value = |of: &AtomicUsize| of.load(Ordering::Relaxed);
        Place { file: FileIndex(value(&self.file)), start: value(&self.start), len: value(&self.len) }
    }
}

type RenderFn = fn(&Plan<Written>, &Inputs, &UnderWay) -> Result<ResolvedPlan, Vec<RenderProblem>>;

/// Does the work within bounds.
///
/// # Errors
/// What the work says, or the text that went beyond them.
pub(super) fn within_bounds(
    plan: &Plan<Written>,
    inputs: &Inputs,
    work: RenderFn,
) -> Result<ResolvedPlan, Vec<RenderProblem>> {
    let memory = MEMORY.saturating_add(size(plan, inputs).saturating_mul(TIMES_MAX));
    let (plan, inputs, under_way) = (plan.clone(), inputs.clone(), Arc::new(UnderWay::default()));
    let followed = Arc::clone(&under_way);
    within(Bounds { memory, stack: STACK, time: TIME }, move || work(&plan, &inputs, &under_way))
        .unwrap_or_else(|overrun| Err(vec![problem(overrun, followed.place())]))
}

/// Bytes of the texts that may be long.
fn size(plan: &Plan<Written>, inputs: &Inputs) -> usize {
    let of_step = |sql: &SqlSource| match sql {
        SqlSource::Inline(template) => template.source.len(),
        SqlSource::File(_) => 0,
    };
    let steps: usize = plan.steps.iter().map(|step| of_step(&step.sql)).sum();
    let files: usize = inputs.files.values().map(String::len).sum();
    steps
        + files
        + inputs.values.values().map(of_value).sum::<usize>()
        + inputs.secrets.values().map(String::len).sum::<usize>()
}

fn of_value(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::List(items) => items.iter().map(of_value).sum(),
        Value::Integer(_) | Value::Number(_) | Value::Boolean(_) | Value::Secret(_) => size_of::<Value>(),
    }
}

fn problem(overrun: Overrun, at: Place) -> RenderProblem {
    let (code, help) = match overrun {
        Overrun::Memory | Overrun::Panic => (
            "backstop::render::too_large",
            "Look for a text or a list that doubles itself, or for a filter with a huge number. Let the server make what is large.",
        ),
        Overrun::Stack => (
            "backstop::render::too_deep",
            "Look for an expression with thousands of parts, a list within itself, or a chain of `elif`.",
        ),
        Overrun::Time => {
            ("backstop::render::endless", "Look for loops over too many items, and for values that grow in them.")
        }
        Overrun::Thread => ("backstop::render::no_thread", "Render fewer plans at once, or give the program more memory."),
    };
    RenderProblem {
        code,
        message: format!("the template {overrun}"),
        help: help.to_owned(),
        at,
        offset: None,
        text: String::new(),
    }
}
