"""Links and mentions in plain text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.collaboration.plain_text import mentions, pieces

NAMES = ["ann", "anna", "bob.lee", "민수", "c@d.example"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@ann", ["ann"]),
        ("@ANN!", ["ann"]),
        ("(@anna)", ["anna"]),
        ("@annabel", []),
        ("@ann_x", []),
        ("@bob.lee.", ["bob.lee"]),
        ("@ann님 @민수님께", ["ann", "민수"]),
        ("me@ann.example", []),
        ("@@ann", []),
        ("@c@d.example", ["c@d.example"]),
        ("@ann, @ann", ["ann"]),
        ("https://x.example/@ann", []),
        ("@", []),
    ],
)
def test_mentions_are_found_as_people_write_them(text, found):
    assert mentions(text, names=NAMES) == found


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("see https://x.example/a?b=c#d.", "https://x.example/a?b=c#d"),
        ("(http://x.example)", "http://x.example"),
        ("javascript:alert(1) data:text/html,x ftp://x.example", None),
        ('https://x.example/"onclick="x', "https://x.example/"),
    ],
)
def test_only_web_addresses_are_links(text, link):
    links = [piece.text for piece in pieces(text) if piece.kind == "link"]
    assert links == ([link] if link else [])


SNIPPETS = [*"@ann.bob:/ \n민수<>\"'&", "https://x.example", "http://", "@anna"]


@given(st.lists(st.sampled_from(SNIPPETS), max_size=40))
def test_the_pieces_put_together_are_the_text(snippets):
    text = "".join(snippets)
    assert "".join(piece.text for piece in pieces(text, names=NAMES)) == text
