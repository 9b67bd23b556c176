//! The project's own workflows: what they name is there, and a release is what `install.sh` fetches.

use std::{collections::BTreeSet, fs, process::Command};

use serde_json::Value;

use super::manifests::{documents, root};

fn workflow(name: &str) -> Value {
    documents(&root().join(".github/workflows").join(name)).remove(0)
}

fn jobs(workflow: &Value) -> impl Iterator<Item = (&String, &Value)> {
    workflow["jobs"].as_object().unwrap().iter()
}

fn steps(job: &Value) -> impl Iterator<Item = &Value> {
    job["steps"].as_array().into_iter().flatten()
}

#[test]
fn workflows_name_what_is_there_and_let_nobody_in() {
    let mut seen = 0;
    for name in ["ci.yml", "release.yml"] {
        let workflow = workflow(name);
        // What a job may do besides reading, it says itself.
        assert_eq!(workflow["permissions"], serde_json::json!({"contents": "read"}), "{name}");
        assert!(workflow["concurrency"]["group"].is_string(), "{name}");
        for (id, job) in jobs(&workflow) {
            if let Some(needed) = job["needs"].as_str() {
                assert!(!workflow["jobs"][needed].is_null(), "{name} {id}: {needed}");
            }
            if let Some(called) = job["uses"].as_str() {
                let path = called.strip_prefix("./").unwrap();
                assert!(root().join(path).is_file(), "{name} {id}: {path}");
                assert!(documents(&root().join(path))[0]["on"].get("workflow_call").is_some(), "{path}");
                continue;
            }
            assert!(job["timeout-minutes"].is_u64() && job["runs-on"].is_string(), "{name} {id}");
            for step in steps(job) {
                seen += 1;
                assert!(step["uses"].is_string() != step["run"].is_string(), "{name} {id}: {step}");
                if let Some(action) = step["uses"].as_str() {
                    assert!(action.rsplit_once("@v").is_some_and(|(_, version)| version.parse::<u32>().is_ok()), "{action}");
                }
                let run = step["run"].as_str().unwrap_or_default();
                // An expression in a script would let whoever names a tag run commands.
                assert!(!run.contains("${{"), "{name} {id}: {run}");
                let mut words = run.split_whitespace();
                let scripts: Vec<&str> = words.by_ref().filter(|word| word.ends_with(".sh") || *word == ".ci/run").collect();
                for script in scripts {
                    assert!(root().join(script).is_file(), "{name} {id}: {script}");
                }
                let parsed = Command::new("bash").args(["-n", "-c", run]).output().unwrap();
                assert!(parsed.status.success(), "{run}\n{}", String::from_utf8_lossy(&parsed.stderr));
            }
        }
    }
    assert!(seen >= 15, "{seen}");
    let ci = workflow("ci.yml");
    assert!(steps(&ci["jobs"]["test"]).any(|step| step["run"] == ".ci/run"));
}

#[test]
fn a_release_is_tested_and_has_what_install_fetches() {
    let release = workflow("release.yml");
    assert_eq!(release["on"]["push"]["tags"], serde_json::json!(["v*"]));
    assert_eq!(
        (&release["jobs"]["build"]["needs"], &release["jobs"]["publish"]["needs"]),
        (&"test".into(), &"build".into())
    );
    let built: BTreeSet<&str> = release["jobs"]["build"]["strategy"]["matrix"]["include"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["target"].as_str().unwrap())
        .collect();
    let install = fs::read_to_string(root().join("deploy/github/install.sh")).unwrap();
    let fetched: BTreeSet<&str> =
        install.lines().filter_map(|line| line.split("target=").nth(1)?.strip_suffix(" ;;")).collect();
    assert_eq!((&built, built.len()), (&fetched, 2));
    let commands: Vec<&str> =
        jobs(&release).flat_map(|(_, job)| steps(job)).filter_map(|step| step["run"].as_str()).collect();
    let build = commands.iter().find(|run| run.starts_with("cargo build ")).unwrap();
    for flag in ["--release", "--locked", "--features otlp", "--bin backstop", "--target \"$TARGET\""] {
        assert!(build.contains(flag), "{flag} is missing in {build}");
    }
    for stage in ["--target runtime", "--target ci"] {
        assert!(commands.iter().any(|run| run.contains(stage)), "{stage}");
    }
    // The version is the manifest's, as the tag must be.
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(manifest.lines().any(|line| line == format!("version = \"{}\"", env!("CARGO_PKG_VERSION"))));
}
