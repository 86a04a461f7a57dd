-- Store events and first exposures together; what is there already changes nothing.
-- grain: one row an event, and one row a unit and variant of a run; keys: (event_id, occurred_at) and
-- (run_id, unit_id, variant_id); writes: experiments_event, experiments_exposure
with exposed as (
    insert into experiment.experiments_exposure (run_id, unit_id, variant_id, exposed_at, received_at)
    select run_id, unit_id, variant_id, exposed_at, now()
    from unnest(
        %(exposed_runs)s::bigint [],
        %(exposed_units)s::text [],
        %(exposed_variants)s::bigint [],
        %(exposed_times)s::timestamptz []
    ) as new (run_id, unit_id, variant_id, exposed_at)
    on conflict do nothing
)

insert into experiment.experiments_event (event_id, occurred_at, name, unit_id, amount, properties)
select event_id, occurred_at, name, unit_id, amount, properties
from unnest(
    %(event_ids)s::uuid [],
    %(times)s::timestamptz [],
    %(names)s::text [],
    %(units)s::text [],
    %(amounts)s::numeric [],
    %(properties)s::jsonb []
) as new (event_id, occurred_at, name, unit_id, amount, properties)
on conflict do nothing
