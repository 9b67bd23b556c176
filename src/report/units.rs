//! Numbers as people read them.

use std::time::Duration;

use jiff::Timestamp;

/// A number with its thousands apart: `1,000,000`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// So many of something: `1 table`, `3 tables`.
pub fn so_many(n: u64, one: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{} {one}{s}", count(n))
}

/// A size in units of 1024: `1.5 GiB`.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if n < 1024 {
        return so_many(n, "byte");
    }
    // Tenths of the unit, rounded, so that 1023.96 KiB is said as 1.0 MiB.
    let mut tenths = u128::from(n) * 10;
    let mut unit = "";
    for next in UNITS {
        tenths = (tenths + 512) / 1024;
        unit = next;
        if tenths < 10 * 1024 {
            break;
        }
    }
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

/// A length of time: `4 ms`, `3.2 s`, `2 min 05 s`, `1 h 02 min`.
pub fn duration(time: Duration) -> String {
    let millis = time.as_millis();
    let seconds = (millis + 500) / 1000;
    match millis {
        0..1000 => format!("{millis} ms"),
        1000..59_950 => format!("{}.{} s", (millis + 50) / 1000, (millis + 50) % 1000 / 100),
        59_950..3_599_500 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// The time between two moments (RFC 3339); none where they can't be read or the clock went back.
pub(super) fn between(then: &str, now: &str) -> Option<Duration> {
    let (then, now): (Timestamp, Timestamp) = (then.parse().ok()?, now.parse().ok()?);
    Duration::try_from(now.duration_since(then)).ok()
}

/// A moment (RFC 3339) to the second, in UTC.
pub(super) fn moment(at: &str) -> String {
    match at.parse::<Timestamp>() {
        Ok(at) => at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        Err(_) => super::style::one_line(at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_their_thousands_apart() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(so_many(1, "row"), "1 row");
        assert_eq!(so_many(2, "row"), "2 rows");
    }

    #[test]
    fn sizes_have_one_decimal() {
        assert_eq!([1, 1023, 1024, 1536].map(bytes), ["1 byte", "1,023 bytes", "1.0 KiB", "1.5 KiB"]);
        assert_eq!([1024 * 1024 - 1, 5 << 30, u64::MAX].map(bytes), ["1.0 MiB", "5.0 GiB", "16.0 EiB"]);
    }

    #[test]
    fn times_are_short() {
        let said = [4, 999, 1000, 3249, 59_960, 125_000, 3_599_600, 3_720_000];
        let said = said.map(|millis| duration(Duration::from_millis(millis)));
        assert_eq!(said, ["4 ms", "999 ms", "1.0 s", "3.2 s", "1 min 00 s", "2 min 05 s", "1 h 00 min", "1 h 02 min"]);
    }

    #[test]
    fn a_clock_that_went_back_says_nothing() {
        assert_eq!(between("2026-01-01T00:00:00Z", "2026-01-01T01:00:00.5+01:00"), Some(Duration::from_millis(500)));
        assert_eq!(between("2026-01-01T00:00:01Z", "2026-01-01T00:00:00Z"), None);
        assert_eq!(between("yesterday", "2026-01-01T00:00:00Z"), None);
        assert_eq!(moment("2026-01-01T01:00:00+01:00"), "2026-01-01 00:00:00 UTC");
    }
}
