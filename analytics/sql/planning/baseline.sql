-- Moments of a metric between units, and how far a unit's past foretells it: what planning needs to know.
-- grain: one row; reads: experiment.experiments_event, warehouse.simulation_historyevent
-- A unit counts from its first view of the page at or after since (of any page where page is null), as an exposure
-- would. Its past are the lookback days before that moment; whoever has no event there is new. With units, only those
-- count. The correlation is that of the linearised values (top - ratio * below), as CUPED adjusts them; the past of a
-- new unit is nothing, which is the mean of a linearised ratio.
with activity as materialized (
    select
        unit_id,
        name,
        occurred_at,
        coalesce(amount, 0) as amount,
        properties ->> 'page' as page
    from experiment.experiments_event
    where
        occurred_at >= %(since)s::timestamptz - %(lookback)s::interval and occurred_at < %(until)s
        and name in ('page_view', %(numerator_event)s, %(denominator_event)s)
    union all
    select
        unit_id,
        name,
        occurred_at,
        coalesce(amount, 0) as amount,
        properties ->> 'page' as page
    from warehouse.simulation_historyevent
    where
        occurred_at >= %(since)s::timestamptz - %(lookback)s::interval and occurred_at < %(until)s
        and name in ('page_view', %(numerator_event)s, %(denominator_event)s)
),

entered as (
    select
        unit_id,
        min(occurred_at) as since
    from activity
    where
        occurred_at >= %(since)s
        and name = 'page_view'
        and (%(page)s::text is null or page = %(page)s)
        and (%(units)s::text [] is null or unit_id = any(%(units)s::text []))
    group by unit_id
),

sides as (
    select
        entered.unit_id,
        activity.occurred_at < entered.since as is_past,
        count(*) filter (where activity.name = %(numerator_event)s) as numerator_count,
        coalesce(sum(activity.amount) filter (where activity.name = %(numerator_event)s), 0) as numerator_sum,
        count(*) filter (where activity.name = %(denominator_event)s) as denominator_count,
        coalesce(sum(activity.amount) filter (where activity.name = %(denominator_event)s), 0) as denominator_sum
    from entered
    inner join activity on entered.unit_id = activity.unit_id
    where activity.occurred_at >= entered.since - %(lookback)s::interval
    group by entered.unit_id, is_past
),

valued as (
    select
        unit_id,
        is_past,
        case %(numerator_aggregation)s
            when 'exists' then least(numerator_count, 1)
            when 'count' then numerator_count
            else numerator_sum
        end::double precision as top,
        case %(denominator_aggregation)s
            when 'exists' then least(denominator_count, 1)
            when 'count' then denominator_count
            else denominator_sum
        end::double precision as below
    from sides
),

-- Every unit has a row after its entry: the view itself is one.
per_unit as (
    select
        now.top,
        case when %(denominator_event)s = '' then 0 else now.below end as below,
        past.unit_id is not null as is_returning,
        coalesce(past.top, 0) as past_top,
        case when %(denominator_event)s = '' then 0 else coalesce(past.below, 0) end as past_below
    from valued as now
    left join valued as past on now.unit_id = past.unit_id and past.is_past
    where not now.is_past
),

ratios as (
    select
        coalesce(sum(top) / nullif(sum(below), 0), 0) as now,
        coalesce(sum(past_top) / nullif(sum(past_below), 0), 0) as past
    from per_unit
),

linear as (
    select
        per_unit.*,
        per_unit.top - ratios.now * per_unit.below as contribution,
        per_unit.past_top - ratios.past * per_unit.past_below as past_contribution
    from per_unit
    cross join ratios
)

select
    count(*) as units,
    coalesce(avg(top), 0) as mean,
    coalesce(var_samp(top), 0) as variance,
    coalesce(avg(below), 0) as below,
    coalesce(var_samp(below), 0) as below_variance,
    coalesce(covar_samp(top, below), 0) as covariance,
    count(*) filter (where is_returning) as returning_units,
    corr(contribution, past_contribution) as correlation,
    corr(contribution, past_contribution) filter (where is_returning) as returning_correlation
from linear
