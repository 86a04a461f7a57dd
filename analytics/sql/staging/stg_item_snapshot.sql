-- The last category that each item was given on a day; a moment's later line holds.
-- grain: one row an item and day on which its category was told
-- key: item, day
-- reads: loaded_item_snapshots, zone_offset
-- column item: number of the item
-- column category: number of the category
-- column day: days since 1970-01-01 in the dataset's zone
with timed as (
    select
        loaded.item,
        loaded.category,
        loaded.at_ms,
        loaded.line,
        cast(
            (loaded.at_ms + zone.offset_ms - mod(loaded.at_ms + zone.offset_ms, 86400000)) / 86400000 as integer
        ) as day
    from loaded_item_snapshots as loaded
    inner join zone_offset as zone on loaded.at_ms >= zone.from_ms and loaded.at_ms < zone.until_ms
),

ranked as (
    select
        item,
        category,
        day,
        row_number() over (partition by item, day order by at_ms desc, line desc) as place
    from timed
)

select
    item,
    category,
    day
from ranked
where place = 1
