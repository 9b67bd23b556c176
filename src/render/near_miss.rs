//! What was probably meant by a name that there is not.

/// How alike two names must be for one to be suggested in place of the other (Jaro-Winkler, from 0 to 1).
const LIKENESS_MIN: f64 = 0.8;

/// The name among the others that is nearest, as a question.
pub(super) fn near_miss<'n>(name: &str, others: impl IntoIterator<Item = &'n str>) -> Option<String> {
    let likeness = |other: &str| strsim::jaro_winkler(&name.to_ascii_lowercase(), &other.to_ascii_lowercase());
    let nearest = others.into_iter().map(|other| (likeness(other), other)).max_by(|a, b| a.0.total_cmp(&b.0))?;
    (nearest.0 >= LIKENESS_MIN).then(|| format!("Did you mean `{}`?", nearest.1))
}
