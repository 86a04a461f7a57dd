-- Visitors with an order in the shop's own book.
-- grain: one row a visitor
-- key: kind, name
-- reads: warehouse.storefront_order, warehouse.storefront_refund
select distinct
    'visitor' as kind,
    unit_id as name
from warehouse.storefront_order
where placed_at >= %(since)s and placed_at < %(until)s
union distinct
select distinct
    'visitor',
    placed.unit_id
from warehouse.storefront_refund as refund
inner join warehouse.storefront_order as placed on refund.order_id = placed.number
where refund.requested_at >= %(since)s and refund.requested_at < %(until)s
