//! A throwaway PostgreSQL server.
//!
//! This room knows nothing of plans. It imports nothing.
