//! Findings at their places in files, and drawn with excerpts.

use std::{collections::BTreeMap, fmt, path::Path, sync::Arc};

use miette::{Diagnostic, LabeledSpan, Severity, SourceCode, SourceSpan};

use super::console;
use crate::{
    lint::{At, Finding, StepPart},
    load::{Loaded, PlanSource},
    operations::{Offline, lint::Linted},
    plan::{LintSettings, RuleLevel, SqlSource, Template},
    render,
    report::{
        Style,
        lint::{FindingRecord, LintReport, PlanRecord},
    },
};

/// Most bytes that an excerpt underlines.
const UNDERLINED_MAX: usize = 120;
/// Most findings of one rule in one step that are drawn, each with its excerpt.
const ALIKE_SHOWN_MAX: usize = 5;

/// A plan's findings, each at its place.
pub struct Placed {
    /// As plain values.
    pub record: PlanRecord,
    shown: Vec<FindingDiagnostic>,
}

/// One finding as a diagnostic.
#[derive(Debug)]
struct FindingDiagnostic {
    finding: Finding,
    source: Arc<PlanSource>,
    span: SourceSpan,
    help: String,
}

impl Placed {
    /// The findings of a plan.
    pub fn of(plan: Linted, settings: &LintSettings) -> Placed {
        let Linted { path, loaded, offline, findings } = plan;
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut records = Vec::new();
        let mut all = Vec::new();
        let mut places = FindingPlaces { loaded: &loaded, offline: &offline, laid: BTreeMap::new() };
        for finding in findings {
            let (file, from, to) = places.of(&finding.at);
            let source = Arc::clone(source_of(&loaded, &offline, file));
            let (first, last) = (source.position(from), source.position(to));
            let name = if file == 0 { shown(&path) } else { shown(&folder.join(source.name())) };
            let (first, last) = ((first.line, first.column), (last.line, last.column));
            records.push(FindingRecord::new(&finding, settings, &name, first, last));
            let line_end = source.text()[from..].find('\n').map_or(source.text().len(), |end| from + end);
            let length = to.min(line_end).saturating_sub(from).min(UNDERLINED_MAX);
            let length = (0..=length).rev().find(|length| source.text().is_char_boundary(from + length)).unwrap_or(0);
            let help = match &finding.excepted {
                Some(reason) => format!("excepted: {reason}"),
                None => format!("{}\n{}", finding.rule.effect, finding.rule.remedy),
            };
            all.push(FindingDiagnostic { span: SourceSpan::new(from.into(), length), source, help, finding });
        }
        let record = PlanRecord { name: loaded.plan.name.to_string(), file: shown(&path), findings: records };
        Placed { record, shown: all }
    }
}

/// Finds the places of findings. Each text is laid on its template once, however many findings it has.
struct FindingPlaces<'a> {
    loaded: &'a Loaded,
    offline: &'a Offline,
    /// By step, and whether it is its `undo`.
    laid: BTreeMap<(usize, bool), Option<FindingText<'a>>>,
}

/// A step's text: its source, its template there where it is no file of its own, and where its parts come from.
struct FindingText<'a> {
    file: usize,
    template: Option<&'a Template>,
    origins: render::SourceMap<'a>,
}

impl<'a> FindingPlaces<'a> {
    /// Which of the sources, and its bytes from and to.
    fn of(&mut self, at: &At) -> (usize, usize, usize) {
        let (loaded, offline) = (self.loaded, self.offline);
        match at {
            At::Plan(place) => {
                let file = place.file.0.min(offline.sources.len().saturating_sub(1));
                bounded(source_of(loaded, offline, file), file, place.start, place.start + place.len)
            }
            At::Sql { step, part, range } => {
                let key = (*step, *part == StepPart::Undo);
                let text = self.laid.entry(key).or_insert_with(|| text(loaded, offline, *step, *part));
                let Some(text) = text else {
                    let at =
                        loaded.plan.steps.get(*step).map_or((0, 0), |step| (step.at.start, step.at.start + step.at.len));
                    return (0, at.0, at.1);
                };
                let from = text.origins.find(range.start);
                let to = text.origins.find(range.end).max(from);
                match text.template {
                    Some(template) => {
                        let (from, to) = (loaded.source.locate(template, from), loaded.source.locate(template, to));
                        bounded(&loaded.source, 0, from, to)
                    }
                    None => bounded(source_of(loaded, offline, text.file), text.file, from, to),
                }
            }
        }
    }
}

fn text<'a>(loaded: &'a Loaded, offline: &'a Offline, step: usize, part: StepPart) -> Option<FindingText<'a>> {
    let (written, resolved) = (loaded.plan.steps.get(step)?, offline.resolved.plan().steps.get(step)?);
    let (template, rendered) = match (part, &written.sql) {
        (StepPart::Sql, SqlSource::Inline(template)) => (template, resolved.sql.shown()),
        (StepPart::Sql, SqlSource::File(path)) => {
            let file = offline.wanted.iter().position(|wanted| *wanted == path.source)? + 1;
            let origins = render::SourceMap::of(offline.sources.get(file)?.text(), resolved.sql.shown());
            return Some(FindingText { file, template: None, origins });
        }
        (StepPart::Undo, _) => (written.undo.as_ref()?, resolved.undo.as_ref().map_or("", |undo| undo.shown())),
    };
    Some(FindingText { file: 0, template: Some(template), origins: render::SourceMap::of(&template.source, rendered) })
}

/// One of the texts; the first is the plan's own.
fn source_of<'a>(loaded: &'a Loaded, offline: &'a Offline, file: usize) -> &'a Arc<PlanSource> {
    offline.sources.get(file).unwrap_or(&loaded.source)
}

/// Bytes that the file has, from no later than to.
fn bounded(source: &PlanSource, file: usize, from: usize, to: usize) -> (usize, usize, usize) {
    let floor = |at: usize| {
        let at = at.min(source.text().len());
        (0..=at).rev().find(|at| source.text().is_char_boundary(*at)).unwrap_or(0)
    };
    let from = floor(from);
    (file, from, floor(to).max(from))
}

/// All findings with excerpts, then a line for what is excepted, and how many there are.
pub fn drawn(plans: &[Placed], report: &LintReport, style: Style) -> String {
    let mut out = String::new();
    for plan in plans {
        out += &drawn_of(plan, style);
    }
    let mut excepted: Vec<(String, usize)> = Vec::new();
    for line in plans.iter().flat_map(|plan| plan.record.findings.iter().filter_map(|finding| exception(plan, finding))) {
        match excepted.iter_mut().find(|(known, _)| *known == line) {
            Some((_, times)) => *times += 1,
            None => excepted.push((line, 1)),
        }
    }
    for (line, times) in excepted {
        let times = if times > 1 { format!(" ({times} times)") } else { String::new() };
        out += &format!("{line}{times}\n");
    }
    out + &report.summary()
}

/// A plan's findings. Of those of one rule in one step the first few are drawn, the others counted.
fn drawn_of(plan: &Placed, style: Style) -> String {
    let mut out = String::new();
    let mut told: BTreeMap<(&str, Option<String>), Vec<&FindingDiagnostic>> = BTreeMap::new();
    for shown in plan.shown.iter().filter(|shown| shown.finding.excepted.is_none()) {
        let alike = told.entry((shown.finding.rule.code, shown.finding.step.as_ref().map(ToString::to_string))).or_default();
        alike.push(shown);
        if alike.len() <= ALIKE_SHOWN_MAX {
            out += console::drawn(shown, style).trim_start_matches('\n');
            out.push('\n');
        }
    }
    for ((rule, step), alike) in told {
        let Some((first, last)) = alike.get(ALIKE_SHOWN_MAX).zip(alike.last()) else { continue };
        let line = |shown: &FindingDiagnostic| shown.source.position(shown.span.offset()).line;
        let (more, step) = (alike.len() - ALIKE_SHOWN_MAX, step.map(|step| format!(" in step {step}")).unwrap_or_default());
        let file = first.source.name();
        out += &format!(
            "{more} more of {rule}{step}: {file}, lines {} to {} (`--report json` lists them)\n\n",
            line(first),
            line(last)
        );
    }
    out
}

/// A line about what a plan makes an exception of.
fn exception(plan: &Placed, finding: &FindingRecord) -> Option<String> {
    let reason = finding.excepted.as_ref()?;
    let step = finding.step.as_ref().map(|step| format!(", step {step}")).unwrap_or_default();
    Some(format!("excepted: {} in {}{step}: {reason}", finding.rule, plan.record.file))
}

impl fmt::Display for FindingDiagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.finding.message)
    }
}

impl std::error::Error for FindingDiagnostic {}

impl Diagnostic for FindingDiagnostic {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let level = crate::lint::word(self.finding.level);
        let step = self.finding.step.as_ref().map(|step| format!(" in step {step}")).unwrap_or_default();
        Some(Box::new(format!("{level}: {}{step}", self.finding.rule.code)))
    }

    fn severity(&self) -> Option<Severity> {
        match self.finding.level {
            _ if self.finding.excepted.is_some() => Some(Severity::Advice),
            RuleLevel::Error => Some(Severity::Error),
            RuleLevel::Warning => Some(Severity::Warning),
            _ => Some(Severity::Advice),
        }
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.source.as_ref())
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(LabeledSpan::new_primary_with_span(None, self.span))))
    }
}

/// How a file is called in reports: relative to the working directory where it stands in it.
pub fn shown(path: &Path) -> String {
    path.strip_prefix("./").unwrap_or(path).display().to_string()
}
