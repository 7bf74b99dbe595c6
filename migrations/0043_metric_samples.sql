-- The single values of what organisations measure themselves, for percentiles, which sums and extremes do not tell.

SET LOCAL ROLE spotter_owner;

-- The last hundred of the minute.
ALTER TABLE spotter.metric_minutes ADD COLUMN samples double precision[] NOT NULL DEFAULT '{}';
