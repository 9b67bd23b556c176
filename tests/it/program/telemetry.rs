//! What those who watch many runs get: metrics as a file, traces by OTLP, a trace's id in what is printed.

use super::work::{Work, run};
use crate::support::{Program, TestDatabase, database};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// A step that commits, one that succeeds when it is tried again, and a check that fails unless `limit` is right.
fn plan(limit: u32) -> String {
    format!(
        "
format: backstop/v1
name: watched
backup: {{targets: [{{tables: [public.items]}}]}}
checks:
  before: [{{id: there, row_count: {{table: public.items, exactly: 3}}}}]
  after: [{{id: enough, row_count: {{table: public.items, at_least: {limit}}}}}]
steps:
  - {{id: first, sql: DELETE FROM items WHERE id = 1}}
"
    )
}

fn with_items(name: &str) -> TestDatabase {
    let database = database(name);
    database.execute("CREATE TABLE public.items (id int PRIMARY KEY); INSERT INTO items VALUES (1), (2), (3)");
    database
}

/// The value of a metric with these labels.
fn value(metrics: &str, metric: &str) -> f64 {
    let line = metrics.lines().find(|line| line.starts_with(&format!("{metric} ")));
    let number = line.unwrap_or_else(|| panic!("no {metric} in:\n{metrics}")).rsplit(' ').next().unwrap();
    number.parse().unwrap()
}

#[test]
fn metrics_say_how_a_run_went() {
    let (database, work) = (with_items("telemetry_metrics"), Work::new());
    let file = work.file("backstop.prom", "old\n");
    let failing = work.file("plan.yaml", &plan(3));
    let arguments = ["apply", failing.to_str().unwrap(), "--metrics-file", file.to_str().unwrap()];
    run(&database, &arguments).expect_code(5);
    let metrics = std::fs::read_to_string(&file).unwrap();
    assert_eq!(value(&metrics, r#"backstop_run_exit_code{plan="watched"}"#), 5.0);
    assert_eq!(value(&metrics, r#"backstop_run_outcome{plan="watched",outcome="restored"}"#), 1.0);
    assert_eq!(value(&metrics, r#"backstop_backup_rows{plan="watched"}"#), 3.0);
    assert_eq!(value(&metrics, r#"backstop_step_attempts{plan="watched",step="first"}"#), 1.0);
    assert_eq!(value(&metrics, r#"backstop_checks{plan="watched",phase="after-checks",outcome="failed"}"#), 1.0);
    assert_eq!(value(&metrics, r#"backstop_checks{plan="watched",phase="before-checks",outcome="passed"}"#), 1.0);
    for phase in ["preflight", "before-checks", "backup", "step", "after-checks", "restore"] {
        let took = value(&metrics, &format!(r#"backstop_phase_duration_seconds{{plan="watched",phase="{phase}"}}"#));
        assert!((0.0..60.0).contains(&took), "{phase} took {took}");
    }
    let whole = value(&metrics, r#"backstop_run_end_timestamp_seconds{plan="watched"}"#)
        - value(&metrics, r#"backstop_run_start_timestamp_seconds{plan="watched"}"#);
    assert!(whole > 0.0);

    let good = work.file("plan.yaml", &plan(1));
    let arguments = ["apply", good.to_str().unwrap(), "--metrics-file", file.to_str().unwrap()];
    run(&database, &arguments).expect_code(0);
    let succeeded = std::fs::read_to_string(&file).unwrap();
    assert_eq!(value(&succeeded, r#"backstop_run_outcome{plan="watched",outcome="succeeded"}"#), 1.0);
    assert!(!succeeded.contains("restored"), "{succeeded}");
    // There is nothing to do, so there is nothing new to tell.
    run(&database, &arguments).expect_code(0);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), succeeded);
}

#[test]
fn metrics_that_can_not_be_written_change_no_ending() {
    let (database, work) = (with_items("telemetry_unwritable"), Work::new());
    let path = work.file("plan.yaml", &plan(1));
    let nowhere = path.with_file_name("nowhere").join("backstop.prom");
    let output = run(&database, &["apply", path.to_str().unwrap(), "--metrics-file", nowhere.to_str().unwrap()]);
    assert!(output.expect_code(0).stderr.contains("warning: no metrics: "));
}

#[test]
fn the_trace_of_a_pipeline_is_named_in_each_line() {
    let (database, work) = (with_items("telemetry_lines"), Work::new());
    let path = work.file("plan.yaml", &plan(1));
    let arguments = ["apply", path.to_str().unwrap(), "--database-url", &database.url, "--format", "json"];
    let traceparent = format!("00-{TRACE}-{PARENT}-01");
    let output = Program::new().arguments(&arguments).env("TRACEPARENT", traceparent).run().expect_code(0);
    let lines = output.stdout.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let events: Vec<_> = lines.filter(|line| line.get("event").is_some()).collect();
    assert!(events.len() > 5 && events.iter().all(|line| line["trace_id"] == TRACE), "{events:?}");
}

#[cfg(feature = "otlp")]
mod otlp {
    use std::{
        io::{BufRead, BufReader, Read, Write},
        net::TcpListener,
        thread,
        time::Duration,
    };

    use opentelemetry_proto::tonic::{
        collector::trace::v1::ExportTraceServiceRequest,
        common::v1::{KeyValue, any_value::Value},
        trace::v1::Span,
    };
    use prost::Message;

    use super::{PARENT, TRACE, plan, with_items};
    use crate::{program::work::Work, support::Program};

    /// A collector that takes one request.
    fn collector() -> (String, thread::JoinHandle<(String, ExportTraceServiceRequest)>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let taken = thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
            let mut reader = BufReader::new(stream);
            let (mut head, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                if line.trim().is_empty() {
                    break;
                }
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                head.push_str(&line);
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let answer = "HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";
            reader.into_inner().write_all(answer.as_bytes()).unwrap();
            (head, ExportTraceServiceRequest::decode(body.as_slice()).unwrap())
        });
        (address, taken)
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn attribute(attributes: &[KeyValue], name: &str) -> Option<Value> {
        attributes.iter().find(|attribute| attribute.key == name)?.value.clone()?.value
    }

    #[test]
    fn a_run_is_a_trace_in_the_pipelines_trace() {
        let (database, work) = (with_items("telemetry_otlp"), Work::new());
        let path = work.file("plan.yaml", &plan(3));
        let (address, taken) = collector();
        let output = Program::new()
            .arguments(&["apply", path.to_str().unwrap(), "--database-url", &database.url])
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", address)
            .env("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=shop")
            .env("TRACEPARENT", format!("00-{TRACE}-{PARENT}-01"))
            .run()
            .expect_code(5);
        assert!(!output.stderr.contains("no traces"), "{}", output.stderr);
        let (head, request) = taken.join().unwrap();
        assert!(head.starts_with("POST /v1/traces ") && head.contains("x-tenant: shop"), "{head}");
        let resource = request.resource_spans[0].resource.as_ref().unwrap();
        assert_eq!(attribute(&resource.attributes, "service.name"), Some(Value::StringValue("backstop".into())));
        let spans: Vec<&Span> =
            request.resource_spans.iter().flat_map(|r| &r.scope_spans).flat_map(|scope| &scope.spans).collect();
        let names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
        let expected = ["backstop run", "preflight", "before-checks", "backup", "step", "after-checks", "restore"];
        assert_eq!(names, expected);
        assert!(spans.iter().all(|span| hex(&span.trace_id) == TRACE));
        assert_eq!(hex(&spans[0].parent_span_id), PARENT);
        assert!(spans[1..].iter().all(|span| span.parent_span_id == spans[0].span_id));
        assert!(spans.iter().all(|span| span.start_time_unix_nano <= span.end_time_unix_nano));
        assert_eq!(attribute(&spans[0].attributes, "process.exit.code"), Some(Value::IntValue(5)));
        assert_eq!(attribute(&spans[4].attributes, "backstop.step"), Some(Value::StringValue("first".into())));
        assert_eq!(attribute(&spans[4].attributes, "backstop.rows"), Some(Value::IntValue(1)));
        let failed: Vec<_> = spans.iter().filter(|span| span.status.as_ref().is_some_and(|s| s.code == 2)).collect();
        assert_eq!(failed.iter().map(|span| span.name.as_str()).collect::<Vec<_>>(), ["backstop run", "after-checks"]);
    }

    #[test]
    fn what_nobody_samples_is_not_sent_and_a_missing_collector_changes_no_ending() {
        let (database, work) = (with_items("telemetry_unsent"), Work::new());
        let path = work.file("plan.yaml", &plan(3));
        // Nobody listens on the port any more.
        let address = format!("http://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
        let apply = |flags: &str| {
            Program::new()
                .arguments(&["apply", path.to_str().unwrap(), "--database-url", &database.url])
                .env("OTEL_EXPORTER_OTLP_ENDPOINT", &address)
                .env("TRACEPARENT", format!("00-{TRACE}-{PARENT}-{flags}"))
                .run()
                .expect_code(5)
                .stderr
        };
        assert!(!apply("00").contains("no traces"));
        assert!(apply("01").contains("warning: no traces: "));
    }
}
