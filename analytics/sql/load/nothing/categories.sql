-- No categories: what a form without a catalogue has.
-- grain: no row
-- key: none
-- reads: nothing
select
    cast(0 as bigint) as category,
    cast(0 as bigint) as parent
where 1 = 0
