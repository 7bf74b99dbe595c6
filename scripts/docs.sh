#!/usr/bin/env bash
# Writes the reference of everything public, with DocC: scripts/docs.sh SWIFT
# One archive per module, merged into .build/docs, which any static web server can show.
set -euo pipefail
cd "$(dirname "$0")/.."

swift=${1:-swift}
docc=$(dirname "$(command -v "$swift")")/docc
graphs=.build/docs-graphs
archives=.build/docs-archives
output=.build/docs

rm -rf "$graphs" "$archives" "$output"
mkdir -p "$graphs" "$archives"
"$swift" build -Xswiftc -emit-symbol-graph -Xswiftc -emit-symbol-graph-dir -Xswiftc "$PWD/$graphs" \
    -Xswiftc -symbol-graph-minimum-access-level -Xswiftc public --scratch-path .build-docs

for folder in Sources/{Kits,Domain,Engines,Adapters,Doors}/*/ Sources/SpotterTesting/; do
    module=$(basename "$folder")
    mkdir -p "$graphs/$module"
    find "$graphs" -maxdepth 1 \( -name "$module.symbols.json" -o -name "$module@*.symbols.json" \) -exec mv {} "$graphs/$module/" \;
    [ -n "$(ls -A "$graphs/$module")" ] || continue
    catalogue=()
    if [ -d "$folder$module.docc" ]; then catalogue=("$folder$module.docc"); fi
    "$docc" convert "${catalogue[@]}" --additional-symbol-graph-dir "$graphs/$module" --output-path "$archives/$module.doccarchive" \
        --fallback-display-name "$module" --fallback-bundle-identifier "spotter.$module" >/dev/null
done
"$docc" merge "$archives"/*.doccarchive --output-path "$output" --synthesized-landing-page-name Spotter
echo "The reference is in $output. To read it: python3 -m http.server --directory $output 8090, then"
echo "http://127.0.0.1:8090/documentation/"
