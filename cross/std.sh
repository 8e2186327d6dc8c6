#!/usr/bin/env bash
# Makes sure that the Rust standard library of a target is there, and prints the rustc flags that use it
# (none when the toolchain itself has it).
#
#   cross/std.sh aarch64-unknown-linux-gnu
#
# In this order: the toolchain has it; rustup fetches it; it is built from the sources of exactly this rustc, which
# Debian packages (rust-src). What was built is kept below ~/.cache/hearth-cross, by rustc's commit, about 100 MB.
set -euo pipefail

target=$1
version=$(rustc -V | cut -d' ' -f2)
commit=$(rustc -vV | sed -n 's/^commit-hash: //p')
cache=${XDG_CACHE_HOME:-$HOME/.cache}/hearth-cross/$commit
say() { echo "cross: $*" >&2; }

has_std() { compgen -G "$1/libstd-*.rlib" >/dev/null; }

# Unpacks Debian's rust-src of this version into $1, with a private package list, so that the system's stays as it is.
fetch_sources() {
  local out=$1 archive suite found
  local apt=$out/apt
  archive=$(sed -n 's/^URIs: *\([^ ]*\).*/\1/p' /etc/apt/sources.list.d/debian.sources | head -n 1)
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
  : >"$apt/status"
  for suite in trixie trixie-backports; do
    echo "deb [arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $archive $suite main"
  done >"$apt/sources.list"
  cat >"$apt/apt.conf" <<CONF
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
APT::Architecture "amd64";
APT::Architectures {"amd64";};
CONF
  APT_CONFIG=$apt/apt.conf apt-get -q update >&2
  found=$(APT_CONFIG=$apt/apt.conf apt-cache madison rust-src | awk -v v="$version" '$3 ~ "^"v"\\+" {print $3; exit}')
  [ -n "$found" ] || { say "Debian has no rust-src $version; install the target with rustup"; return 1; }
  (cd "$out" && APT_CONFIG=$apt/apt.conf apt-get -q download "rust-src=$found" >&2 && dpkg-deb -x rust-src_*.deb . && rm rust-src_*.deb)
  rm -rf "$apt"
}

# Builds the library from the sources in $1 into the sysroot $2.
build_std() {
  local library=$1/usr/src/rustc-$version/library out=$2/lib/rustlib/$target/lib build=$2/build
  rm -rf "$build" "$out"
  mkdir -p "$build" "$out"
  cp -r "$library" "$build/library"
  # std and test also want a dynamic library, which needs a linker for the target and is of no use here.
  sed -i 's/^crate-type = .*"dylib".*/crate-type = ["rlib"]/' "$build"/library/*/Cargo.toml
  # What rustc's own build passes; and bitcode, so that the program may be optimised as a whole.
  (cd "$build/library" && RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zforce-unstable-if-unmarked -Cembed-bitcode=yes" \
    cargo build --locked --manifest-path sysroot/Cargo.toml --profile dist --config profile.dist.debug=0 \
    --features "panic-unwind backtrace" --target "$target" --target-dir "$build/target" >&2)
  cp "$build/target/$target/dist/deps/"*.rlib "$out/"
  rm -rf "$build"
}

if has_std "$(rustc --print target-libdir --target "$target")"; then
  exit 0
fi
if has_std "$cache/$target/lib/rustlib/$target/lib"; then
  echo "--sysroot $cache/$target"
  exit 0
fi
say "the standard library for $target is missing; asking rustup for it"
if timeout 60 rustup target add "$target" >&2 && has_std "$(rustc --print target-libdir --target "$target")"; then
  exit 0
fi
say "rustup cannot get it; building it from Debian's rust-src $version into $cache (1 minute of computing)"
mkdir -p "$cache"
sources=$(mktemp -d "$cache/sources.XXXXXX")
trap 'rm -rf "$sources"' EXIT
fetch_sources "$sources"
build_std "$sources" "$sources/sysroot"
rm -rf "$cache/$target"
mv "$sources/sysroot" "$cache/$target"
echo "--sysroot $cache/$target"
