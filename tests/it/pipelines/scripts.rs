//! The scripts, run: with the real program where it can be, with others in its place where its exit code is what matters.

use std::{fs, process::Command};

use super::{lines::files, manifests::root, stage::Stage};
use crate::support::database;

const NONE: [(&str, &str); 0] = [];
const GH: &str = "case \"$*\" in *--paginate*) cat \"$GH_COMMENTS\" ;; esac";

#[test]
fn every_script_is_one_for_any_shell() {
    let scripts = files("deploy", &["sh"]);
    assert!(scripts.len() >= 4);
    for script in scripts {
        for shell in ["sh", "bash"] {
            let output = Command::new(shell).arg("-n").arg(&script).output().unwrap();
            assert!(output.status.success(), "{}: {}", script.display(), String::from_utf8_lossy(&output.stderr));
        }
        assert!(fs::read_to_string(&script).unwrap().contains("\nset -eu\n"), "{}", script.display());
    }
}

#[test]
fn a_comment_is_written_once_and_kept_up_to_date() {
    let stage = Stage::new();
    stage.program("gh", GH);
    fs::write(stage.path("report.md"), "# what changed\n").unwrap();
    fs::write(stage.path("none"), "").unwrap();
    fs::write(stage.path("one"), "41\n42\n").unwrap();
    let comments = |name: &str| [("GH_COMMENTS", stage.path(name))];
    assert!(stage.run("deploy/github/comment.sh", &comments("none")).status.success());
    assert!(stage.run("deploy/github/comment.sh", &comments("one")).status.success());
    let calls = stage.calls();
    assert!(
        calls[0]
            .starts_with("gh api --paginate repos/example/app/issues/7/comments --jq .[] | select(.user.type == \"Bot\"")
    );
    assert!(calls[1].starts_with("gh api --method POST repos/example/app/issues/7/comments -F body=@"), "{calls:?}");
    assert!(calls[3].starts_with("gh api --method PATCH repos/example/app/issues/comments/41 -F body=@"), "{calls:?}");
    let body = stage.read("temp/backstop-comment.md");
    assert_eq!(body, "<!-- backstop -->\n# what changed\n");
    fs::write(stage.path("report.md"), "a line of a report that is far too long\n".repeat(3000)).unwrap();
    assert!(stage.run("deploy/github/comment.sh", &comments("none")).status.success());
    let body = stage.read("temp/backstop-comment.md");
    assert!(body.len() < 65_536 && body.ends_with("all of it is in the log of the job._\n"), "{}", body.len());
}

/// A `backstop` whose `lint` and `diff` end with these codes.
fn reviewed(lint: u8, diff: u8, more: &[(&str, &str)]) -> (Stage, Option<i32>) {
    let stage = Stage::new();
    stage.program("gh", "");
    stage.program("backstop", &format!("case $1 in lint) exit {lint} ;; diff) echo '## weaker'; exit {diff} ;; esac"));
    let variables = [&[("BASE", "b"), ("HEAD", "h"), ("PLANS", "plans more/x.yaml")], more].concat();
    let code = stage.run("deploy/github/review.sh", &variables).status.code();
    (stage, code)
}

#[test]
fn a_review_fails_where_lint_does_and_where_safety_got_weaker() {
    let (stage, code) = reviewed(0, 0, &[]);
    assert_eq!(code, Some(0));
    assert_eq!(stage.calls()[0], "backstop lint plans more/x.yaml --report github");
    assert_eq!(stage.calls()[1], "backstop diff --git b...h --report markdown plans more/x.yaml");
    assert!(stage.read("temp/backstop-comment.md").contains("## weaker"));
    let (stage, code) = reviewed(3, 0, &[]);
    // The comment is written all the same.
    assert_eq!((code, stage.calls().len()), (Some(3), 4));
    assert_eq!(reviewed(0, 3, &[]).1, Some(3));
    let (stage, code) = reviewed(0, 0, &[("ALLOW_WEAKER", "true")]);
    assert_eq!(code, Some(0));
    assert!(stage.calls()[1].ends_with(" --allow-weaker plans more/x.yaml"), "{:?}", stage.calls());
    assert_eq!(reviewed(0, 1, &[("ALLOW_WEAKER", "true")]).1, Some(1));
}

#[test]
fn a_report_that_can_not_be_put_on_the_pull_request_is_in_the_summary() {
    let stage = Stage::new();
    stage.program("gh", "exit 1");
    stage.program("backstop", "case $1 in diff) echo '## changed' ;; esac");
    let output = stage.run("deploy/github/review.sh", &[("BASE", "b"), ("HEAD", "h")]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("::warning::"));
    assert_eq!(stage.read("summary"), "## changed\n");
}

#[test]
fn plans_are_applied_and_the_summary_says_how_it_ended() {
    let (database, stage) = (database("pipeline_apply"), Stage::new());
    stage.real();
    fs::create_dir_all(stage.path("work/plans")).unwrap();
    let write = |name: &str, text: &str| fs::write(stage.path("work").join(name), text).unwrap();
    write(
        "backstop.toml",
        "format = 'backstop/v1'\nplans = ['plans']\n[environments.production]\ndatabase_url = {env = 'PRODUCTION_DATABASE_URL'}\n",
    );
    write("plans/a.yaml", "format: backstop/v1\nname: a\nsteps: [{id: s, sql: CREATE TABLE t (id int)}]\n");
    let production = [("BACKSTOP_ENVIRONMENT", "production"), ("PRODUCTION_DATABASE_URL", database.url.as_str())];
    let output = stage.run("deploy/github/apply.sh", &production);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(database.one("SELECT to_regclass('t') IS NOT NULL"), "t");
    write("plans/b.yaml", "format: backstop/v1\nname: b\nsteps: [{id: s, sql: DROP TABLE t}, {id: f, sql: SELECT 1/0}]\n");
    assert_eq!(stage.run("deploy/github/apply.sh", &production).status.code(), Some(5));
    let summary = stage.read("summary");
    assert!(summary.contains("production: all plans are applied\n"), "{summary}");
    assert!(summary.contains("production: failed and restored"), "{summary}");
    assert!(summary.contains("(nothing to do a; restored b)"), "{summary}");
    // Without an environment nothing is run.
    assert_eq!(stage.run("deploy/github/apply.sh", &NONE).status.code(), Some(2));
}

#[test]
fn a_release_is_installed_only_with_the_right_checksum() {
    let stage = Stage::new();
    let release = stage.path("releases/v9.9.9");
    fs::create_dir_all(&release).unwrap();
    fs::write(release.join("backstop"), "#!/bin/sh\necho backstop 9.9.9\n").unwrap();
    for architecture in ["x86_64", "aarch64"] {
        let mut package = Command::new("sh");
        package.arg(root().join("deploy/release/package.sh")).arg(format!("{architecture}-unknown-linux-musl"));
        assert!(package.args(["backstop", "."]).current_dir(&release).status().unwrap().success());
    }
    let releases = format!("file://{}", stage.path("releases").display());
    let variables = [("BACKSTOP_VERSION", "v9.9.9"), ("BACKSTOP_RELEASES", &releases)];
    let output = stage.run("deploy/github/install.sh", &variables);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).ends_with("backstop 9.9.9\n"));
    assert_eq!(stage.read("github_path"), format!("{}\n", stage.path("temp/backstop-bin").display()));
    for entry in fs::read_dir(&release).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.extension().is_some_and(|ending| ending == "gz") {
            let mut bytes = fs::read(&entry).unwrap();
            bytes.push(0);
            fs::write(&entry, bytes).unwrap();
        }
    }
    fs::remove_file(stage.path("github_path")).unwrap();
    assert!(!stage.run("deploy/github/install.sh", &variables).status.success());
    assert_eq!(stage.read("github_path"), "");
    assert!(root().join("deploy/github/install.sh").is_file());
}
