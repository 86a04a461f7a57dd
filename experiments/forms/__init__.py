"""The forms of the pages for experiments, features and metrics."""
