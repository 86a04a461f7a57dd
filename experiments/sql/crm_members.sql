-- Which units are on the same CRM lists.
-- grain: one row a set of lists; key: lists; reads: experiments_crmmember
select
    on_lists.lists,
    array_agg(on_lists.unit_id) as units
from (
    select
        unit_id,
        array_agg(crm_list_id order by crm_list_id) as lists
    from experiment.experiments_crmmember
    group by unit_id
) as on_lists
group by on_lists.lists
