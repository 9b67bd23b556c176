#!/bin/sh
# Applies the plans that are not applied yet, and says in the job's summary how it ended.
#   PLANS                 plan files and folders, separated by white space; without any those of backstop.toml
#   BACKSTOP_ENVIRONMENT  environment of backstop.toml
set -eu

: "${BACKSTOP_ENVIRONMENT:?say which environment the plans are applied to}"
told=$(mktemp)
# GitHub sends SIGTERM 7.5 seconds after SIGINT, and ends the job 2.5 seconds later. A run that is cut off so is in the journal, and
# the next job goes on with it; one that waits for a decision is left to a person.
{
    code=0
    # shellcheck disable=SC2086
    backstop apply ${PLANS:-} --environment "$BACKSTOP_ENVIRONMENT" --resume --lock-wait 10min --grace 6s || code=$?
    echo "$code" > "$told.code"
} | tee -i "$told"
code=$(cat "$told.code")
# Of several plans the last line names each, with what became of it.
overall=$(sed -n 's/^overall: //p' "$told" | tail -n 1)
rm -f "$told" "$told.code"

case "$code" in
    0) said="all plans are applied" ;;
    3) said="a plan is not valid, or was changed after it had been applied; nothing ran" ;;
    4) said="aborted before any step: nothing changed" ;;
    5) said="failed and restored: the database is as it was before the plan that failed, verified" ;;
    6) said="held: a decision is needed (\`backstop status\`, then \`resume\`, \`restore\` or \`accept\`)" ;;
    7) said="stuck: the restore failed, call a person" ;;
    8) said="busy: another run holds the lock" ;;
    10) said="restored with all rows, but for differences that are named: \`backstop show\` has the statements that finish it" ;;
    *) said="failed with exit code $code" ;;
esac
echo "**backstop**, $BACKSTOP_ENVIRONMENT: $said${overall:+ ($overall)}" >> "${GITHUB_STEP_SUMMARY:-/dev/stderr}"
exit "$code"
