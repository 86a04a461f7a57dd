"""Templates and clones: what they carry, and what they leave behind."""

from __future__ import annotations

import pytest

from experiments.designs import authoring, deletion, design_templates
from experiments.designs.carrying import carry_traffic, traffic_of
from experiments.models import DesignTemplate, Experiment, Feature, Layer, Metric
from novarium.kernel.errors import Invalid, NotFound
from novarium.portal.models import AuditEntry

pytestmark = pytest.mark.django_db

RAMP = [{"coverage": 0.01, "hours": 24}, {"coverage": 0.1, "hours": 24}]
CONDITION = {"device": "mobile"}


@pytest.fixture
def layer(team):
    return Layer.objects.create(key="home", name="Home page", team=team, seed="home:1")


@pytest.fixture
def rich(draft, layer, analyst):
    """The draft, for phones only, in a layer, with a ramp and units of the holdout."""
    traffic = {"condition": CONDITION, "layer": layer, "ramp": RAMP, "ramp_automatic": False, "keeps_holdout": False}
    carry_traffic(draft, traffic, actor=analyst)
    Experiment.objects.filter(pk=draft.pk).update(layer_start=0, layer_end=5000)
    draft.refresh_from_db()
    return draft


@pytest.fixture
def template(rich, analyst):
    return design_templates.keep(rich, name="Banner test", description="One week", actor=analyst)


def traffic(experiment):
    return traffic_of(experiment)


def arms(experiment):
    return list(experiment.variants.order_by("position").values_list("key", "weight", "value"))


def test_a_clone_carries_audience_layer_ramp_and_holdout_and_no_slot(rich, team, lead):
    copy = authoring.clone(rich, team=team, owner=lead)
    assert traffic(copy) == traffic(rich)
    assert (copy.layer_start, copy.layer_end) == (None, None)
    assert (copy.seed != rich.seed, copy.owner, copy.status) == (True, lead, "draft")


def test_a_template_makes_the_same_design_for_the_same_feature(rich, template, lead):
    started = design_templates.start(template, feature=rich.feature, name="Once more", owner=lead)
    made = started.experiment
    assert started.missing == ()
    assert (made.key, made.name, made.owner) == ("once-more", "Once more", lead)
    for name in (*design_templates.TEXTS, *design_templates.PLAN, "oec"):
        assert getattr(made, name) == getattr(rich, name), name
    assert traffic(made) == traffic(rich)
    assert (made.layer_start, made.layer_end) == (None, None)
    assert arms(made) == arms(rich)
    assert list(made.guardrails.values_list("metric__key", "margin")) == [("aov", 0.05)]


def test_for_another_feature_the_variants_show_it_as_it_is_and_its_baseline_is_to_be_found(template, lead, rich):
    other = Feature.objects.exclude(pk=rich.feature_id).order_by("key")[0]
    made = design_templates.start(template, feature=other, name="Elsewhere", owner=lead).experiment
    assert [(key, weight) for key, weight, _value in arms(made)] == [(key, weight) for key, weight, _ in arms(rich)]
    assert all(value == authoring.current_value(other) for _key, _weight, value in arms(made))
    assert (made.baseline, made.planned_units) == (None, None)
    assert (made.mde, made.alpha, made.oec) == (rich.mde, rich.alpha, rich.oec)


def test_a_later_change_of_the_experiment_does_not_change_the_template(rich, template, lead, analyst):
    carry_traffic(rich, {"condition": {}, "layer": None, "ramp": []}, actor=analyst)
    made = design_templates.start(template, feature=rich.feature, name="Once more", owner=lead).experiment
    assert made.ramp == RAMP


def test_what_is_gone_is_left_out_and_named(template, rich, layer, lead, analyst):
    deletion.delete(rich, actor=analyst)
    layer.delete()
    Metric.objects.filter(key="aov").delete()
    feature = Feature.objects.get(key="home-hero-banner")
    started = design_templates.start(template, feature=feature, name="Once more", owner=lead)
    assert started.missing == ("aov", "home")
    assert started.experiment.layer is None
    assert not started.experiment.guardrails.exists()


def test_the_log_keeps_all_of_a_deleted_draft(rich, analyst):
    content, name = design_templates.content_of(rich), rich.name
    deletion.delete(rich, actor=analyst)
    kept = AuditEntry.objects.get(action="experiment.delete").before
    assert kept == {"name": name, "owner": "analyst", **content}
    assert kept["traffic"]["condition"] == CONDITION
    assert len(kept["variants"]) == 2


def test_a_value_that_the_feature_cannot_take_any_more_becomes_that_of_today(template, rich, lead):
    template.content["variants"][1]["value"] = {"no_such_parameter": 1}
    template.save()
    made = design_templates.start(template, feature=rich.feature, name="Once more", owner=lead).experiment
    assert [value for _key, _weight, value in arms(made)] == [authoring.current_value(rich.feature)] * 2


def test_a_team_has_a_name_once_and_another_team_may_use_it(template, rich, other_team, analyst):
    with pytest.raises(Invalid) as refused:
        design_templates.keep(rich, name="Banner test", description="", actor=analyst)
    assert "name" in refused.value.fields
    DesignTemplate.objects.create(team=other_team, name="Banner test", content={})


def test_another_teams_feature_is_refused_and_nothing_is_made(template, rich, other_team, lead):
    foreign = Feature.objects.exclude(pk=rich.feature_id).order_by("key")[0]
    Feature.objects.filter(pk=foreign.pk).update(team=other_team)
    foreign.refresh_from_db()
    with pytest.raises(Invalid):
        design_templates.start(template, feature=foreign, name="Once more", owner=lead)
    assert Experiment.objects.count() == 1


def test_keeping_using_and_deleting_are_in_the_audit_log(template, rich, lead):
    design_templates.start(template, feature=rich.feature, name="Once more", owner=lead)
    design_templates.delete(template, actor=lead)
    entries = AuditEntry.objects.filter(object_type="template").order_by("id")
    assert [entry.action for entry in entries] == ["template.create", "template.use", "template.delete"]
    assert entries[0].after["content"]["traffic"]["ramp"] == RAMP
    assert entries[2].before["name"] == "Banner test"
    with pytest.raises(NotFound):
        design_templates.delete(template, actor=lead)
