-- Visitors by the week of their first day, and who of them came back, ordered and ordered again in each week. Weeks
-- begin on Monday: 1970-01-05 was one, and day 4. The cell of the first week itself holds the whole cohort.
-- grain: one row a cohort and week in which somebody of it came
-- key: cohort_day, week_day
-- reads: visitor_days, dim_visitor
-- writes: warehouse.analytics_cohortweek by week_day
-- column cohort_day: Monday of the week of the visitors' first day, in days since 1970-01-01
-- column week_day: Monday of the week
-- column visitors: visitors of the cohort with an event or a booked order in the week
-- column buyers: visitors of the cohort with an order in the week, by the purchase events
-- column reorderers: those of them with an order that was not their first
with active as (
    select
        visitor,
        day - mod(day - 4, 7) as week_day,
        sum(orders) as orders
    from visitor_days
    where day between %(first_day)s and %(last_day)s
    group by visitor, day - mod(day - 4, 7)
)

select
    visitor.first_day - mod(visitor.first_day - 4, 7) as cohort_day,
    active.week_day,
    cast(count(*) as integer) as visitors,
    cast(sum(case when active.orders > 0 then 1 else 0 end) as integer) as buyers,
    cast(
        sum(
            case
                when active.orders > 1 then 1
                when active.orders = 1 and visitor.first_purchase_day < active.week_day then 1
                else 0
            end
        ) as integer
    ) as reorderers
from active
inner join dim_visitor as visitor on active.visitor = visitor.visitor
group by visitor.first_day - mod(visitor.first_day - 4, 7), active.week_day
