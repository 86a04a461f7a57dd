"""What the evaluation is compared with: bare Starlette that reads the same body, does the same hash and answers."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from experiments.assignment.bucketing import bucket


async def evaluate(request: Request) -> JSONResponse:
    """Assign a unit to one of two variants."""
    body = await request.json()
    half = bucket(seed="bench:seed", unit=body["context"]["targetingKey"]) < 0.5
    return JSONResponse({"key": "flag-0", "value": half, "reason": "SPLIT", "variant": "a" if half else "b"})


async def healthz(_request: Request) -> JSONResponse:
    """Answer while the process can serve at all."""
    return JSONResponse("ok")


app = Starlette(
    routes=[Route("/healthz", healthz), Route("/ofrep/v1/evaluate/flags/{key}", evaluate, methods=["POST"])]
)
