//! Every hint that the program gives has a test that does what it says, or stands in a list that only gets shorter.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Codes of failures that come with a hint, and the test that follows it and gets further.
const FOLLOWED: [(&str, &str); 37] = [
    (
        "backstop::backup::fewer_sessions",
        "program::resources::a_run_for_which_there_are_too_few_sessions_is_refused_or_makes_do_with_fewer",
    ),
    ("backstop::backup::not_cleared", "program::retention::what_was_made_on_a_copy_keeps_that_backup_alone_and_is_named"),
    (
        "backstop::cli::changed_meanwhile",
        "program::meanwhile::what_a_run_did_before_the_restore_has_the_lock_is_not_left_there",
    ),
    ("backstop::cli::no_run", "program::advice::commands_that_need_something_named_say_how_it_is_found"),
    ("backstop::cli::not_agreed", "program::advice::commands_that_need_something_named_say_how_it_is_found"),
    ("backstop::cli::unfinished_run", "program::advice::a_held_run_goes_each_of_the_ways_that_are_named"),
    ("backstop::cli::unknown_backup", "program::advice::commands_that_need_something_named_say_how_it_is_found"),
    ("backstop::cli::unknown_run", "program::advice::commands_that_need_something_named_say_how_it_is_found"),
    ("backstop::cli::unknown_table", "program::advice::commands_that_need_something_named_say_how_it_is_found"),
    ("backstop::journal::foreign_owner", "program::owners::a_journal_of_another_role_is_used_by_nobody_until_he_is_trusted"),
    ("backstop::lock::may_not_terminate", "program::advice::a_role_that_may_end_nobody_is_granted_that"),
    ("backstop::lock::no_run", "program::owners::a_role_that_can_make_no_run_is_named_where_it_holds_the_run_lock"),
    (
        "backstop::preflight::commit_in_body",
        "run::preflight::what_ends_the_transaction_of_a_step_is_found_in_the_plan_and_in_the_database",
    ),
    (
        "backstop::preflight::encoding",
        "program::surroundings::a_plan_with_characters_that_the_database_lacks_is_refused_before_anything_is_done",
    ),
    (
        "backstop::preflight::lock_slots",
        "program::resources::a_run_for_which_there_are_too_few_lock_slots_is_refused_and_never_freezes_anything",
    ),
    ("backstop::preflight::missing_privilege", "program::privileges::an_owner_of_the_tables_alone"),
    ("backstop::preflight::pooler", "program::poolers::a_pooler_of_sessions_is_fine"),
    (
        "backstop::preflight::published",
        "program::surroundings::a_publication_of_everything_that_is_followed_is_refused_and_the_hint_mends_it",
    ),
    ("backstop::preflight::read_only", "program::advice::sessions_that_are_read_only_are_made_writable"),
    (
        "backstop::preflight::session_slots",
        "program::resources::a_run_for_which_there_are_too_few_sessions_is_refused_or_makes_do_with_fewer",
    ),
    (
        "backstop::preflight::subscription_disabled",
        "program::subscriptions::a_subscription_that_is_disabled_at_the_first_error_is_told_before_anything_is_changed",
    ),
    (
        "backstop::preflight::temp_file_limit",
        "program::resources::an_index_that_could_not_be_built_again_for_want_of_temporary_files_is_told",
    ),
    ("backstop::restore::role_missing", "program::stuck::a_role_that_is_gone_is_named_and_the_rows_come_back_without_it"),
    ("backstop::run::counters_off", "program::advice::a_server_that_counts_no_rows_is_told_to"),
    ("backstop::run::lag_hidden", "program::batches::who_may_not_see_replicas_is_told_so_before_anything_is_changed"),
    ("backstop::surface::foreign_function", "program::owners::a_schema_for_backups_and_functions_of_others_are_left_alone"),
    (
        "backstop::surface::open_search_path",
        "program::owners::members_of_the_roles_that_call_psqls_functions_may_make_nothing_in_the_search_path",
    ),
    ("backstop::cli::git_objects", "review::links::a_partial_clone_fetches_the_plans_alone"),
    ("backstop::cli::outside_repository", "program::confined::the_base_may_allow_what_the_change_may_not"),
    ("backstop::cli::secret_in_saved_plan", "program::advice::a_saved_plan_that_would_hold_a_secret_is_made_with_another"),
    ("backstop::cli::submodule", "review::links::a_submodule_that_changed_is_refused_with_the_command_that_compares_it"),
    (
        "backstop::expressions::broken",
        "program::expressions::rows_that_break_what_counts_as_true_are_found_before_the_first_step_and_the_way_out_works",
    ),
    (
        "backstop::expressions::not_evaluable",
        "program::expressions::a_path_that_others_can_put_things_into_is_refused_and_the_hint_works",
    ),
    (
        "backstop::preflight::event_trigger",
        "program::event_triggers::what_would_refuse_the_way_back_is_named_before_the_first_step",
    ),
    ("backstop::preflight::extension_member", "program::advice::a_table_that_no_restore_brings_back_is_allowed_instead"),
    ("backstop::preflight::system_table", "program::advice::a_table_that_no_restore_brings_back_is_allowed_instead"),
    ("backstop::sql::both_ways", "program::advice::the_way_back_of_another_tools_file_becomes_the_undo"),
];

/// Codes whose hints nobody has followed in a test yet. A new hint comes with a test: nothing is added here.
const UNFOLLOWED: [&str; 109] = [
    "backstop::backup::copy_differs",
    "backstop::backup::damaged",
    "backstop::backup::disk_full",
    "backstop::backup::incomplete",
    "backstop::backup::newer_program",
    "backstop::backup::no_schema",
    "backstop::backup::no_statements",
    "backstop::backup::no_such_table",
    "backstop::backup::not_a_table",
    "backstop::backup::not_examined",
    "backstop::backup::not_prepared",
    "backstop::backup::unknown",
    "backstop::cli::ambiguous_run",
    "backstop::cli::bare",
    "backstop::cli::changed_plan",
    "backstop::cli::database_url",
    "backstop::cli::environment",
    "backstop::cli::exists",
    "backstop::cli::expires",
    "backstop::cli::file",
    "backstop::cli::format",
    "backstop::cli::frozen_step",
    "backstop::cli::git",
    "backstop::cli::no_backup",
    "backstop::cli::no_commit",
    "backstop::cli::no_connection",
    "backstop::cli::no_key",
    "backstop::cli::no_plans",
    "backstop::cli::no_repository",
    "backstop::cli::not_in_doubt",
    "backstop::cli::nothing_to_approve",
    "backstop::cli::one_plan",
    "backstop::cli::other_step",
    "backstop::cli::outside",
    "backstop::cli::part_of_saved",
    "backstop::cli::plan_name",
    "backstop::cli::report",
    "backstop::cli::saved_with_others",
    "backstop::cli::secret",
    "backstop::cli::still_running",
    "backstop::cli::too_many_files",
    "backstop::cli::unexpected",
    "backstop::cli::unknown_environment",
    "backstop::cli::unknown_key",
    "backstop::cli::unknown_plan",
    "backstop::cli::versions",
    "backstop::cli::whole_run",
    "backstop::connect::no_user",
    "backstop::drive::journal",
    "backstop::drive::other_plan",
    "backstop::drive::plan_needed",
    "backstop::fence::not_put_up",
    "backstop::fmt::unreadable",
    "backstop::journal::foreign_schema",
    "backstop::journal::gap",
    "backstop::journal::newer_schema",
    "backstop::journal::taken_over",
    "backstop::journal::unknown_event",
    "backstop::lint::unknown_rule",
    "backstop::load::bad_id",
    "backstop::lock::busy",
    "backstop::plan::writable_session",
    "backstop::preflight::counters_changed",
    "backstop::preflight::foreign_key_broken",
    "backstop::preflight::not_a_table",
    "backstop::preflight::not_in_one_transaction",
    "backstop::preflight::not_looked",
    "backstop::preflight::not_restorable",
    "backstop::preflight::off_limits",
    "backstop::preflight::old_server",
    "backstop::preflight::replica",
    "backstop::preflight::required_plan",
    "backstop::preflight::unknown_table",
    "backstop::restore::copy_missing",
    "backstop::restore::differs",
    "backstop::restore::later_writes",
    "backstop::restore::rows_do_not_fit",
    "backstop::restore::unrestorable",
    "backstop::run::batch_key",
    "backstop::run::batch_structure",
    "backstop::run::doubtful",
    "backstop::run::events_lost",
    "backstop::run::invalid_index",
    "backstop::run::no_backup",
    "backstop::run::no_way_back",
    "backstop::run::not_settled",
    "backstop::run::not_split",
    "backstop::run::other_database",
    "backstop::run::replica",
    "backstop::run::replica_behind",
    "backstop::run::statement_failed",
    "backstop::run::touches_backup",
    "backstop::run::transaction_control",
    "backstop::run::uncovered_write",
    "backstop::run::unexpected_rows",
    "backstop::run::unknown_outcome",
    "backstop::saved::another_database",
    "backstop::saved::approval_required",
    "backstop::saved::differs",
    "backstop::saved::not_approved",
    "backstop::saved::unreadable_structure",
    "backstop::surface::not_installed",
    "backstop::table_lock::busy",
    "backstop::trial::differs",
    "backstop::trial::no_database",
    "backstop::trial::no_schema",
    "backstop::trial::not_empty",
    "backstop::trial::not_removed",
    "backstop::trial::unrestorable",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The codes in a text, with their places: written out, or by the name of a constant of the same file.
fn codes(text: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut constants: Vec<(String, String)> = Vec::new();
    for (at, _) in text.match_indices("\"backstop::") {
        let Some(code) = text[at + 1..].split('"').next() else { continue };
        let is_code =
            code.matches("::").count() == 2 && code.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c == ':');
        if !is_code {
            continue;
        }
        let before = &text[..at];
        match before.trim_end().strip_suffix(": &str =").and_then(|rest| rest.rsplit_once("const ")) {
            Some((_, name)) => constants.push((name.to_owned(), code.to_owned())),
            None => found.push((at, code.to_owned())),
        }
    }
    for (name, code) in constants {
        for (at, _) in text.match_indices(&name) {
            let is_word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
            let around = (text[..at].chars().next_back(), text[at + name.len()..].chars().next());
            if !is_word(around.0) && !is_word(around.1) && !text[..at].ends_with("const ") {
                found.push((at, code.clone()));
            }
        }
    }
    found.sort();
    found
}

/// The code that a hint belongs to is the last one before it, that of wrong usage the first one in it.
fn hinted(text: &str) -> BTreeSet<String> {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or(text);
    let codes = codes(text);
    let last_before = |place: usize| codes.iter().rev().find(|(at, _)| *at < place).map(|(_, code)| code.clone());
    let first_after = |place: usize| codes.iter().find(|(at, _)| *at > place).map(|(_, code)| code.clone());
    let hints = text.match_indices(".hint(").filter_map(|(at, _)| last_before(at));
    let usages = text.match_indices("Problem::usage(").filter_map(|(at, _)| first_after(at));
    hints.chain(usages).collect()
}

#[test]
fn every_hint_is_followed_by_a_test_or_known_to_be_none_yet() {
    let mut files = Vec::new();
    rust_files(&root().join("src"), &mut files);
    // Nothing but examples for tests.
    files.retain(|file| !file.ends_with("report/samples.rs"));
    let hinted: BTreeSet<String> = files.iter().flat_map(|file| hinted(&fs::read_to_string(file).unwrap())).collect();
    let followed: BTreeMap<&str, &str> = FOLLOWED.into_iter().collect();
    let unfollowed: BTreeSet<&str> = UNFOLLOWED.into_iter().collect();
    let known = |code: &String| followed.contains_key(code.as_str()) || unfollowed.contains(code.as_str());
    let new: Vec<&String> = hinted.iter().filter(|code| !known(code)).collect();
    assert!(new.is_empty(), "write a test that does what these hints say, and name it in FOLLOWED: {new:#?}");
    let gone: Vec<&&str> = unfollowed.iter().filter(|code| !hinted.contains(**code)).collect();
    assert!(gone.is_empty(), "these give no hint any more; take them out: {gone:#?}");
    let both: Vec<&&str> = unfollowed.iter().filter(|code| followed.contains_key(**code)).collect();
    assert!(both.is_empty(), "these are followed by now; take them out of UNFOLLOWED: {both:#?}");
}

#[test]
fn the_tests_that_follow_hints_are_there() {
    for (code, test) in FOLLOWED {
        let (file, name) = test.rsplit_once("::").unwrap();
        let path = root().join("tests/it").join(file.replace("::", "/")).with_extension("rs");
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{code}: {}: {error}", path.display()));
        assert!(text.contains(&format!("fn {name}(")), "{code}: there is no test {test}");
    }
}
