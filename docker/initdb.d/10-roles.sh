#!/usr/bin/env bash
# Runs once, in the database's container, when its volume is empty: the roles of migrations/bootstrap with the
# passwords of docker/.env. `spotter migrate` finds them there and leaves them as they are.
set -euo pipefail

# The passwords go in by psql's own quoting; they stand on no command line.
psql --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --no-psqlrc --quiet --set ON_ERROR_STOP=1 \
    --single-transaction >/dev/null <<'SQL'
\getenv app_password SPOTTER_APP_PASSWORD
\getenv migrate_password SPOTTER_MIGRATE_PASSWORD
SELECT set_config('spotter.app_password', :'app_password', true);
SELECT set_config('spotter.migrate_password', :'migrate_password', true);
\i /bootstrap/bootstrap.sql
SQL
