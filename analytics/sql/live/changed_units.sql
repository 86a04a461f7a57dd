-- Units of followed runs with a new exposure, and all units of runs that begin afresh: as they are now and as they were.
-- grain: one row a run and unit; key: (run_id, unit_id)
-- writes: pg_temp.step_unit; reads: experiments_exposure, analytics_liveunit
insert into pg_temp.step_unit (
    run_id, unit_id, variant_id, exposed_at, was_variant_id, was_region, was_exposed_at, is_changed
)
select
    present.run_id,
    present.unit_id,
    present.variant_id,
    present.exposed_at,
    was.variant_id,
    was.region,
    was.exposed_at,
    true
from (
    select
        exposure.run_id,
        exposure.unit_id,
        case when count(*) = 1 then min(exposure.variant_id) end as variant_id,
        min(exposure.exposed_at) as exposed_at
    from (
        select run_id, unit_id
        from experiment.experiments_exposure
        where
            tx >= %(from)s::xid8 and tx < %(before)s::xid8
            and pg_visible_in_snapshot(tx, %(to)s::pg_snapshot)
            and not pg_visible_in_snapshot(tx, %(read)s::pg_snapshot)
            and run_id = any(%(run_ids)s::bigint [])
        union
        select run_id, unit_id
        from experiment.experiments_exposure
        where run_id = any(%(afresh)s::bigint []) and pg_visible_in_snapshot(tx, %(to)s::pg_snapshot)
    ) as fresh
    inner join experiment.experiments_exposure as exposure
        on fresh.run_id = exposure.run_id and fresh.unit_id = exposure.unit_id
    where pg_visible_in_snapshot(exposure.tx, %(to)s::pg_snapshot)
    group by exposure.run_id, exposure.unit_id
) as present
left join warehouse.analytics_liveunit as was
    on present.unit_id = was.unit_id and present.run_id = was.run_id
