"""Error rates of guardrails, corrections, allocation and balance checks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from analytics.stats.adjustment import mean_pairs
from analytics.stats.balance import pre_exposure_balance
from analytics.stats.calibration.populations import simulated_moments
from analytics.stats.calibration.row import Kind, Row, share_row
from analytics.stats.designs import FixedHorizon
from analytics.stats.guardrails import GuardrailTests, Margins, non_inferiority
from analytics.stats.metrics import MarginScale
from analytics.stats.moments import Floats, Moments
from analytics.stats.multiplicity import Correction, adjust
from analytics.stats.trust import sample_ratio, sequential_sample_ratio

_ALPHA = 0.05


def guardrails() -> tuple[Row, ...]:
    """A loss of exactly the margin is called safe, and no change harmed, at rate alpha."""
    rng = np.random.default_rng(201)
    rows: list[Row] = []
    for scale, margin, loss in ((MarginScale.ABSOLUTE, 0.3, 0.3), (MarginScale.RELATIVE, 0.2, 2.0)):
        at_margin = _guardrail(rng, loss=loss, margin=margin, scale=scale)
        unchanged = _guardrail(rng, loss=0.0, margin=margin, scale=scale)
        name = f"{scale} margin {margin:g}, n = 300"
        power = float(unchanged.power.mean())
        rows += [
            share_row(
                method="Guardrail",
                scenario=f"{name}, loss of the margin called safe",
                quantity="false positives",
                nominal=_ALPHA,
                events=at_margin.safe[:, 0],
            ),
            share_row(
                method="Guardrail",
                scenario=f"{name}, no change called harmed",
                quantity="false positives",
                nominal=_ALPHA,
                events=unchanged.harmed[:, 0],
                kind=Kind.AT_MOST,
            ),
            share_row(
                method="Guardrail",
                scenario=f"{name}, no change called safe",
                quantity="power",
                nominal=power,
                events=unchanged.safe[:, 0],
            ),
        ]
    return tuple(rows)


def _guardrail(rng: np.random.Generator, *, loss: float, margin: float, scale: MarginScale) -> GuardrailTests:
    shape = (20_000, 300)
    deviation = 1.5 if scale is MarginScale.ABSOLUTE else 12.0
    moments = simulated_moments(
        control={"y": rng.normal(10, deviation, shape)}, treatment={"y": rng.normal(10 - loss, deviation, shape)}
    )
    margins = Margins(size=np.asarray(margin), sign=np.asarray(1.0), scale=np.array(scale, dtype=object))
    return non_inferiority(pairs=mean_pairs(moments=moments), margins=margins, design=FixedHorizon(), alpha=_ALPHA)


def corrections() -> tuple[Row, ...]:
    """Ten tests: family-wise error with no effect, false discoveries with four effects."""
    rng = np.random.default_rng(202)
    rows: list[Row] = []
    for correction in (Correction.BONFERRONI, Correction.HOLM, Correction.HOLM_SIDAK, Correction.HOCHBERG):
        rejected = adjust(log_p=_log_p(rng, effects=0), correction=correction, alpha=_ALPHA).rejected
        exact = 1 - (1 - _ALPHA / 10) ** 10 if correction is not Correction.HOLM_SIDAK else _ALPHA
        rows.append(
            share_row(
                method=correction.value,
                scenario="ten metrics without effect",
                quantity="false positives",
                nominal=_ALPHA if correction is Correction.HOCHBERG else exact,
                events=rejected.any(axis=1),
                kind=Kind.AT_MOST if correction is Correction.HOCHBERG else Kind.EQUAL,
            )
        )
    for correction in (Correction.BENJAMINI_HOCHBERG, Correction.BENJAMINI_YEKUTIELI):
        rejected = adjust(log_p=_log_p(rng, effects=4), correction=correction, alpha=_ALPHA).rejected
        share = rejected[:, 4:].sum(axis=1) / np.maximum(rejected.sum(axis=1), 1)
        exact_rate = correction is Correction.BENJAMINI_HOCHBERG
        rows.append(
            Row(
                method=correction.value,
                scenario="four effects among ten metrics",
                quantity="false discoveries",
                nominal=_ALPHA * 6 / 10 if exact_rate else _ALPHA,
                observed=float(share.mean()),
                simulations=share.size,
                kind=Kind.EQUAL if exact_rate else Kind.AT_MOST,
            )
        )
    return tuple(rows)


def _log_p(rng: np.random.Generator, *, effects: int) -> Floats:
    """Return log p of ten independent normal tests, the first ``effects`` with an effect."""
    shift = np.where(np.arange(10) < effects, 3.0, 0.0)
    design, shape = FixedHorizon(normal=True), (40_000, 10)
    statistic = rng.normal(size=shape) + shift
    many = np.full(shape, np.inf)
    return design.log_p_value(statistic=statistic, df=many, units=many, two_sided=True)


def allocation() -> tuple[Row, ...]:
    """The sample-ratio test once, and its sequential form watched daily for four weeks."""
    rng = np.random.default_rng(203)
    weights = [0.5, 0.3, 0.2]
    once = [
        bool(sample_ratio(observed=row.tolist(), weights=weights, alpha=_ALPHA).mismatch)
        for row in rng.multinomial(10_000, weights, 10_000)
    ]
    daily = rng.multinomial(1_000, weights, (4_000, 28)).cumsum(axis=1)
    skewed = rng.multinomial(1_000, [0.47, 0.32, 0.21], (1_000, 28)).cumsum(axis=1)

    def watched(looks: Floats) -> list[bool]:
        return [bool(sequential_sample_ratio(cumulative=one, weights=weights, alpha=_ALPHA).mismatch) for one in looks]

    name = "Sequential sample ratio"
    return (
        share_row(
            method="Sample ratio",
            scenario="three arms, 10,000 units",
            quantity="false positives",
            nominal=_ALPHA,
            events=once,
        ),
        share_row(
            method=name,
            scenario="28 daily looks",
            quantity="false positives",
            nominal=_ALPHA,
            events=watched(daily),
            kind=Kind.AT_MOST,
        ),
        share_row(
            method=name,
            scenario="28 daily looks, 47/32/21 where 50/30/20 was planned",
            quantity="power",
            nominal=0.99,
            events=watched(skewed),
            kind=Kind.AT_LEAST,
        ),
    )


def balance() -> tuple[Row, ...]:
    """Two correlated covariates in two arms: the joint test, and the corrected single ones."""
    rng = np.random.default_rng(204)
    joint, single = [], []
    for _ in range(4_000):
        parts = []
        for _ in range(2):
            x = rng.normal(size=400)
            parts.append(Moments.from_arrays(x=x, z=x + rng.normal(size=400)))
        result = pre_exposure_balance(moments=Moments.stack(parts), arms=("A", "B"), control="A", alpha=_ALPHA)
        p_value = result.joint_p_value["B"]
        joint.append(p_value is not None and p_value <= _ALPHA)
        single.append(result.imbalanced)
    return (
        share_row(
            method="Balance before exposure",
            scenario="joint test",
            quantity="false positives",
            nominal=_ALPHA,
            events=joint,
        ),
        share_row(
            method="Balance before exposure",
            scenario="single columns",
            quantity="false positives",
            nominal=_ALPHA,
            events=single,
            kind=Kind.AT_MOST,
        ),
    )


DECISIONS: dict[str, Callable[[], tuple[Row, ...]]] = {
    "guardrails": guardrails,
    "corrections": corrections,
    "allocation": allocation,
    "balance": balance,
}
