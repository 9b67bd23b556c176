//! The files that a plan names.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::{FileIndex, Place, Plan, SqlSource, Template, Written};

/// The SQL and macro files that the plan names, each once: macro files first, then those of the steps, in their order. The
/// file at position `i` has [`FileIndex`] `i + 1`, the plan itself 0. Paths are as the plan names them.
pub fn files_wanted(plan: &Plan<Written>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    mentions(plan).filter(|path| seen.insert(&path.source)).map(|path| path.source.clone()).collect()
}

/// Every mention of a file, in the order of [`files_wanted`].
fn mentions(plan: &Plan<Written>) -> impl Iterator<Item = &Template> {
    let of_steps = plan.steps.iter().filter_map(|step| match &step.sql {
        SqlSource::File(path) => Some(path),
        SqlSource::Inline(_) => None,
    });
    plan.templates.iter().chain(of_steps)
}

/// The files of a plan with their texts.
pub(super) struct PlanFiles<'a> {
    texts: &'a BTreeMap<String, String>,
    indices: BTreeMap<String, FileIndex>,
}

/// One of them.
#[derive(Clone, Copy)]
pub(super) struct File<'a> {
    pub(super) path: &'a str,
    pub(super) text: &'a str,
    pub(super) at: Place,
}

impl<'a> PlanFiles<'a> {
    pub(super) fn of(plan: &Plan<Written>, texts: &'a BTreeMap<String, String>) -> Self {
        let indices = files_wanted(plan).into_iter().enumerate().map(|(i, path)| (path, FileIndex(i + 1))).collect();
        PlanFiles { texts, indices }
    }

    /// The file of this path, where the caller has read it.
    pub(super) fn get(&self, path: &str) -> Option<File<'a>> {
        let (path, text) = self.texts.get_key_value(path)?;
        let file = *self.indices.get(path)?;
        Some(File { path, text, at: Place { file, start: 0, len: text.len() } })
    }
}
