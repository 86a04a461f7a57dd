-- Units of a run from their first exposure on; the arm is the variant, and none for a unit that saw several.
-- grain: one row a unit; key: unit_id; reads: experiments_exposure
-- A filter in the place of the case would make the planner expect a few units only. A bucket lies within one phase.
select
    unit_id,
    case when count(*) = 1 then min(variant_id) end as arm,
    min(exposed_at) as exposed_at,
    case
        when %(phased)s
            then greatest(
                date_trunc(%(bucket)s, min(exposed_at), %(zone)s),
                (%(phase_starts)s::timestamptz [])[width_bucket(min(exposed_at), %(phase_starts)s::timestamptz [])]
            )
        else date_trunc(%(bucket)s, min(exposed_at), %(zone)s)
    end as bucket
from experiment.experiments_exposure
where run_id = %(run_id)s and exposed_at < %(until)s
group by unit_id
