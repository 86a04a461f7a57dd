-- What the benchmark's units did within an hour of their exposure.
-- grain: one row an event; writes: experiments_event
insert into experiment.experiments_event (event_id, occurred_at, name, unit_id, amount, properties)
select
    gen_random_uuid(),
    %(start)s::timestamptz
    + ((unit::bigint * 7919) %% %(seconds)s) * interval '1 second' + event * interval '5 minutes',
    (array['page_view', 'impression', 'click', 'purchase', 'page_view'])[1 + (unit + event * 3) %% 5],
    'unit-' || unit,
    case when (unit + event * 3) %% 5 = 3 then 1000 + (unit * 37 + event) %% 40000 end,
    '{"component": "hero", "feature": "home-hero-banner", "page": "home"}'::jsonb
from generate_series(%(first)s::integer, %(last)s::integer) as unit
cross join generate_series(1, %(each)s) as event
