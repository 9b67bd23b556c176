//! Whole plans, rendered.

mod fingerprint;
mod places;
mod sample;
mod secrets;
mod texts;
