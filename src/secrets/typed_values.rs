//! How the server writes values down that it was given as texts of another notation.

use std::net::IpAddr;

/// The value as the server may write it: a uuid, an address, a date in whatever style, a number. The notation that it was given in is none of
/// these.
pub(super) fn as_written(secret: &str) -> Vec<String> {
    let text = secret.trim();
    let mut all: Vec<String> = [uuid(text), network_address(text), hardware_address(text)].into_iter().flatten().collect();
    all.extend(dates(text));
    all.extend(number(text));
    all
}

fn uuid(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| !matches!(c, '-' | '{' | '}')).collect();
    let groups = [0..8, 8..12, 12..16, 16..20, 20..32].map(|group| digits.get(group).unwrap_or_default());
    (digits.len() == 32 && is_hexadecimal(&digits)).then(|| groups.join("-"))
}

/// inet and cidr, the address alone: a mask is written behind it.
/// <https://www.postgresql.org/docs/current/datatype-net-types.html>
fn network_address(text: &str) -> Option<String> {
    let address = text.split_once('/').map_or(text, |(address, _)| address);
    address.parse::<IpAddr>().ok().map(|address| address.to_string())
}

/// macaddr and macaddr8.
fn hardware_address(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| !matches!(c, ':' | '-' | '.')).collect();
    let pairs: Vec<&str> = (0..digits.len()).step_by(2).filter_map(|at| digits.get(at..at + 2)).collect();
    (matches!(digits.len(), 12 | 16) && is_hexadecimal(&digits)).then(|| pairs.join(":"))
}

fn is_hexadecimal(digits: &str) -> bool {
    digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A date in every style of the server's. Where day and month could each be the other, both are meant.
/// <https://www.postgresql.org/docs/current/datatype-datetime.html#DATATYPE-DATETIME-OUTPUT>
fn dates(text: &str) -> Vec<String> {
    let parts: Vec<&str> = text.split(['-', '/', '.', ' ']).collect();
    let is_number = |part: &&str| !part.is_empty() && part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit());
    let [first, second, third] = match *parts.as_slice() {
        [all] if all.len() == 8 => [all.get(..4), all.get(4..6), all.get(6..)].map(Option::unwrap_or_default),
        [first, second, third] => [first, second, third],
        _ => return Vec::new(),
    };
    if ![first, second, third].iter().all(is_number) {
        return Vec::new();
    }
    let orders = match (first.len(), third.len()) {
        (4, ..=2) => vec![(first, second, third)],
        (..=2, 4) => vec![(third, first, second), (third, second, first)],
        _ => return Vec::new(),
    };
    orders.into_iter().flat_map(|(year, month, day)| in_styles(year, month, day)).collect()
}

/// ISO, SQL, German and that of POSTGRES, each in both orders of day and month.
fn in_styles(year: &str, month: &str, day: &str) -> Vec<String> {
    let within = |part: &str, most: u32| part.parse().is_ok_and(|number: u32| (1..=most).contains(&number));
    if !within(month, 12) || !within(day, 31) {
        return Vec::new();
    }
    vec![
        format!("{year}-{month:0>2}-{day:0>2}"),
        format!("{month:0>2}/{day:0>2}/{year}"),
        format!("{day:0>2}/{month:0>2}/{year}"),
        format!("{day:0>2}.{month:0>2}.{year}"),
        format!("{month:0>2}-{day:0>2}-{year}"),
        format!("{day:0>2}-{month:0>2}-{year}"),
    ]
}

/// A number as its shortest digits: no sign, no zeros around it, no exponent.
fn number(text: &str) -> Option<String> {
    const PLACES_MAX: i32 = 400;
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().ok().filter(|exponent: &i32| exponent.abs() <= PLACES_MAX)?;
    let (whole, fraction) =
        mantissa.trim_start_matches(['+', '-']).split_once('.').unwrap_or((mantissa.trim_start_matches(['+', '-']), ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let point = i32::try_from(whole.len()).ok()?.checked_add(exponent)?;
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or_default());
    let length = i32::try_from(digits.len()).ok()?;
    let all = format!("{}{digits}{}", zeros(-point), zeros(point - length));
    let (whole, fraction) = all.split_at_checked(usize::try_from(point.max(0)).ok()?)?;
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_server_writes_them() {
        for (text, written) in
            [("+004711", "4711"), ("1234.50", "1234.5"), ("1.5e3", "1500"), ("12e-3", "0.012"), ("-0815.0", "815")]
        {
            assert_eq!(number(text).as_deref(), Some(written), "{text}");
        }
        assert!(number("12a").is_none() && number("e5").is_none() && number("1e999999999").is_none());
    }

    #[test]
    fn addresses_are_written_as_the_server_writes_them() {
        for (text, written) in [
            ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
            ("10.0.0.7/32", "10.0.0.7"),
            ("08-00-2B-01-02-03", "08:00:2B:01:02:03"),
            ("0800.2b01.0203", "08:00:2b:01:02:03"),
        ] {
            assert!(as_written(text).contains(&written.to_owned()), "{text}");
        }
        assert_eq!(as_written("10.0.0.256/8"), Vec::<String>::new());
    }

    #[test]
    fn dates_are_written_in_every_style() {
        for text in ["2024-01-05", "20240105", "2024/1/5", "5.1.2024", "01/05/2024"] {
            let all = as_written(text);
            for written in ["2024-01-05", "01/05/2024", "05/01/2024", "05.01.2024", "01-05-2024", "05-01-2024"] {
                assert!(all.contains(&written.to_owned()), "{text}: {written}");
            }
        }
        assert_eq!(dates("2024-13-05"), Vec::<String>::new());
        assert_eq!(dates("1-2-3"), Vec::<String>::new());
    }
}
