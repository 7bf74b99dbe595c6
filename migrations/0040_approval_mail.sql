-- Mail that asks for a decision: on which approval, and whose vote its link is. The link itself is never kept; whoever may
-- read the outbox could use it.

SET LOCAL ROLE spotter_owner;

ALTER TABLE spotter.outbox_messages
    ADD COLUMN approval_id uuid,
    ADD COLUMN approver_token_id uuid,
    ADD CONSTRAINT outbox_messages_invitation CHECK ((approval_id IS NULL) = (approver_token_id IS NULL));
