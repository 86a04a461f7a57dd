"""Processors of structured logs."""

from __future__ import annotations

import structlog

add_level = structlog.stdlib.add_log_level
add_time = structlog.processors.TimeStamper(fmt="iso", utc=True)
