-- Orders in the shop's own book.
-- grain: one row an order
-- key: transaction
-- reads: warehouse.storefront_order
select
    cast(unit_id as text) as unit,
    cast(number as text) as transaction
from warehouse.storefront_order
