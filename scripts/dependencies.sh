#!/usr/bin/env bash
# Sees to it that the Debian packages Spotter is built, run and tested with are there.
#
# Nothing missing: silent, quick, needs no network. Something missing: says what, and installs it when root; otherwise
# prints the one command to run and ends with 1.
set -euo pipefail

# What each is for: README, "What it stands on".
packages=(
    libpq-dev              # PostgreSQL's client library
    libcurl4-openssl-dev   # requests to model providers
    libssl-dev             # signatures, TLS, random bytes
    libevent-dev           # sockets and timers
    node-llhttp            # the HTTP/1.1 parser (C sources)
    libyaml-dev            # tenants and templates
    libcmark-dev           # Markdown
    pkg-config             # tells the compiler where these are
    postgresql             # the database server and pgbench
)

if ! command -v dpkg-query >/dev/null; then
    echo "Spotter is built on Debian 12 or newer; this system has no dpkg-query." >&2
    echo "Elsewhere, use docker/compose.yaml. The Debian packages needed are: ${packages[*]}" >&2
    exit 1
fi

# One query for all; packages that dpkg has never heard of are reported on stderr and simply not listed.
installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null | sed -n 's/^installed //p' || true)
missing=()
for package in "${packages[@]}"; do
    grep -qx -- "$package" <<<"$installed" || missing+=("$package")
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

# An index that cannot be refreshed may still be good enough; the installation is what must succeed.
apt-get update -q </dev/null || echo "The package index could not be refreshed; trying with the one that is here." >&2
if ! "${command[0]}" -q -o DPkg::Lock::Timeout=300 "${command[@]:1}" </dev/null; then
    echo "The packages could not be installed: ${missing[*]}" >&2
    echo "Check the network and /etc/apt/sources.list, then run: ${command[*]}" >&2
    exit 1
fi
