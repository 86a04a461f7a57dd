"""The dataset of received events is always there, and is the first."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from analytics.models import Dataset


@pytest.mark.django_db
def test_a_new_database_has_the_dataset_of_received_events():
    dataset = Dataset.objects.get(form=Dataset.Form.RECEIVED)
    assert (dataset.pk, dataset.key) == (1, "received")
    assert Dataset.objects.create(key="other", name="Other", form=Dataset.Form.CDNOW).pk > 1


def test_an_emptied_database_gets_it_back(transactional_db):
    call_command("flush", interactive=False, verbosity=0)
    assert Dataset.objects.get().pk == 1
