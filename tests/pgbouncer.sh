#!/bin/sh
# Makes sure that pgbouncer is there, which some tests put between the program and a server. Does nothing if it is; else gets it
# from the distribution, as root. Where that can't be, those tests fail and say so. It can be run or sourced.

pgbouncer_is_there() {
  PATH="$PATH:/usr/sbin:/usr/local/sbin:/opt/homebrew/bin" command -v pgbouncer >/dev/null 2>&1
}

pgbouncer_from_distribution() {
  [ "$(id -u)" = 0 ] || return 1
  if command -v apt-get >/dev/null 2>&1; then
    echo "pgbouncer is missing: apt-get install pgbouncer"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y pgbouncer
  elif command -v dnf >/dev/null 2>&1; then
    echo "pgbouncer is missing: dnf install pgbouncer"
    dnf install -q -y pgbouncer
  elif command -v apk >/dev/null 2>&1; then
    echo "pgbouncer is missing: apk add pgbouncer"
    apk add -q pgbouncer
  else
    return 1
  fi </dev/null >&2
}

if ! pgbouncer_is_there && ! pgbouncer_from_distribution; then
  echo "pgbouncer is missing: the tests with poolers will fail. Install your distribution's package (apt-get install pgbouncer)." >&2
fi
