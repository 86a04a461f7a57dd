-- Simulated customers with an order.
-- grain: one row a customer
-- key: kind, name
-- reads: warehouse.simulation_customerorder, warehouse.simulation_customer
select distinct
    'visitor' as kind,
    customer.unit_id as name
from warehouse.simulation_customerorder as placed
inner join warehouse.simulation_customer as customer on placed.customer_id = customer.number
where placed.placed_at >= %(since)s and placed.placed_at < %(until)s
