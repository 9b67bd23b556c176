//! The turns of phrase that all kinds share.

use std::fmt::Display;

use crate::{catalog::privilege::Grant, secrets};

/// How many characters of a long text are shown on each side of an arrow.
const SHOWN: usize = 60;

/// How many equal characters are shown before the first different one.
const LEAD: usize = 12;

/// "owner a -> b"
pub(in crate::catalog) fn plain<T: Display + PartialEq>(
    what: &mut Vec<String>,
    word: &str,
    then: &Option<T>,
    now: &Option<T>,
) {
    let show = |value: &Option<T>| value.as_ref().map_or_else(|| "none".to_owned(), |value| short(&value.to_string(), 0));
    if then != now {
        what.push(format!("{word} {} -> {}", show(then), show(now)));
    }
}

/// "row security off -> on"
pub(in crate::catalog) fn switch(what: &mut Vec<String>, word: &str, then: bool, now: bool) {
    let show = |on: bool| if on { "on" } else { "off" };
    if then != now {
        what.push(format!("{word} {} -> {}", show(then), show(now)));
    }
}

/// "added label x", "removed label y", "labels in another order"
pub(in crate::catalog) fn list(what: &mut Vec<String>, word: &str, then: &[String], now: &[String]) {
    let before = what.len();
    what.extend(then.iter().filter(|item| !now.contains(item)).map(|item| format!("removed {word} {}", short(item, 0))));
    what.extend(now.iter().filter(|item| !then.contains(item)).map(|item| format!("added {word} {}", short(item, 0))));
    if what.len() == before && then != now {
        what.push(format!("{word}s in another order"));
    }
}

/// "definition differs: … -> …", from where they part.
pub(in crate::catalog) fn excerpt(what: &mut Vec<String>, word: &str, then: &str, now: &str) {
    if then != now {
        let (then, now) = (flat(&secrets::redacted(then)), flat(&secrets::redacted(now)));
        let common = then.chars().zip(now.chars()).take_while(|(a, b)| a == b).count();
        let from = common.saturating_sub(LEAD);
        what.push(format!("{word} differs: {} -> {}", short(&then, from), short(&now, from)));
    }
}

/// "comment none -> "text""
pub(in crate::catalog) fn comment(what: &mut Vec<String>, word: &str, then: &Option<String>, now: &Option<String>) {
    let quoted = |text: &Option<String>| text.as_ref().map(|text| format!("\"{}\"", short(text, 0)));
    if then != now {
        plain(what, word, &quoted(then), &quoted(now));
        if quoted(then) == quoted(now) {
            what.push(format!("{word} differs"));
        }
    }
}

/// "grant SELECT to api", "revoke SELECT from api"; `on` ends the phrase, as in " on column x".
pub(in crate::catalog) fn grants(what: &mut Vec<String>, on: &str, then: &[Grant], now: &[Grant]) {
    let before = what.len();
    let role = |grant: &Grant| grant.grantee.clone().unwrap_or_else(|| "PUBLIC".to_owned());
    let option = |grant: &Grant| if grant.grantable { " with grant option" } else { "" };
    for grant in then.iter().filter(|grant| !now.contains(grant)) {
        what.push(format!("revoke {}{} from {}{on}", grant.privilege, option(grant), role(grant)));
    }
    for grant in now.iter().filter(|grant| !then.contains(grant)) {
        what.push(format!("grant {} to {}{}{on}", grant.privilege, role(grant), option(grant)));
    }
    if what.len() == before && then != now {
        what.push(format!("grants in another order{on}"));
    }
}

/// White space as single blanks.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text from a character on, shortened, with ... where something was left out.
fn short(text: &str, from: usize) -> String {
    // Before anything is left out.
    let text = flat(&secrets::redacted(text));
    let rest = text.char_indices().nth(from).and_then(|(at, _)| text.get(at..)).unwrap_or_default();
    let (shown, more) = secrets::beginning(rest, SHOWN);
    format!("{}{shown}{}", if from > 0 { "..." } else { "" }, if more { "..." } else { "" })
}
