"""A small client of NovaRium's API for programs and notebooks; it needs httpx and nothing of the server.

Example:
    >>> from novarium.client import Client
    >>> client = Client("https://novarium.example", token="…")  # doctest: +SKIP
    >>> for experiment in client.experiments.list(status="running"):  # doctest: +SKIP
    ...     print(experiment.key, client.results(experiment.key).oec.comparisons[0].lift)
"""

from novarium.client.client import Client
from novarium.client.errors import ApiError, Conflict, Forbidden, Invalid, NotFound, Unauthorized, Unreachable
from novarium.client.records import (
    Adoption,
    Connection,
    Evaluation,
    Experiment,
    Feature,
    Metric,
    Plan,
    Receipts,
    Revision,
)
from novarium.client.results import Results

__all__ = [
    "Adoption",
    "ApiError",
    "Client",
    "Conflict",
    "Connection",
    "Evaluation",
    "Experiment",
    "Feature",
    "Forbidden",
    "Invalid",
    "Metric",
    "NotFound",
    "Plan",
    "Receipts",
    "Results",
    "Revision",
    "Unauthorized",
    "Unreachable",
]
