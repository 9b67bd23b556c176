//! Templates that take memory, stack or time without end: an error of the plan, in a process that may take little.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use crate::program::work::Work;

/// What the program may map, in KiB.
const MEMORY_KIB: usize = 3_000_000;
/// Longer than any of it takes, on a machine that is busy with other tests.
const BOUND: Duration = Duration::from_secs(150);

/// Lints and renders one step within bounds; gives what was printed where it is refused.
fn looked_at(sql: &str) -> Option<String> {
    let work = Work::new();
    let lines: String = sql.lines().map(|line| format!("      {line}\n")).collect();
    let plan = format!(
        "format: backstop/v1\nname: p\nvars: {{x: {{type: string, default: a}}, l: {{type: list, default: [a, b]}}}}\n\
         backup: {{targets: [{{tables: [a.b]}}]}}\nsteps:\n  - id: s\n    sql: |\n{lines}"
    );
    let path = work.file("plan.yaml", &plan);
    let mut said = None;
    for command in ["lint", "render"] {
        let since = Instant::now();
        let script = format!("ulimit -v {MEMORY_KIB}; ulimit -c 0; exec \"$0\" \"$@\"");
        let output = Command::new("sh")
            .args(["-c", &script, env!("CARGO_BIN_EXE_backstop"), command])
            .arg(&path)
            .output()
            .expect("a shell");
        let text = [&*output.stdout, &*output.stderr].map(String::from_utf8_lossy).concat();
        let shown: String = sql.chars().take(80).collect();
        assert!(matches!(output.status.code(), Some(0 | 3)), "{command} {shown}: {:?}\n{text}", output.status);
        assert!(since.elapsed() < BOUND, "{command} {shown}: {:?}", since.elapsed());
        if output.status.code() == Some(3) {
            assert!(text.contains("plan.yaml:"), "{command} {shown}: no place in\n{text}");
            said = Some(text);
        }
    }
    said
}

#[test]
fn what_grows_without_end_is_refused() {
    for sql in [
        "{% set t = namespace(s=\"abcdefgh\") %}{% for i in range(50) %}{% set t.s = t.s ~ t.s %}{% endfor %}SELECT 1",
        "{% set t = namespace(s=\"ab\") %}{% for i in range(50) %}{% set t.s = [t.s, t.s]|join(\"-\") %}{% endfor %}SELECT 1",
        "SELECT {{ (l|batch(10**11, 0)|list)|length }}",
        "SELECT {{ \"x\"|indent(10**11)|length }}",
    ] {
        let said = looked_at(sql).unwrap_or_else(|| panic!("{sql} is not refused"));
        assert!(said.contains("too much memory") || said.contains("too_large"), "{sql}: {said}");
    }
}

#[test]
fn what_is_nested_without_end_is_refused() {
    let chain = |part: &str| format!("SELECT {{{{ x{} }}}}", part.repeat(60_000));
    for sql in [
        "{% set t = namespace(a=1) %}{% set t.a = [t] %}SELECT {{ t.a|string|length }}".to_owned(),
        "{% set t = namespace(a=1) %}{% set u = namespace(a=1) %}{% set t.a = [t] %}{% set u.a = [u] %}SELECT {{ t.a == u.a }}".to_owned(),
        chain("|lower"),
        chain(".y"),
        format!("{{% if x %}}a{}{{% endif %}}", "{% elif x %}a".repeat(40_000)),
    ] {
        // What the stack still has room for is only wrong in another way.
        let said = looked_at(&sql);
        assert!(said.is_some() || sql.contains("elif"), "{}", &sql[..60]);
    }
}

#[test]
fn names_of_many_parts_are_read_in_time() {
    looked_at(&format!("CREATE TABLE {}t (n int)", "\"s\".".repeat(50_000)));
    looked_at(&format!("DROP TABLE {}", vec!["public.t"; 20_000].join(", ")));
}
