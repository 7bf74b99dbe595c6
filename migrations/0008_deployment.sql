-- The id of this installation. Tokens are bound to it, so that those of another one never verify here, and a restored
-- backup keeps its own. A function with a constant body: there is no row that anybody could change.

SET LOCAL ROLE spotter_owner;

DO $$
BEGIN
    EXECUTE format(
        'CREATE FUNCTION app.deployment() RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS %L',
        format('SELECT %L::uuid', gen_random_uuid()));
END
$$;
GRANT EXECUTE ON FUNCTION app.deployment() TO spotter_app;
