"""Where the parts of an interval row lie on its axis."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IntervalPlot:
    """Positions in per cent of the row's width; None where a part lies outside the axis or is not wanted."""

    left: float
    width: float
    point: float | None
    zero: float
    margin: float | None
    cut_low: bool
    cut_high: bool


def axis_for(*bounds: float | None, margin: float | None = None) -> float:
    """Return the half-width of a symmetric axis that shows all bounds (None: unknown) with some air.

    Rows of one table share it, so that their bars can be compared.
    """
    known = [abs(bound) for bound in (*bounds, margin) if bound is not None]
    return max(known, default=1.0) * 1.15 or 1.0


def place(
    *, point: float, low: float | None, high: float | None, axis: float, margin: float | None = None
) -> IntervalPlot:
    """Place an interval on the axis from ``-axis`` to ``axis``; an open end (None) runs off the axis.

    Args:
        point: The estimate.
        low: The lower bound, None for an interval that is open below.
        high: The upper bound, None for one that is open above.
        axis: Half the width of the axis, positive.
        margin: A line to compare with, such as a non-inferiority margin.

    Raises:
        ValueError: If the axis is not positive or low exceeds high.
    """
    if axis <= 0:
        raise ValueError("axis must be positive")
    if low is not None and high is not None and low > high:
        raise ValueError("low must not exceed high")
    start = _clamp(low if low is not None else -axis, axis)
    end = _clamp(high if high is not None else axis, axis)
    return IntervalPlot(
        left=_share(start, axis),
        width=round(_share(end, axis) - _share(start, axis), 3),
        point=_share(point, axis) if abs(point) <= axis else None,
        zero=50.0,
        margin=_share(margin, axis) if margin is not None and abs(margin) <= axis else None,
        cut_low=low is None or low < -axis,
        cut_high=high is None or high > axis,
    )


def _clamp(value: float, axis: float) -> float:
    return min(max(value, -axis), axis)


def _share(value: float, axis: float) -> float:
    return round((value + axis) / (2 * axis) * 100, 3)
