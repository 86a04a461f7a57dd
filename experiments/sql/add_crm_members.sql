-- Put units on a CRM list.
-- grain: one row a list and unit; key: crm_list_id, unit_id; writes: experiments_crmmember
insert into experiment.experiments_crmmember (crm_list_id, unit_id)
select
    %(key)s as crm_list_id,
    told.unit_id
from unnest(%(units)s::text []) as told (unit_id)
order by told.unit_id
