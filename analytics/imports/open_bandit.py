"""The Open Bandit sample: impressions with position, click and propensity, of several policies and campaigns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from django.utils.translation import gettext as _

from analytics.imports.binary_rows import Column, Number
from analytics.imports.fields import Lines, equal, floats, instants, integers, split
from analytics.imports.forms import EARLIEST_MS, LATEST_MS, FileForm, LogForm, NoSuchLog, Reason, Source, Verdict

LONGEST_TEXT = 100


def _impressions(lines: Lines, verdict: Verdict) -> Sequence[Column]:
    fields, right = split(lines, 9)
    policy, campaign, at, item, position, click, propensity, feature_0, feature_1 = fields
    verdict.demand(right, Reason.COLUMNS)
    at_ms, is_time = instants(at)
    verdict.demand(is_time & (at_ms > EARLIEST_MS) & (at_ms < LATEST_MS), Reason.TIME)
    items, items_good = integers(item)
    positions, positions_good = integers(position, most=2**31 - 1)
    probabilities, probabilities_good = floats(propensity)
    verdict.demand(items_good & positions_good & probabilities_good, Reason.NUMBER)
    clicked = equal(click, b"1")
    verdict.demand(clicked | equal(click, b"0"), Reason.VALUE)
    verdict.demand((probabilities > 0) & (probabilities <= 1), Reason.VALUE)
    for text in (policy, campaign, feature_0, feature_1):
        verdict.demand(text.lengths <= LONGEST_TEXT, Reason.LENGTH)
    verdict.demand((policy.lengths > 0) & (campaign.lengths > 0), Reason.VALUE)
    return (
        policy,
        campaign,
        Number(at_ms, ">i8"),
        Number(items, ">i8"),
        Number(positions, ">i4"),
        Number(clicked, "u1"),
        Number(probabilities, ">f8"),
        feature_0,
        feature_1,
    )


IMPRESSION_FILE = FileForm(
    table="analytics_rawopenbanditimpression",
    columns=(
        "policy", "campaign", "at_ms", "item", "position", "click", "propensity", "user_feature_0", "user_feature_1",
    ),
    heading=b"policy,campaign,timestamp,item_id,position,click,propensity,user_feature_0,user_feature_1",
    parse=_impressions,
)  # fmt: skip


def find(place: Path) -> list[Source]:
    """Return the file.

    Raises:
        NoSuchLog: there is no such file.
    """
    if not place.is_file():
        raise NoSuchLog(
            _("%(place)s is no file. The Open Bandit sample is one file, such as open_bandit.csv.gz.")
            % {"place": place}
        )
    return [Source(path=place, form=IMPRESSION_FILE)]


FORM = LogForm(find=find, tables=(IMPRESSION_FILE.table,))
