"""The planner behind the builder's third step: sample sizes, curves, alternatives and baselines from history."""

from analytics.planning.planner import StatisticsPlanner

__all__ = ["StatisticsPlanner"]
