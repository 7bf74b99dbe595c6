#!/usr/bin/env bash
# Style, checked and not changed: scripts/lint.sh SWIFT
set -euo pipefail
cd "$(dirname "$0")/.."

swift=${1:-swift}
folders=(Sources Tests)
[ -d Fuzz ] && folders+=(Fuzz)

"$swift" format lint --strict --parallel --recursive --configuration .swift-format "${folders[@]}" Package.swift

scripts=(scripts/*.sh docker/*.sh docker/initdb.d/*.sh .ci/run)
for script in "${scripts[@]}"; do bash -n "$script"; done
if command -v shellcheck >/dev/null; then
    shellcheck "${scripts[@]}"
else
    echo "note: shellcheck is not installed; the shell scripts were only parsed (apt-get install shellcheck)." >&2
fi

# What is committed stays readable: no trailing blanks, no tabs outside Makefiles, no merge markers.
if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    if git grep -nIE '[[:blank:]]+$|^(<<<<<<<|>>>>>>>) ' -- ':!LICENSE' ':!*.patch' ':!Fuzz/*/corpus' ':!Tests/*/Fixtures'; then
        echo "error: the lines above end in blanks or hold merge markers." >&2
        exit 1
    fi
fi
