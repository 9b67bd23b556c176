#!/bin/sh
# Reviews the plans of a pull request: findings of `lint` as annotations, what changed in meaning as one comment that is kept up to
# date. Fails where lint does, and where safety got weaker.
#   PLANS         plan files and folders, separated by white space; without any those of backstop.toml
#   BASE, HEAD    commits of the pull request
#   PULL_REQUEST  its number
#   ALLOW_WEAKER  true: weaker safety is told of and doesn't fail
set -eu

report="${RUNNER_TEMP:-/tmp}/backstop-report.md"
# What may be read outside of the repository is said by the base, not by the change.
export BACKSTOP_BASE="$BASE"
allow=
if [ "${ALLOW_WEAKER:-false}" = true ]; then allow=--allow-weaker; fi
lint=0
# The list of plans is meant to be split.
# shellcheck disable=SC2086
backstop lint ${PLANS:-} --report github || lint=$?

diff=0
# shellcheck disable=SC2086
backstop diff --git "$BASE...$HEAD" --report markdown $allow ${PLANS:-} > "$report" || diff=$?

if [ -s "$report" ]; then
    sh "$(dirname "$0")/comment.sh" "$report" || {
        # A pull request from a fork has a token that can't comment.
        echo "::warning::the report could not be put on the pull request; it is in the job's summary"
        cat "$report" >> "${GITHUB_STEP_SUMMARY:-/dev/stderr}"
    }
fi

if [ "$lint" -ne 0 ]; then exit "$lint"; fi
exit "$diff"
