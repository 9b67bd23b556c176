//! Files of other tools that hold the way forward and the way back.

use std::fmt;

use super::token::{TokenKind, Tokens};

/// A section that takes back what stands before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DownSection {
    /// The comment that begins the way forward; empty where none does.
    up_marker: String,
    /// The comment that begins the way back.
    down_marker: String,
    /// Where the way back begins, in bytes.
    pub down: usize,
}

/// `-- +goose Up` and `-- +goose Down` stand in one text
impl fmt::Display for DownSection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.up_marker.as_str() {
            "" => write!(f, "`{}` begins a way back in the SQL", self.down_marker),
            up => write!(f, "`{up}` and `{}` stand in one text", self.down_marker),
        }
    }
}

/// What a comment begins with that begins a way back, in lower case, and the tool: goose, sql-migrate, dbmate, tern, MyBatis, Play,
/// rambler, Liquibase.
const DOWN: [&str; 8] = [
    "+goose down",
    "+migrate down",
    "migrate:down",
    "create above / drop below",
    "//@undo",
    "!downs",
    "rambler down",
    "rollback ",
];
/// The same of the way forward.
const UP: [&str; 6] = ["+goose up", "+migrate up", "migrate:up", "!ups", "rambler up", "liquibase formatted sql"];
/// Liquibase's way back counts only in a file of Liquibase's: people write of rollbacks in comments.
const LIQUIBASE: &str = "liquibase formatted sql";
/// Most characters of a marker that are shown.
const MARKER_CHARS_MAX: usize = 60;

/// The first section that goes back. Markers count where a line of comment begins with them.
pub fn down_section(text: &str) -> Option<DownSection> {
    let mut up = None;
    for token in Tokens::of(text) {
        let Ok(token) = token else { return None };
        if token.kind != TokenKind::Comment {
            continue;
        }
        let comment = &text[token.range()];
        let Some(line) = comment.strip_prefix("--") else { continue };
        let said = line.trim_start_matches(['-', ' ', '\t', '#']).to_ascii_lowercase();
        let begins = |markers: &[&str]| markers.iter().any(|marker| said.starts_with(marker));
        let shown = || comment.trim_end().chars().take(MARKER_CHARS_MAX).collect::<String>();
        if up.is_none() && begins(&UP) {
            up = Some(shown());
        } else if begins(&DOWN) {
            let is_liquibase = up.as_ref().is_some_and(|up| up.to_ascii_lowercase().contains(LIQUIBASE));
            if !said.starts_with("rollback ") || is_liquibase {
                return Some(DownSection { up_marker: up.unwrap_or_default(), down_marker: shown(), down: token.start });
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_of_other_tools_are_seen() {
        for text in [
            "-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2;",
            "-- +migrate Up\nSELECT 1;\n-- +migrate Down\n",
            "-- migrate:up\nSELECT 1;\n\n-- migrate:down\nSELECT 2",
            "SELECT 1;\n---- create above / drop below ----\nSELECT 2;",
            "--liquibase formatted sql\n--changeset a:1\nSELECT 1;\n--rollback SELECT 2;",
        ] {
            let found = down_section(text).unwrap_or_else(|| panic!("{text}"));
            assert!(text[found.down..].starts_with("--"), "{found:?}");
        }
    }

    #[test]
    fn what_people_write_in_comments_is_no_section() {
        for text in [
            "-- rollback of the last plan\nSELECT 1",
            "SELECT '-- +goose Down'",
            "-- going down\nSELECT 1",
            "DO $$ -- migrate:down\n$$",
        ] {
            assert_eq!(down_section(text), None, "{text}");
        }
    }
}
