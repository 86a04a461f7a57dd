"""NovaEats, the simulated food-delivery shop: reads variants, emits events."""
