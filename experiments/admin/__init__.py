"""The administration of features, metrics, experiments and what the intake refused.

Exposures and events have composite keys, which Django's admin cannot register; they are read through
the look-up of a unit (see ``experiments.admin.intake``).
"""

from experiments.admin import design, experiment, intake

__all__ = ["design", "experiment", "intake"]
