-- Units of followed runs that did something new while their exposures stayed as they were.
-- grain: one row a run and unit; key: (run_id, unit_id); writes: pg_temp.step_unit
-- reads: pg_temp.step_event, analytics_liveunit
insert into pg_temp.step_unit (run_id, unit_id, variant_id, region, exposed_at, is_changed)
select
    known.run_id,
    known.unit_id,
    known.variant_id,
    known.region,
    known.exposed_at,
    false
from (select distinct unit_id from pg_temp.step_event) as active
inner join warehouse.analytics_liveunit as known on active.unit_id = known.unit_id
where
    known.variant_id is not null
    and known.as_of <> %(step)s
    and known.run_id = any(%(run_ids)s::bigint [])
