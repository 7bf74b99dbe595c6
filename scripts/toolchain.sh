#!/usr/bin/env bash
# Checks that the Swift toolchain is there and new enough: scripts/toolchain.sh SWIFT
set -euo pipefail

swift=${1:-swift}
wanted=6.3

if ! version=$("$swift" --version 2>/dev/null); then
    echo "No Swift toolchain: '$swift' does not run." >&2
    echo "Install Swift $wanted or newer from https://www.swift.org/install/linux/ and put it on PATH," >&2
    echo "or name it: make SWIFT=/path/to/swift" >&2
    exit 1
fi

found=$(sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p' <<<"$version" | head -n 1)
if [ "$(printf '%s\n%s\n' "$wanted" "${found:-0.0}" | sort -V | head -n 1)" != "$wanted" ]; then
    echo "Swift ${found:-of an unknown version} is too old: Spotter needs $wanted or newer." >&2
    echo "Get it from https://www.swift.org/install/linux/" >&2
    exit 1
fi
