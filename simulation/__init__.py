"""Simulated people whose true behaviour is known: personas, truth, swarm, history, calibration."""
