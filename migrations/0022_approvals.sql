-- Approvals are steps of kind `approval`: one truth, written with the journal. The inbox finds them by these indexes,
-- which hold nothing else, also when their executions have gone to the history.

SET LOCAL ROLE spotter_owner;

CREATE INDEX steps_approval_idx ON spotter.steps (organization_id, id) WHERE kind = 'approval';
CREATE INDEX steps_pending_approval_idx ON spotter.steps (organization_id, id)
    WHERE kind = 'approval' AND state = 'waiting';
CREATE INDEX steps_history_approval_idx ON spotter.steps_history (organization_id, id) WHERE kind = 'approval';
