//! A throwaway PostgreSQL server, real and of this process alone.
//!
//! It is made of the server binaries that the machine has: nothing is downloaded here. It listens on a socket that only its own
//! account can reach, and whatever becomes of this process, neither the server nor its files outlive it. This room knows
//! nothing of plans. It imports nothing.

mod account;
mod binaries;
mod directory;
mod keeper;
mod sandbox_error;
mod server;

pub use binaries::{BinaryLocations, find};
pub use sandbox_error::SandboxError;
pub use server::{Options, Sandbox, ServerReach, Stop};
