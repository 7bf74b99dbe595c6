#!/usr/bin/env bash
# Builds every target under Fuzz/ with libFuzzer and AddressSanitizer and runs each for a while:
# scripts/fuzz.sh SWIFT [TARGET…]
#
# FUZZ_SECONDS   how long each target runs (60)
# FUZZ_WORK      where the growing corpora and the findings are kept (.build-fuzz)
#
# Inputs that a target starts from stand in Fuzz/TARGET/corpus; that folder is read, never written. A finding ends the
# run with the target's status and leaves the input in $FUZZ_WORK/findings/TARGET.
#
# A target is one executable in Package.swift, declared when SPOTTER_FUZZ is set, compiled with -parse-as-library, whose
# one file exports LLVMFuzzerTestOneInput.
set -euo pipefail
cd "$(dirname "$0")/.."

swift=${1:-swift}
shift || true
seconds=${FUZZ_SECONDS:-60}
work=${FUZZ_WORK:-.build-fuzz}

targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
    for folder in Fuzz/*/; do
        # What several targets share stands in a folder named …Support.
        case $folder in *Support/) continue ;; esac
        [ -d "$folder" ] && targets+=("$(basename "$folder")")
    done
fi
if [ ${#targets[@]} -eq 0 ]; then
    echo "There is no target under Fuzz/." >&2
    exit 1
fi

export SPOTTER_FUZZ=1
# A trap belongs to libFuzzer, which writes the input down; the runtime's own backtrace would take the signal first.
export SWIFT_BACKTRACE=enable=no
for target in "${targets[@]}"; do
    # Both sanitizers in one flag: of several -sanitize flags the compiler heeds the last alone, and without libFuzzer's
    # coverage the search is blind. SwiftPM's own option is still needed: it leaves main to libFuzzer.
    build=(build -c release --scratch-path "$work" --product "$target" --sanitize fuzzer
        -Xswiftc "-sanitize=fuzzer,address" -Xcc "-fsanitize=fuzzer-no-link,address")
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
