//! The two notations of a plan file.

use std::path::Path;

/// How a plan is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanFormat {
    /// YAML 1.2 (<https://yaml.org/spec/1.2.2/>), core schema, without merge keys.
    Yaml,
    /// TOML 1.1 (<https://toml.io/en/v1.1.0>).
    Toml,
}

impl PlanFormat {
    /// What the ending of a file's name says: `yaml`, `yml` or `toml`, in any case; nothing for another one.
    pub fn of_path(path: &Path) -> Option<PlanFormat> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        match ending.as_str() {
            "yaml" | "yml" => Some(PlanFormat::Yaml),
            "toml" => Some(PlanFormat::Toml),
            _ => None,
        }
    }
}
