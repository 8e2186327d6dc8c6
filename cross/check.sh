#!/usr/bin/env bash
# Checks that the daemon compiles for another machine (a Raspberry Pi by default), its C parts included.
#
#   cross/check.sh [aarch64-unknown-linux-gnu]
set -euo pipefail
cd "$(dirname "$0")/.."

target=${1:-aarch64-unknown-linux-gnu}
case $target in
  aarch64-unknown-linux-gnu) compiler=aarch64-linux-gnu-gcc package=gcc-aarch64-linux-gnu libc=libc6-dev-arm64-cross ;;
  armv7-unknown-linux-gnueabihf) compiler=arm-linux-gnueabihf-gcc package=gcc-arm-linux-gnueabihf libc=libc6-dev-armhf-cross ;;
  *) echo "cross: no compiler is known for $target" >&2; exit 2 ;;
esac
if ! command -v "$compiler" >/dev/null; then
  echo "cross: $compiler is lacking; installing the Debian packages $package and $libc" >&2
  root=$([ "$(id -u)" = 0 ] || echo sudo)
  $root apt-get update -qq
  $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" "$libc" >&2
fi

# rustc runs in each package's own folder, hence flags by environment and an absolute path in them.
flags=$(cross/std.sh "$target")
name=CARGO_TARGET_$(tr 'a-z-' 'A-Z_' <<<"$target")_RUSTFLAGS
export "$name=$flags"
cargo check --locked --target "$target" -p hearth
