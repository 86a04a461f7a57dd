"""What the documentation shows as requests and answers."""

from __future__ import annotations

from typing import Any

LISTED: dict[str, Any] = {
    "key": "checkout-green",
    "name": "Green order button",
    "status": "running",
    "team": "novaeats",
    "owner": "analyst",
    "feature": "checkout-button",
    "oec": "cvr",
    "run_number": 1,
    "created_at": "2026-11-20T09:00:00+09:00",
    "updated_at": "2026-11-20T10:00:00+09:00",
    "started_at": "2026-11-20T10:00:00+09:00",
    "stopped_at": None,
}
_ARMS = [
    {"key": "control", "name": "Blue", "weight": 50, "value": {"text": "Order now", "color": "blue"}},
    {"key": "green", "name": "Green", "weight": 50, "value": {"text": "Order now", "color": "green"}},
]
_WORDS = {
    "who": "Everybody in the cart",
    "what": "A green order button",
    "why": "Green means go, and blue is used for links",
    "expected_impact": "5% more orders",
}
_PLAN = {
    "baseline": 0.21,
    "baseline_deviation": None,
    "daily_units": 1200,
    "mde": 0.05,
    "alpha": 0.05,
    "power": 0.8,
    "coverage": 1.0,
    "planned_units": 24000,
    "planned_days": 20,
    "looks": 1,
    "cuped_correlation": None,
}
NEW: dict[str, Any] = {
    "key": "checkout-green",
    "name": "Green order button",
    "feature": "checkout-button",
    "oec": "cvr",
    "guardrails": {"aov": 0.05},
    "variants": _ARMS,
    **_WORDS,
    **_PLAN,
}
DETAIL: dict[str, Any] = {
    **LISTED,
    **_WORDS,
    **_PLAN,
    "condition": {},
    "layer": None,
    "layer_start": None,
    "layer_end": None,
    "keeps_holdout": True,
    "ramp": [],
    "ramp_automatic": True,
    "starts_at": None,
    "ends_at": None,
    "seed": "checkout-green:5f1c0de5a1b2",
    "variants": [{**arm, "position": position} for position, arm in enumerate(_ARMS)],
    "guardrails": [{"metric": "aov", "margin": 0.05}],
    "served": {"value_type": "object", "enabled": True, "targets": []},
}
_PARAMETERS = [
    {"name": "text", "type": "text", "label": "Text", "default": "Order now", "max_length": 40},
    {
        "name": "color",
        "type": "choice",
        "label": "Colour",
        "default": "blue",
        "choices": [["blue", "Blue"], ["green", "Green"]],
    },
]
NEW_FEATURE: dict[str, Any] = {
    "key": "checkout-button",
    "name": "Order button",
    "surface": "external",
    "component": "Checkout",
    "description": "The button that sends the order.",
    "team": "novaeats",
    "parameters": _PARAMETERS,
    "value_type": "object",
}
FEATURE: dict[str, Any] = {
    **NEW_FEATURE,
    "revision": 1,
    "value": {"text": "Order now", "color": "blue"},
    "enabled": True,
    "targets": [],
}
TARGET: dict[str, Any] = {
    "condition": {"email": {"$regex": "@example.com$"}},
    "value": {"text": "Order now", "color": "green"},
    "note": "Staff",
}
TARGETED_FEATURE: dict[str, Any] = {**FEATURE, "targets": [TARGET]}
REVISION: dict[str, Any] = {
    "number": 4,
    "value": {"text": "Order now", "color": "green"},
    "origin": "adoption",
    "reinstates": None,
    "experiment": "checkout-green",
    "author": "lead",
    "note": "3% more orders, no guardrail harmed.",
    "created_at": "2026-12-11T10:00:00+09:00",
}
METRIC: dict[str, Any] = {
    "key": "orders-per-unit",
    "name": "Orders per unit",
    "description": "Orders of a unit after its first exposure.",
    "type": "mean",
    "numerator_event": "purchase",
    "numerator_aggregation": "count",
    "direction": "increase",
    "unit": "number",
    "team": "novaeats",
}
LAYER: dict[str, Any] = {
    "key": "checkout",
    "name": "Checkout",
    "description": "What happens between cart and order.",
    "team": "novaeats",
}
PHASE: dict[str, Any] = {
    "run": 1,
    "number": 2,
    "kind": "ramp",
    "paused": False,
    "coverage": 0.5,
    "weights": [0.5, 0.5],
    "started_at": "2026-11-21T10:00:00+09:00",
    "actor": "analyst",
    "note": "All checks pass.",
}
REVIEW: dict[str, Any] = {
    "id": 5,
    "run_number": 1,
    "verdict": "approved",
    "requested_by": "analyst",
    "requested_at": "2026-11-19T10:00:00+09:00",
    "note": "The guardrail is new.",
    "reviewer": "lead",
    "reason": "",
    "decided_at": "2026-11-19T15:00:00+09:00",
}
COMMENT: dict[str, Any] = {
    "id": 31,
    "author": "viewer",
    "text": "Does the green differ enough from the banner, @analyst?",
    "version": 1,
    "created_at": "2026-11-19T11:00:00+09:00",
    "edited_at": None,
}
EVENT_TYPE: dict[str, Any] = {
    "name": "purchase",
    "description": "An order was paid.",
    "team": "novaeats",
    "version": 1,
    "carries_amount": True,
    "properties": [{"name": "order", "type": "text", "required": True, "description": "Number of the order."}],
}
REJECTED: dict[str, Any] = {
    "id": "0a1b2c3d-0000-4000-8000-000000000001",
    "received_at": "2026-11-27T10:15:00+09:00",
    "payload": {"name": "purchase", "unit_id": ""},
    "reason": "bad_unit_id",
    "detail": "unit_id must be a text of 1 to 64 characters.",
    "replayed_at": None,
}
BASELINE: dict[str, Any] = {
    "value": 0.21,
    "deviation": 0.407,
    "units": 16800,
    "new_units": [1190, 1214, 1203],
    "days": 14,
    "lookback_days": 14,
    "returning": 0.31,
    "correlation": 0.12,
    "returning_correlation": 0.36,
    "daily_units": 1202,
}
PLANNED: dict[str, Any] = {
    "asked": {
        "metric": "cvr",
        "baseline": 0.21,
        "deviation": None,
        "mde": 0.05,
        "alpha": 0.05,
        "power": 0.8,
        "weights": [0.5, 0.5],
        "coverage": 1.0,
        "daily_units": 1200,
        "looks": 1,
        "correlation": 0.0,
        "follows": "weeks",
        "weeks": 2,
        "planned_units": None,
    },
    "plan": {
        "per_arm": [11980, 11980],
        "total": 23960,
        "mde": 0.05,
        "power": 0.8,
        "days": 21,
        "first_day": 20,
        "average_units": 23960,
        "inflation": 1.0,
        "curve": [{"mde": 0.05, "total": 23960, "weeks": 3}],
        "daily": [{"day": 21, "units": 25200, "power": 0.82, "mde": 0.0488}],
        "arriving": [1200, 2400, 3600],
        "known_days": 0,
        "typed_power": None,
        "reason": "",
        "reason_days": "",
    },
    "in_words": "3 weeks find +5.0% (21.0% → 22.1%); 1 week finds only +8.6%.",
    "guardrails": [],
    "alternatives": [],
}
