-- Conversations: one turn at a time in the order in which messages came, answers that replace others, and words to find
-- a conversation by.

SET LOCAL ROLE spotter_owner;

-- The execution whose turn it is; NULL while nobody answers. Not a foreign key: executions go to the history.
ALTER TABLE spotter.conversations ADD COLUMN floor_id uuid;

ALTER TABLE spotter.messages
    -- NULL while the message waits for its turn, and for ever when it was withdrawn before that came.
    ALTER COLUMN position DROP NOT NULL,
    -- Its place among those that wait.
    ADD COLUMN line bigint CHECK (line > 0),
    -- The answer that this one stands in for, and the one that stands in for this.
    ADD COLUMN replaces uuid,
    ADD COLUMN replaced_by uuid,
    -- Broken off by somebody.
    ADD COLUMN is_partial boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT messages_place_check CHECK (line IS NULL OR position IS NULL);
CREATE INDEX messages_line_idx ON spotter.messages (organization_id, conversation_id, line) WHERE line IS NOT NULL;
-- What was said stays as it was said; only where it stands changes.
GRANT UPDATE (position, line, replaced_by) ON spotter.messages TO spotter_app;

-- The words of titles and messages, folded by the application. A table of its own, because under row-level security an
-- index serves an operator only if that is leakproof, which the search of words is not: it goes through
-- app.find_conversations, and what that may read is no more than this. Each word has its organisation before it, so that
-- the index leads only to one's own.
CREATE TABLE spotter.conversation_words (
    organization_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    -- The message, or the conversation itself for its title.
    source_id uuid NOT NULL,
    words tsvector NOT NULL,
    PRIMARY KEY (organization_id, conversation_id, source_id),
    FOREIGN KEY (organization_id, conversation_id)
        REFERENCES spotter.conversations (organization_id, id) ON DELETE CASCADE
);
-- Without a list of what is to be entered later: that would have to be read through by every search.
CREATE INDEX conversation_words_idx ON spotter.conversation_words USING gin (words) WITH (fastupdate = off);
ALTER TABLE spotter.conversation_words ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.conversation_words FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.conversation_words
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
CREATE POLICY directory ON spotter.conversation_words FOR SELECT TO spotter_owner USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON spotter.conversation_words TO spotter_app;

-- Words as they are kept: each behind its organisation.
CREATE FUNCTION app.kept_words(said text[]) RETURNS tsvector
    LANGUAGE sql STABLE SET search_path = pg_catalog, app
    AS $$ SELECT array_to_tsvector(ARRAY(
        SELECT (SELECT app.organization())::text || ' ' || word FROM unnest(said) AS word WHERE word <> '')) $$;
GRANT EXECUTE ON FUNCTION app.kept_words(text[]) TO spotter_app;

-- The organisation's conversations with a title or a message in which each of the words begins a word; those before
-- `before`, newest first, at most `most`.
CREATE FUNCTION app.find_conversations(wanted text[], before uuid, most integer) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, spotter, app
    AS $$
    WITH found AS MATERIALIZED (
        SELECT conversation_id FROM conversation_words
        WHERE words @@ (
                SELECT string_agg(
                    '''' || replace(replace((SELECT app.organization())::text || ' ' || word, '\', '\\'), '''', '''''')
                        || ''':*', ' & ')::tsquery
                FROM unnest(wanted) AS word)
            AND organization_id = (SELECT app.organization()))
    SELECT DISTINCT conversation_id FROM found WHERE conversation_id < before
    ORDER BY conversation_id DESC LIMIT most
    $$;
GRANT EXECUTE ON FUNCTION app.find_conversations(text[], uuid, integer) TO spotter_app;

-- What is there already: letters and digits in a row are words, as the application has it.
DO $$
DECLARE
    place uuid;
BEGIN
    FOR place IN SELECT app.organization_ids() LOOP
        PERFORM set_config('app.organization', place::text, true);
        INSERT INTO spotter.conversation_words (organization_id, conversation_id, source_id, words)
        SELECT organization_id, id, id, app.kept_words(regexp_split_to_array(search_key, '[^[:alnum:]]+'))
        FROM spotter.conversations;
        INSERT INTO spotter.conversation_words (organization_id, conversation_id, source_id, words)
        SELECT organization_id, conversation_id, id, app.kept_words(ARRAY(
            SELECT DISTINCT left(word, 64)
            FROM regexp_split_to_table(lower(left(content, 20000)), '[^[:alnum:]]+') AS word))
        FROM spotter.messages;
        UPDATE spotter.conversations SET floor_id = (
            SELECT id FROM spotter.executions
            WHERE conversation_id = conversations.id AND kind = 'message' AND parent_id IS NULL
                AND state NOT IN ('completed', 'failed', 'cancelled')
            ORDER BY id DESC LIMIT 1);
    END LOOP;
    PERFORM set_config('app.organization', '', true);
END
$$;

ALTER TABLE spotter.conversations DROP COLUMN search_key;
