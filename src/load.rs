//! Text → plan, with spans; every problem at once.
//!
//! This room knows nothing of files or networks: the caller reads. It imports only `plan`.
