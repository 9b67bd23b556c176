//! Versions whose plans stand behind symbolic links, in submodules, beyond a sparse checkout or in a partial clone.

use std::{os::unix::fs::symlink, process::Command};

use super::repository::{Repository, changes};
use crate::support::{Output, Program};

fn plan(step: &str, rows: &str) -> String {
    format!(
        "format: backstop/v1\nname: p\nbackup: {{targets: [{{tables: [public.t]}}]}}\n\
         checks: {{after: [{{id: c, sql: \"SELECT 1 WHERE false\", expect: {{rows: {rows}}}}}]}}\nsteps: [{{id: s, {step}}}]\n"
    )
}

fn git_in(folder: &std::path::Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "protocol.file.allow=always"])
        .args(arguments)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .expect("git runs");
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn diff_in(folder: &std::path::Path, arguments: &[&str]) -> Output {
    Program::new().directory(folder).arguments(&["diff"]).arguments(arguments).run()
}

#[test]
fn links_are_followed_inside_of_both_versions() {
    let repository = Repository::new();
    repository.file("service/plans/p.yaml", &plan("sql_file: deeper/../shared.sql", "0"));
    repository.file("service/plans/deeper/x", "");
    symlink("../../shared/now.sql", repository.path().join("service/plans/shared.sql")).unwrap();
    symlink("../service/plans", repository.path().join("shared-plans")).unwrap();
    repository.commit(&[("shared/now.sql", "ALTER TABLE public.t ADD COLUMN n int")]);
    repository.commit(&[("shared/now.sql", "ALTER TABLE public.t DROP COLUMN m")]);
    assert_eq!(changes(&repository.document(&["--git", "HEAD~1..HEAD", "service"], 0)), ["service/plans/p.yaml step:s sql"]);

    // The link itself may lead elsewhere, and so may the link to the folder that is looked at.
    repository.file("shared/other.sql", "TRUNCATE public.t");
    std::fs::remove_file(repository.path().join("service/plans/shared.sql")).unwrap();
    symlink("../../shared/other.sql", repository.path().join("service/plans/shared.sql")).unwrap();
    repository.commit(&[]);
    assert_eq!(changes(&repository.document(&["--git", "HEAD~1..HEAD", "service"], 0)), ["service/plans/p.yaml step:s sql"]);
    std::fs::remove_file(repository.path().join("shared-plans")).unwrap();
    symlink("service/plans", repository.path().join("linked")).unwrap();
    repository.commit(&[]);
    repository.commit(&[("service/plans/p.yaml", &plan("sql_file: shared.sql", "{at_most: 7}"))]);
    let weaker = repository.document(&["--git", "HEAD~1..HEAD", "linked"], 3);
    assert!(changes(&weaker).iter().any(|change| change.starts_with("linked/p.yaml check:c")), "{weaker}");
}

#[test]
fn a_link_out_of_the_repository_is_never_read() {
    let (repository, outside) = (Repository::new(), tempfile::tempdir().unwrap());
    std::fs::write(outside.path().join("x.sql"), "SELECT 'not for you'").unwrap();
    symlink(outside.path().join("x.sql"), repository.path().join("x.sql")).unwrap();
    repository.commit(&[("p.yaml", &plan("sql: SELECT 1", "0"))]);
    repository.commit(&[("p.yaml", &plan("sql_file: x.sql", "0"))]);
    for range in ["HEAD~1..HEAD", "HEAD~1"] {
        let output = repository.diff(&["--git", range]).expect_code(3);
        assert!(output.stdout.contains("out of the repository"), "{}{}", output.stdout, output.stderr);
        assert!(!output.stdout.contains("not for you"), "{}", output.stdout);
    }
}

#[test]
fn a_submodule_that_changed_is_refused_with_the_command_that_compares_it() {
    let (plans, repository) = (Repository::new(), Repository::new());
    plans.commit(&[("p.yaml", &plan("sql: SELECT 1", "0"))]);
    git_in(repository.path(), &["submodule", "--quiet", "add", plans.path().to_str().unwrap(), "plans"]);
    repository.commit(&[("backstop.toml", "format = \"backstop/v1\"\nplans = [\"plans\"]\n"), ("other/x", "1")]);
    repository.commit(&[("other/x", "2")]);
    repository.diff(&["--git", "HEAD~1..HEAD"]).expect_code(0);

    let inside = repository.path().join("plans");
    std::fs::write(inside.join("p.yaml"), plan("sql: SELECT 1", "{at_most: 9}")).unwrap();
    git_in(&inside, &["commit", "--quiet", "--all", "--message", "weaker"]);
    repository.commit(&[]);
    let refused = repository.diff(&["--git", "HEAD~1..HEAD"]).expect_code(3);
    assert!(refused.stderr.contains("backstop::cli::submodule"), "{}", refused.stderr);
    let range = refused.stderr.split("`backstop diff --git ").nth(1).and_then(|rest| rest.split('`').next()).unwrap();
    diff_in(&inside, &["--git", range]).expect_code(3);
    // Where plans lie elsewhere, it is nobody's business.
    repository.commit(&[("backstop.toml", "format = \"backstop/v1\"\nplans = [\"other\"]\n")]);
    repository.diff(&["--git", "HEAD~2..HEAD"]).expect_code(3);
    git_in(&inside, &["commit", "--quiet", "--allow-empty", "--message", "elsewhere"]);
    repository.commit(&[]);
    repository.diff(&["--git", "HEAD~1..HEAD"]).expect_code(0);
}

#[test]
fn what_a_sparse_checkout_leaves_out_is_as_git_has_it() {
    let repository = Repository::new();
    repository.commit(&[("a/p.yaml", &plan("sql_file: ../b/x.sql", "0")), ("b/x.sql", "SELECT 1"), ("c/y", "1")]);
    repository.git(&["sparse-checkout", "set", "a"]);
    repository.file("a/p.yaml", &plan("sql_file: ../b/x.sql", "{at_most: 3}"));
    assert!(!repository.path().join("b/x.sql").exists());
    let weaker = repository.document(&["--git", "HEAD"], 3);
    assert!(changes(&weaker).iter().all(|change| change.starts_with("a/p.yaml check:c")), "{weaker}");
}

#[test]
fn a_partial_clone_fetches_the_plans_alone() {
    let repository = Repository::new();
    let others: Vec<(String, String)> = (0..40).map(|n| (format!("src/{n}.c"), format!("{n}"))).collect();
    let files = |others: &[(String, String)]| {
        for (name, text) in others {
            repository.file(name, text);
        }
    };
    files(&others);
    repository.commit(&[("plans/p.yaml", &plan("sql: SELECT 1", "0")), ("plans/q.yaml", &plan("sql: SELECT 2", "0"))]);
    files(&others.iter().map(|(name, text)| (name.clone(), format!("{text} again"))).collect::<Vec<_>>());
    repository
        .commit(&[("plans/p.yaml", &plan("sql: SELECT 1", "{at_most: 2}")), ("plans/q.yaml", &plan("sql: SELECT 3", "0"))]);
    repository.git(&["config", "uploadpack.allowFilter", "true"]);
    repository.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let folder = tempfile::tempdir().unwrap();
    let source = format!("file://{}", repository.path().display());
    git_in(folder.path(), &["clone", "--quiet", "--filter=blob:none", &source, "clone"]);
    let clone = folder.path().join("clone");
    let missing = || git_in(&clone, &["rev-list", "--objects", "--all", "--missing=print"]).matches('?').count();
    let before = missing();
    assert!(before > 40, "{before}");

    // Where the remote can't be reached, it is said what would help; and following it does.
    let hidden = repository.path().with_extension("hidden");
    std::fs::rename(repository.path(), &hidden).unwrap();
    let refused = diff_in(&clone, &["--git", "HEAD~1..HEAD"]).expect_code(2);
    assert!(refused.stderr.contains("2 objects of the plans are not in this clone"), "{}", refused.stderr);
    let help = refused.stderr.split('`').find(|part| part.starts_with("git fetch")).unwrap().to_owned();
    std::fs::rename(&hidden, repository.path()).unwrap();
    let trace = folder.path().join("trace");
    let output = Program::new()
        .directory(&clone)
        .env("GIT_TRACE2_EVENT", trace.to_str().unwrap())
        .arguments(&["diff", "--git", "HEAD~1..HEAD"])
        .run()
        .expect_code(3);
    assert!(output.stdout.contains("lets more pass"), "{}", output.stdout);
    assert_eq!(missing(), before - 2, "only the plans' old versions are fetched");
    let asked = std::fs::read_to_string(&trace).unwrap();
    assert_eq!(asked.matches("\"--no-write-fetch-head\"").count(), 1, "in one request");
    let words: Vec<&str> = help.split(' ').skip(1).collect();
    git_in(&clone, &words);
    assert_eq!(missing(), 0);
}
