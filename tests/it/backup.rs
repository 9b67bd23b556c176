//! Digest, backup, fence and restore against a real server, a fresh database each.

mod content;
mod elsewhere;
mod fence;
mod harness;
mod later_writes;
mod restore;
mod take;
