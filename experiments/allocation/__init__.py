"""Which share of the units takes part: layers, holdout, coverage, phases."""
