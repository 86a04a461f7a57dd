"""What a run's data say about going on to the next step of its ramp."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.results.compute import compute
from analytics.results.hint import harmed_by
from experiments.designs.design import RunDesign
from experiments.running.safety_hooks import Safety

FEWEST_UNITS = 100  # in each variant: below it the sample ratio and the guardrails say nothing


@dataclass(frozen=True, slots=True)
class ResultsGuard:
    """Looks at the run's results; see ``experiments.running.safety_hooks.Guard``."""

    def check(self, run: RunDesign) -> Safety:
        """Return what the results say by now."""
        report = compute(run)
        if report is None:
            return Safety(needed=FEWEST_UNITS)
        weighted = [arm for arm in report.allocation if arm.weight > 0]
        found = [metric.definition for arm in weighted for metric in harmed_by(report, arm.variant)]
        harmed = {definition.key: definition.name for definition in found}
        return Safety(
            units=report.units,
            fewest=min((arm.units for arm in weighted), default=0),
            needed=FEWEST_UNITS,
            mismatch=report.sample_ratio.mismatch,
            harmed=tuple(harmed.values()),
        )
