#!/usr/bin/env bash
# Sees to it that the Debian packages Spotter is built, run and tested with are there.
#
#     scripts/dependencies.sh          what it takes to build, run and test
#     scripts/dependencies.sh build    without the database server: enough to compile
#
# Nothing missing: silent, quick, needs no network. Something missing: says what, and installs it when root; otherwise
# prints the one command to run and ends with 1.
set -euo pipefail

# What each is for: README, "What it stands on". A second word is a pattern of packages that do as well.
needed=(
    # The Swift toolchain itself: linker, C library, what its commands load.
    "binutils"
    "g++ libstdc++-*-dev"
    "libncurses6"
    "libsqlite3-0"
    # Libraries.
    "libpq-dev"              # PostgreSQL's client
    "libcurl4-openssl-dev"   # requests to model providers
    "libssl-dev"             # signatures, TLS, random bytes
    "libevent-dev"           # sockets and timers
    "node-llhttp"            # the HTTP/1.1 parser (C sources)
    "libwslay-dev"           # WebSocket framing
    "libyaml-dev"            # tenants and templates
    "libcmark-dev"           # Markdown
    "zlib1g-dev"             # the dashboard's files, packed
    "pkg-config pkgconf"     # tells the compiler where these are
)
if [ "${1:-}" != build ]; then
    needed+=(
        "postgresql postgresql-[0-9]*"   # the database server, and pgbench to measure beside
        "tzdata"                         # the gyms' time zones
        "python3"                        # drives the browser in the dashboard's tests
        "python3-aiosmtpd"               # a mail server for the tests
        "prometheus"                     # promtool, which checks metrics and alert rules in the tests
        "chromium google-chrome-stable"  # what agents open web pages with, and a real one for the tests
    )
fi

if ! command -v dpkg-query >/dev/null; then
    echo "Spotter is built on Debian 12 or newer; this system has no dpkg-query." >&2
    echo "Elsewhere, use docker/compose.yaml. The Debian packages needed are: ${needed[*]%% *}" >&2
    exit 1
fi

# One query for all; patterns that dpkg has never heard of are reported on stderr and simply not listed.
read -ra patterns <<<"${needed[*]}"
installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${patterns[@]}" 2>/dev/null || true)
missing=()
for entry in "${needed[@]}"; do
    found=no
    for pattern in $entry; do
        while read -r status package; do
            # shellcheck disable=SC2053 # the right side is a pattern
            if [ "$status" = installed ] && [[ $package == $pattern ]]; then found=yes; fi
        done <<<"$installed"
    done
    if [ "$found" = no ]; then missing+=("${entry%% *}"); fi
done
[ ${#missing[@]} -eq 0 ] && exit 0

command=(apt-get install -y --no-install-recommends "${missing[@]}")
if [ "$(id -u)" -ne 0 ]; then
    echo "These Debian packages are missing: ${missing[*]}" >&2
    echo "Install them with this command, then try again:" >&2
    echo >&2
    echo "    sudo ${command[*]}" >&2
    exit 1
fi

echo "Installing Debian packages: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive

# Debian starts a system-wide cluster with the server package. Spotter runs its own private one, so none is asked for:
# by a file of its own, which stands only as long as the installation takes and leaves existing configuration alone.
wish=/etc/postgresql-common/createcluster.d/spotter-no-main-cluster.conf
mkdir -p "$(dirname "$wish")"
trap 'rm -f "$wish"' EXIT
echo "create_main_cluster = false" >"$wish"

# Prometheus is wanted for its promtool alone: where its service would start by itself, it is kept from that.
if [[ " ${missing[*]} " == *" prometheus "* ]] && command -v systemctl >/dev/null; then
    systemctl mask --quiet prometheus.service prometheus-node-exporter.service 2>/dev/null || true
fi

# An index that cannot be refreshed may still be good enough; the installation is what must succeed.
apt-get update -q </dev/null || echo "The package index could not be refreshed; trying with the one that is here." >&2
if ! "${command[0]}" -q -o DPkg::Lock::Timeout=300 "${command[@]:1}" </dev/null; then
    echo "The packages could not be installed: ${missing[*]}" >&2
    echo "Check the network and /etc/apt/sources.list, then run: ${command[*]}" >&2
    exit 1
fi
