"""The page of datasets: what was imported, what was refused, who may import and delete."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from analytics.models import Dataset, ImportFile, RawRetailRocketEvent
from analytics.tasks import import_dataset
from novarium.portal.models import AuditEntry

HEADING = "timestamp,visitorid,event,itemid,transactionid\n"


@pytest.fixture
def root(tmp_path, settings):
    settings.DATA_IMPORT_ROOT = str(tmp_path)
    folder = tmp_path / "logs" / "shop"
    folder.mkdir(parents=True)
    (folder / "events.csv").write_text(HEADING + "1433221332117,1,view,2,\n1433221332117,1,look,2,\n")
    (tmp_path / "cdnow.txt").write_text(" 00001 19970101  1   11.77\n")
    (tmp_path / "notes.md").write_text("no log")
    return tmp_path


def ask(client, **changes):
    asked = {"place": "logs/shop", "form": "retailrocket", "key": "shop-log", **changes}
    return client.post(reverse("data:import"), asked)


def test_an_admin_imports_a_log_below_the_root(client, admin, root, django_capture_on_commit_callbacks, monkeypatch):
    handed = []
    monkeypatch.setattr(import_dataset, "delay_on_commit", lambda *arguments: handed.append(arguments))
    client.force_login(admin)
    page = client.get(reverse("data:datasets"))
    assert [choice for choice, _label in page.context["form"].fields["place"].choices] == ["cdnow.txt", "logs/shop"]
    answer = ask(client)
    assert answer.url == reverse("data:dataset", args=["shop-log"])
    ((dataset_id, place),) = handed
    import_dataset(dataset_id, place)
    assert RawRetailRocketEvent.objects.get(dataset_id=dataset_id).visitor == 1
    page = client.get(answer.url)
    assert b"1433221332117,1,look,2," in page.content
    assert "An unknown event" in page.content.decode()
    assert set(AuditEntry.objects.values_list("action", flat=True)) == {"dataset.create", "dataset.import"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"place": "../etc"}, "place"),
        ({"place": "/etc/passwd"}, "place"),
        ({"place": "notes.md"}, "place"),
        ({"place": "cdnow.txt"}, "place"),
        ({"key": "received"}, "key"),
        ({"key": "no key"}, "key"),
        ({"form": "received"}, "form"),
    ],
)
def test_what_cannot_be_imported_is_said_at_the_field(client, admin, root, changes, field):
    client.force_login(admin)
    answer = ask(client, **changes)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Dataset.objects.filter(key="shop-log").exists()


def test_an_import_that_goes_on_is_not_begun_again(client, admin, root, other_session):
    client.force_login(admin)
    call_command("import_retailrocket", root / "logs" / "shop", dataset="shop-log")
    dataset = Dataset.objects.get(key="shop-log")
    other_session.execute("select pg_advisory_lock(hashtext('import into dataset'), %s)", [dataset.pk])
    assert "key" in ask(client).context["form"].errors
    live = client.get(reverse("data:dataset_live", args=["shop-log"]))
    assert b"every 1s" in live.content
    client.post(reverse("data:delete_dataset", args=["shop-log"]))
    assert Dataset.objects.filter(pk=dataset.pk).exists()


def test_a_killed_import_is_shown_as_stopped(client, viewer):
    dataset = Dataset.objects.create(key="log", name="Log", form="cdnow")
    ImportFile.objects.create(dataset=dataset, name="a.txt", bytes=10, fingerprint="x", status="running")
    client.force_login(viewer)
    page = client.get(reverse("data:dataset", args=["log"]))
    assert b"Stopped" in page.content
    assert b"every 1s" not in page.content


def test_an_admin_deletes_a_dataset_and_nobody_deletes_what_is_received(client, admin, root):
    call_command("import_cdnow", root / "cdnow.txt")
    client.force_login(admin)
    client.post(reverse("data:delete_dataset", args=["cdnow"]))
    client.post(reverse("data:delete_dataset", args=["received"]))
    assert list(Dataset.objects.values_list("key", flat=True)) == ["received"]
    assert not ImportFile.objects.exists()
    assert AuditEntry.objects.get().action == "dataset.delete"


def test_who_is_no_admin_sees_datasets_and_changes_none(client, lead, root):
    client.force_login(lead)
    page = client.get(reverse("data:datasets"))
    assert b"Received events" in page.content
    assert page.context["form"] is None
    assert ask(client).status_code == 403
    assert client.post(reverse("data:delete_dataset", args=["received"])).status_code == 403


def test_a_command_refuses_a_key_that_is_none(root):
    with pytest.raises(CommandError, match="A key has letters"):
        call_command("import_cdnow", str(root / "cdnow.txt"), "--dataset=no key")
