"""The results of an experiment's run: from exposures and events to a report."""

from analytics.results.compute import compute
from analytics.results.numbers import LIVE
from analytics.results.report import ResultReport

__all__ = ["LIVE", "ResultReport", "compute"]
