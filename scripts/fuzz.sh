#!/usr/bin/env bash
# Builds every target under Fuzz/ with libFuzzer and AddressSanitizer and runs each for a while:
# scripts/fuzz.sh SWIFT [TARGET…]
#
# FUZZ_SECONDS   how long each target runs (60)
# FUZZ_WORK      where the growing corpora and the findings are kept (.build-fuzz)
#
# Inputs that a target starts from stand in Fuzz/TARGET/corpus; that folder is read, never written. A finding ends the
# run with the target's status and leaves the input in $FUZZ_WORK/findings/TARGET.
set -euo pipefail
cd "$(dirname "$0")/.."

swift=${1:-swift}
shift || true
seconds=${FUZZ_SECONDS:-60}
work=${FUZZ_WORK:-.build-fuzz}

targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
    for folder in Fuzz/*/; do
        [ -d "$folder" ] && targets+=("$(basename "$folder")")
    done
fi
if [ ${#targets[@]} -eq 0 ]; then
    echo "There is no target under Fuzz/." >&2
    exit 1
fi

export SPOTTER_FUZZ=1
for target in "${targets[@]}"; do
    # SwiftPM hands the two sanitizers to the compiler one by one, and of two it heeds the last alone: without the
    # third flag nothing counts coverage.
    build=(build -c release --scratch-path "$work" --product "$target" --sanitize fuzzer --sanitize address
        -Xswiftc -sanitize=fuzzer,address)
    "$swift" "${build[@]}"
    binary=$("$swift" "${build[@]}" --show-bin-path)/$target
    corpus=$work/corpus/$target
    findings=$work/findings/$target
    mkdir -p "$corpus" "$findings"
    seeds=()
    [ -d "Fuzz/$target/corpus" ] && seeds+=("Fuzz/$target/corpus")
    echo "== $target: $seconds s"
    "$binary" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$findings/" "$corpus" ${seeds[@]+"${seeds[@]}"}
done
