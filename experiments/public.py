"""The door through which other apps use experiments: frozen dataclasses in and out, never models."""

from __future__ import annotations

from experiments.assignment.bucketing import BUCKETS, Gate, allot_many, ranges
from experiments.assignment.bucketing import buckets as unit_buckets
from experiments.assignment.bucketing import owners as bucket_owners
from experiments.assignment.conditions import compile as condition_test
from experiments.assignment.definitions import present_gates
from experiments.assignment.evaluation import Evaluation, evaluate, evaluate_many
from experiments.audiences.crm_lists import MOST_LISTS, MOST_UNITS, CrmListInput, experiments_asking_for, replace_lists
from experiments.audiences.segments import segment_of
from experiments.audiences.units import UnitInput, note_units
from experiments.catalogue.attributes import CITIES, OWN_ATTRIBUTES, Attribute
from experiments.designs.composition import Composition, compose, launch_experiment
from experiments.designs.design import (
    Design,
    GuardrailDesign,
    MetricDefinition,
    MetricFilter,
    PhaseDesign,
    RunDesign,
    VariantDesign,
)
from experiments.designs.design import from_snapshot as design_from
from experiments.events.event_catalogue import kinds as event_kinds
from experiments.events.ids import new_event_id
from experiments.events.intake import EventInput, ExposureInput, Receipt, receive, record
from experiments.features.preview import PreviewValue, read_preview, sign_preview
from experiments.metrics.filters import json_path
from experiments.metrics.words import expression as metric_expression
from experiments.metrics.words import in_words as metric_in_words
from experiments.running.runs import (
    ExperimentSummary,
    LiveRunState,
    Revision,
    adopt_value,
    decide_experiment,
    feature_keys,
    get_experiment,
    get_run_design,
    live_revision,
    live_runs,
    lock_run,
    revisions_of,
    run_design,
    stop_experiment,
)

__all__ = [
    "BUCKETS",
    "CITIES",
    "MOST_LISTS",
    "MOST_UNITS",
    "OWN_ATTRIBUTES",
    "Attribute",
    "Composition",
    "CrmListInput",
    "Design",
    "Evaluation",
    "EventInput",
    "ExperimentSummary",
    "ExposureInput",
    "Gate",
    "GuardrailDesign",
    "LiveRunState",
    "MetricDefinition",
    "MetricFilter",
    "PhaseDesign",
    "PreviewValue",
    "Receipt",
    "Revision",
    "RunDesign",
    "UnitInput",
    "VariantDesign",
    "adopt_value",
    "allot_many",
    "bucket_owners",
    "compose",
    "condition_test",
    "decide_experiment",
    "design_from",
    "evaluate",
    "evaluate_many",
    "event_kinds",
    "experiments_asking_for",
    "feature_keys",
    "get_experiment",
    "get_run_design",
    "json_path",
    "launch_experiment",
    "live_revision",
    "live_runs",
    "lock_run",
    "metric_expression",
    "metric_in_words",
    "new_event_id",
    "note_units",
    "present_gates",
    "ranges",
    "read_preview",
    "receive",
    "record",
    "replace_lists",
    "revisions_of",
    "run_design",
    "segment_of",
    "sign_preview",
    "stop_experiment",
    "unit_buckets",
]
