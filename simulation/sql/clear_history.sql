-- Remove the made-up events before the first experiment.
-- writes: simulation_historyevent
truncate warehouse.simulation_historyevent
