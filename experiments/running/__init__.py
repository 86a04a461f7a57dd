"""An experiment from its launch to its end: the moves, ramp, schedule and runs."""
