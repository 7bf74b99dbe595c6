#!/usr/bin/env bash
# Runs the tests of the stores and of a deployment through PgBouncer in transaction mode with pools of one connection:
# what works there keeps nothing in a session. It brings a PostgreSQL of its own and removes all of it at the end.
#
# usage: scripts/pgbouncer.sh [SWIFT]
set -euo pipefail

swift=${1:-swift}
for program in pgbouncer setpriv; do
    command -v "$program" >/dev/null || PATH=$PATH:/usr/sbin
    command -v "$program" >/dev/null || { echo "$program is missing: apt-get install pgbouncer util-linux" >&2; exit 1; }
done
binaries=$(find /usr/lib/postgresql -maxdepth 2 -name bin | sort -V | tail -n 1)
[[ -n $binaries ]] || { echo "PostgreSQL is missing: make deps" >&2; exit 1; }

# Neither of the two programs runs as root.
account=()
if ((EUID == 0)); then account=(setpriv --reuid=postgres --regid=postgres --clear-groups); fi
folder=$(mktemp -d)
pooler=
clean() {
    [[ -z $pooler ]] || kill "$pooler" 2>/dev/null || true
    "${account[@]}" "$binaries/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap clean EXIT
mkdir "$folder/data"
((EUID != 0)) || chown -R postgres:postgres "$folder"

"${account[@]}" "$binaries/initdb" -D "$folder/data" -U postgres -A trust >"$folder/initdb.log"
"${account[@]}" "$binaries/pg_ctl" -D "$folder/data" -w -l "$folder/postgres.log" \
    -o "-c listen_addresses= -c unix_socket_directories=$folder -c max_connections=300 -c autovacuum=off" start >/dev/null
cat >"$folder/pgbouncer.ini" <<EOF
[databases]
* = host=$folder port=5432
[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = $folder
auth_type = trust
auth_file = $folder/users.txt
auth_user = postgres
auth_query = SELECT rolname::text, ''::text FROM pg_roles WHERE rolname = \$1
pool_mode = transaction
default_pool_size = 1
max_client_conn = 2000
server_idle_timeout = 5
logfile = $folder/pgbouncer.log
log_connections = 0
log_disconnections = 0
EOF
echo '"postgres" ""' >"$folder/users.txt"
((EUID != 0)) || chown postgres:postgres "$folder/pgbouncer.ini" "$folder/users.txt"
"${account[@]}" pgbouncer -q "$folder/pgbouncer.ini" &
pooler=$!
for _ in {1..100}; do
    [[ ! -S $folder/.s.PGSQL.6432 ]] || break
    sleep 0.1
done

export SPOTTER_TEST_DATABASE_ADMIN_URL="postgres://postgres@/postgres?host=$folder&port=5432"
export SPOTTER_TEST_POOLER_URL="postgres://spotter_app@/postgres?host=$folder&port=6432"
# The tests of contention hold two transactions open at once, for which one connection is too few.
"$swift" test --skip-build --filter 'SpotterPostgresTests|DeploymentTests' --skip ContentionTests || {
    status=$?
    grep -v ' LOG ' "$folder/pgbouncer.log" | tail -n 20 >&2
    exit "$status"
}
