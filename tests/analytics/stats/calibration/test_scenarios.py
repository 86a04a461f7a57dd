"""Every method keeps what it promises on simulated experiments."""

import pytest

from analytics.stats.calibration import SCENARIOS, Kind, Row, markdown_table


@pytest.mark.slow
@pytest.mark.parametrize("name", list(SCENARIOS))
def test_promises_are_kept(name: str) -> None:
    rows = SCENARIOS[name]()
    assert rows
    broken = [row for row in rows if not row.kept]
    assert not broken, markdown_table(broken)


def row(*, observed: float, kind: Kind = Kind.EQUAL) -> Row:
    return Row(method="m", scenario="s", quantity="q", nominal=0.05, kind=kind, observed=observed, simulations=10_000)


@pytest.mark.parametrize(
    ("observed", "kind", "kept"),
    [
        (0.05, Kind.EQUAL, True),
        (0.06, Kind.EQUAL, False),
        (0.04, Kind.EQUAL, False),
        (0.01, Kind.AT_MOST, True),
        (0.06, Kind.AT_MOST, False),
        (0.06, Kind.AT_LEAST, True),
        (0.04, Kind.AT_LEAST, False),
    ],
)
def test_promise_is_judged_by_its_kind(observed: float, kind: Kind, kept: bool) -> None:
    assert row(observed=observed, kind=kind).kept is kept
    assert ("NO" in markdown_table([row(observed=observed, kind=kind)])) is not kept
