//! SQL with places for values.

/// Puts values into their places in one pass: what a value holds is never taken for another one's place.
pub fn filled<V: AsRef<str>>(text: &str, values: &[(&str, V)]) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        match values.iter().find_map(|(place, value)| from.strip_prefix(place).map(|after| (value, after))) {
            Some((value, after)) => {
                out.push_str(value.as_ref());
                rest = after;
            }
            None => {
                out.push('{');
                rest = from.get(1..).unwrap_or_default();
            }
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_value_holds_is_no_place_for_another_one() {
        let values = [("{a}", "{b} $$"), ("{b}", "{a}")];
        assert_eq!(filled("{a}{b}{c} '{}' {", &values), "{b} $${a}{c} '{}' {");
    }
}
