//! Traces by OTLP: <https://opentelemetry.io/docs/specs/otlp/>. Where to, with what headers and how long to wait is said by the
//! variables of <https://opentelemetry.io/docs/specs/otel/protocol/exporter/>; the exporter reads them itself.

use std::{env, time::Duration};

use hyper_rustls::HttpsConnectorBuilder;
use opentelemetry::{
    InstrumentationScope, KeyValue, SpanId, TraceFlags, TraceId,
    trace::{SpanContext, SpanKind, Status, TraceState},
};
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_otlp::{SpanExporter, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    trace::{SpanData, SpanEvents, SpanExporter as _, SpanLinks},
};
use sha2::{Digest, Sha256};

use crate::{
    report::{Span, Trace, TraceContext, Whole},
    secrets,
};

/// How long the collector may take; the run is over, and a pipeline waits.
const PATIENCE: Duration = Duration::from_secs(5);
/// What sends the traces, where the environment gives no other name.
const SERVICE: &str = "backstop";

/// Sends the traces; gives why it could not.
pub async fn send(traces: &[Trace], context: Option<&TraceContext>) -> Result<(), String> {
    let connector = HttpsConnectorBuilder::new()
        .with_provider_and_native_roots(rustls::crypto::ring::default_provider())
        .map_err(|error| error.to_string())?
        .https_or_http()
        .enable_http1()
        .build();
    let client = HyperClient::new(connector, PATIENCE, None);
    let mut exporter =
        SpanExporter::builder().with_http().with_http_client(client).build().map_err(|error| error.to_string())?;
    exporter.set_resource(&resource());
    let spans = traces.iter().flat_map(|trace| spans(trace, context)).collect();
    match tokio::time::timeout(PATIENCE, exporter.export(spans)).await {
        Ok(sent) => sent.map_err(|error| error.to_string()),
        Err(_) => Err(format!("the collector gave no answer in {} s", PATIENCE.as_secs())),
    }
}

fn resource() -> Resource {
    let named = env::var_os("OTEL_SERVICE_NAME").is_some()
        || env::var("OTEL_RESOURCE_ATTRIBUTES").is_ok_and(|attributes| attributes.contains("service.name="));
    let resource = Resource::builder();
    if named { resource.build() } else { resource.with_service_name(SERVICE).build() }
}

/// The run, and under it what it did. Its own id is the trace's where no pipeline began one, so that all processes that work on a
/// run belong together.
fn spans(trace: &Trace, context: Option<&TraceContext>) -> Vec<SpanData> {
    let Some(whole) = trace.whole else { return Vec::new() };
    let id = match context {
        Some(context) => TraceId::from_bytes(context.trace),
        None => trace.run.parse::<uuid::Uuid>().map_or(TraceId::INVALID, |run| TraceId::from_bytes(run.into_bytes())),
    };
    let root = context_of(id, span_id(&trace.run, "run", whole.seq));
    let mut all = vec![run(trace, whole, root.clone(), context)];
    all.extend(trace.spans.iter().map(|span| part(trace, span, &root)));
    all
}

fn run(trace: &Trace, whole: Whole, itself: SpanContext, context: Option<&TraceContext>) -> SpanData {
    let mut attributes = common(trace);
    let mut status = Status::Unset;
    if let Some(left) = &trace.left {
        attributes.push(KeyValue::new("backstop.outcome", left.outcome));
        attributes.push(KeyValue::new("process.exit.code", i64::from(left.exit_code)));
        status = if left.exit_code == 0 { Status::Ok } else { Status::error(left.outcome) };
    }
    SpanData {
        span_context: itself,
        parent_span_id: context.map_or(SpanId::INVALID, |context| SpanId::from_bytes(context.parent)),
        parent_span_is_remote: context.is_some(),
        span_kind: SpanKind::Internal,
        name: "backstop run".into(),
        start_time: whole.start.into(),
        end_time: whole.end.into(),
        attributes,
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status,
        instrumentation_scope: scope(),
    }
}

fn part(trace: &Trace, span: &Span, root: &SpanContext) -> SpanData {
    let mut attributes = common(trace);
    attributes.extend(span.work.step().map(|step| KeyValue::new("backstop.step", step.to_owned())));
    for (name, count) in &span.counts {
        attributes.push(KeyValue::new(format!("backstop.{name}"), i64::try_from(*count).unwrap_or(i64::MAX)));
    }
    let mut status = Status::Unset;
    if let Some((code, message)) = &span.failure {
        attributes.push(KeyValue::new("error.type", code.clone()));
        status = Status::error(secrets::redacted(message).into_owned());
    }
    SpanData {
        span_context: context_of(root.trace_id(), span_id(&trace.run, span.work.phase(), span.seq)),
        parent_span_id: root.span_id(),
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name: span.work.phase().into(),
        start_time: span.start.into(),
        end_time: span.end.into(),
        attributes,
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status,
        instrumentation_scope: scope(),
    }
}

fn common(trace: &Trace) -> Vec<KeyValue> {
    vec![
        KeyValue::new("db.system.name", "postgresql"),
        KeyValue::new("backstop.plan", trace.plan.clone()),
        KeyValue::new("backstop.run", trace.run.clone()),
    ]
}

fn scope() -> InstrumentationScope {
    InstrumentationScope::builder(SERVICE).with_version(env!("CARGO_PKG_VERSION")).build()
}

fn context_of(trace: TraceId, span: SpanId) -> SpanContext {
    SpanContext::new(trace, span, TraceFlags::SAMPLED, false, TraceState::default())
}

/// The same for the same piece of work, whoever sends it.
fn span_id(run: &str, work: &str, seq: u64) -> SpanId {
    let digest = Sha256::digest(format!("{run} {work} {seq}"));
    let mut id = [0; 8];
    id.iter_mut().zip(digest).for_each(|(byte, of_digest)| *byte = of_digest);
    SpanId::from_bytes(id)
}
