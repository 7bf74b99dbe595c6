#!/usr/bin/env bash
# Installs Spotter: scripts/install.sh SWIFT PREFIX
#
# PREFIX/bin/spotter, with the Swift runtime linked in, so that no toolchain is needed where it runs; and what it
# reads, in PREFIX/share/spotter. DESTDIR is honoured, as packagers expect.
set -euo pipefail
cd "$(dirname "$0")/.."

swift=${1:-swift}
prefix=${DESTDIR:-}${2:-/usr/local}
build=(build -c release --static-swift-stdlib --scratch-path .build-static --product spotter)

"$swift" "${build[@]}"
from=$("$swift" "${build[@]}" --show-bin-path)

install -d "$prefix/bin" "$prefix/share/spotter"
install -m 0755 "$from/spotter" "$prefix/bin/spotter"
# SwiftPM looks for a target's resources beside the executable.
find "$from" -maxdepth 1 -name 'spotter_*.resources' ! -name '*Tests.resources' -exec cp -R {} "$prefix/bin/" \;
for folder in templates tenants migrations dashboard; do
    if [ -d "$folder" ]; then cp -R "$folder" "$prefix/share/spotter/"; fi
done
echo "Installed $prefix/bin/spotter and $prefix/share/spotter."
