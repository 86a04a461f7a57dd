"""The results of a run, and as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from novarium.client.records import record


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A treatment against the control; lifts are relative (0.05 is 5%), None where ``reason`` says why not."""

    variant: str
    name: str
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    lift: float | None = None
    lift_low: float | None = None
    lift_high: float | None = None
    p_value: float | None = None
    significant: bool | None = None
    reason: str | None = None
    more: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricResult:
    """A metric in every variant; ``role`` is ``oec`` or ``guardrail``."""

    key: str
    name: str
    role: str
    arms: tuple[dict[str, Any], ...]
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What the results page says; the whole answer is in ``raw``."""

    experiment: str
    run_number: int
    status: str
    units: int
    sample_ratio: dict[str, Any]
    metrics: tuple[MetricResult, ...]
    raw: dict[str, Any] = field(repr=False)

    @property
    def oec(self) -> MetricResult:
        """The metric that decides."""
        return self.metrics[0]

    def rows(self) -> list[dict[str, Any]]:
        """Return one row for each metric and treatment, with the values of both arms."""
        found = []
        for metric in self.metrics:
            values = {arm["variant"]: arm for arm in metric.arms}
            control = metric.arms[0] if metric.arms else {}
            for comparison in metric.comparisons:
                treated = values.get(comparison.variant, {})
                found.append(
                    {
                        "metric": metric.key,
                        "role": metric.role,
                        "variant": comparison.variant,
                        "control_value": control.get("value"),
                        "value": treated.get("value"),
                        "control_units": control.get("units"),
                        "units": treated.get("units"),
                        **{name: getattr(comparison, name) for name in _SHOWN},
                    }
                )
        return found

    def to_frame(self) -> Any:
        """Return ``rows`` as a pandas DataFrame.

        Raises:
            ImportError: pandas is not installed.
        """
        import pandas as pd  # noqa: PLC0415 - only this needs it

        return pd.DataFrame(self.rows())

    def series_frame(self) -> Any:
        """Return how the OEC's difference grew as a pandas DataFrame: one row for each moment and treatment."""
        import pandas as pd  # noqa: PLC0415 - only this needs it

        frame = pd.DataFrame(self.raw["series"], columns=["at", "variant", "units", "difference", "low", "high"])
        frame["at"] = pd.to_datetime(frame["at"])
        return frame


_SHOWN = ("difference", "low", "high", "lift", "lift_low", "lift_high", "p_value", "significant")


def results_of(told: Mapping[str, Any]) -> Results:
    """Return the results that the API told."""
    metrics = tuple(
        MetricResult(
            key=item["definition"]["key"],
            name=item["definition"]["name"],
            role=item["role"],
            arms=tuple(item["arms"]),
            comparisons=tuple(record(Comparison, comparison) for comparison in item["comparisons"]),
        )
        for item in told["metrics"]
    )
    names = ("experiment", "run_number", "status", "units", "sample_ratio")
    return Results(**{name: told[name] for name in names}, metrics=metrics, raw=dict(told))
