-- Remove the made-up customers with their orders (delete, as truncate would wait for every reader).
-- writes: simulation_customer, simulation_customerorder
with gone as (delete from warehouse.simulation_customerorder)

delete from warehouse.simulation_customer
