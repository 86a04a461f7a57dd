"""Run benchmarks and print tables: ``python -m bench [name …]`` (all without a name)."""

from __future__ import annotations

import importlib
import os
import sys

import django

BENCHMARKS = {
    "imports": "rows a second of a log in RetailRocket's form, against a binary COPY and DuckDB's read_csv",
    "ingest": "events a second over HTTP, against a binary COPY into the same table",
    "kafka": "events a second through a Kafka consumer, and how far behind the windows are at 5,000 a second",
    "live": "new events into moments and windows, against a recomputation and a raw COPY; the lag under load",
    "stats": "statistics: comparisons a second, a million users from memory to the report",
    "marts": "the marts of 2.76 million imported events: in full on Postgres, DuckDB and Spark, and single days",
    "serving": "evaluations over HTTP: rate, waits and server CPU, against a bare ASGI application with the same hash",
    "swarm": "visits over HTTP: rate, and CPU time of server and client",
}


def main(names: list[str]) -> int:
    """Run the named benchmarks; return an exit status."""
    unknown = sorted(set(names) - set(BENCHMARKS))
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}. There are:")
        for name, about in BENCHMARKS.items():
            print(f"  {name}: {about}")
        return 2
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "novarium.settings")
    django.setup()
    for name in names or BENCHMARKS:
        print(f"\n{name}: {BENCHMARKS[name]}")
        importlib.import_module(f"bench.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
