//! Values of a plan in words, for before and after.

use std::time::Duration;

use serde::Serialize;

use crate::plan::{CountBounds, Text};

/// A value that can be told. One that stands for nothing is none.
pub(super) trait Description {
    fn description(&self) -> Option<String>;
}

impl Description for String {
    fn description(&self) -> Option<String> {
        Some(self.clone())
    }
}

impl Description for Text {
    fn description(&self) -> Option<String> {
        Some(self.shown().to_owned())
    }
}

impl Description for bool {
    fn description(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Description for u32 {
    fn description(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Description for u64 {
    fn description(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Description for Duration {
    fn description(&self) -> Option<String> {
        Some(time(*self))
    }
}

impl Description for CountBounds {
    fn description(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl<T: Description> Description for Option<T> {
    fn description(&self) -> Option<String> {
        self.as_ref().and_then(Description::description)
    }
}

impl<T: Description> Description for Vec<T> {
    fn description(&self) -> Option<String> {
        (!self.is_empty()).then(|| self.iter().filter_map(Description::description).collect::<Vec<_>>().join(", "))
    }
}

/// A value of a plan that its file names by a word.
pub(super) struct Word<T>(pub(super) T);

impl<T: Serialize> Description for Word<T> {
    fn description(&self) -> Option<String> {
        Some(name(&self.0))
    }
}

/// The word that files have for a value.
pub(super) fn name(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

/// A time as a plan writes it.
pub(super) fn time(time: Duration) -> String {
    let millis = time.as_millis();
    match millis {
        0 => "0s".to_owned(),
        _ if millis.is_multiple_of(3_600_000) => format!("{}h", millis / 3_600_000),
        _ if millis.is_multiple_of(60_000) => format!("{}min", millis / 60_000),
        _ if millis.is_multiple_of(1_000) => format!("{}s", millis / 1_000),
        _ => format!("{millis}ms"),
    }
}
