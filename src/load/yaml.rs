//! YAML → tree. The only file that knows of the YAML library: it reads the library's events, because only they keep the
//! style of a scalar, the place of a key, and a key that comes twice.

mod core_schema;
mod events;

pub(super) use events::parse;
