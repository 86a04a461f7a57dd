-- Units of a run from their first exposure on; the arm is variant and stratum, and none for a unit that saw several.
-- grain: one row a unit; key: unit_id; reads: experiments_exposure
-- The strata come as bound arrays, since they follow from the units' buckets. A bucket of time lies within one phase.
select
    exposure.unit_id,
    case when count(*) = 1 then min(exposure.variant_id) * %(strata)s + min(member.stratum) end as arm,
    min(exposure.exposed_at) as exposed_at,
    greatest(
        date_trunc(%(bucket)s, min(exposure.exposed_at), %(zone)s),
        (%(phase_starts)s::timestamptz [])[width_bucket(min(exposure.exposed_at), %(phase_starts)s::timestamptz [])]
    ) as bucket
from experiment.experiments_exposure as exposure
inner join unnest(%(member_units)s::text [], %(member_strata)s::integer []) as member (unit_id, stratum)
    on exposure.unit_id = member.unit_id
where exposure.run_id = %(run_id)s and exposure.exposed_at < %(until)s
group by exposure.unit_id
