-- Remove the made-up customers with their orders.
-- writes: simulation_customer, simulation_customerorder
truncate warehouse.simulation_customerorder, warehouse.simulation_customer
