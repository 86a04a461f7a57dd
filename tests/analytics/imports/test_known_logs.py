"""The real logs in docs/examples/data come in with their known figures."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db.models import Count, Max, Min, Q, Sum

from analytics.models import Dataset, ImportFile, RawCdnowPurchase, RawOpenBanditImpression

DATA = Path(settings.BASE_DIR) / "docs" / "examples" / "data"
pytestmark = pytest.mark.django_db


def test_cdnow_has_its_purchases_and_customers():
    call_command("import_cdnow", DATA / "cdnow.txt.gz", verbosity=0)
    dataset = Dataset.objects.get(key="cdnow")
    rows = RawCdnowPurchase.objects.filter(dataset_id=dataset.pk)
    figures = rows.aggregate(
        purchases=Count("line"),
        customers=Count("customer", distinct=True),
        first=Min("date"),
        last=Max("date"),
        dollars=Sum("dollars"),
    )
    assert figures["purchases"] == 69_659
    assert figures["customers"] == 23_570
    assert (figures["first"], figures["last"]) == (19970101, 19980630)
    first = rows.get(line=2)
    assert (first.customer, first.date, first.cds, str(first.dollars)) == (1, 19970101, 1, "11.77")
    file = dataset.files.get()
    assert (file.status, file.lines, file.rejected) == (ImportFile.Status.DONE, 69_660, 0)
    assert file.position == 1_950_500


def test_open_bandit_has_the_clicks_of_each_policy_and_campaign():
    call_command("import_open_bandit", DATA / "open_bandit.csv.gz", verbosity=0)
    dataset = Dataset.objects.get(key="open-bandit")
    found = {
        (row["policy"], row["campaign"]): (row["impressions"], row["clicks"])
        for row in RawOpenBanditImpression.objects.filter(dataset_id=dataset.pk)
        .order_by()
        .values("policy", "campaign")
        .annotate(impressions=Count("line"), clicks=Count("line", filter=Q(click=True)))
    }
    assert found == {
        ("random", "all"): (10_000, 38),
        ("bts", "all"): (10_000, 42),
        ("random", "men"): (10_000, 46),
        ("bts", "men"): (10_000, 69),
        ("random", "women"): (10_000, 46),
        ("bts", "women"): (10_000, 46),
    }
    first = RawOpenBanditImpression.objects.get(dataset_id=dataset.pk, line=2)
    assert first.at_ms == 1_574_553_634_762  # 2019-11-24 00:00:34.762830 UTC
    assert (first.item, first.position, first.click, first.propensity) == (14, 3, False, 0.0125)
    assert (first.user_feature_0, first.user_feature_1) == ("81ce123c", "03a5648a")


def test_a_second_import_adds_nothing():
    for _time in range(2):
        call_command("import_cdnow", DATA / "cdnow.txt.gz", verbosity=0)
    assert RawCdnowPurchase.objects.count() == 69_659
