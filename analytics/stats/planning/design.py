"""How an experiment will be split, tested and watched."""

import math
from dataclasses import dataclass, field
from enum import StrEnum

from analytics.stats.designs import Alternative, FixedHorizon
from analytics.stats.reasons import StatisticsError
from analytics.stats.sequential.confidence import AlwaysValid
from analytics.stats.sequential.crossing import checked_fractions
from analytics.stats.sequential.spending import SpendingFunction


class Scale(StrEnum):
    """Whether an effect or a margin is a difference or a share of the control's mean."""

    ABSOLUTE = "absolute"
    RELATIVE = "relative"


@dataclass(frozen=True, kw_only=True)
class Superiority:
    """The test asks whether the difference is not zero.

    Attributes:
        alternative: Direction of the differences to be found.
    """

    alternative: Alternative = Alternative.TWO_SIDED


@dataclass(frozen=True, kw_only=True)
class NonInferiority:
    """The test asks whether treatment is worse than control by less than a margin; one-sided.

    A relative margin is tested on ``mean_t - (1 - margin) mean_c``, which counts the noise of the
    control's mean in the margin too; an absolute margin is a constant.

    Attributes:
        margin: Largest tolerable harm, positive.
        scale: Whether the margin is a share of the control's mean.
        higher_is_better: Whether harm is a decrease.
    """

    margin: float
    scale: Scale = Scale.RELATIVE
    higher_is_better: bool = True

    def __post_init__(self) -> None:
        """Refuse a margin that is not positive and finite."""
        if not (math.isfinite(self.margin) and self.margin > 0):
            message = "margin must be positive"
            raise StatisticsError(message)


@dataclass(frozen=True, kw_only=True)
class WatchedAtLooks:
    """A group-sequential test; power is that of stopping for an effect at any look.

    Attributes:
        fractions: Planned information at the looks; the last is 1.
        spending: Spending function.
    """

    fractions: tuple[float, ...]
    spending: SpendingFunction = field(default_factory=SpendingFunction)

    def __post_init__(self) -> None:
        """Refuse looks that do not increase to 1."""
        if checked_fractions(self.fractions)[-1] != 1.0:
            raise StatisticsError("the last planned look must have all the information")


@dataclass(frozen=True, kw_only=True)
class WatchedAlways:
    """A confidence sequence; power is that of excluding the null at one of the looks.

    Attributes:
        sequence: The confidence sequence.
        looks: Number of equally spaced looks, the last with all units. One look gives the power
            at the end alone, which is too careful if the experiment is watched daily.
    """

    sequence: AlwaysValid = field(default_factory=AlwaysValid)
    looks: int = 1

    def __post_init__(self) -> None:
        """Refuse a plan without looks."""
        if self.looks < 1:
            raise StatisticsError("there must be at least one look")


Hypothesis = Superiority | NonInferiority
Monitoring = FixedHorizon | WatchedAtLooks | WatchedAlways


@dataclass(frozen=True, kw_only=True)
class ExperimentDesign:
    """Split, test and error rate of an experiment.

    Attributes:
        alpha: Probability of a false positive, over all comparisons together.
        allocation: Weight of each arm, control first; any positive scale.
        metrics: Number of metrics that share `alpha` (the size of the primary family).
        comparisons: Number of tests that share `alpha`; by default every treatment arm against
            control on every metric. Planning divides `alpha` by it (Bonferroni): the first step
            of Holm and Hochberg, so the plan holds under them too and is at most a little too
            careful.
        hypothesis: Superiority or non-inferiority.
        monitoring: When the analysis is read.
    """

    alpha: float = 0.05
    allocation: tuple[float, ...] = (1.0, 1.0)
    metrics: int = 1
    comparisons: int | None = None
    hypothesis: Hypothesis = field(default_factory=Superiority)
    monitoring: Monitoring = field(default_factory=FixedHorizon)

    def __post_init__(self) -> None:
        """Refuse a design that cannot be meant."""
        if not 0 < self.alpha < 1:
            message = "alpha must lie strictly between 0 and 1"
            raise StatisticsError(message)
        if len(self.allocation) < 2:
            message = "allocation must name control and at least one treatment"
            raise StatisticsError(message)
        if not all(math.isfinite(weight) and weight > 0 for weight in self.allocation):
            message = "every weight in allocation must be positive"
            raise StatisticsError(message)
        if self.metrics < 1 or (self.comparisons is not None and self.comparisons < 1):
            message = "metrics and comparisons must be at least 1"
            raise StatisticsError(message)

    @property
    def shares(self) -> tuple[float, ...]:
        """Share of all units in each arm, control first; they add to 1."""
        total = math.fsum(self.allocation)
        return tuple(weight / total for weight in self.allocation)

    @property
    def number_of_tests(self) -> int:
        """Number of tests that share `alpha`."""
        if self.comparisons is not None:
            return self.comparisons
        return (len(self.allocation) - 1) * self.metrics

    @property
    def alpha_per_test(self) -> float:
        """Error rate of one comparison."""
        return self.alpha / self.number_of_tests

    @property
    def alternative(self) -> Alternative:
        """Direction of the test; non-inferiority is one-sided against harm."""
        if isinstance(self.hypothesis, Superiority):
            return self.hypothesis.alternative
        return Alternative.GREATER if self.hypothesis.higher_is_better else Alternative.LESS
