"""A backup comes back whole or not at all."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import closing
from io import StringIO
from pathlib import Path

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.db.migrations.recorder import MigrationRecorder

from accounts import audit
from config import backup, backup_archive
from config.backup_archive import Refused
from jobs.files import path_of, read_file, store_file
from jobs.models import StoredFile
from ledgers.models import Laborer
from lib.crypto import new_key
from lib.month import Month
from reports.models import Bulletin
from tests import cast, factories

pytestmark = pytest.mark.django_db(transaction=True)
FILE = b"a list of people " * 100_000  # two sealed pieces
NAME, PHONE = "测试欧阳某某", "13900001111"


@pytest.fixture
def office(settings, tmp_path) -> cast.Cast:
    """Users, people, a file, a printed bulletin and an audit trail, in folders of this test."""
    settings.DATA_DIR, settings.MEDIA_ROOT, settings.BACKUP_DIR = (
        tmp_path,
        tmp_path / "files",
        tmp_path / "backups",
    )
    people = cast.build()
    for number in range(3):
        factories.laborer(people.units["99111"], NAME, phone=f"1390000111{number}")
    store_file(people.village, "名单.xlsx", FILE)
    Bulletin.objects.create(
        unit=people.units["99"], month=Month(2023, 3), title="通报", issuer="示例市", state="published",
        snapshot={"slots": {"a": 1}}, sentences=[{"text": "a"}], content_hash="c" * 64,
        created_by=people.city, submitted_by=people.city, published_by=people.city2,
    )  # fmt: skip
    for number in range(5):
        audit.record("test.act", people.city, number=number)
    return people


@pytest.fixture
def made(office, tmp_path) -> Path:
    """A backup of the office."""
    path = tmp_path / "backups" / "one.backup"
    call_command("backup", str(path), "--json", stdout=StringIO())
    return path


def restored(path: Path, *options: str) -> dict:
    """Run the command; drop what it kept of the present data on the server."""
    out = StringIO()
    call_command("restore", str(path), "--json", *options, stdout=out)
    answer = json.loads(out.getvalue())
    if connection.vendor == "postgresql" and answer["kept"]:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{answer["kept"]}"')
    return answer


def databases() -> set[str]:
    if connection.vendor == "sqlite":
        return set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        return {name for (name,) in cursor.fetchall()}


def test_everything_comes_back_as_it_was(made, office, tmp_path):
    before = (Laborer.objects.count(), audit.head(), sorted(Laborer.objects.values_list("name", "phone")))
    Laborer.objects.first().delete()
    path_of(StoredFile.objects.get()).unlink()
    audit.record("test.later", office.city)
    later = store_file(office.village, "later.xlsx", b"later")

    answer = restored(made, "--replace")

    people = (Laborer.objects.count(), sorted(Laborer.objects.values_list("name", "phone")))
    assert people == (before[0], before[2])
    sequence, _ = audit.head()
    assert sequence == before[1][0] + 1
    assert audit.AuditEntry.objects.get(sequence=sequence).action == "data.restore"
    assert audit.first_bad_entry() is None
    assert read_file(StoredFile.objects.get()) == FILE
    assert Bulletin.objects.get().state == "published"
    assert answer["decrypted"] is True
    assert answer["file_opened"] is True
    assert answer["missing_files"] == 0
    assert not path_of(later).exists()
    assert [path.name for path in tmp_path.glob("files.before-*/*/*")] == [later.pk.hex]


def test_guards_of_the_database_come_back_too(made, office):
    restored(made, "--replace")
    with pytest.raises(Exception, match="never changed"):
        audit.AuditEntry.objects.filter(sequence=1).update(action="x")


def test_present_data_are_not_replaced_unless_asked(made):
    with pytest.raises(CommandError, match="--replace"):
        restored(made)


def test_an_empty_database_needs_no_permission(made):
    call_command("flush", interactive=False, verbosity=0)
    assert restored(made)["rows"] > 0
    assert Laborer.objects.count() == 3


@pytest.fixture
def autovacuum() -> Iterator[None]:
    """It works in the test's database, and will not be done for a minute."""

    def tell(*statements: str) -> None:
        settings = connection.settings_dict
        owner = psycopg2.connect(
            host=settings["HOST"],
            port=settings["PORT"],
            user="owner",
            password=settings["PASSWORD"],
            dbname="postgres",
        )
        owner.autocommit = True
        with closing(owner), owner.cursor() as cursor:
            for statement in (*statements, "SELECT pg_reload_conf()"):
                cursor.execute(statement)

    working = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND usename IS NULL"
    tell("ALTER SYSTEM SET autovacuum_naptime = 1")
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TABLE littered AS SELECT repeat('x', 100) AS litter FROM generate_series(1, 100000)"
            )
            cursor.execute(
                "ALTER TABLE littered SET (autovacuum_vacuum_cost_delay=100, autovacuum_vacuum_cost_limit=1)"
            )
            cursor.execute("DELETE FROM littered")
            for _ in range(600):
                cursor.execute(working)
                if cursor.fetchone():
                    break
                cursor.execute("SELECT pg_sleep(0.1)")
            else:
                raise AssertionError("autovacuum did not come")
        yield
    finally:
        tell("ALTER SYSTEM RESET autovacuum_naptime")


@pytest.mark.stack
def test_autovacuum_does_not_stop_a_restore(made, autovacuum):
    assert restored(made, "--replace")["kept"]
    assert Laborer.objects.count() == 3


def spoil(path: Path, how: str) -> None:
    data = bytearray(path.read_bytes())
    if how == "one bit":
        data[len(data) // 2] ^= 1
    elif how == "longer":
        data += b"x"
    elif how == "another file":
        data = bytearray(b"PK\x03\x04") + data
    elif how == "nothing":
        data.clear()
    else:
        del data[int(how) :]
    path.write_bytes(data)


def test_a_truncated_or_changed_backup_is_refused_and_nothing_is_touched(made, tmp_path):
    before, whole = databases(), made.read_bytes()
    for how in ("one bit", "longer", "another file", "nothing", "20", "70", "5000", "-1", "-3000"):
        made.write_bytes(whole)
        spoil(made, how)
        with pytest.raises(CommandError, match="备份"):
            restored(made, "--replace")
    assert Laborer.objects.count() == 3
    assert databases() == before
    assert not list(tmp_path.glob("*before*"))
    assert not list(tmp_path.glob("backup-work-*"))


def test_a_backup_cut_between_two_pieces_is_refused(made):
    with open(made, "rb") as file:
        file.read(len(backup_archive.MAGIC) + 33)
        _, length = backup_archive._HEAD.unpack(file.read(5))
        first = file.tell() + length
    assert made.stat().st_size > first
    spoil(made, str(first))
    with pytest.raises(CommandError, match="不完整"):
        restored(made, "--replace")


def test_another_key_ring_is_refused_and_named(made, settings):
    settings.FIELD_KEYS = f"new:{new_key()}"
    with pytest.raises(CommandError, match=r"密钥 k1 .*没有它"):
        restored(made, "--replace")


def test_another_index_key_is_refused(made, settings):
    settings.INDEX_KEY = new_key()
    with pytest.raises(CommandError, match="INDEX_KEY"):
        restored(made, "--replace")


def test_a_backup_of_a_newer_program_is_refused(office, tmp_path):
    MigrationRecorder(connection).record_applied("ledgers", "9999_from_the_future")
    try:
        backup.back_up(tmp_path / "new.backup")
    finally:
        MigrationRecorder(connection).record_unapplied("ledgers", "9999_from_the_future")
    with pytest.raises(CommandError, match=r"更新的程序版本（ledgers\.9999_from_the_future）"):
        restored(tmp_path / "new.backup", "--replace")


def test_a_copy_that_differs_from_its_manifest_is_refused(made, monkeypatch):
    honest = backup._opened
    for fact in ("rows", "audit", "bulletins"):

        def forged(path, folder, fact=fact):
            return honest(path, folder) | {fact: {"x": 1}}

        monkeypatch.setattr(backup, "_opened", forged)
        with pytest.raises(CommandError, match="不符"):
            restored(made, "--replace")
    assert Laborer.objects.count() == 3


def test_a_broken_audit_chain_inside_the_backup_is_found(office, tmp_path):
    audit.AuditHead.objects.update(hash="0" * 64)
    backup.back_up(tmp_path / "cut.backup")
    with pytest.raises(Refused, match="操作记录不完整"):
        backup.drill(tmp_path / "cut.backup")


def test_nothing_can_be_read_from_the_file(made, settings):
    data = made.read_bytes()
    keys = [entry.split(":")[1] for entry in settings.FIELD_KEYS.split(",")] + [settings.INDEX_KEY]
    for word in (NAME, PHONE, "accounts_user", "SQLite format", settings.SECRET_KEY, *keys):
        assert word.encode() not in data
    assert made.stat().st_mode & 0o077 == 0


def test_keys_are_not_even_inside(made, settings, tmp_path):
    (tmp_path / "out").mkdir()
    with open(made, "rb") as file:
        backup_archive.unpack(file, tmp_path / "out")
    inside = b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert settings.SECRET_KEY.encode() not in inside
    assert settings.FIELD_KEYS.split(":")[1].encode() not in inside


def test_a_backup_made_while_others_write_is_one_moment(office, tmp_path):
    stop, written = threading.Event(), []

    def write() -> None:
        while not stop.is_set():
            written.append(audit.record("test.busy", office.city).sequence)
        connections.close_all()

    writers = [threading.Thread(target=write) for _ in range(4)]
    for thread in writers:
        thread.start()
    try:
        for number in range(3):
            backup.back_up(tmp_path / f"{number}.backup")
    finally:
        stop.set()
        for thread in writers:
            thread.join()
    heads = [backup.drill(tmp_path / f"{number}.backup")["audit"][0][0] for number in range(3)]
    assert heads == sorted(heads)
    assert len(written) == len(set(written)) == audit.head()[0] - 5


def test_the_drill_restores_signs_in_and_leaves_nothing_behind(made, office, tmp_path):
    before, users = databases(), set(office.everyone())
    count = type(office.city).objects.count()
    out = StringIO()
    call_command("drill", "--json", stdout=out)
    answer = json.loads(out.getvalue())
    assert answer["signed_in"] is True
    assert answer["decrypted"] is True
    assert answer["bulletins"] == 1
    assert databases() == before
    assert type(office.city).objects.count() == count
    assert users
    assert {path.name for path in tmp_path.iterdir()} <= {"backups", "files"}


def test_the_drill_complains_of_old_missing_and_damaged_backups(made):
    os.utime(made, (0, 0))
    with pytest.raises(CommandError, match="定时备份"):
        call_command("drill")
    spoil(made, "-1")
    with pytest.raises(CommandError, match="没有通过"):
        call_command("drill")
    made.unlink()
    with pytest.raises(CommandError, match="没有备份"):
        call_command("drill")


def test_only_the_newest_backups_are_kept(office, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    for age in range(3):
        old = folder / f"old{age}.backup"
        old.write_bytes(b"")
        os.utime(old, (1000 - age, 1000 - age))
    (folder / "letter.txt").write_text("")
    answer = backup.back_up(folder, keep=2)
    assert {path.name for path in folder.iterdir()} == {
        Path(answer["file"]).name,
        "old0.backup",
        "letter.txt",
    }


def test_a_backup_that_cannot_be_written_leaves_no_part_behind(office, tmp_path, monkeypatch):
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "pack", full)
    with pytest.raises(CommandError, match="备份没有写成"):
        call_command("backup", str(tmp_path / "backups" / "x.backup"))
    assert not list((tmp_path / "backups").iterdir())
