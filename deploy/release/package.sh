#!/bin/sh
# Packs the program for one target as deploy/github/install.sh expects it: an archive, and its checksum beside it.
#   package.sh TARGET BINARY FOLDER
set -eu

target=$1 binary=$2 into=$3
source=$(cd "$(dirname "$0")/../.." && pwd)
name="backstop-$target.tar.gz"

mkdir -p "$into"
packed=$(mktemp -d)
trap 'rm -rf "$packed"' EXIT
cp "$binary" "$packed/backstop"
chmod 755 "$packed/backstop"
cp "$source/README.md" "$source/CHANGELOG.md" "$source/LICENSE-MIT" "$source/LICENSE-APACHE" "$packed/"
# The same source gives the same archive.
tar -C "$packed" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -cf - \
    backstop README.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE | gzip -n -9 > "$into/$name"
cd "$into"
sha256sum "$name" > "$name.sha256"
