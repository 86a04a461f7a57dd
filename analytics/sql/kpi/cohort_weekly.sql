-- Visitors by the week of their first day, and who of them came back, ordered and ordered again in each week. Weeks
-- begin on Monday: 1970-01-05 was one, and day 4. The cell of the first week itself holds the whole cohort.
-- Most visitors come on one day only: that day is their cohort, and nothing need be looked up.
-- grain: one row a cohort and week in which somebody of it came
-- key: cohort_day, week_day
-- reads: visitor_days, dim_visitor
-- writes: warehouse.analytics_cohortweek by week_day
-- column cohort_day: Monday of the week of the visitors' first day, in days since 1970-01-01
-- column week_day: Monday of the week
-- column visitors: visitors of the cohort with an event or a booked order in the week
-- column buyers: visitors of the cohort with an order in the week, by the purchase events
-- column reorderers: those of them with an order that was not their first
with returning_visitor as (
    select
        visitor,
        first_day,
        first_purchase_day
    from dim_visitor
    where active_days > 1 and last_day >= %(first_day)s
),

active as (
    select
        days.visitor,
        visitor.first_day - mod(visitor.first_day - 4, 7) as cohort_day,
        visitor.first_purchase_day,
        days.day - mod(days.day - 4, 7) as week_day,
        sum(days.orders) as orders
    from visitor_days as days
    inner join returning_visitor as visitor on days.visitor = visitor.visitor
    where days.day between %(first_day)s and %(last_day)s
    group by days.visitor, visitor.first_day, visitor.first_purchase_day, days.day - mod(days.day - 4, 7)
),

cells as (
    select
        cohort_day,
        week_day,
        count(*) as visitors,
        sum(case when orders > 0 then 1 else 0 end) as buyers,
        sum(
            case when orders > 1 then 1 when orders = 1 and first_purchase_day < week_day then 1 else 0 end
        ) as reorderers
    from active
    group by cohort_day, week_day
    union all
    select
        days.day - mod(days.day - 4, 7),
        days.day - mod(days.day - 4, 7),
        count(*),
        sum(case when days.orders > 0 then 1 else 0 end),
        sum(case when days.orders > 1 then 1 else 0 end)
    from visitor_days as days
    left join returning_visitor as visitor on days.visitor = visitor.visitor
    where days.day between %(first_day)s and %(last_day)s and visitor.visitor is null
    group by days.day - mod(days.day - 4, 7)
)

select
    cohort_day,
    week_day,
    cast(sum(visitors) as integer) as visitors,
    cast(sum(buyers) as integer) as buyers,
    cast(sum(reorderers) as integer) as reorderers
from cells
group by cohort_day, week_day
