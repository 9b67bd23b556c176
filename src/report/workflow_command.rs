//! Commands of GitHub Actions, as its toolkit writes them
//! (<https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts>).

use super::style::printable;

/// `::name property=value,…::data` and a line break. Nothing in it can end the command or begin another one.
pub(super) fn command(name: &str, properties: &[(&str, String)], data: &str) -> String {
    let properties: Vec<String> = properties.iter().map(|(name, value)| format!("{name}={}", property(value))).collect();
    format!("::{name} {}::{}\n", properties.join(","), escaped(&printable(data)))
}

fn property(text: &str) -> String {
    escaped(&printable(text)).replace(':', "%3A").replace(',', "%2C")
}

fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}
