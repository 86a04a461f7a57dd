"""The planning page: questions to the planner, and its answers in words, curves and tables."""
