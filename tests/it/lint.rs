//! `backstop lint`: its rules against their own examples, what they claim against a real server, and its reports.

mod bombs;
mod claims;
mod effects;
mod examples;
mod false_alarms;
mod hostile;
mod linted;
mod reports;
