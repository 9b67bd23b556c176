//! Pairs of times, and the table that they make.

use std::time::Duration;

/// One thing measured in turns with its floor.
pub struct Pairs {
    what: String,
    floor: &'static str,
    times: Vec<(Duration, Duration)>,
}

impl Pairs {
    /// None yet.
    pub fn new(what: impl Into<String>, floor: &'static str) -> Self {
        Pairs { what: what.into(), floor, times: Vec::new() }
    }

    /// Adds a pair: ours, and the floor's.
    pub fn add(&mut self, ours: Duration, floor: Duration) {
        self.times.push((ours, floor));
    }
}

/// Prints a table of medians; the ratio is the median of the pairs' ratios.
pub fn print(title: &str, rows: &[Pairs]) {
    println!("\n{title}");
    println!("  {:<44} {:>10} {:>10} {:>7}   floor", "", "backstop", "floor", "ratio");
    for row in rows {
        let ours = median(row.times.iter().map(|(ours, _)| ours.as_secs_f64()));
        let floor = median(row.times.iter().map(|(_, floor)| floor.as_secs_f64()));
        let ratio = median(row.times.iter().map(|(ours, floor)| ours.as_secs_f64() / floor.as_secs_f64()));
        println!("  {:<44} {:>10} {:>10} {ratio:>7.2}   {}", row.what, seconds(ours), seconds(floor), row.floor);
    }
}

/// Prints where the time of a run went: the time before each kind of event, summed.
pub fn print_phases(title: &str, phases: &[(&'static str, Duration)]) {
    let mut sums: Vec<(&str, Duration)> = Vec::new();
    for (phase, time) in phases {
        match sums.iter_mut().find(|(known, _)| known == phase) {
            Some((_, sum)) => *sum += *time,
            None => sums.push((phase, *time)),
        }
    }
    let list: Vec<String> = sums.iter().map(|(phase, sum)| format!("{phase} {}", seconds(sum.as_secs_f64()))).collect();
    println!("  {title}: {}", list.join(", "));
}

fn seconds(seconds: f64) -> String {
    if seconds < 1.0 { format!("{:.2} ms", seconds * 1e3) } else { format!("{seconds:.2} s") }
}

fn median(times: impl Iterator<Item = f64>) -> f64 {
    let mut times: Vec<f64> = times.collect();
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}
