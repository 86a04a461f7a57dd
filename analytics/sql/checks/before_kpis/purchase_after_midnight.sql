-- Purchases whose cart was filled on the day before: legitimate, but the day's funnel has an order without its cart.
-- grain: one row a visitor and day
-- key: day, visitor
-- reads: visitor_days
-- severity: warn
-- owner: analyst
-- action: Nothing to mend. Read the funnel of both days together when there are many.
-- holds: nothing
select
    bought.day,
    'purchase' as event,
    cast(null as bigint) as run_id,
    bought.visitor,
    bought.orders,
    filled.carts as carts_the_day_before
from visitor_days as bought
inner join visitor_days as filled on bought.visitor = filled.visitor and bought.day - 1 = filled.day
where
    bought.day between %(first_day)s and %(last_day)s
    and bought.orders > 0 and bought.carts = 0 and filled.carts > 0 and filled.orders = 0
