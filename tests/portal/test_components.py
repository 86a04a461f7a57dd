from __future__ import annotations

from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template import Context, Template
from selectolax.lexbor import LexborHTMLParser

from novarium.portal.glossary import GLOSSARY
from novarium.portal.style import icon_names
from novarium.portal.templatetags import components


def render(source: str, **context) -> LexborHTMLParser:
    return LexborHTMLParser(Template(source).render(Context(context)))


class Example(forms.Form):
    name = forms.CharField(help_text="As others see it.")
    agree = forms.BooleanField(required=False)
    colours = forms.MultipleChoiceField(choices=[("r", "Red"), ("b", "Blue")], widget=forms.CheckboxSelectMultiple)
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


def test_a_field_is_tied_to_its_label_help_and_error():
    tree = render("{% field form.name %}", form=Example({"name": ""}))
    control = tree.css_first("input")
    assert tree.css_first("label").attributes["for"] == control.attributes["id"]
    described = control.attributes["aria-describedby"].split()
    assert [tree.css_first(f"#{name}").text(strip=True) for name in described] == [
        "As others see it.",
        "This field is required.",
    ]
    assert control.attributes["aria-invalid"] == "true"


def test_shares_are_numbers_with_their_sum_in_words():
    class Shares(forms.Form):
        new = forms.DecimalField(min_value=0, max_value=100)
        old = forms.DecimalField(min_value=0, max_value=100)

    tree = render("{% shares form label %}", form=Shares(), label="Visitors")
    assert tree.css_first("fieldset[data-shares] > legend").text() == "Visitors"
    assert [box.attributes["max"] for box in tree.css("input[type=number]")] == ["100", "100"]
    total = tree.css_first(".shares-total").attributes
    assert total["data-less"] == "Together {total}%: {rest}% are missing"
    assert total["data-whole"] == "Together 100%"


def test_choices_stand_in_a_fieldset_with_a_legend():
    tree = render("{% field form.colours %}", form=Example())
    assert tree.css_first("fieldset > legend").text(strip=True) == "Colours"
    assert len(tree.css("fieldset input[type=checkbox]")) == 2


def test_optional_fields_say_so_and_hidden_ones_nothing():
    assert "optional" not in render("{% field form.name %}", form=Example()).body.text()
    assert render("{% field form.secret %}", form=Example()).body.text(strip=True) == ""


def test_a_term_opens_its_own_definition_and_keeps_the_sentence():
    tree = render('<p>An {% term "mde" %}, and an {% term "mde" "effect" %}.</p>')
    assert [button.text() for button in tree.css("button")] == ["MDE", "effect"]
    ids = [button.attributes["popovertarget"] for button in tree.css("button")]
    assert len(set(ids)) == 2
    assert all(str(GLOSSARY["mde"].text) in tree.css_first(f"#{name}[popover]").text() for name in ids)


def test_an_unknown_term_is_a_mistake_of_the_page():
    with pytest.raises(KeyError):
        render('{% term "nonsense" %}')


def test_a_state_is_a_word_with_a_shape():
    for value, (tone, _shape) in components.STATUS_LOOKS.items():
        badge = render("{% status value label %}", value=value, label="Word").css_first(".badge")
        assert badge.attributes["data-tone"] == tone
        assert badge.text(strip=True) == "Word"
        assert badge.css_first("svg > *") is not None


def test_shown_text_is_escaped():
    bad = "<script>alert(1)</script>"
    for source in (
        "{% stat bad bad note=bad %}",
        "{% badge bad %}",
        "{% toast bad %}",
        "{% code bad %}",
        '{% term "mde" bad %}',
        "{% empty_state bad bad bad bad %}",
        "{% panel title=bad %}{{ bad }}{% endpanel %}",
        '{% chart "c" figure %}{% endchart %}',
    ):
        assert "<script>alert" not in Template(source).render(Context({"bad": bad, "figure": {"data": [bad]}}))


def test_an_interval_row_says_in_words_what_it_shows():
    row = render("{% interval 0.05 -0.01 0.11 axis=0.2 margin=-0.02 %}").css_first(".interval")
    assert row.attributes["aria-label"] == "+5.0%, from −1.0% to +11.0%"
    assert row.css_first(".margin").attributes["style"] == "left: 45.0%"


def test_messages_keep_their_level_and_errors_are_alerts():
    assert render("{% toast 'x' tone='error' %}").css_first(".toast").attributes == {
        "class": "toast",
        "data-tone": "bad",
        "role": "alert",
    }


def test_every_icon_that_code_names_is_in_the_sprite():
    names = set(icon_names())
    assert set(components.MARKS.values()) <= names
    assert {"experiments", "features", "metrics", "monitor", "data", "simulator", "labs", "archive"} <= names


def test_every_component_has_its_style_sheet_in_the_one_that_is_loaded():
    css = Path(settings.BASE_DIR) / "static" / "css"
    loaded = (css / "portal.css").read_text()
    sheets = sorted((css / "components").glob("*.css"))
    assert sheets
    assert all(f'url("components/{sheet.name}") layer(components)' in loaded for sheet in sheets)


def test_plotly_is_served_from_its_package():
    found = finders.find("vendor/plotly.min.js")
    assert found
    assert Path(found).stat().st_size > 1_000_000
    assert not (Path(settings.BASE_DIR) / "static" / "vendor").exists()
    assert ("vendor/plotly.min.js", "vendor/plotly.min.js") in {
        (name, name) for finder in finders.get_finders() for name, _storage in finder.list([]) if "plotly" in name
    }


def test_pages_load_nothing_from_elsewhere():
    root = Path(settings.BASE_DIR)
    files = [*root.glob("static/**/*.css"), *root.glob("static/js/*.js"), *root.glob("templates/**/*.html")]
    for file in [*files, *root.glob("novarium/portal/templates/**/*.html")]:
        text = file.read_text().replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text, file
        assert "https://" not in text, file
        assert "onclick=" not in text, file
