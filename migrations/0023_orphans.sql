-- What was begun by a run that has ended, and was not ended with it: its process died in between.

SET LOCAL ROLE spotter_owner;

-- Those that others wait for, while they are open.
CREATE INDEX executions_open_child_idx ON spotter.executions (organization_id, id)
    WHERE parent_id IS NOT NULL AND state NOT IN ('completed', 'failed', 'cancelled');

-- Up to `most` open executions behind (`after_organization`, `after`) whose parents have ended, or went with their
-- agents. Those that have been asked to end are left to do so.
CREATE FUNCTION app.orphaned_executions(after_organization uuid, after uuid, most integer)
    RETURNS TABLE (organization_id uuid, id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, spotter, app
    AS $$
    SELECT child.organization_id, child.id FROM executions AS child
    WHERE child.parent_id IS NOT NULL AND child.state NOT IN ('completed', 'failed', 'cancelled')
        AND (child.organization_id, child.id) > (after_organization, after)
        AND child.requested IS DISTINCT FROM 'cancel'
        AND NOT EXISTS (
            SELECT FROM executions AS parent
            WHERE parent.organization_id = child.organization_id AND parent.id = child.parent_id
                AND parent.state NOT IN ('completed', 'failed', 'cancelled'))
    ORDER BY child.organization_id, child.id LIMIT most
    $$;
GRANT EXECUTE ON FUNCTION app.orphaned_executions(uuid, uuid, integer) TO spotter_app;
