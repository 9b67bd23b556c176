//! What is wrong with a plan file, for people and for programs.

use std::{fmt, sync::Arc};

use miette::{Diagnostic, LabeledSpan, SourceCode};
use schemars::JsonSchema;
use serde::Serialize;

use super::source::PlanSource;
use crate::plan::Place;

/// Mistakes whose place holds what nobody may read.
const CONCEALED: [&str; 2] = ["backstop::load::password", "backstop::load::secret"];

/// One mistake.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadProblem {
    /// Stable: `backstop::load::name`.
    pub code: &'static str,
    /// What is wrong: a lowercase fragment.
    pub message: String,
    /// What to do: a sentence.
    pub help: Option<String>,
    /// Where, the place of the mistake first, and what to say there.
    pub labels: Vec<(Place, String)>,
}

/// All mistakes that were found, in the order of their places.
#[derive(Debug, Clone)]
pub struct Problems {
    reports: Vec<Report>,
    more: usize,
    subject: String,
}

/// One mistake with the file that it stands in: a diagnostic of its own.
#[derive(Debug, Clone)]
pub struct Report {
    problem: LoadProblem,
    source: Option<Arc<PlanSource>>,
    elsewhere: Vec<Report>,
}

/// One mistake as it is written in JSON.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Record {
    /// Stable code.
    pub code: &'static str,
    /// A lowercase fragment.
    pub message: String,
    /// How the file is called.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
    /// A sentence; none where there is nothing to add.
    pub help: Option<String>,
}

impl Problems {
    /// Problems over some files; a place's file is the index into `sources`.
    pub fn new(sources: &[Arc<PlanSource>], problems: Vec<LoadProblem>) -> Self {
        Self::with_more(sources, problems, 0)
    }

    pub(super) fn with_more(sources: &[Arc<PlanSource>], mut problems: Vec<LoadProblem>, more: usize) -> Self {
        problems.sort_by_key(|problem| problem.labels.first().map(|(place, _)| (place.file, place.start)));
        let subject = match sources {
            [only] => only.name().to_owned(),
            many => format!("{} files", many.len()),
        };
        let sources = &concealed(sources, &problems);
        Problems { reports: problems.into_iter().map(|problem| Report::new(sources, problem)).collect(), more, subject }
    }

    /// One diagnostic for each.
    pub fn reports(&self) -> &[Report] {
        &self.reports
    }

    /// How many were found beyond those that are told: the list is bounded.
    pub fn more(&self) -> usize {
        self.more
    }

    /// As plain values.
    pub fn records(&self) -> Vec<Record> {
        self.reports.iter().map(Report::record).collect()
    }
}

/// The sources without what some of the problems are about: excerpts of other problems show the lines around them, too.
fn concealed(sources: &[Arc<PlanSource>], problems: &[LoadProblem]) -> Vec<Arc<PlanSource>> {
    let mut sources = sources.to_vec();
    for problem in problems.iter().filter(|problem| CONCEALED.contains(&problem.code)) {
        for (place, _) in &problem.labels {
            if let Some(source) = sources.get_mut(place.file.0) {
                *source = Arc::new(source.concealed(*place));
            }
        }
    }
    sources
}

impl Report {
    fn new(sources: &[Arc<PlanSource>], problem: LoadProblem) -> Self {
        let Some(file) = problem.labels.first().map(|(place, _)| place.file) else {
            return Report { problem, source: sources.first().cloned(), elsewhere: Vec::new() };
        };
        let (here, there): (Vec<_>, Vec<_>) = problem.labels.iter().cloned().partition(|(place, _)| place.file == file);
        let elsewhere = there
            .into_iter()
            .map(|label| Report {
                source: sources.get(label.0.file.0).cloned(),
                problem: LoadProblem { code: problem.code, message: label.1.clone(), help: None, labels: vec![label] },
                elsewhere: Vec::new(),
            })
            .collect();
        Report { source: sources.get(file.0).cloned(), problem: LoadProblem { labels: here, ..problem }, elsewhere }
    }

    /// The mistake.
    pub fn problem(&self) -> &LoadProblem {
        &self.problem
    }

    /// As a plain value.
    pub fn record(&self) -> Record {
        let start = self.problem.labels.first().map_or(0, |(place, _)| place.start);
        let (line, column) = self.source.as_ref().map_or((1, 1), |source| {
            let at = source.position(start);
            (at.line, at.column)
        });
        Record {
            code: self.problem.code,
            message: self.problem.message.clone(),
            file: self.source.as_ref().map(|source| source.name().to_owned()).unwrap_or_default(),
            line,
            column,
            help: self.problem.help.clone(),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem.message)
    }
}

impl std::error::Error for Report {}

impl Diagnostic for Report {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.problem.code))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.problem.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_deref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let source = self.source.as_deref()?;
        Some(Box::new(self.problem.labels.iter().enumerate().map(move |(nth, (place, text))| {
            let (text, span) = ((!text.is_empty()).then(|| text.clone()), source.underlined(*place));
            if nth == 0 { LabeledSpan::new_primary_with_span(text, span) } else { LabeledSpan::new_with_span(text, span) }
        })))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        (!self.elsewhere.is_empty())
            .then(|| Box::new(self.elsewhere.iter().map(|report| report as &dyn Diagnostic)) as Box<dyn Iterator<Item = _>>)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reports.len() + self.more {
            1 => write!(f, "1 problem in {}", self.subject)?,
            n => write!(f, "{n} problems in {}", self.subject)?,
        }
        if self.more > 0 {
            write!(f, ", the first {} are shown", self.reports.len())?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

impl Diagnostic for Problems {
    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.reports.iter().map(|report| report as &dyn Diagnostic)))
    }
}
