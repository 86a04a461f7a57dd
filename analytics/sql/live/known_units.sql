-- Units of followed runs that did something new while their exposures stayed as they were.
-- grain: one row a run and unit; key: (run_id, unit_id); writes: pg_temp.step_unit
-- reads: pg_temp.step_event, analytics_liveunit
-- Looked up unit by unit: the planner would rather go through all units there ever were.
insert into pg_temp.step_unit (run_id, unit_id, variant_id, region, exposed_at, is_changed)
select
    known.run_id,
    known.unit_id,
    known.variant_id,
    known.region,
    known.exposed_at,
    false
from (select distinct unit_id from pg_temp.step_event) as active
cross join lateral (
    select
        stored.run_id,
        stored.unit_id,
        stored.variant_id,
        stored.region,
        stored.exposed_at
    from warehouse.analytics_liveunit as stored
    where
        stored.unit_id = active.unit_id
        and stored.variant_id is not null
        and stored.as_of <> %(step)s
        and stored.run_id = any(%(run_ids)s::bigint [])
    offset 0
) as known
