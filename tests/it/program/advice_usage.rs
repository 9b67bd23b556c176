//! What a hint says of how the program was called, done: it gets further.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::work::Work;
use crate::support::{Output, Program, database};

const PLAN: &str = "format: backstop/v1\nname: first\nsteps: [{id: only, sql: SELECT 1}]\n";

/// What is typed in a folder, the code that is told, what the hint says, in words that it must hold, and what is typed then.
struct Case<'a> {
    code: &'a str,
    wrong: &'a [&'a str],
    words: &'a [&'a str],
    right: &'a [&'a str],
}

fn in_folder(folder: &Path, arguments: &[&str]) -> Program {
    Program::new().directory(folder).arguments(arguments)
}

#[track_caller]
fn told(output: Output, code: &str, words: &[&str]) {
    let Output { stdout, stderr, code: exit } = output;
    let said = stderr + &stdout;
    assert!(exit != Some(0), "{code} is not told:\n{said}");
    for word in [code].iter().chain(words) {
        assert!(said.contains(word), "{word} is missing in\n{said}");
    }
}

#[track_caller]
fn follows(folder: &Path, case: &Case<'_>, mend: impl FnOnce()) {
    told(in_folder(folder, case.wrong).run(), case.code, case.words);
    mend();
    in_folder(folder, case.right).run().expect_code(0);
}

/// A folder that is a repository of its own: what lies above it is not looked at.
fn repository() -> Work {
    let work = Work::new();
    work.file(".git/HEAD", "");
    work
}

#[test]
fn files_that_are_named_wrongly_are_named_as_it_says() {
    let work = repository();
    let folder = work.path("");
    work.file("plan.txt", PLAN);
    work.file("plan.yaml", PLAN);
    work.file("plans/second.yaml", &PLAN.replace("first", "second"));
    work.file("empty/values.yaml", "x: 1\n");
    for case in [
        Case {
            code: "cli::format", wrong: &["render", "plan.txt"], words: &["….yaml"], right: &["render", "renamed.yaml"]
        },
        Case { code: "cli::file", wrong: &["render", "plna.yaml"], words: &["path"], right: &["render", "plan.yaml"] },
        Case {
            code: "cli::no_plans",
            wrong: &["render", "empty"],
            words: &["backstop new NAME"],
            right: &["render", "empty"],
        },
        Case { code: "cli::no_plans", wrong: &["lint"], words: &["Name plan files"], right: &["lint", "plan.yaml"] },
        Case {
            code: "cli::one_plan",
            wrong: &["render", "--normal", "plan.yaml", "plans/second.yaml"],
            words: &["Name one file"],
            right: &["render", "--normal", "plan.yaml"],
        },
    ] {
        follows(&folder, &case, || {
            std::fs::rename(work.path("plan.txt"), work.path("renamed.yaml")).ok();
            if case.wrong == ["render", "empty"] {
                in_folder(&folder, &["new", "third", "--into", "empty"]).run().expect_code(0);
            }
        });
    }
}

#[test]
fn folders_that_hold_too_much_are_passed_over_by_naming_the_plans_own() {
    let work = repository();
    let deep = "deep/".repeat(70);
    work.file(&format!("all/{deep}x.yaml"), "x: 1\n");
    work.file("all/plans/plan.yaml", PLAN);
    let case = Case {
        code: "cli::too_many_files",
        wrong: &["render", "all"],
        words: &["Name the plans' own folder"],
        right: &["render", "all/plans"],
    };
    follows(&work.path(""), &case, || ());
}

#[test]
fn names_of_new_plans_are_given_as_it_says() {
    let work = repository();
    let folder = work.path("");
    in_folder(&folder, &["new", "there"]).run().expect_code(0);
    for case in [
        Case { code: "load::bad_id", wrong: &["new", "a b"], words: &["Use letters of ASCII"], right: &["new", "a-b"] },
        Case { code: "cli::exists", wrong: &["new", "there"], words: &["another name"], right: &["new", "there-too"] },
        Case {
            code: "cli::exists",
            wrong: &["new", "there"],
            words: &["--into"],
            right: &["new", "there", "--into", "other"],
        },
    ] {
        follows(&folder, &case, || ());
    }
}

#[test]
fn rules_and_forms_of_reports_are_those_that_there_are() {
    let work = repository();
    work.file("plan.yaml", &format!("{PLAN}checks: {{after: [{{id: c, sql: SELECT 1, expect: {{rows: 1}}}}]}}\n"));
    for case in [
        Case {
            code: "lint::unknown_rule",
            wrong: &["lint", "--explain", "no-after-chek"],
            words: &["Did you mean `no-after-check`?"],
            right: &["lint", "--explain", "no-after-check"],
        },
        Case {
            code: "lint::unknown_rule",
            wrong: &["lint", "--explain", "?"],
            words: &["lint --rules"],
            right: &["lint", "--rules"],
        },
        Case {
            code: "cli::report",
            wrong: &["lint", "--rules", "--report", "sarif"],
            words: &["for what is found in plans"],
            right: &["lint", "plan.yaml", "--report", "sarif"],
        },
    ] {
        follows(&work.path(""), &case, || ());
    }
}

#[test]
fn environments_are_named_where_it_says() {
    let (database, work) = (database("usage_environments"), repository());
    work.file("plan.yaml", PLAN);
    work.file("old.yaml", PLAN);
    let folder = work.path("");
    let case = |code, wrong, words, right| Case { code, wrong, words, right };
    let render: &[&str] = &["render", "plan.yaml", "-e", "test"];
    let settings = "format = 'backstop/v1'\n";
    follows(&folder, &case("cli::no_repository", render, &["write backstop.toml first"], render), || {
        work.file("backstop.toml", &format!("{settings}[environments.test]\n"));
    });
    work.file("backstop.toml", settings);
    follows(&folder, &case("cli::unknown_environment", render, &["Add it: `[environments.test]`"], render), || {
        work.file("backstop.toml", &format!("{settings}[environments.test]\ndatabase_url = {{env = 'TEST_URL'}}\n"));
    });
    let near: &[&str] = &["render", "plan.yaml", "-e", "tset"];
    follows(&folder, &case("cli::unknown_environment", near, &["Did you mean `test`?"], render), || ());
    let diff: &[&str] = &["diff", "old.yaml", "plan.yaml", "-e", "test"];
    follows(
        &folder,
        &case("cli::environment", &["diff", "old.yaml", "plan.yaml", "-e", "tset"], &["names test"], diff),
        || (),
    );
    let status: &[&str] = &["status", "-e", "test"];
    told(in_folder(&folder, status).run(), "cli::no_connection", &["Set it, or give `--database-url`"]);
    in_folder(&folder, status).env("TEST_URL", &database.url).run().expect_code(0);
    in_folder(&folder, status).arguments(&["--database-url", &database.url]).run().expect_code(0);
}

#[test]
fn what_says_where_the_database_is_is_written_as_it_says() {
    let database = database("usage_url");
    let status = || Program::new().arguments(&["status"]);
    told(status().env("DATABASE_URL", OsStr::from_bytes(b"postgres://\xff")).run(), "cli::database_url", &["UTF-8"]);
    status().env("DATABASE_URL", &database.url).run().expect_code(0);
}

#[test]
fn secrets_are_given_where_it_says() {
    let work = repository();
    let plan = "format: backstop/v1\nname: p\nvars: {t: {type: secret, default: {file: secrets/token}}}\nsteps: [{id: s, sql: 'SELECT {{ t | literal }}'}]\n";
    work.file("plan.yaml", plan);
    work.file("init.sql", "SELECT 1");
    let apply: &[&str] = &["apply", "plan.yaml", "--sandbox", "--sandbox-sql", "init.sql"];
    let case =
        Case { code: "cli::secret", wrong: apply, words: &["Set the variable or the file that it names"], right: apply };
    follows(&work.path(""), &case, || {
        work.file("secrets/token", "Xq7-unheard-of\n");
    });
}

#[test]
fn plans_of_a_folder_are_chosen_by_their_names() {
    let (database, work) = (database("usage_choice"), repository());
    work.file("plans/first.yaml", PLAN);
    let url: &[&str] = &["--database-url", &database.url];
    let on = |arguments: &[&str]| in_folder(&work.path(""), arguments).arguments(url).run();
    told(on(&["check", "plans", "--only", "frist"]), "cli::unknown_plan", &["Did you mean `first`?"]);
    on(&["check", "plans", "--only", "first"]).expect_code(0);
    told(on(&["history", "--plan", "first plan"]), "cli::plan_name", &["Give a plan's `name`"]);
    on(&["history", "--plan", "first"]).expect_code(0);
}

#[test]
fn versions_to_compare_are_named_as_it_says() {
    let work = Work::new();
    work.file("old.yaml", PLAN);
    work.file("new.yaml", PLAN);
    let folder = work.path("");
    let git = |arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.args(["-C", folder.to_str().unwrap(), "-c", "user.name=a", "-c", "user.email=a@b.example"]).args(arguments);
        assert!(command.output().unwrap().status.success(), "{arguments:?}");
    };
    let case = |code, wrong, words, right| Case { code, wrong, words, right };
    let files: &[&str] = &["diff", "old.yaml", "new.yaml"];
    follows(&folder, &case("cli::versions", &["diff"], &["the old and the new file"], files), || ());
    let head: &[&str] = &["diff", "--git", "HEAD"];
    follows(&folder, &case("cli::git", head, &["in a git repository that has both versions"], head), || {
        for arguments in [&["init", "-q"][..], &["add", "."], &["commit", "-qm", "a"], &["branch", "there"]] {
            git(arguments);
        }
    });
    let branch: &[&str] = &["diff", "--git", "there..HEAD"];
    follows(&folder, &case("cli::no_commit", &["diff", "--git", "nowhere..HEAD"], &["Name a branch"], branch), || ());
    let outside: &[&str] = &["diff", "--git", "HEAD", "/etc"];
    follows(&folder, &case("cli::outside", outside, &["of the repository"], &["diff", "--git", "HEAD", "old.yaml"]), || ());
    // The same history without a working tree.
    git(&["clone", "-q", "--bare", ".", "bare.git"]);
    let bare = work.path("bare.git");
    follows(&bare, &case("cli::bare", head, &["`--git BASE..HEAD`"], &["diff", "--git", "there..HEAD"]), || ());
}

#[test]
fn approvals_are_given_as_it_says() {
    let (database, work) = (database("usage_approvals"), repository());
    work.file("plan.yaml", PLAN);
    let folder = work.path("");
    let on = |arguments: &[&str]| in_folder(&folder, arguments).arguments(&["--database-url", &database.url]).run();
    told(on(&["plan", "plan.yaml", "-o", "saved.json", "--expires", "9999999999h"]), "cli::expires", &["24h"]);
    on(&["plan", "plan.yaml", "-o", "saved.json", "--expires", "24h"]).expect_code(0);
    let approve: &[&str] = &["approve", "saved.json", "--key", "key.pem", "--as", "somebody"];
    let nobody: &[&str] = &["approve", "saved.json", "--key", "key.pem"];
    let case = |code, wrong, words, right| Case { code, wrong, words, right };
    work.file("key.pem", "no key");
    follows(&folder, &case("cli::no_key", approve, &["backstop approve --new-key FILE"], approve), || {
        std::fs::remove_file(work.path("key.pem")).unwrap();
        in_folder(&folder, &["approve", "--new-key", "key.pem"]).run().expect_code(0);
    });
    on(&["plan", "plan.yaml", "-o", "saved.json"]).expect_code(0);
    follows(&folder, &case("cli::unknown_key", nobody, &["`--as NAME`"], approve), || ());
    told(on(&["apply", "saved.json", "plan.yaml"]), "cli::saved_with_others", &["one after the other"]);
    told(on(&["apply", "saved.json", "--only", "first"]), "cli::part_of_saved", &["when you save them"]);
    on(&["plan", "plan.yaml", "--only", "first", "-o", "saved.json"]).expect_code(0);
    on(&["apply", "saved.json"]).expect_code(0);
    on(&["apply", "plan.yaml"]).expect_code(0);
}
