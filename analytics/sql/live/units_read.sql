-- Units of a run as its exposures have them, of the transactions that were read.
-- grain: one row a unit; key: unit_id; reads: experiments_exposure
select
    seen.unit_id,
    case when seen.variants = 1 then seen.variant_id * %(strata)s + coalesce(member.region, 0) end as arm,
    seen.exposed_at,
    greatest(
        date_trunc(%(grain)s, seen.exposed_at, %(zone)s),
        (%(phase_starts)s::timestamptz [])[width_bucket(seen.exposed_at, %(phase_starts)s::timestamptz [])]
    ) as bucket
from (
    select
        unit_id,
        count(*) as variants,
        min(variant_id) as variant_id,
        min(exposed_at) as exposed_at
    from experiment.experiments_exposure
    where run_id = %(run_id)s and pg_visible_in_snapshot(tx, %(to)s::pg_snapshot)
    group by unit_id
) as seen
left join unnest(%(member_units)s::text [], %(member_regions)s::integer []) as member (unit_id, region)
    on seen.unit_id = member.unit_id
