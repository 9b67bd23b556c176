//! What people copy into their pipelines: every file is parsed, every command line is understood by the program, every script runs.

mod image;
mod lines;
mod manifests;
mod scripts;
mod stage;
mod workflows;
