-- How many units with the same attributes were active, on each day and in the whole window.
-- grain: one row a set of attributes and day; the row without a day is for the whole window
-- reads: experiments_event, warehouse.simulation_historyevent, experiments_unit, experiments_crmmember
-- A unit of which nothing is known has no attributes; everybody counts by what is known of them last.
with active as (
    select
        unit_id,
        (occurred_at at time zone %(zone)s)::date as day
    from experiment.experiments_event
    where occurred_at >= %(since)s and occurred_at < %(until)s
    group by 1, 2
    union
    select
        unit_id,
        (occurred_at at time zone %(zone)s)::date as day
    from warehouse.simulation_historyevent
    where occurred_at >= %(since)s and occurred_at < %(until)s
    group by 1, 2
),

listed as (
    select
        unit_id,
        jsonb_build_object('crm_targets', jsonb_agg(crm_list_id order by crm_list_id)) as attributes
    from experiment.experiments_crmmember
    group by unit_id
),

described as (
    select
        active.unit_id,
        active.day,
        coalesce(unit.attributes, '{}'::jsonb) || coalesce(listed.attributes, '{}'::jsonb) as attributes
    from active
    left join experiment.experiments_unit as unit on active.unit_id = unit.unit_id
    left join listed on active.unit_id = listed.unit_id
)

select
    attributes::text as attributes,
    day,
    count(*) as units
from described
group by attributes, day
union all
select
    attributes::text as attributes,
    null::date as day,
    count(distinct unit_id) as units
from described
group by attributes
