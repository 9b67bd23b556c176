//! What goes to those who watch many runs: metrics and JUnit's XML as files, traces by OTLP. Nothing of it changes how a run ends.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use uuid::Uuid;

use super::exit::Exit;
use crate::{
    plan::PlanName,
    report::{Closing, JournalEntry, Suite, Trace, TraceContext, junit, metrics},
    secrets,
};

/// What was seen of the runs of this process.
#[derive(Debug)]
pub struct Telemetry {
    context: Option<TraceContext>,
    traces: Vec<Trace>,
    suites: Vec<Suite>,
}

impl Telemetry {
    /// Nothing yet; a part of the trace that the environment's TRACEPARENT names, if it does.
    pub fn new() -> Self {
        let context = env::var("TRACEPARENT").ok().and_then(|text| TraceContext::read(&text));
        Telemetry { context, traces: Vec::new(), suites: Vec::new() }
    }

    /// The id of the trace that a pipeline began.
    pub fn trace_id(&self) -> Option<String> {
        self.context.as_ref().map(TraceContext::trace_id)
    }

    /// What follows is of this run.
    pub fn begin(&mut self, run: Uuid, plan: &PlanName) {
        self.traces.push(Trace::new(run.to_string(), plan.as_str()));
        self.suites.push(Suite::new(plan.as_str()));
    }

    /// Takes an event of the run.
    pub fn follow(&mut self, entry: &JournalEntry<'_>) {
        if let Some(trace) = self.traces.last_mut() {
            trace.follow(entry);
        }
        if let Some(suite) = self.suites.last_mut() {
            suite.follow(entry);
        }
    }

    /// A plan that a run's end left without one.
    pub fn not_begun(&mut self, plan: &str) {
        self.suites.push(Suite::not_begun(plan));
    }

    /// Takes how the run was left.
    pub fn left(&mut self, closing: &Closing<'_>, exit: Exit) {
        if let Some(trace) = self.traces.last_mut() {
            trace.close(closing, exit.code());
        }
        if let Some(suite) = self.suites.last_mut() {
            suite.close(closing, exit.code());
        }
    }

    /// Writes metrics and JUnit's XML and sends the traces; gives what did not work. A process without a run leaves the files as
    /// they are.
    pub async fn hand_over(&self, metrics_file: Option<&Path>, junit_file: Option<&Path>) -> Vec<String> {
        let mut troubles = Vec::new();
        if self.traces.iter().all(|trace| trace.whole.is_none()) {
            return troubles;
        }
        if let Some(path) = metrics_file
            && let Err(error) = replace(path, &metrics(&self.traces))
        {
            troubles.push(format!("no metrics: {}: {error}", path.display()));
        }
        if let Some(path) = junit_file
            && let Err(error) = replace(path, &junit(&self.suites))
        {
            troubles.push(format!("no JUnit report: {}: {error}", path.display()));
        }
        if wants_traces() && self.context.is_none_or(|context| context.sampled) {
            troubles.extend(self.send().await.err().map(|why| format!("no traces: {why}")));
        }
        troubles
    }

    #[cfg(feature = "otlp")]
    async fn send(&self) -> Result<(), String> {
        super::otlp::send(&self.traces, self.context.as_ref()).await
    }

    #[cfg(not(feature = "otlp"))]
    async fn send(&self) -> Result<(), String> {
        Err("this program was built without the feature `otlp`".to_owned())
    }
}

/// Whether the environment says where traces go, in the variables that OpenTelemetry defines.
fn wants_traces() -> bool {
    let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    let says = |name: &str, word: &str| env::var(name).is_ok_and(|value| value.eq_ignore_ascii_case(word));
    (set("OTEL_EXPORTER_OTLP_ENDPOINT") || set("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"))
        && !says("OTEL_SDK_DISABLED", "true")
        && !says("OTEL_TRACES_EXPORTER", "none")
}

/// Whoever reads the file sees the old one or the new one, never half of it. It is made for others to read.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}", std::process::id()));
    let beside = PathBuf::from(name);
    fs::write(&beside, secrets::redacted(text).as_ref()).and_then(|()| fs::rename(&beside, path)).inspect_err(|_| {
        // What can't be put in place is not left lying about.
        let _ = fs::remove_file(&beside);
    })
}
