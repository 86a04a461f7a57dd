"""Corrections for testing several hypotheses."""
from __future__ import annotations

from enum import StrEnum


class Correction(StrEnum):
    """How the p-values of a family are corrected."""

    NONE = "none"
    BONFERRONI = "bonferroni"
    HOLM = "holm"
    HOLM_SIDAK = "holm_sidak"
    HOCHBERG = "hochberg"
    BENJAMINI_HOCHBERG = "benjamini_hochberg"
    BENJAMINI_YEKUTIELI = "benjamini_yekutieli"
