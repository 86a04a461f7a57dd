-- No orders: what a form without a book of orders has.
-- grain: no row
-- key: none
-- reads: nothing
select
    cast(0 as bigint) as visitor,
    cast(0 as bigint) as at_ms,
    cast(0 as bigint) as transaction,
    0 as orders,
    cast(0 as bigint) as amount_minor
where 1 = 0
