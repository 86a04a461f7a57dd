"""The pages of discussion, watching and templates."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.urls import reverse

from experiments.collaboration import discussion, watching
from experiments.designs import design_templates
from experiments.models import Comment, DesignTemplate, Experiment

pytestmark = pytest.mark.django_db

HERE = "/experiments/hero-discount/discussion/"


def say(experiment, author, text="Why?"):
    return discussion.post(experiment, author=author, text=text, submission=uuid4())


def test_a_comment_is_posted_from_the_page_and_shown_without_markup(as_viewer, viewer, draft):
    form = as_viewer.get(HERE).context["form"]
    text = '<b>No</b> & see https://x.example/?a=1&b=2"onclick="x @analyst'
    response = as_viewer.post(HERE + "comment/", {"text": text, "submission": form.initial["submission"]}, follow=True)
    page = response.text
    assert "<b>No</b>" not in page
    assert "&lt;b&gt;No&lt;/b&gt;" in page
    assert re.search(r'<a href="https://x.example/\?a=1&amp;b=2" rel="noopener noreferrer nofollow"', page)
    assert '<span class="mention">@analyst</span>' in page


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001, "a\0b"])
def test_a_comment_that_says_nothing_or_too_much_comes_back_with_the_reason(as_viewer, draft, text):
    response = as_viewer.post(HERE + "comment/", {"text": text, "submission": uuid4()})
    assert response.status_code == 422
    assert 'class="field-error"' in response.text
    assert not Comment.objects.exists()


def test_a_forged_submission_is_refused(as_viewer, draft):
    assert as_viewer.post(HERE + "comment/", {"text": "x", "submission": "no-uuid"}).status_code == 422


def test_the_empty_discussion_says_what_to_do(as_viewer, as_other_lead, draft):
    assert "Ask what you do not understand" in as_viewer.get(HERE).text
    page = as_other_lead.get(HERE).text
    assert "Members of the team can comment" in page
    assert 'id="comment-form"' not in page


def test_an_author_edits_and_deletes_on_the_page_and_others_have_no_buttons(as_viewer, as_analyst, viewer, draft):
    comment = say(draft, viewer)
    edit = reverse("experiments:comment_edit", args=[draft.key, comment.pk])
    assert edit in as_viewer.get(HERE).text
    assert edit not in as_analyst.get(HERE).text
    assert as_analyst.get(edit).status_code == 302
    page = as_viewer.get(edit).text
    assert re.search(r">\s*Why\?</textarea>", page)
    save = reverse("experiments:comment_save", args=[draft.key, comment.pk])
    assert as_viewer.post(save, {"text": "", "version": 1}).status_code == 422
    assert as_analyst.post(save, {"text": "Forged", "version": 1}).status_code == 403
    assert as_viewer.post(save, {"text": "Why not?", "version": 1}).status_code == 302
    assert as_viewer.post(save, {"text": "Third", "version": 1}).status_code == 409
    assert "edited" in as_viewer.get(HERE).text
    delete = reverse("experiments:comment_delete", args=[draft.key, comment.pk])
    assert as_analyst.post(delete).status_code == 403
    assert as_viewer.post(delete).status_code == 302
    assert as_viewer.post(delete).status_code == 404


def test_a_comment_of_another_experiment_is_not_found_here(as_viewer, viewer, draft, team, analyst):
    other = Experiment.objects.create(
        key="other", name="Other", team=team, owner=analyst, feature=draft.feature, seed="s"
    )
    comment = say(other, viewer)
    assert as_viewer.post(HERE + f"{comment.pk}/delete/").status_code == 404
    assert Comment.objects.exists()


def test_long_discussions_have_pages_and_a_link_finds_its_comment(as_viewer, viewer, draft):
    first = say(draft, viewer, "The very first")
    for number in range(45):
        say(draft, viewer, f"Number {number}")
    assert "The very first" not in as_viewer.get(HERE).text
    page = as_viewer.get(discussion.address(first).partition("#")[0])
    assert f'id="comment-{first.pk}"' in page.text
    assert page.context["page"].number == 3
    for nonsense in ("x", "9" * 30, "-1", "²"):
        assert as_viewer.get(HERE, {"comment": nonsense}).status_code == 200


def test_the_number_of_queries_does_not_grow_with_the_discussion(
    as_viewer, viewer, draft, django_assert_max_num_queries
):
    for number in range(20):
        say(draft, viewer, f"@analyst number {number}")
    with django_assert_max_num_queries(14):
        as_viewer.get(HERE)


def test_people_are_offered_by_the_beginning_of_their_name(as_viewer, analyst, other_lead, stranger, draft):
    offered = as_viewer.get(HERE + "people/", {"q": "A"}).text
    assert "@analyst" in offered
    assert "@other_lead" not in offered
    assert "@stranger" not in as_viewer.get(HERE + "people/", {"q": "st"}).text, "who may read nothing is not offered"
    assert as_viewer.get(HERE + "people/", {"q": "a\0b%_"}).status_code == 200


def test_the_button_on_every_tab_watches_and_stops(as_viewer, viewer, draft):
    page = as_viewer.get("/experiments/hero-discount/").text
    assert "/experiments/hero-discount/watch/" in page
    back = as_viewer.post("/experiments/hero-discount/watch/", {"next": "/experiments/hero-discount/"})
    assert back.url == "/experiments/hero-discount/"
    assert watching.is_watching(draft, viewer)
    assert as_viewer.post("/experiments/hero-discount/unwatch/", {"next": "https://evil.example/"}).url == HERE
    assert not watching.is_watching(draft, viewer)


def test_who_watches_is_listed_with_the_owner(as_viewer, viewer, draft):
    watching.watch(draft, viewer)
    names = [str(person) for person in as_viewer.get(HERE).context["watchers"]]
    assert names == ["analyst", "viewer"]


def test_the_history_shows_what_was_said_before_an_edit(as_viewer, viewer, draft):
    comment = say(draft, viewer, "First words")
    discussion.edit(comment, actor=viewer, text="Second words", version=1)
    page = as_viewer.get("/experiments/hero-discount/history/").text
    assert '<td class="was">First words</td><td class="is">Second words</td>' in page


# Templates ----------------------------------------------------------------------------------------


def test_a_design_is_kept_begun_from_and_deleted_on_the_pages(as_analyst, as_viewer, draft):
    assert as_analyst.get("/experiments/new/templates/").status_code == 200
    assert "Keep as template" in as_analyst.get("/experiments/hero-discount/").text
    assert as_analyst.get("/experiments/hero-discount/template/").context["form"].initial["name"] == "Hero discount"
    save = "/experiments/hero-discount/template/save/"
    assert as_analyst.post(save, {"name": ""}).status_code == 422
    assert as_analyst.post(save, {"name": "Banner", "description": "Use it"}).url == "/experiments/new/templates/"
    assert as_analyst.post(save, {"name": "Banner"}).status_code == 422
    kept = DesignTemplate.objects.get()
    here = f"/experiments/new/templates/{kept.pk}/"
    assert "Banner" in as_viewer.get("/experiments/new/templates/").text
    assert "Only members" not in as_analyst.get(here).text
    assert f"{here}start/" not in as_viewer.get(here).text
    assert as_analyst.post(f"{here}start/", {"name": ""}).status_code == 422
    begun = as_analyst.post(f"{here}start/", {"name": "Second", "feature": draft.feature_id})
    assert begun.url == "/experiments/second/hypothesis/"
    assert as_analyst.post(f"{here}delete/").status_code == 302
    assert as_analyst.get(here).status_code == 404


@pytest.mark.parametrize("person", ["as_viewer", "as_other_lead", "as_stranger"])
def test_another_role_or_team_neither_keeps_nor_uses_nor_deletes_a_template(request, person, draft, analyst):
    kept = design_templates.keep(draft, name="Banner", description="", actor=analyst)
    client = request.getfixturevalue(person)
    here = f"/experiments/new/templates/{kept.pk}/"
    for address in ("/experiments/hero-discount/template/save/", f"{here}start/", f"{here}delete/"):
        assert client.post(address, {"name": "x", "feature": draft.feature_id}).status_code == 403
    assert DesignTemplate.objects.count() == 1
    assert Experiment.objects.count() == 1
