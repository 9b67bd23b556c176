#!/bin/sh
# All tests. Gets PostgreSQL first if the machine has none; arguments go to `cargo test`.
set -eu
cd "$(dirname "$0")/.."
. tests/postgres.sh
. tests/pgbouncer.sh
# Most of a test is waiting for servers.
export RUST_TEST_THREADS="${RUST_TEST_THREADS:-6}"
cargo test --quiet --features otlp --doc
cargo test --features otlp --all-targets "$@"
