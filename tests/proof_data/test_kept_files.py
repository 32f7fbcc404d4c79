"""What was published is served byte for byte, whatever the program that prints has become."""

from __future__ import annotations

import hashlib
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.audit import AuditEntry
from config import backup
from config.backup_archive import Refused
from reports.bulletins import actions, formats, frozen_files, layout
from reports.models import BulletinFile
from tests.reports import bulletin_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return bulletin_world.small_city()


def download(user, bulletin, form: str):
    client = Client()
    client.force_login(user)
    return client.get(reverse("reports:bulletin_file", args=[bulletin.pk, form]))


def test_publishing_keeps_every_format_with_its_hash_in_the_audit_trail(world):
    published = world.published()
    kept = dict(published.files.values_list("form", "sha256"))
    assert set(kept) == set(formats.CONTENT_TYPES)
    assert AuditEntry.objects.get(action="bulletin.keep").detail == kept
    assert json.loads(formats.content(published, "json"))["bulletin"]["state"] == "published"


def test_a_draft_keeps_nothing_and_a_refused_publication_neither(world):
    submitted = actions.submit(world.draft(), world.cast.city)
    world.city.closings.all().delete()
    with pytest.raises(actions.Refused):
        actions.publish(submitted, world.cast.city2)
    assert not BulletinFile.objects.exists()


def test_a_later_layout_prints_drafts_anew_and_leaves_published_files_alone(world, monkeypatch):
    published = world.published()
    before = {form: download(world.cast.county, published, form).content for form in formats.CONTENT_TYPES}
    monkeypatch.setattr(layout, "title_lines", lambda snapshot: ("新版式的题目",))
    assert "新版式的题目" in formats.render(published, "html").decode()
    after = {form: download(world.cast.county, published, form).content for form in formats.CONTENT_TYPES}
    assert after == before

    actions.ask_reopen(published, world.cast.city, "目标数有误")
    second = actions.reopen(published, world.cast.city2)
    assert download(world.cast.city, published, "pdf").content == before["pdf"]
    assert "新版式的题目" in download(world.cast.city, second, "html").content.decode()


@pytest.mark.parametrize("change", [{"content": b"x"}, {"sha256": "0" * 64}, {"form": "html"}])
def test_the_database_refuses_to_change_or_delete_a_published_file(world, change):
    kept = world.published().files.filter(form="pdf")
    with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
        kept.update(**change)
    with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
        kept.delete()


def test_a_file_changed_behind_the_guard_is_not_served(world, tmp_path):
    published = world.published()
    with connection.cursor() as cursor:
        for statement in frozen_files.drop(connection.vendor):
            cursor.execute(statement)
    published.files.filter(form="html").update(content=b"<p>97.7%</p>")
    answer = download(world.cast.city, published, "html")
    assert (answer.status_code, answer["Location"]) == (302, reverse("reports:bulletin", args=[published.pk]))
    out = str(tmp_path / "通报.html")
    with pytest.raises(CommandError, match="校验码不一致"):
        call_command("bulletin", unit="99", month="2023-03", user="shi", format="html", out=out)
    assert download(world.cast.city, published, "json").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_drill_and_restore_name_the_first_printed_file_that_is_not_what_went_out(world, settings, tmp_path):
    settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path / "files"
    files, path = world.published().files, tmp_path / "one.backup"
    backup.back_up(path)
    assert backup.drill(path)["printed_files"] == len(formats.CONTENT_TYPES)

    with connection.cursor() as cursor:
        for statement in frozen_files.drop(connection.vendor):
            cursor.execute(statement)
    forged = b"%PDF-1.7 97.7%"
    files.filter(form="pdf").update(content=forged)
    assert "pdf》" in refused_by_the_drill(path)
    files.filter(form="json").update(sha256=hashlib.sha256(b"").hexdigest())
    assert "json》" in refused_by_the_drill(path)
    files.filter(form="html").update(content=forged, sha256=hashlib.sha256(forged).hexdigest())
    assert "html》" in refused_by_the_drill(path)  # the row agrees with itself, not with the audit trail
    with pytest.raises(CommandError, match="html》与签发时登记的校验码不一致"):
        call_command("restore", str(path), "--replace")
    files.exclude(form="xlsx").delete()
    assert "docx文件缺失" in refused_by_the_drill(path)


def refused_by_the_drill(path) -> str:
    """What the drill says of a backup of the present data."""
    backup.back_up(path)
    with pytest.raises(Refused, match="印发文件不对") as refusal:
        backup.drill(path)
    return str(refusal.value)
