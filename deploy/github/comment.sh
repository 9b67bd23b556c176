#!/bin/sh
# Puts a report on a pull request: as a new comment, or in place of the one that it put there before, known by its first line.
#   $1            file with the report, Markdown
#   PULL_REQUEST  number of the pull request
set -eu

marker='<!-- backstop -->'
# GitHub takes 65,536 characters; what is longer is cut at a line.
bytes=60000
body="${RUNNER_TEMP:-/tmp}/backstop-comment.md"
{
    echo "$marker"
    if [ "$(wc -c < "$1")" -le "$bytes" ]; then
        cat "$1"
    else
        head -c "$bytes" "$1" | sed '$d'
        printf '\n\n_The report is longer than a comment can be; all of it is in the log of the job._\n'
        cat "$1" >&2
    fi
} > "$body"

comments="repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments"
# Only a comment of a bot's counts: somebody else's isn't ours to change.
mine=".[] | select(.user.type == \"Bot\" and (.body | startswith(\"$marker\"))) | .id"
id=$(gh api --paginate "$comments" --jq "$mine" | head -n 1)
if [ -n "$id" ]; then
    gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" -F "body=@$body" > /dev/null
else
    gh api --method POST "$comments" -F "body=@$body" > /dev/null
fi
