-- Which units have the same attributes; the CRM lists that they are on are one of them.
-- grain: one row a set of attributes; reads: experiments_unit, experiments_crmmember
with listed as (
    select
        unit_id,
        jsonb_build_object('crm_targets', jsonb_agg(crm_list_id order by crm_list_id)) as attributes
    from experiment.experiments_crmmember
    group by unit_id
),

described as (
    select
        coalesce(unit.unit_id, listed.unit_id) as unit_id,
        coalesce(unit.attributes, '{}'::jsonb) || coalesce(listed.attributes, '{}'::jsonb) as attributes
    from experiment.experiments_unit as unit
    full join listed on unit.unit_id = listed.unit_id
)

select
    attributes::text as attributes,
    array_agg(unit_id) as units
from described
group by attributes
