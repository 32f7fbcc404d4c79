"""Rotation of keys: interrupted, resumed, and the old key goes only when nothing needs it."""

from __future__ import annotations

import json
from copy import copy
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from config import backup, checks, rotation
from jobs.files import key_of_file, read_file, store_file
from jobs.imports.chunks import packed, unpacked
from jobs.models import ImportBatch, ImportChunk, StoredFile
from ledgers.models import Laborer
from lib.crypto import Undecryptable, new_key
from lib.staging import Staged
from tests import cast, factories

pytestmark = pytest.mark.django_db
FILE = b"x" * 1_500_000  # two pieces


@pytest.fixture
def office(settings, tmp_path) -> cast.Cast:
    settings.DATA_DIR, settings.MEDIA_ROOT, settings.BACKUP_DIR = (
        tmp_path,
        tmp_path / "files",
        tmp_path / "backups",
    )
    people = cast.build()
    village = people.units["99111"]
    for number in range(25):
        factories.laborer(village, phone="" if number == 3 else f"1390000{number:04d}")
    store_file(people.village, "a.xlsx", FILE)
    store_file(people.village, "empty.xlsx", b"")
    batch = ImportBatch.objects.create(
        number="99-1", kind="laborers", unit=village, owner=people.village, sha256="0"
    )
    rows = [Staged(row=n, verdict="new", key=str(n), new={"id_no": "x"}, old=None) for n in range(1, 4)]
    for chunk in packed(batch, rows, lambda number: None):
        chunk.save()
    return people


@pytest.fixture
def old_and_new(settings) -> tuple[str, str]:
    """The ring gets a new first key; the old one stays behind it."""
    old = settings.FIELD_KEYS
    fresh = f"k2:{new_key()}"
    settings.FIELD_KEYS = f"{fresh},{old}"
    return old, fresh


def plain() -> list[tuple[str, str]]:
    return list(Laborer.objects.order_by("pk").values_list("id_no", "phone"))


def run(*options: str) -> dict:
    out = StringIO()
    try:
        call_command("rotate_keys", "--json", *options, stdout=out)
        code = 0
    except SystemExit as end:
        code = end.code
    return json.loads(out.getvalue()) | {"code": code}


def test_everything_is_sealed_anew_and_the_old_key_can_go(office, old_and_new, settings):
    before = plain()
    assert run("--check")["code"] == 1

    answer = run()

    assert answer["code"] == 0
    assert (answer["done"], answer["remaining"]) == (25 + 24 + 1 + 1, 0)
    settings.FIELD_KEYS = old_and_new[1]
    assert plain() == before
    assert [row.new for row in unpacked(ImportChunk.objects.get())] == [{"id_no": "x"}] * 3
    assert [read_file(stored) for stored in StoredFile.objects.order_by("-size")] == [FILE, b""]
    assert checks.rows_locked() == ""
    assert run()["done"] == 0


def test_an_interrupted_rotation_leaves_both_keys_working_and_is_resumed(office, old_and_new, monkeypatch):
    monkeypatch.setattr(rotation, "BATCH", 10)
    before = plain()

    def interrupt(place: str, number: int) -> None:
        if place == "ledgers_laborer.phone":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotation.rotate(interrupt)
    assert plain() == before
    counts = rotation.keys_in_use()
    assert counts["ledgers_laborer.id_no"] == {"v1:k2": 25}
    assert counts["ledgers_laborer.phone"] == {"v1:k1": 14, "v1:k2": 10}
    assert run("--check")["remaining"] == 14 + 2
    assert run()["done"] == 14 + 2
    assert plain() == before


def test_a_row_changed_meanwhile_keeps_the_newer_value(office, old_and_new, monkeypatch):
    person = Laborer.objects.order_by("pk").first()
    slow = rotation.reseal

    def overtaken(token: str, bound: str) -> str:
        Laborer.objects.filter(pk=person.pk).update(phone="13911112222")
        return slow(token, bound)

    monkeypatch.setattr(rotation, "reseal", overtaken)
    rotation.rotate(lambda place, number: None)
    assert Laborer.objects.get(pk=person.pk).phone == "13911112222"
    assert run("--check")["remaining"] == 0


def test_a_column_that_an_upgrade_has_yet_to_add_locks_nobody_out(office, monkeypatch):
    added = copy(Laborer._meta.get_field("phone"))
    added.column = "not_there_yet"
    monkeypatch.setattr(checks, "encrypted_columns", lambda: [(Laborer, added)])
    assert checks.check_database(databases=["default"]) == []


def test_without_the_old_key_nothing_starts_and_nothing_is_damaged(office, settings):
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_no FROM ledgers_laborer ORDER BY id")
        before = cursor.fetchall()
    settings.FIELD_KEYS = f"k2:{new_key()}"
    assert "FIELD_KEYS" in checks.rows_locked()
    assert [message.id for message in checks.check_database(databases=["default"])] == ["config.E003"]
    with pytest.raises(CommandError, match="旧密钥"):
        call_command("rotate_keys", stdout=StringIO())
    assert rotation.keys_in_use()["ledgers_laborer.id_no"] == {"?": 25}
    assert run("--check")["code"] == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_no FROM ledgers_laborer ORDER BY id")
        assert cursor.fetchall() == before


def test_the_cipher_can_be_changed_for_what_is_sealed(office, settings):
    before = plain()
    settings.FIELD_CIPHER = "SM4-GCM"
    assert run()["remaining"] == 0
    assert plain() == before
    assert rotation.keys_in_use()["ledgers_laborer.id_no"] == {"s1:k1": 25}


def test_backups_that_need_the_old_key_are_named(office, settings, tmp_path):
    path = Path(tmp_path / "backups" / "old.backup")
    path.parent.mkdir()
    with open(path, "wb") as out:
        backup.pack(out, [], {"rows": {}})
    assert run("--check")["backups_with_old_keys"] == []
    settings.FIELD_KEYS = f"k2:{new_key()},{settings.FIELD_KEYS}"
    assert run("--check")["backups_with_old_keys"] == ["old.backup"]


def test_a_damaged_value_stops_the_rotation_instead_of_being_lost(office, old_and_new):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledgers_laborer SET id_no = 'v1:k1:AAAA' WHERE id = (SELECT max(id) FROM ledgers_laborer)"
        )
    with pytest.raises(Undecryptable):
        rotation.rotate(lambda place, number: None)
    assert run("--check")["remaining"] > 0


def test_a_file_that_is_gone_holds_nothing_up(office, old_and_new):
    from jobs.files import path_of

    stored = StoredFile.objects.order_by("-size").first()
    path_of(stored).unlink()
    assert key_of_file(stored) == ""
    assert run()["remaining"] == 0
