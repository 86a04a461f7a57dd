-- Units of a run that saw more than one variant, and units that came lately.
-- grain: one row; key: none; reads: experiments_exposure
select
    count(*) filter (where variants > 1) as multiple,
    count(*) filter (where variants = 1 and exposed_at >= %(recent)s) as recent
from (
    select
        count(*) as variants,
        min(exposed_at) as exposed_at
    from experiment.experiments_exposure
    where run_id = %(run_id)s and exposed_at < %(until)s
    group by unit_id
) as seen
