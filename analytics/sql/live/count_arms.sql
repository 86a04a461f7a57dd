-- Count units where they belong now, and no longer where they were.
-- grain: one row a run, variant, region and bucket; key: the same; writes: analytics_livearm; reads: pg_temp.step_unit
insert into warehouse.analytics_livearm as arm (run_id, variant_id, region, bucket, units)
select
    moved.run_id,
    moved.variant_id,
    moved.region,
    greatest(
        date_trunc(run.grain, moved.exposed_at, %(zone)s),
        (run.phase_starts::timestamptz [])[width_bucket(moved.exposed_at, run.phase_starts::timestamptz [])]
    ) as bucket,
    sum(moved.units)
from (
    select run_id, variant_id, region, exposed_at, 1 as units
    from pg_temp.step_unit
    where is_changed and variant_id is not null
    union all
    select run_id, was_variant_id, was_region, was_exposed_at, -1
    from pg_temp.step_unit
    where is_changed and was_variant_id is not null
) as moved
inner join
    unnest(%(run_ids)s::bigint [], %(grains)s::text [], %(phase_starts)s::text [])
    as run (run_id, grain, phase_starts)
    on moved.run_id = run.run_id
group by moved.run_id, moved.variant_id, moved.region, bucket
having sum(moved.units) <> 0
on conflict (run_id, variant_id, region, bucket) do update set units = arm.units + excluded.units
