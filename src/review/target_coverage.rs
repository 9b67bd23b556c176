//! Which tables a list of names and patterns means, as far as that can be told without a database.

use crate::{
    plan::Text,
    sql::{TablePattern, quote},
};

/// A list of tables, as one version of a plan names them.
pub(super) struct TargetCoverage {
    entries: Vec<CoverageEntry>,
}

/// One name or pattern.
pub(super) struct CoverageEntry {
    /// As it is written.
    pub(super) text: String,
    pattern: Option<TablePattern>,
}

impl TargetCoverage {
    /// The tables that a plan with this search path means. Where the path is one schema, names without a schema stand in it.
    pub(super) fn of<'t>(names: impl IntoIterator<Item = &'t Text>, search_path: &[Text]) -> Self {
        let schema = match search_path {
            [only] if !only.shown().starts_with('$') => Some(quote::ident(only.shown())),
            _ => None,
        };
        let entries = names.into_iter().map(|name| CoverageEntry::of(name.shown(), schema.as_deref()));
        TargetCoverage { entries: entries.collect() }
    }

    /// Whether nothing is named.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// As it is written, in order, each once.
    pub(super) fn texts(&self) -> Vec<String> {
        let mut texts: Vec<String> = Vec::new();
        for entry in &self.entries {
            if !texts.contains(&entry.text) {
                texts.push(entry.text.clone());
            }
        }
        texts
    }

    /// What of it the other one does not mean, and whether the other means some of that.
    pub(super) fn beyond<'a>(
        &'a self,
        other: &'a TargetCoverage,
    ) -> impl Iterator<Item = (&'a CoverageEntry, Vec<&'a CoverageEntry>)> {
        let missing = self.entries.iter().filter(|entry| !other.entries.iter().any(|wide| wide.covers(entry)));
        missing.map(|entry| (entry, other.entries.iter().filter(|narrow| entry.covers(narrow)).collect()))
    }
}

impl CoverageEntry {
    fn of(text: &str, schema: Option<&str>) -> Self {
        let parsed = TablePattern::parse(text).ok();
        let pattern = match (parsed, schema) {
            (Some(pattern), Some(schema)) if !pattern.has_schema() => TablePattern::parse(&format!("{schema}.{text}")).ok(),
            (parsed, _) => parsed,
        };
        CoverageEntry { text: text.to_owned(), pattern }
    }

    fn covers(&self, other: &CoverageEntry) -> bool {
        match (&self.pattern, &other.pattern) {
            (Some(own), Some(other)) => own.covers(other),
            _ => self.text == other.text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beyond(then: &[&str], now: &[&str]) -> Vec<(String, usize)> {
        let text = |names: &[&str]| names.iter().map(|name| Text::plain(*name)).collect::<Vec<_>>();
        let path = [Text::plain("public")];
        let (then, now) = (TargetCoverage::of(&text(then), &path), TargetCoverage::of(&text(now), &path));
        then.beyond(&now).map(|(entry, narrower)| (entry.text.clone(), narrower.len())).collect()
    }

    #[test]
    fn what_is_meant_otherwise_is_not_missing() {
        assert_eq!(beyond(&["orders"], &["public.orders"]), []);
        assert_eq!(beyond(&["public.a_1", "public.a_2"], &["public.a_*"]), []);
        assert_eq!(beyond(&["public.a_*"], &["public.a_1"]), [("public.a_*".to_owned(), 1)]);
        assert_eq!(beyond(&["public.a", "b c"], &["public.b"]), [("public.a".to_owned(), 0), ("b c".to_owned(), 0)]);
    }
}
