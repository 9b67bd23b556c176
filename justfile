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
    cargo clippy --all-targets --features otlp -- -D warnings

# format the code
fmt:
    cargo fmt

# generate the JSON Schemas from the types
schema:
    cargo run --quiet -- schema > schemas/plan.schema.json.new
    mv schemas/plan.schema.json.new schemas/plan.schema.json
    cargo run --quiet -- schema --of repository > schemas/backstop.schema.json.new
    mv schemas/backstop.schema.json.new schemas/backstop.schema.json
    cargo run --quiet -- schema --of saved-plan > schemas/saved-plan.schema.json.new
    mv schemas/saved-plan.schema.json.new schemas/saved-plan.schema.json
    cargo run --quiet -- schema --of diff > schemas/diff.schema.json.new
    mv schemas/diff.schema.json.new schemas/diff.schema.json
    cargo run --quiet -- schema --of lint > schemas/lint.schema.json.new
    mv schemas/lint.schema.json.new schemas/lint.schema.json
    cargo run --quiet -- schema --of dry-run > schemas/dry-run.schema.json.new
    mv schemas/dry-run.schema.json.new schemas/dry-run.schema.json
    cargo run --quiet -- schema --of events > schemas/events.schema.json.new
    mv schemas/events.schema.json.new schemas/events.schema.json
    cargo run --quiet -- schema --of answers > schemas/answers.schema.json.new
    mv schemas/answers.schema.json.new schemas/answers.schema.json

# what a run costs against what PostgreSQL itself needs for the same: all of it, or `plan_files`, `steps`, `migration`, `way_back`
bench *subjects:
    cargo bench -- {{ subjects }}

# the example with so many people, both ends of a run
example profiles="1000000":
    sh examples/demo.sh --profiles {{ profiles }}

# all tests on PostgreSQL 13 to 18, which are fetched first; or on these majors, `just matrix 13 18`
matrix *majors:
    sh tests/matrix.sh {{ majors }}

# thousands of databases and migrations made up by chance, and every form of every statement on every object and in sequences, each
# brought back and compared; other ones every day. With all shapes of plans in the model check, and all changes of the hostile database
nightly cases="3000" seed=`date +%s`:
    BACKSTOP_TEST_CASES={{ cases }} cargo test --features otlp --lib -- --nocapture every_reachable_path
    . tests/postgres.sh && BACKSTOP_TEST_SNAPSHOTS=compare BACKSTOP_TEST_CASES={{ cases }} BACKSTOP_TEST_SEED={{ seed }} cargo test --features otlp --test it -- --nocapture random:: catalog:: hostile_twin::

# so many failed runs under eight clients at all levels of isolation and a subscription: no write lost, none in another column
failed-runs rounds="50":
    . tests/postgres.sh && BACKSTOP_TEST_ROUNDS={{ rounds }} cargo test --features otlp --test it -- --nocapture many_failed_runs

# the tests of restores once more, each beside an application that works at all levels of isolation
bystanders:
    . tests/postgres.sh && BACKSTOP_TEST_BYSTANDERS=1 cargo test --features otlp --test it -- backup:: run:: crash:: random:: program::

# the whole crash matrix: every event of every scene struck in every way; `just test` takes an eighth of it
crashes:
    . tests/postgres.sh && BACKSTOP_TEST_CRASHES=all cargo test --features otlp --test it -- --nocapture crash::
