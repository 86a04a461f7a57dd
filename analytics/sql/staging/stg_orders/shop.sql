-- Orders that visitors placed in the shop; a refunded one counts with what is left of it.
-- grain: one row an order
-- key: number
-- reads: warehouse.storefront_order, warehouse.storefront_refund
select
    placed.number,
    placed.unit_id,
    (placed.placed_at at time zone %(zone)s)::date as day,
    (placed.total - coalesce(refund.amount, 0))::numeric as amount
from warehouse.storefront_order as placed
left join warehouse.storefront_refund as refund on placed.number = refund.order_id
