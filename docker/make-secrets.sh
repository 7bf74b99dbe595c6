#!/usr/bin/env bash
# Makes what must be secret and different everywhere: docker/.env with the database's passwords, and
# docker/secrets/signing.keys and sealing.keys, the rings that sign tokens and seal gyms' secrets. What is there already
# is left alone.
set -euo pipefail
cd "$(dirname "$0")"
umask 077

if [ ! -e .env ]; then
    cat >.env <<ENV
# Passwords of the database's three logins. Changing them here changes nothing in a database that exists.
POSTGRES_PASSWORD=$(openssl rand -hex 24)
SPOTTER_MIGRATE_PASSWORD=$(openssl rand -hex 24)
SPOTTER_APP_PASSWORD=$(openssl rand -hex 24)

# Model providers; without a key the offline model answers.
#OPENAI_API_KEY=
#OPENAI_BASE_URL=
#ANTHROPIC_API_KEY=
#ANTHROPIC_BASE_URL=
ENV
    echo "Made docker/.env."
fi

mkdir -p secrets
if [ ! -e secrets/signing.keys ]; then
    # One PASERK line, k4.secret: the seed of an Ed25519 key and its public half, in base64url.
    key=$(mktemp)
    trap 'rm -f "$key"' EXIT
    openssl genpkey -algorithm ed25519 -outform DER -out "$key"
    halves=$({ tail -c 32 "$key"; openssl pkey -inform DER -in "$key" -pubout -outform DER | tail -c 32; } |
        base64 -w 0 | tr '+/' '-_' | tr -d '=')
    printf '# signing since %s\nk4.secret.%s\n' "$(date -u +%F)" "$halves" >secrets/signing.keys
    # The container reads it as another user; the folder around it is closed to others.
    chmod 0644 secrets/signing.keys
    echo "Made docker/secrets/signing.keys."
fi
if [ ! -e secrets/sealing.keys ]; then
    printf '# seals since %s\na256gcm.%s\n' "$(date -u +%F)" \
        "$(openssl rand 32 | base64 -w 0 | tr '+/' '-_' | tr -d '=')" >secrets/sealing.keys
    chmod 0644 secrets/sealing.keys
    echo "Made docker/secrets/sealing.keys."
fi
if ! grep -q '^SPOTTER_METRICS_TOKEN=' .env; then
    token=$(openssl rand -hex 24)
    printf '\n# What Prometheus shows to read /metrics; the same stands in secrets/metrics.token.\nSPOTTER_METRICS_TOKEN=%s\n' \
        "$token" >>.env
    printf '%s' "$token" >secrets/metrics.token
    chmod 0644 secrets/metrics.token
    echo "Made docker/secrets/metrics.token."
fi
