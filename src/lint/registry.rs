//! All rules.

use super::{rule::Rule, rules};

/// All rules, group by group.
pub const RULES: &[&Rule] = &[
    &rules::add_column_volatile_default::RULE,
    &rules::add_column_counter::RULE,
    &rules::add_column_stored::RULE,
    &rules::change_column_type::RULE,
    &rules::set_not_null::RULE,
    &rules::add_check::RULE,
    &rules::add_foreign_key::RULE,
    &rules::validate_with_add::RULE,
    &rules::create_index::RULE,
    &rules::drop_index::RULE,
    &rules::reindex::RULE,
    &rules::add_unique::RULE,
    &rules::add_primary_key::RULE,
    &rules::add_exclusion::RULE,
    &rules::set_logged::RULE,
    &rules::set_tablespace::RULE,
    &rules::cluster::RULE,
    &rules::vacuum_full::RULE,
    &rules::refresh::RULE,
    &rules::attach_partition::RULE,
    &rules::detach_partition::RULE,
    &rules::lock_table::RULE,
    &rules::create_trigger::RULE,
    &rules::many_tables_locked::RULE,
    &rules::write_under_lock::RULE,
    &rules::rename::RULE,
    &rules::drop_table::RULE,
    &rules::truncate::RULE,
    &rules::drop_column::RULE,
    &rules::uncovered_write::RULE,
    &rules::delete_all::RULE,
    &rules::update_all::RULE,
    &rules::rows_uncounted::RULE,
    &rules::drop_schema::RULE,
    &rules::cascade::RULE,
    &rules::truncate_cascade::RULE,
    &rules::idle_exception::RULE,
];

/// The rule of this code.
pub fn rule_called(code: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.code == code)
}
