-- Forgetting a person: what finds him in a text, and what takes him out of it. For administrators' connections alone: the
-- application can neither call these nor change what happened.

SET LOCAL ROLE spotter_owner;

-- Who is meant is said by settings of the transaction: `person.words` and `person.numbers` are regular expressions,
-- `person.clients` and `person.leads` the ids of his records, `person.names` what is looked for in files byte by byte,
-- `person.parts` the single words of his names and addresses.
CREATE FUNCTION app.person_clients() RETURNS uuid[]
    LANGUAGE sql STABLE RETURN pg_catalog.current_setting('person.clients')::uuid[];
CREATE FUNCTION app.person_leads() RETURNS uuid[]
    LANGUAGE sql STABLE RETURN pg_catalog.current_setting('person.leads')::uuid[];

CREATE FUNCTION app.names_person(said text) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    SELECT said ~* pg_catalog.current_setting('person.words') OR said ~ pg_catalog.current_setting('person.numbers')
    $$;

CREATE FUNCTION app.names_person(file bytea) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    SELECT app.names_person(encode(file, 'escape')) OR EXISTS (
        SELECT FROM unnest(pg_catalog.current_setting('person.names')::text[]) AS name
        WHERE position(convert_to(name, 'UTF8') IN file) > 0)
    $$;

-- A number becomes 0, which JSON takes for a text as well as for a number.
CREATE FUNCTION app.without_person(said text) RETURNS text
    LANGUAGE sql STABLE
    AS $$
    SELECT regexp_replace(
        regexp_replace(said, pg_catalog.current_setting('person.words'), '[erased]', 'gi'),
        pg_catalog.current_setting('person.numbers'), '0', 'g')
    $$;

-- A search index without the words that only he brought there.
CREATE FUNCTION app.without_person(words tsvector) RETURNS tsvector
    LANGUAGE sql STABLE
    AS $$
    SELECT ts_delete(words, ARRAY(
        SELECT app.organization()::text || ' ' || part
        FROM unnest(pg_catalog.current_setting('person.parts')::text[]) AS part))
    $$;
