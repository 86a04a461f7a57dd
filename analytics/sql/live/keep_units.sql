-- Keep the units whose exposures changed.
-- grain: one row a run and unit; key: (unit_id, run_id); writes: analytics_liveunit; reads: pg_temp.step_unit
insert into warehouse.analytics_liveunit (unit_id, run_id, variant_id, region, exposed_at, as_of)
select unit_id, run_id, variant_id, region, exposed_at, %(step)s
from pg_temp.step_unit
where is_changed
on conflict (unit_id, run_id) do update set
    variant_id = excluded.variant_id,
    region = excluded.region,
    exposed_at = excluded.exposed_at,
    as_of = excluded.as_of
