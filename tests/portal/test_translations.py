from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.conf import settings

from novarium.portal import catalogue

ROOT = Path(settings.BASE_DIR)
PO = ROOT / "locale" / "ko" / "LC_MESSAGES" / "django.po"


@pytest.fixture(scope="module")
def template():
    return catalogue.extracted(ROOT)


def test_the_korean_catalogue_is_complete(template):
    gaps = catalogue.gaps(catalogue.load(PO, "ko"), template)
    assert not gaps, f"{len(gaps)} gaps, the first: {gaps[:10]}"


def test_templates_and_python_are_both_read(template):
    ids = {message.id for message in template}
    assert "Skip to the content" in ids  # templates/base.html
    assert "Page %(number)s of %(pages)s" in ids  # a trimmed blocktranslate
    assert "Who changed what, from what to what, and why. Entries are only ever added." in ids
    assert "Your settings are saved." in ids  # a view


def test_every_template_can_be_read(tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "odd.html").write_text(
        "{% load i18n %}\n    <p>it's ({[ \"unbalanced\n"
        "  {% blocktranslate count n=items|length %}One item{% plural %}{{ n }} items{% endblocktranslate %}\n"
        ' {% translate "Quoted \\"word\\"" %}{% translate "May" context "month" %}'
    )
    found = catalogue.extracted(tmp_path)
    assert ("One item", "%(n)s items") in {message.id for message in found}
    assert found.get("May", "month") is not None


def test_an_update_keeps_translations_and_drops_what_is_gone(tmp_path):
    old, new = Catalog(locale="ko"), Catalog()
    old.add("Kept", "유지")
    old.add("Gone", "삭제")
    new.add("Kept")
    new.add("Added")
    fresh = catalogue.updated(old, new)
    assert {message.id: message.string for message in fresh if message.id} == {"Kept": "유지", "Added": ""}
    catalogue.save(fresh, tmp_path / "django.po")
    first = (tmp_path / "django.po").read_text()
    catalogue.save(catalogue.load(tmp_path / "django.po", "ko"), tmp_path / "django.po")
    assert (tmp_path / "django.po").read_text() == first
    assert str(tmp_path) not in first


@pytest.mark.parametrize(
    ("translation", "reason"),
    [("", "not translated"), ("%(nombre)s개", "placeholders"), ("몇 개", "placeholders"), ("%(number)s개", "")],
)
def test_gaps_name_what_readers_would_miss(translation, reason):
    template, catalog = Catalog(), Catalog(locale="ko")
    template.add("%(number)s items")
    catalog.add("%(number)s items", translation)
    found = catalogue.gaps(catalog, template)
    assert bool(found) == bool(reason)
    assert not found or found[0].reason.startswith(reason)


def test_a_fuzzy_translation_is_a_gap():
    template, catalog = Catalog(), Catalog(locale="ko")
    template.add("Word")
    catalog.add("Word", "단어", flags={"fuzzy"})
    assert [gap.reason for gap in catalogue.gaps(catalog, template)] == ["fuzzy"]
