//! The structure of the YAML files: fields that would otherwise only fail in somebody's cluster.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::lines::files;

/// The project's folder.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The documents of a YAML file.
pub fn documents(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let parse = |text: &str| serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.split("\n---\n").map(parse).collect()
}

fn only(path: &str) -> Value {
    documents(&root().join(path)).remove(0)
}

#[test]
fn every_file_is_yaml_and_says_what_it_is() {
    let mut seen = 0;
    for path in files("deploy", &["yaml", "yml"]) {
        for document in documents(&path) {
            seen += 1;
            let is_of_kubernetes =
                ["kubernetes", "argocd", "flux", "helm"].iter().any(|part| path.to_string_lossy().contains(part));
            for field in ["apiVersion", "kind", "metadata", "spec"] {
                assert!(!is_of_kubernetes || !document[field].is_null(), "{}: {field} is missing", path.display());
            }
        }
    }
    assert!(seen >= 8, "{seen}");
}

fn jobs() -> [(&'static str, Value); 3] {
    ["deploy/kubernetes/job.yaml", "deploy/argocd/presync.yaml", "deploy/helm/templates/backstop-job.yaml"]
        .map(|path| (path, only(path)))
}

#[test]
fn jobs_are_tried_again_after_just_those_exit_codes_that_another_attempt_can_change() {
    for (path, job) in jobs() {
        assert_eq!((&job["apiVersion"], &job["kind"]), (&json!("batch/v1"), &json!("Job")), "{path}");
        let pod = &job["spec"]["template"]["spec"];
        // A policy for failed pods needs it.
        assert_eq!(pod["restartPolicy"], "Never", "{path}");
        let rules = job["spec"]["podFailurePolicy"]["rules"].as_array().unwrap();
        // The first rule that fits decides, so that a drained node comes before the exit code 6 of an interrupted run.
        assert_eq!(rules[0]["action"], "Ignore", "{path}");
        assert_eq!(rules[0]["onPodConditions"][0]["type"], "DisruptionTarget", "{path}");
        let codes = |action: &str| -> Vec<u64> {
            let of_action = rules.iter().filter(|rule| rule["action"] == action);
            of_action
                .flat_map(|rule| rule["onExitCodes"]["values"].as_array().unwrap())
                .map(|code| code.as_u64().unwrap())
                .collect()
        };
        assert_eq!((codes("FailJob"), codes("Count")), (vec![2, 3, 5, 6, 7, 10], vec![1, 4, 8]), "{path}");
        let container = &pod["containers"][0];
        for rule in rules.iter().filter(|rule| !rule["onExitCodes"].is_null()) {
            assert_eq!(rule["onExitCodes"]["containerName"], container["name"], "{path}");
            assert_eq!(rule["onExitCodes"]["operator"], "In", "{path}");
        }
        let arguments: Vec<&str> = container["args"].as_array().unwrap().iter().map(|arg| arg.as_str().unwrap()).collect();
        let grace = arguments.iter().find_map(|arg| arg.strip_prefix("--grace=")?.strip_suffix('s')).unwrap();
        assert!(grace.parse::<u64>().unwrap() < pod["terminationGracePeriodSeconds"].as_u64().unwrap(), "{path}");
        assert!(arguments.contains(&"--resume"), "{path}");
        assert!(job["spec"]["backoffLimit"].as_u64().unwrap() > 0, "{path}");
    }
}

#[test]
fn pods_have_no_rights_that_they_do_not_need() {
    let deployment = only("deploy/kubernetes/application.yaml");
    let pods = jobs().map(|(path, job)| (path, job["spec"]["template"]["spec"].clone(), "containers"));
    let application =
        ("deploy/kubernetes/application.yaml", deployment["spec"]["template"]["spec"].clone(), "initContainers");
    for (path, pod, containers) in pods.into_iter().chain([application]) {
        assert_eq!(pod["securityContext"]["runAsNonRoot"], true, "{path}");
        assert_eq!(pod["automountServiceAccountToken"], false, "{path}");
        let container = &pod[containers][0];
        let context = &container["securityContext"];
        assert_eq!(context["allowPrivilegeEscalation"], false, "{path}");
        assert_eq!(context["readOnlyRootFilesystem"], true, "{path}");
        assert_eq!(context["capabilities"]["drop"], json!(["ALL"]), "{path}");
        let secret = &container["env"][0];
        assert!(secret["value"].is_null() && !secret["valueFrom"]["secretKeyRef"]["name"].is_null(), "{path}");
        for mount in container["volumeMounts"].as_array().into_iter().flatten() {
            let volumes = pod["volumes"].as_array().unwrap();
            assert!(volumes.iter().any(|volume| volume["name"] == mount["name"]), "{path}: {mount}");
        }
    }
}

#[test]
fn hooks_run_before_what_needs_them() {
    let argo = only("deploy/argocd/presync.yaml");
    let annotations = &argo["metadata"]["annotations"];
    assert_eq!(annotations["argocd.argoproj.io/hook"], "PreSync");
    assert_eq!(annotations["argocd.argoproj.io/hook-delete-policy"], "BeforeHookCreation");
    let helm = only("deploy/helm/templates/backstop-job.yaml");
    assert_eq!(helm["metadata"]["annotations"]["helm.sh/hook"], "pre-install,pre-upgrade");
    let flux = documents(&root().join("deploy/flux/kustomization.yaml"));
    assert_eq!(flux[1]["spec"]["dependsOn"][0]["name"], flux[0]["metadata"]["name"]);
    assert_eq!(flux[0]["spec"]["wait"], true);
}

#[test]
fn the_action_has_every_input_that_it_uses_and_every_script() {
    let text = fs::read_to_string(root().join("action.yml")).unwrap();
    let action = only("action.yml");
    assert_eq!(action["runs"]["using"], "composite");
    for used in text.split("inputs.").skip(1) {
        let name: String = used.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        assert!(!action["inputs"][&name].is_null(), "{name}");
        assert!(action["inputs"][&name]["description"].is_string(), "{name}");
    }
    for step in action["runs"]["steps"].as_array().unwrap() {
        assert_eq!(step["shell"], "sh", "{step}");
        let run = step["run"].as_str().unwrap();
        // An expression in a script would let whoever names a branch run commands.
        assert!(!run.contains("${{"), "{run}");
        let script = run.split("$GITHUB_ACTION_PATH/").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        assert!(root().join(script).is_file(), "{script}");
    }
    let workflow = only("deploy/github/workflow.yml");
    for job in ["review", "apply"] {
        let steps = workflow["jobs"][job]["steps"].as_array().unwrap();
        let with = steps.iter().find(|step| step["uses"].as_str().is_some_and(|uses| uses.contains("/backstop@"))).unwrap();
        assert_eq!(with["with"]["mode"], job);
        for (name, _) in with["with"].as_object().unwrap() {
            assert!(!action["inputs"][name].is_null(), "{name}");
        }
    }
    assert_eq!(workflow["jobs"]["apply"]["concurrency"]["cancel-in-progress"], false);
}

#[test]
fn hooks_of_pre_commit_and_the_template_for_gitlab() {
    let hooks = only(".pre-commit-hooks.yaml");
    for hook in hooks.as_array().unwrap() {
        for field in ["id", "name", "entry", "language"] {
            assert!(hook[field].is_string(), "{field}: {hook}");
        }
        assert_eq!(hook["pass_filenames"], false, "{hook}");
    }
    let gitlab = only("deploy/gitlab/backstop.gitlab-ci.yml");
    for job in ["backstop:review", "backstop:apply"] {
        assert_eq!(gitlab[job]["extends"], ".backstop");
        assert!(!gitlab[job]["rules"].as_array().unwrap().is_empty());
        assert!(!gitlab[job]["script"].as_array().unwrap().is_empty());
    }
    assert_eq!(gitlab["backstop:apply"]["interruptible"], false);
    assert!(gitlab["backstop:apply"]["resource_group"].is_string());
}

#[test]
fn the_image_is_small_and_not_root() {
    let text = fs::read_to_string(root().join("deploy/docker/Dockerfile")).unwrap();
    let stages: Vec<&str> = text.split("\nFROM ").skip(1).collect();
    let last = stages.last().unwrap();
    assert!(last.starts_with("scratch AS runtime\n"), "{last}");
    for line in ["USER 65532:65532", "HEALTHCHECK NONE", "ENTRYPOINT [\"/backstop\"]"] {
        assert!(last.lines().any(|found| found == line), "{line} is missing");
    }
    assert!(stages[0].contains("-alpine AS build") && stages[0].contains("--locked"));
    for copied in text.lines().filter_map(|line| line.strip_prefix("COPY --from=build ")) {
        assert_eq!(copied.split(' ').count(), 2, "{copied}");
    }
}
