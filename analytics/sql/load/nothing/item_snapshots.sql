-- No items: what a form without a catalogue has.
-- grain: no row
-- key: none
-- reads: nothing
select
    cast(0 as bigint) as item,
    cast(0 as bigint) as category,
    cast(0 as bigint) as at_ms,
    cast(0 as bigint) as line
where 1 = 0
