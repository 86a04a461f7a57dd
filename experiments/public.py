"""The door through which other apps use experiments: frozen dataclasses in and out, never models."""

from __future__ import annotations

from experiments.design import Design, GuardrailDesign, MetricDefinition, RunDesign, VariantDesign
from experiments.evaluation import Evaluation, evaluate, evaluate_many
from experiments.event_ids import new_event_id
from experiments.intake import EventInput, ExposureInput, Receipt, receive, record
from experiments.preview import PreviewValue, read_preview, sign_preview

__all__ = [
    "Design",
    "Evaluation",
    "EventInput",
    "ExposureInput",
    "GuardrailDesign",
    "MetricDefinition",
    "PreviewValue",
    "Receipt",
    "RunDesign",
    "VariantDesign",
    "evaluate",
    "evaluate_many",
    "new_event_id",
    "read_preview",
    "receive",
    "record",
    "sign_preview",
]
