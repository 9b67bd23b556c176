//! Every hint that the program gives has a test that does what it says, or a reason why there is none.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Tests that follow hints and get further, with the codes of the failures that come with them.
const FOLLOWED: [(&str, &[&str]); 75] = [
    ("program::secret_values::no_object_is_named_by_a_secret", &["run::secret_name"]),
    (
        "program::session_defaults::a_step_that_makes_its_transaction_read_only_fails_and_the_run_is_taken_back",
        &["run::read_only"],
    ),
    (
        "program::resources::a_run_for_which_there_are_too_few_sessions_is_refused_or_makes_do_with_fewer",
        &["backup::fewer_sessions", "preflight::session_slots"],
    ),
    (
        "run::preflight::what_ends_the_transaction_of_a_step_is_found_in_the_plan_and_in_the_database",
        &["preflight::commit_in_body"],
    ),
    ("program::retention::what_was_made_on_a_copy_keeps_that_backup_alone_and_is_named", &["backup::not_cleared"]),
    ("program::meanwhile::what_a_run_did_before_the_restore_has_the_lock_is_not_left_there", &["cli::changed_meanwhile"]),
    (
        "program::advice::commands_that_need_something_named_say_how_it_is_found",
        &["cli::no_run", "cli::not_agreed", "cli::unknown_backup", "cli::unknown_run", "cli::unknown_table"],
    ),
    ("program::advice::a_held_run_goes_each_of_the_ways_that_are_named", &["cli::unfinished_run"]),
    ("program::owners::a_journal_of_another_role_is_used_by_nobody_until_he_is_trusted", &["journal::foreign_owner"]),
    ("program::advice::a_role_that_may_end_nobody_is_granted_that", &["lock::may_not_terminate"]),
    (
        "program::surroundings::a_plan_with_characters_that_the_database_lacks_is_refused_before_anything_is_done",
        &["preflight::encoding"],
    ),
    (
        "program::resources::a_run_for_which_there_are_too_few_lock_slots_is_refused_and_never_freezes_anything",
        &["preflight::lock_slots"],
    ),
    (
        "program::writers_keys::a_step_that_gives_rows_other_keys_is_refused_where_others_may_write_to_them",
        &["preflight::keys_changed"],
    ),
    ("program::privileges::an_owner_of_the_tables_alone", &["preflight::missing_privilege"]),
    ("program::poolers::a_pooler_of_sessions_is_fine", &["preflight::pooler"]),
    (
        "program::surroundings::a_publication_of_everything_that_is_followed_is_refused_and_the_hint_mends_it",
        &["preflight::published"],
    ),
    ("program::advice::sessions_that_are_read_only_are_made_writable", &["preflight::read_only"]),
    (
        "program::subscriptions::a_subscription_that_is_disabled_at_the_first_error_is_told_before_anything_is_changed",
        &["preflight::subscription_disabled"],
    ),
    (
        "program::resources::an_index_that_could_not_be_built_again_for_want_of_temporary_files_is_told",
        &["preflight::temp_file_limit"],
    ),
    ("program::stuck::a_role_that_is_gone_is_named_and_the_rows_come_back_without_it", &["restore::role_missing"]),
    ("program::advice::a_server_that_counts_no_rows_is_told_to", &["run::counters_off"]),
    ("program::batches::who_may_not_see_replicas_is_told_so_before_anything_is_changed", &["run::lag_hidden"]),
    ("program::owners::a_schema_for_backups_and_functions_of_others_are_left_alone", &["psql_api::foreign_function"]),
    (
        "program::owners::members_of_the_roles_that_call_psqls_functions_may_make_nothing_in_the_search_path",
        &["psql_api::open_search_path"],
    ),
    ("review::links::a_partial_clone_fetches_the_plans_alone", &["cli::git_objects"]),
    ("program::confined::the_base_may_allow_what_the_change_may_not", &["cli::outside_repository"]),
    ("program::advice::a_saved_plan_that_would_hold_a_secret_is_made_with_another", &["cli::secret_in_saved_plan"]),
    ("review::links::a_submodule_that_changed_is_refused_with_the_command_that_compares_it", &["cli::submodule"]),
    (
        "program::expressions::rows_that_break_what_counts_as_true_are_found_before_the_first_step_and_the_way_out_works",
        &["expressions::broken"],
    ),
    (
        "program::expressions::a_path_that_others_can_put_things_into_is_refused_and_the_hint_works",
        &["expressions::not_evaluable"],
    ),
    (
        "program::expressions::a_path_that_has_become_unsafe_since_the_backup_is_not_looked_into",
        &["restore::statement_failed"],
    ),
    (
        "program::event_triggers::what_would_refuse_the_way_back_is_named_before_the_first_step",
        &["preflight::event_trigger"],
    ),
    (
        "program::advice::a_table_that_no_restore_brings_back_is_allowed_instead",
        &["preflight::extension_member", "preflight::system_table"],
    ),
    ("program::advice::the_way_back_of_another_tools_file_becomes_the_undo", &["sql::both_ways"]),
    ("program::advice_runs::a_backup_that_was_tampered_with_is_followed_by_another_one", &["backup::damaged"]),
    ("program::disk::during_the_backup_nothing_is_left_and_the_next_run_gets_through", &["backup::disk_full"]),
    ("program::advice_runs::a_backup_is_taken_or_chosen_from_the_list", &["backup::incomplete", "backup::unknown"]),
    ("program::advice_runs::a_run_whose_id_begins_like_anothers_is_named_with_more_of_it", &["cli::ambiguous_run"]),
    (
        "program::advice_usage::versions_to_compare_are_named_as_it_says",
        &["cli::bare", "cli::git", "cli::no_commit", "cli::outside", "cli::versions"],
    ),
    ("program::directories::a_plan_that_was_changed_is_refused_before_another_one_runs", &["cli::changed_plan"]),
    ("program::advice_usage::what_says_where_the_database_is_is_written_as_it_says", &["cli::database_url"]),
    (
        "program::advice_usage::environments_are_named_where_it_says",
        &["cli::environment", "cli::no_connection", "cli::no_repository", "cli::unknown_environment"],
    ),
    ("program::advice_usage::names_of_new_plans_are_given_as_it_says", &["cli::exists", "load::bad_id"]),
    (
        "program::advice_usage::approvals_are_given_as_it_says",
        &["cli::expires", "cli::no_key", "cli::part_of_saved", "cli::saved_with_others", "cli::unknown_key"],
    ),
    (
        "program::advice_usage::files_that_are_named_wrongly_are_named_as_it_says",
        &["cli::file", "cli::format", "cli::no_plans", "cli::one_plan"],
    ),
    ("program::amend::what_has_run_and_what_the_backup_holds_are_frozen", &["cli::frozen_step"]),
    ("program::advice_runs::a_run_that_took_no_backup_leads_to_those_that_there_are", &["cli::no_backup"]),
    ("program::advice_runs::where_a_run_stands_is_shown_before_somebody_settles_it", &["cli::not_in_doubt"]),
    ("program::settle::a_person_settles_a_step_and_the_run_goes_on", &["cli::other_step", "run::unknown_outcome"]),
    ("program::advice_usage::plans_of_a_folder_are_chosen_by_their_names", &["cli::plan_name", "cli::unknown_plan"]),
    ("program::advice_usage::rules_and_forms_of_reports_are_those_that_there_are", &["cli::report", "lint::unknown_rule"]),
    ("program::advice_usage::secrets_are_given_where_it_says", &["cli::secret"]),
    ("program::advice_usage::folders_that_hold_too_much_are_passed_over_by_naming_the_plans_own", &["cli::too_many_files"]),
    ("program::advice_runs::a_held_run_is_brought_back_whole_or_ended_first", &["cli::whole_run"]),
    ("connection::sources::mistakes_have_codes_and_say_where_they_stand", &["connect::no_user"]),
    (
        "program::advice_runs::a_copy_that_is_gone_is_looked_for_in_another_backup",
        &["difference::not_compared", "restore::copy_missing"],
    ),
    ("program::advice_plans::a_schema_of_that_name_is_renamed", &["journal::foreign_schema"]),
    ("program::trouble::another_run_holds_the_lock", &["lock::busy"]),
    (
        "program::advice_plans::steps_are_written_as_it_says",
        &[
            "preflight::counters_changed",
            "run::no_way_back",
            "run::statement_failed",
            "run::uncovered_write",
            "run::unexpected_rows",
        ],
    ),
    (
        "program::advice_plans::rows_that_break_a_key_are_mended_or_the_key_holds_for_them_no_more",
        &["preflight::foreign_key_broken"],
    ),
    (
        "program::advice_plans::targets_are_named_as_it_says",
        &["preflight::not_a_table", "preflight::not_restorable", "preflight::off_limits", "preflight::unknown_table"],
    ),
    ("program::waits::a_replica_is_refused_and_the_primary_is_found_among_several_hosts", &["preflight::replica"]),
    ("program::directories::one_plan_alone_needs_what_it_requires", &["preflight::required_plan"]),
    ("program::writers::a_noted_write_stops_the_restore_until_somebody_decides", &["restore::later_writes"]),
    (
        "program::advice_runs::rows_that_point_to_what_a_restore_takes_away_go_with_it_or_are_deleted",
        &["restore::rows_do_not_fit"],
    ),
    (
        "program::advice_plans::batches_go_through_keys_and_change_rows_as_it_says",
        &["run::batch_key", "run::batch_structure"],
    ),
    ("program::settle::an_invalid_index_of_that_name_is_built_anew", &["run::invalid_index"]),
    ("program::waits::a_run_stops_where_another_database_answers", &["run::other_database"]),
    ("program::coverage::nor_may_a_step_change_what_holds_the_backup_together", &["run::touches_backup"]),
    ("program::saved_plans::what_changed_since_a_saved_plan_is_said_of_its_own_database", &["saved::another_database"]),
    ("program::saved_plans::a_repository_wants_approvals", &["saved::approval_required", "saved::not_approved"]),
    ("program::saved_plans::one_that_is_too_old_is_refused", &["saved::differs"]),
    ("program::trouble::a_locked_table_names_who_holds_it", &["preflight::not_looked"]),
    ("program::advice_runs::a_role_that_may_make_no_database_is_given_one_or_the_right_to", &["trial::no_database"]),
    ("program::advice_plans::a_backup_is_restored_into_a_database_that_fits", &["trial::not_empty"]),
];

/// Codes whose hints no test follows, and why none can or needs to. A new hint comes with a test: nothing is added here without a
/// reason that a reader accepts.
const UNFOLLOWED: [(&str, &str); 41] = [
    ("backup::copy_failed", "preflight says the GRANT and the lock slots first; only what changes in between gets here"),
    ("backup::copy_differs", "no type is known whose text loses a part of its value; one that does is a mistake to report"),
    ("backup::newer_program", "what wrote the backup is a program that does not exist yet"),
    ("backup::no_schema", "preflight says the GRANT first; only one that is revoked in between gets here"),
    ("backup::no_statements", "the way that it names is the ordinary restore, which needs nothing of what is missing"),
    ("backup::no_such_table", "the command line says `unknown_table` first; only users of the library get here"),
    ("backup::not_a_table", "preflight refuses the target first; only a table that becomes a view in between gets here"),
    ("backup::not_examined", "the server fails while it is asked; what it says is its own"),
    ("backup::not_prepared", "sixty backups within one minute, and the hint is to wait for the next minute"),
    ("cli::nothing_to_approve", "the parser of arguments asks for the file first"),
    ("cli::still_running", "the session of a dead runner must still be at work; the command is that of `table_lock::busy`"),
    ("cli::unexpected", "a mistake of the program: the hint is to report it"),
    ("drive::journal", "the journal contradicts itself; there is only reading it"),
    ("drive::other_plan", "`resume` says `changed_plan` first; only users of the library get here"),
    ("drive::plan_needed", "`resume` reads the plan first; only users of the library get here"),
    ("fence::not_put_up", "preflight says the GRANT first; only an owner who changes in between gets here"),
    ("fmt::unreadable", "no plan is known that gets here: the text is compared before it is written"),
    ("journal::gap", "somebody deleted events; there is only reading what is left"),
    ("journal::newer_schema", "what wrote the journal is a program that does not exist yet"),
    ("journal::taken_over", "the hint is to leave the other runner alone"),
    ("journal::unknown_event", "what wrote the journal is a program that does not exist yet"),
    ("plan::writable_session", "a pooler must lose a setting of the session, which those that the tests have do not"),
    ("preflight::not_in_one_transaction", "`load::impossible` says it first; only users of the library get here"),
    ("preflight::old_server", "no server that old is built for the tests"),
    ("restore::differs", "a restore that is not exact is a mistake of the program, and rolled back"),
    (
        "restore::unrestorable",
        "what is changed by hand is what stands in the way, and each is another case: `remaining` has those",
    ),
    ("run::doubtful", "a session must be cut off and go on for minutes; the hint is to wait for its end"),
    ("run::events_lost", "people compare two servers; the run itself may be on neither"),
    ("run::no_backup", "nothing was changed, and nothing is to be done"),
    ("run::not_settled", "what the server says while it is asked is its own; the leftovers are those of `still_running`"),
    ("run::not_split", "preflight refuses the text first with the code of its mistake"),
    ("run::replica", "a primary must become a replica under a run; `preflight::replica` follows the same hint"),
    (
        "run::replica_behind",
        "a replica must stand still for the half hour that a step waits for it; `lag` waits for one that goes on",
    ),
    (
        "run::transaction_control",
        "`sql::transaction_control` refuses it first; only an extension written in C could get here",
    ),
    ("saved::unreadable_structure", "what saved it is another version of the program"),
    (
        "psql_api::not_installed",
        "`foreign_function` refuses functions of others first; only members of their owner get here",
    ),
    ("trial::differs", "manifest and copies must be forged so that they agree; the hint is that of `backup::damaged`"),
    (
        "trial::no_schema",
        "the GRANT is revoked between the backup and its trial; the command is that of `trial::no_database`",
    ),
    ("trial::not_removed", "a session must come into a database that only the trial knows; the command is in the hint"),
    ("trial::unrestorable", "the structure in the manifest must be forged; the hint is to leave the objects alone"),
    (
        "table_lock::busy",
        "preflight meets the lock first, and names who has it; only a lock that is taken in between gets here",
    ),
];

/// How many hints are followed: the number only rises.
const FOLLOWED_AT_LEAST: usize = 106;

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
    let hinted: BTreeSet<&str> = hinted.iter().filter_map(|code| code.strip_prefix("backstop::")).collect();
    let followed: BTreeSet<&str> = FOLLOWED.into_iter().flat_map(|(_, codes)| codes.iter().copied()).collect();
    let unfollowed: BTreeSet<&str> = UNFOLLOWED.into_iter().map(|(code, _)| code).collect();
    let new: Vec<&&str> = hinted.iter().filter(|code| !followed.contains(**code) && !unfollowed.contains(**code)).collect();
    assert!(new.is_empty(), "write a test that does what these hints say, and name it in FOLLOWED: {new:#?}");
    let gone: Vec<&&str> = unfollowed.iter().filter(|code| !hinted.contains(**code)).collect();
    assert!(gone.is_empty(), "these give no hint any more; take them out: {gone:#?}");
    let both: Vec<&&str> = unfollowed.iter().filter(|code| followed.contains(**code)).collect();
    assert!(both.is_empty(), "these are followed by now; take them out of UNFOLLOWED: {both:#?}");
    assert!(followed.len() >= FOLLOWED_AT_LEAST, "{} hints are followed, {FOLLOWED_AT_LEAST} were", followed.len());
}

#[test]
fn the_tests_that_follow_hints_are_there() {
    for (test, codes) in FOLLOWED {
        let (file, name) = test.rsplit_once("::").unwrap();
        let path = root().join("tests/it").join(file.replace("::", "/")).with_extension("rs");
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{codes:?}: {}: {error}", path.display()));
        assert!(text.contains(&format!("fn {name}(")), "{codes:?}: there is no test {test}");
    }
}
