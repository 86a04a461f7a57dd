-- Moments of a metric between units, and how far a unit's past foretells it: what planning needs to know.
-- grain: one row; reads: experiment.experiments_event, warehouse.simulation_historyevent
-- A unit counts from its first view of the page at or after since (of any page where page is null), as an exposure
-- would. Its past are the lookback days before that moment; whoever has no event there is new. With units, only those
-- count. The correlation is that of the linearised values (top - ratio * below), as CUPED adjusts them; the past of a
-- new unit is nothing, which is the mean of a linearised ratio.
with activity as (
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
        and (%(units)s::text [] is null or unit_id = any(%(units)s::text []))
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
        and (%(units)s::text [] is null or unit_id = any(%(units)s::text []))
),

-- The entry stands beside each event by a window: a join on it took a minute, since nobody can tell its size before.
timed as (
    select
        unit_id,
        name,
        occurred_at,
        amount,
        min(occurred_at) filter (
            where occurred_at >= %(since)s and name = 'page_view' and (%(page)s::text is null or page = %(page)s)
        ) over (partition by unit_id) as entered_at
    from activity
),

sided as (
    select
        unit_id,
        occurred_at < entered_at as is_past,
        name = %(numerator_event)s as is_top,
        name = %(denominator_event)s as is_below,
        amount
    from timed
    where entered_at is not null and occurred_at >= entered_at - %(lookback)s::interval
),

counted as (
    select
        unit_id,
        bool_or(is_past) as is_returning,
        count(*) filter (where is_top and not is_past) as top_count,
        coalesce(sum(amount) filter (where is_top and not is_past), 0) as top_sum,
        count(*) filter (where is_below and not is_past) as below_count,
        coalesce(sum(amount) filter (where is_below and not is_past), 0) as below_sum,
        count(*) filter (where is_top and is_past) as past_top_count,
        coalesce(sum(amount) filter (where is_top and is_past), 0) as past_top_sum,
        count(*) filter (where is_below and is_past) as past_below_count,
        coalesce(sum(amount) filter (where is_below and is_past), 0) as past_below_sum
    from sided
    group by unit_id
),

per_unit as (
    select
        is_returning,
        case %(numerator_aggregation)s
            when 'exists' then least(top_count, 1)
            when 'count' then top_count
            else top_sum
        end::double precision as top,
        case %(numerator_aggregation)s
            when 'exists' then least(past_top_count, 1)
            when 'count' then past_top_count
            else past_top_sum
        end::double precision as past_top,
        case %(denominator_aggregation)s
            when 'exists' then least(below_count, 1)
            when 'count' then below_count
            when 'sum' then below_sum
            else 0
        end::double precision as below,
        case %(denominator_aggregation)s
            when 'exists' then least(past_below_count, 1)
            when 'count' then past_below_count
            when 'sum' then past_below_sum
            else 0
        end::double precision as past_below
    from counted
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
