"""Experiments, features, metrics and event intake for programs."""
