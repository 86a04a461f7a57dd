"""Cases computed with named versions of other engines, and the moments they start from."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from analytics.stats import Moments

CORE = json.loads((Path(__file__).parent / "oracles" / "core.json").read_text(encoding="utf-8"))
_CASES: dict[str, dict[str, Any]] = {case["id"]: case for case in CORE["cases"]}


def case_ids(prefix: str) -> list[str]:
    found = [name for name in _CASES if name.startswith(prefix)]
    assert found, prefix
    return found


def inputs(name: str) -> dict[str, Any]:
    return dict(_CASES[name]["inputs"])


def answer(name: str, engine: str, variant: str | None = None) -> dict[str, Any]:
    """Return an engine's result (its first, if no variant is named), infinities as numbers."""
    rows = _CASES[name]["engines"][engine]
    result = next(row["result"] for row in rows if variant in (None, row["variant"]))
    return {key: float(value) if value in ("inf", "-inf", "nan") else value for key, value in result.items()}


def mean_moments(name: str) -> Moments:
    """Return the moments of control and treatment with one column, ``value``."""
    arms = [inputs(name)[arm] for arm in ("control", "treatment")]
    squares = [arm.get("sum_squares", arm["sum"]) for arm in arms]
    return Moments.from_sums(
        count=[arm["n"] for arm in arms],
        sums={"value": [arm["sum"] for arm in arms]},
        products={("value", "value"): squares},
    )


def ratio_moments(name: str) -> Moments:
    arms = [inputs(name)[arm] for arm in ("control", "treatment")]
    return Moments.from_sums(
        count=[arm["n"] for arm in arms],
        sums={"value": [arm["m"]["sum"] for arm in arms], "denominator": [arm["d"]["sum"] for arm in arms]},
        products={
            ("value", "value"): [arm["m"]["sum_squares"] for arm in arms],
            ("denominator", "denominator"): [arm["d"]["sum_squares"] for arm in arms],
            ("value", "denominator"): [arm["m_d_sum_of_products"] for arm in arms],
        },
    )


def cuped_moments(name: str) -> Moments:
    """Return moments of the outcome ``value`` and the covariate ``before``."""
    arms = [inputs(name)[arm] for arm in ("control", "treatment")]
    return Moments.from_sums(
        count=[arm["n"] for arm in arms],
        sums={"value": [arm["post"]["sum"] for arm in arms], "before": [arm["pre"]["sum"] for arm in arms]},
        products={
            ("value", "value"): [arm["post"]["sum_squares"] for arm in arms],
            ("before", "before"): [arm["pre"]["sum_squares"] for arm in arms],
            ("value", "before"): [arm["post_pre_sum_of_products"] for arm in arms],
        },
    )


def cuped_ratio_moments(name: str) -> Moments:
    raw = inputs(name)["raw"]
    names = {"value": "num", "denominator": "den", "value_before": "num_pre", "denominator_before": "den_pre"}
    return Moments.stack(
        [
            Moments.from_arrays(**{column: raw[arm][source] for column, source in names.items()})
            for arm in ("control", "treatment")
        ]
    )


def stratified_moments(name: str) -> Moments:
    """Return moments of shape (stratum, arm)."""
    strata = inputs(name)["strata"]
    return Moments.stack(
        [
            Moments.stack(
                [Moments.from_arrays(value=np.array(stratum[arm]["raw"])) for arm in ("control", "treatment")]
            )
            for stratum in strata
        ]
    )
