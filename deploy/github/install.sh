#!/bin/sh
# Puts the program on the job's PATH: a release whose checksum is right, or a build of the action's own source.
#   BACKSTOP_VERSION   release, or nothing to build
#   BACKSTOP_RELEASES  URL below which the releases lie
#   BACKSTOP_SOURCE    folder of the source
set -eu

into="${RUNNER_TEMP:-/tmp}/backstop-bin"
mkdir -p "$into"

if [ -n "${BACKSTOP_VERSION:-}" ]; then
    case "$(uname -s)-$(uname -m)" in
        Linux-x86_64) target=x86_64-unknown-linux-musl ;;
        Linux-aarch64 | Linux-arm64) target=aarch64-unknown-linux-musl ;;
        *)
            echo "there is no release for $(uname -s) on $(uname -m); leave \`version\` out to build it" >&2
            exit 1
            ;;
    esac
    name="backstop-$target.tar.gz"
    cd "$into"
    curl -fsSL --retry 3 -o "$name" "$BACKSTOP_RELEASES/$BACKSTOP_VERSION/$name"
    curl -fsSL --retry 3 -o "$name.sha256" "$BACKSTOP_RELEASES/$BACKSTOP_VERSION/$name.sha256"
    sha256sum -c "$name.sha256"
    tar -xzf "$name" backstop
else
    cargo build --release --locked --manifest-path "$BACKSTOP_SOURCE/Cargo.toml" --target-dir "$into/target"
    cp "$into/target/release/backstop" "$into/backstop"
fi

"$into/backstop" --version
echo "$into" >> "$GITHUB_PATH"
