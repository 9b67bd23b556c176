#!/bin/sh
# A migration that succeeds, and one that fails its check and is restored, on a throwaway server. Gets PostgreSQL first if the
# machine has none; arguments go to `backstop demo`.
set -eu
cd "$(dirname "$0")/.."
. tests/postgres.sh
exec cargo run --quiet --release -- demo "$@"
