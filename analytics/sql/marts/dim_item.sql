-- Items with their category and the days for which it holds, so that a day that is built later never sees the future.
-- grain: one row an item and category that held
-- key: item, from_day
-- reads: stg_item_snapshot
-- writes: warehouse.analytics_dimitem whole
-- column item: number of the item
-- column category: number of the category
-- column from_day: first day on which it holds, in days since 1970-01-01
-- column until_day: first day on which it no longer holds; 2932897 (10000-01-01) while it does
with steps as (
    select
        item,
        category,
        day,
        lag(category) over (partition by item order by day) as category_before
    from stg_item_snapshot
),

changes as (
    select
        item,
        category,
        day
    from steps
    where category_before is null or category_before <> category
)

select
    item,
    category,
    day as from_day,
    coalesce(lead(day) over (partition by item order by day), 2932897) as until_day
from changes
