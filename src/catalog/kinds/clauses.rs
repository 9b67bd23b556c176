//! Clauses that statements of several kinds share.

use crate::sql::quote::literal;

/// ` COLLATE …`, where there is one.
pub(super) fn collate(collation: &Option<String>) -> String {
    collation.as_ref().map(|collation| format!(" COLLATE {collation}")).unwrap_or_default()
}

/// ` WITH (…)`, where there are options.
pub(super) fn with_options(options: &[String]) -> String {
    if options.is_empty() { String::new() } else { format!(" WITH ({})", options_list(options)) }
}

/// `name=value` as `reloptions` stores it, with the value as a literal. The server knows the names; they are no identifiers.
pub(super) fn options_list(options: &[String]) -> String {
    let options: Vec<String> = options
        .iter()
        .map(|option| match option.split_once('=') {
            Some((name, value)) => format!("{name}={}", literal(value)),
            None => option.clone(),
        })
        .collect();
    options.join(", ")
}

/// SET and RESET of `name=value` options, for whatever the statement begins to alter.
pub(super) fn change_options(alter: &str, then: &[String], now: &[String]) -> Vec<String> {
    let name = |option: &String| option.split_once('=').map_or(option.clone(), |(name, _)| name.to_owned());
    let names: Vec<String> = then.iter().map(name).collect();
    let mut statements = Vec::new();
    // The order in which they stand is theirs, too: where anything differs, all are set anew.
    if then != now {
        if !now.is_empty() {
            let all: Vec<String> = now.iter().map(name).collect();
            statements.push(format!("{alter} RESET ({})", all.join(", ")));
        }
        if !names.is_empty() {
            statements.push(format!("{alter} SET ({})", options_list(then)));
        }
    }
    statements
}
