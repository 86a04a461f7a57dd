-- Remove the made-up events before the first experiment.
-- writes: simulation_historyevent
delete from warehouse.simulation_historyevent
