"""Named reasons why a planning question has no answer."""

from enum import StrEnum


class Reason(StrEnum):
    """Why there is no number. The value is the key that pages translate."""

    ZERO_VARIANCE = "zero_variance"
    ZERO_BASELINE = "zero_baseline"
    ZERO_EFFECT = "zero_effect"
    WRONG_DIRECTION = "wrong_direction"
    OUT_OF_RANGE = "out_of_range"
    TARGET_UNREACHABLE = "target_unreachable"
    TOO_FEW_UNITS = "too_few_units"
    INVALID_INPUT = "invalid_input"
    TOO_SHORT_HISTORY = "too_short_history"
    BEYOND_HORIZON = "beyond_horizon"
