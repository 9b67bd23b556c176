//! What a plain scalar means in YAML 1.2 (<https://yaml.org/spec/1.2.2/#103-core-schema>): `no` is a text there.

use crate::load::node::Meaning;

pub(super) fn meaning(text: &str) -> Meaning {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Meaning::Null,
        "true" | "True" | "TRUE" => Meaning::Flag(true),
        "false" | "False" | "FALSE" => Meaning::Flag(false),
        ".nan" | ".NaN" | ".NAN" => Meaning::Number(f64::NAN),
        _ => number(text).unwrap_or(Meaning::Text),
    }
}

fn number(text: &str) -> Option<Meaning> {
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return Some(Meaning::Number(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY }));
    }
    if !unsigned.is_empty() && unsigned.bytes().all(|b| b.is_ascii_digit()) {
        // A whole number beyond 64 bits stays a number: where a count is wanted the message says so.
        return text.parse().map(Meaning::Integer).or_else(|_| text.parse().map(Meaning::Number)).ok();
    }
    decimal(unsigned).then(|| text.parse().map(Meaning::Number).ok()).flatten()
}

fn radix(digits: &str, radix: u32) -> Option<Meaning> {
    // `from_str_radix` takes a sign, the core schema doesn't.
    let signed = digits.starts_with(['-', '+']);
    (!signed).then(|| i64::from_str_radix(digits, radix).ok().map(Meaning::Integer)).flatten()
}

/// `( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
fn decimal(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = exponent.map(|exponent| exponent.strip_prefix(['-', '+']).unwrap_or(exponent));
    digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|exponent| !exponent.is_empty() && digits(exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_mean_what_yaml_1_2_says() {
        for text in
            ["no", "yes", "on", "5s", "1.2.3", "0x", "0x-1", "1e", ".", "-", "+", "e5", "1_000", "2024-01-01", "inf", "nan"]
        {
            assert_eq!(meaning(text), Meaning::Text, "{text}");
        }
        for (text, number) in [("1.10", 1.1), (".5", 0.5), ("1.", 1.0), ("1e3", 1000.0), ("-1.5E-1", -0.15)] {
            assert_eq!(meaning(text), Meaning::Number(number), "{text}");
        }
        for (text, number) in [("0", 0), ("-7", -7), ("+7", 7), ("007", 7), ("0x1F", 31), ("0o17", 15)] {
            assert_eq!(meaning(text), Meaning::Integer(number), "{text}");
        }
        assert_eq!(meaning("99999999999999999999"), Meaning::Number(1e20));
        assert_eq!(meaning("~"), Meaning::Null);
        assert_eq!(meaning("True"), Meaning::Flag(true));
    }
}
