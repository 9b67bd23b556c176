# What people run. `just` alone lists it.
_list:
    @just --list --unsorted

# a migration that succeeds and one that is restored, on a throwaway PostgreSQL
demo:
    sh examples/demo.sh

# all tests, on servers that they find or start themselves
test:
    sh tests/run.sh

# what must be clean before a commit
lint:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings

# format the code
fmt:
    cargo fmt

# generate the JSON Schema of plan files from the types
schema:
    cargo run --quiet -- schema > schemas/plan.schema.json.new
    mv schemas/plan.schema.json.new schemas/plan.schema.json

# what a run costs against what PostgreSQL itself needs for the same: all of it, or `plan_files`, `steps`, `migration`, `way_back`
bench *subjects:
    cargo bench -- {{ subjects }}

# the example with a million people: how long a run, and a run with its restore, takes
million profiles="1000000":
    cargo build --release
    BACKSTOP_DEMO_PROFILES={{ profiles }} sh examples/demo.sh

# the tests on every PostgreSQL that is installed
matrix:
    for bin in /usr/lib/postgresql/*/bin; do echo "== $bin" && BACKSTOP_PG_BIN="$bin" sh tests/run.sh || exit 1; done
