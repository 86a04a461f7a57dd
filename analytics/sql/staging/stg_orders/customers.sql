-- Orders of the simulated customers; a refunded one counts as nothing.
-- grain: one row an order
-- key: number
-- reads: warehouse.simulation_customerorder, warehouse.simulation_customer
select
    placed.number,
    customer.unit_id,
    (placed.placed_at at time zone %(zone)s)::date as day,
    (case when placed.refunded then 0 else placed.amount end)::numeric as amount
from warehouse.simulation_customerorder as placed
inner join warehouse.simulation_customer as customer on placed.customer_id = customer.number
