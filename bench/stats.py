"""Statistics: comparisons a second, and a million users from memory to the report.

Peers are timed in the same run where they are installed (``pip install -e .[bench]``). Peers that
need an environment of their own are found through BENCH_PYTHON, a list of interpreters.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from bench.stats_work import ARMS, METRICS, UNITS, WORK, Result, comparisons

ROOT = Path(__file__).resolve().parent.parent
# What one comparison costs with gbstats on two cores like these; the aim is 50 times less.
GBSTATS_MS, AIM = 1.4, 50


def main() -> None:
    """Print the tables and the ratios."""
    found = {name: _measure(name) for name in WORK}
    _comparisons(found)
    for suffix, title in (("", "means"), ("_cuped", "means with a covariate each")):
        _million(found, suffix, title)


def _measure(name: str) -> Result:
    """Run one measurement in a process of its own, in the first interpreter that has its package."""
    interpreters = [sys.executable, *filter(None, os.environ.get("BENCH_PYTHON", "").split(os.pathsep))]
    result: Result = {}
    for interpreter in interpreters:
        command = [interpreter, "-m", "bench.stats_work", name]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return {"absent": f"{name} failed: {done.stderr.strip().splitlines()[-1]}"}
        result = json.loads(done.stdout)
        if "absent" not in result:
            return result
    return result


def _skip(who: str, result: Result) -> None:
    print(f"{who:34} skipped: {result['absent']} is not installed here (optional extra: bench)")


def _comparisons(found: dict[str, Result]) -> None:
    count, ours = comparisons(), found["ours_comparisons"]
    print(f"{count} comparisons             {'a second':>14}{'each, µs':>12}")
    each = {}
    for who, seconds in (
        ("NovaRium, one call", float(ours["batch"])),
        ("NovaRium, one call and all rows", float(ours["rows"])),
        ("NovaRium, a loop", float(ours["loop"])),
    ):
        each[who] = seconds / count * 1e6
        print(f"{who:34}{count / seconds:>8,.0f}{each[who]:>12.1f}")
    batch = each["NovaRium, one call"]
    for who, name in (("gbstats", "gbstats_comparisons"), ("tea-tasting", "tea_tasting_comparisons")):
        result = found[name]
        if "absent" in result:
            _skip(f"{who}, a loop", result)
            continue
        micro = float(result["loop"]) / count * 1e6
        print(f"{who + ', a loop':34}{1e6 / micro:>8,.0f}{micro:>12.1f}")
        print(f"  {who}: {micro / batch:,.0f} times our batch, {micro / each['NovaRium, a loop']:.2f} times our loop")
    print(f"  against {GBSTATS_MS} ms for gbstats: {GBSTATS_MS * 1000 / batch:,.0f} times faster (aim: {AIM})")


def _million(found: dict[str, Result], suffix: str, title: str) -> None:
    print(f"\n{UNITS:,} users × {ARMS} variants × {METRICS} {title}, from memory to the report")
    print(f"{'':34}{'first, s':>10}{'median, s':>11}{'peak above data, MB':>21}")
    ours, peer = found[f"ours{suffix}"], found[f"tea_tasting{suffix}"]
    _line("NovaRium", ours)
    if "absent" in peer:
        _skip("tea-tasting on polars", peer)
        return
    _line("tea-tasting on polars", peer)
    for what in ("first", "seconds", "peak"):
        print(f"  {what}: tea-tasting takes {float(peer[what]) / max(float(ours[what]), 1e-9):.2f} times ours")


def _line(who: str, result: Result) -> None:
    print(f"{who:34}{float(result['first']):>10.3f}{float(result['seconds']):>11.3f}{float(result['peak']):>21.0f}")
