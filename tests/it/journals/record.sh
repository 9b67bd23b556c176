#!/usr/bin/env bash
# Records journals of the version that a program writes, with runs in every state, for the tests of later versions. Run it with
# the last program of a version before the version is raised.
#   record.sh VERSION PROGRAM HOST PORT      a server whose superuser `postgres` needs no password at HOST, a directory or a name
set -euo pipefail
version=$1 program=$2 host=$3 port=$4
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PGHOST=$host PGPORT=$port PGUSER=postgres PGOPTIONS='-c client_min_messages=warning'

sql() { psql -X -q -v ON_ERROR_STOP=1 "$@"; }

backstop() { # DATABASE EXPECTED-CODE ARGUMENTS…
  local database=$1 expected=$2 code=0
  shift 2
  PGDATABASE=$database "$program" "$@" >/dev/null 2>&1 || code=$?
  [ "$code" = "$expected" ] || { echo "$*: exit code $code, not $expected" >&2; exit 1; }
}

plan() { # NAME STEPS [ROLLBACK]
  printf 'format: backstop/v1\nname: %s\nsession: {lock_timeout: 300ms}\nbackup: {targets: [{tables: [%s]}]}\n%s\nsteps:\n%s\n' \
    "$1" "${4:-public.items}" "${3:-}" "$2" >"$work/$1.yaml"
}

# The journal's functions without their bodies, which every upgrade replaces: one that it forgets is an empty one in the newest journal. Those
# in the schemas of backups are known as ours by theirs.
dump() { # DATABASE
  pg_dump -d "$1" --no-owner --rows-per-insert=1 | grep -v -e '^\\\(un\)\?restrict' -e '^--' -e '^$' | awk '
    within { if (index($0, tag)) { print "    AS $$ $$;"; within = 0 } next }
    /^CREATE FUNCTION / { own = index($0, "CREATE FUNCTION backstop.") }
    own && match($0, /^    AS \$[a-z_]*\$/) { tag = substr($0, 8, RLENGTH - 7); within = !index(substr($0, RLENGTH + 1), tag); if (within) next }
    { print }' >"$version-$1.sql"
}

plan first '  - {id: note, sql: "ALTER TABLE items ADD COLUMN note text"}'
plan fails '  - {id: fails, sql: "SELECT 1/0"}'
plan aborts '  - {id: x, sql: "SELECT 1"}' '' public.missing
plan accepted '  - {id: done, sql: "UPDATE items SET note = name"}
  - {id: fails, sql: "SELECT 1/0"}' 'rollback: {on_failure: hold}'

for database in held killed stuck; do
  sql -d postgres -c "DROP DATABASE IF EXISTS $database" -c "CREATE DATABASE $database"
  sql -d "$database" -c "CREATE TABLE public.items (id int PRIMARY KEY, name text)" \
    -c "INSERT INTO public.items SELECT i, 'item ' || i FROM generate_series(1, 5) AS i"
  backstop "$database" 0 apply "$work/first.yaml"
  backstop "$database" 5 apply "$work/fails.yaml"
  backstop "$database" 4 apply "$work/aborts.yaml"
  backstop "$database" 6 apply "$work/accepted.yaml"
  backstop "$database" 0 accept --reason 'good enough'
done

backstop held 6 apply held.yaml
dump held

sql -d killed -c 'CREATE TABLE public.brake AS SELECT 1 AS one'
PGDATABASE=killed "$program" apply killed.yaml >/dev/null 2>&1 &
while [ "$(sql -d killed -Atc "SELECT count(*) FROM pg_stat_activity WHERE datname = 'killed' AND wait_event = 'PgSleep'")" = 0 ]; do
  sleep 0.1
done
kill -KILL $!
sql -d killed -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'killed' AND pid <> pg_backend_pid()" >/dev/null
sql -d killed -c 'DROP TABLE public.brake'
dump killed

# A row is missing in a copy, so that the restore's proof fails.
backstop stuck 6 apply held.yaml
copy=$(sql -d stuck -Atc "SELECT format('%I.%I', b.schema_name, t.copy_name) FROM backstop.backups AS b
  JOIN backstop.backup_tables AS t ON t.backup = b.id ORDER BY b.created_at DESC LIMIT 1")
sql -d stuck -c "DELETE FROM $copy WHERE id = 1"
backstop stuck 7 restore --yes
dump stuck

# What all of them begin with, the journal's tables and functions, stands once: VERSION.sql.
recorded=("$version"-held.sql "$version"-killed.sql "$version"-stuck.sql)
common=$(paste -d $'\x01' "${recorded[@]}" | awk -F $'\x01' '$1 != $2 || $1 != $3 { exit } { n++ } END { print n + 0 }')
head -n "$common" "${recorded[0]}" >"$version.sql"
for file in "${recorded[@]}"; do
  tail -n +"$((common + 1))" "$file" >"$work/rest"
  cp "$work/rest" "$file"
done
