"""What the documentation shows as requests and answers."""

from __future__ import annotations

from typing import Any

RESULTS: dict[str, Any] = {
    "experiment": "checkout-green",
    "run_number": 1,
    "status": "running",
    "units": 18211,
    "sample_ratio": {"p_value": 0.62, "mismatch": False},
    "metrics": [
        {
            "definition": {"key": "cvr", "name": "Conversion rate", "type": "proportion"},
            "role": "oec",
            "comparisons": [
                {"variant": "green", "lift": 0.031, "lift_low": 0.004, "lift_high": 0.058, "p_value": 0.024}
            ],
        }
    ],
}
ADOPT: dict[str, Any] = {
    "variant": "green",
    "run": 1,
    "expected_revision": 3,
    "note": "3% more orders, no guardrail harmed.",
    "learning": "People look for the order button; a colour of its own helps.",
    "stop_first": True,
}
REJECT: dict[str, Any] = {
    "run": 1,
    "note": "No difference worth having.",
    "learning": "Colour alone moves few people.",
}
ADOPTION: dict[str, Any] = {
    "id": 7,
    "feature": "checkout-button",
    "revision": 4,
    "replaced_revision": 3,
    "experiment": "checkout-green",
    "run": 1,
    "variant": "green",
    "note": "3% more orders, no guardrail harmed.",
    "decided_by": "lead",
    "adopted_at": "2026-12-11T10:00:00+09:00",
}
ENTRY: dict[str, Any] = {
    "id": 12,
    "experiment_key": "checkout-green",
    "run_number": 1,
    "name": "Green order button",
    "team": "novaeats",
    "feature": "checkout-button",
    "metric": "cvr",
    "outcome": "adopted",
    "started_at": "2026-11-20T10:00:00+09:00",
    "stopped_at": "2026-12-11T10:00:00+09:00",
    "decided_at": "2026-12-11T10:00:00+09:00",
    "decided_by": "Lena Park",
}
ARCHIVED: dict[str, Any] = {
    **ENTRY,
    "design": {"key": "checkout-green", "mde": 0.05},
    "result": RESULTS,
    "decision": {"outcome": "adopted", "variant": "green", "note": "3% more orders, no guardrail harmed."},
    "learning": {
        "number": 1,
        "text": "People look for the order button; a colour of its own helps.",
        "created_at": "2026-12-11T10:00:00+09:00",
    },
}
