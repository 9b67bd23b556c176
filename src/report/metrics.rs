//! Runs as metrics, in the text format that Prometheus and node_exporter's textfile collector read.

use std::sync::atomic::AtomicU64;

use prometheus_client::{
    encoding::text::encode,
    metrics::{family::Family, gauge::Gauge},
    registry::Registry,
};

use super::trace::{Span, Trace, TracedWork};

type Labels = Vec<(&'static str, String)>;
type Numbers = Family<Labels, Gauge<f64, AtomicU64>>;

/// The metrics of some runs. All of them are gauges: they say how the last run of each plan went.
pub fn metrics(traces: &[Trace]) -> String {
    let page = MetricFamilies::default();
    for trace in traces {
        page.of_run(trace);
        for span in &trace.spans {
            page.of_span(trace, span);
        }
    }
    page.text()
}

/// All numbers, each under its name.
#[derive(Default)]
struct MetricFamilies {
    started: Numbers,
    ended: Numbers,
    exit_code: Numbers,
    outcome: Numbers,
    phase: Numbers,
    step: Numbers,
    attempts: Numbers,
    checks: Numbers,
    backup_tables: Numbers,
    backup_rows: Numbers,
    backup_bytes: Numbers,
}

impl MetricFamilies {
    fn of_run(&self, trace: &Trace) {
        let plan = || vec![("plan", trace.plan.clone())];
        if let Some(whole) = &trace.whole {
            self.started.get_or_create(&plan()).set(seconds(whole.start.as_nanosecond()));
            self.ended.get_or_create(&plan()).set(seconds(whole.end.as_nanosecond()));
        }
        if let Some(left) = &trace.left {
            self.exit_code.get_or_create(&plan()).set(left.exit_code.into());
            self.outcome.get_or_create(&with(plan(), "outcome", left.outcome)).set(1.0);
        }
    }

    fn of_span(&self, trace: &Trace, span: &Span) {
        let plan = || vec![("plan", trace.plan.clone())];
        let took = seconds(span.end.as_nanosecond() - span.start.as_nanosecond());
        self.phase.get_or_create(&with(plan(), "phase", span.work.phase())).inc_by(took);
        if let TracedWork::Step { step } = &span.work {
            let labels = with(plan(), "step", step);
            self.step.get_or_create(&labels).inc_by(took);
            self.attempts.get_or_create(&labels).inc();
        }
        for (name, count) in &span.counts {
            let count = *count as f64;
            match (&span.work, *name) {
                (TracedWork::Backup, "tables") => drop(self.backup_tables.get_or_create(&plan()).set(count)),
                (TracedWork::Backup, "rows") => drop(self.backup_rows.get_or_create(&plan()).set(count)),
                (TracedWork::Backup, "bytes") => drop(self.backup_bytes.get_or_create(&plan()).set(count)),
                (_, name) => {
                    if let Some(outcome) = name.strip_prefix("checks.") {
                        let labels = with(with(plan(), "phase", span.work.phase()), "outcome", outcome);
                        self.checks.get_or_create(&labels).set(count);
                    }
                }
            }
        }
    }

    fn text(self) -> String {
        let mut registry = Registry::with_prefix("backstop");
        let mut register = |name: &str, help: &str, numbers: Numbers| registry.register(name, help, numbers);
        register("run_start_timestamp_seconds", "When the run began, by the server's clock", self.started);
        register("run_end_timestamp_seconds", "When its last event was stored, by the server's clock", self.ended);
        register("run_exit_code", "The program's exit code for the run", self.exit_code);
        register("run_outcome", "How the run was left: the label says it, the value is 1", self.outcome);
        register("phase_duration_seconds", "How long the work of a phase took, all attempts together", self.phase);
        register("step_duration_seconds", "How long a step took, all attempts together", self.step);
        register("step_attempts", "How often a step was tried", self.attempts);
        register("checks", "How many checks of a phase had this outcome", self.checks);
        register("backup_tables", "Tables in the run's backup", self.backup_tables);
        register("backup_rows", "Rows in the run's backup", self.backup_rows);
        register("backup_bytes", "Size of the copies in the run's backup", self.backup_bytes);
        let mut text = String::new();
        match encode(&mut text, &registry) {
            Ok(()) => text,
            // A string takes all that is written into it.
            Err(_) => String::new(),
        }
    }
}

fn with(mut labels: Labels, name: &'static str, value: &str) -> Labels {
    labels.push((name, value.to_owned()));
    labels
}

fn seconds(nanoseconds: i128) -> f64 {
    nanoseconds as f64 / 1e9
}
