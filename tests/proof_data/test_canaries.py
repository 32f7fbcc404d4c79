"""500 identity numbers and telephones go in by every door and are found nowhere in clear."""

from __future__ import annotations

import io
import logging
import tempfile
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import Unit
from jobs import runner
from jobs.files import read_file
from jobs.models import ImportBatch, Job
from ledgers.models import CollectionForm, Laborer, MonthlyRecord
from lib.logs import JsonFormatter, PlainFormatter
from sampling.models import Call, Campaign
from tests import cast as casting
from tests.factories import MARCH
from tests.ledgers.filling import typed, url
from tests.proof_data import traces
from tests.proof_data.traces import IDS, PHONES

pytestmark = pytest.mark.django_db(transaction=True)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def log():
    """What our two formatters write of everything that is logged."""
    out, root = io.StringIO(), logging.getLogger()
    handlers = [logging.StreamHandler(out), logging.StreamHandler(out)]
    before = root.level
    for handler, formatter in zip(handlers, (JsonFormatter(), PlainFormatter())):
        handler.setFormatter(formatter)
        root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield out
    root.setLevel(before)
    for handler in handlers:
        root.removeHandler(handler)


@pytest.fixture
def folders(settings, tmp_path, monkeypatch) -> dict[str, Path]:
    """Files and temporary files of this test alone, also for libraries that are not ours."""
    made = {name: tmp_path / name for name in ("files", "temporary")}
    for folder in made.values():
        folder.mkdir()
    settings.MEDIA_ROOT = made["files"]
    monkeypatch.setattr(tempfile, "tempdir", str(made["temporary"]))
    monkeypatch.setenv("TMPDIR", str(made["temporary"]))
    return made


def signed_in(user) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def send_sheet(client: Client, unit: Unit, data: bytes) -> ImportBatch:
    file = SimpleUploadedFile("名单.xlsx", data, XLSX)
    asked = {"kind": "laborers", "unit": unit.pk, "month": "2023-03", "file": file}
    assert client.post(reverse("jobs:import_new"), asked).status_code == 302
    runner.run_waiting()
    return ImportBatch.objects.latest("created_at")


def correct(client: Client, person: Laborer, **changed) -> str:
    """Fill in the 采集表, look at it and try to submit it: what the last page said."""
    client.post(reverse("ledgers:form", args=[person.pk, MARCH]))
    form = CollectionForm.objects.get(laborer=person)
    assert client.post(url("fields", form), typed(form, **changed)).status_code == 302
    return client.post(url("submit", form), {"how": "电话"}, follow=True).content.decode()


def put_in(cast: casting.Cast) -> list[bytes]:
    """Import, correct, call, export, reveal, search, mistype, fail. Returns what error pages said."""
    town, village, city = map(signed_in, (cast.township, cast.village, cast.city))
    unit = cast.units["9911"]
    batch = send_sheet(town, unit, traces.sheet(0, 300))
    town.post(reverse("jobs:batch_confirm", args=[batch.pk]))
    runner.run_waiting()
    wrong = send_sheet(town, unit, traces.sheet(300, 400, 务工地点="某地", 月平均工资="三千"))
    assert wrong.rejected + wrong.review == 100
    town.post(reverse("jobs:batch_marked", args=[wrong.pk]))

    people = list(Laborer.objects.order_by("pk")[:50])
    for number, person in enumerate(people[:20], 400):
        assert "应填写" in correct(village, person, phone=PHONES[number])
        village.post(
            reverse("ledgers:reveal", args=[person.pk, "phone"]), {"reason": f"号码{PHONES[number]}不对"}
        )
    said = [village.get(reverse("ledgers:laborer", args=[p.pk])).content for p in people]
    for number, person in enumerate(people[20:30], 420):
        assert "应填写" in correct(village, person, phone=PHONES[number] + "0", name=IDS[number])

    campaign = Campaign.objects.create(unit=cast.units["99"], month=MARCH, name="抽查")
    for person in people[30:40]:
        call = Call.objects.create(
            campaign=campaign, laborer=person, village=person.village, township=unit, caller=cast.sampler
        )
        sent = {"connected": "0", "form_token": f"00000000-0000-4000-8000-{call.pk:012d}"}
        assert signed_in(cast.sampler).post(reverse("sampling:call", args=[call.pk]), sent).status_code == 302

    for code, client in (("9911", town), ("99", city)):
        client.post(reverse("ledgers:export"), {"unit": code, "month": "2023-03", "what": "laborers"})
    runner.run_waiting()
    for number in range(440, 470):
        town.get(reverse("ledgers:list"), {"q": IDS[number]})
        town.get(reverse("ledgers:list"), {"q": PHONES[number]})
        said.append(town.get(f"/{IDS[number]}/").content)
        said.append(town.get(f"/imports/{PHONES[number]}/?q={IDS[number]}").content)
        said.append(Client().get(f"/%00{IDS[number]}").content)
        said.append(Client().get(f"/张三{PHONES[number]}").content)
    for number in range(470, COUNT := traces.COUNT):
        stranger = Client(REMOTE_ADDR=f"10.0.{number // 250}.{number % 250}")
        tried = {"username": (IDS if number % 2 else PHONES)[number], "password": IDS[number]}
        stranger.post(f"{reverse('accounts:login')}?next=/{PHONES[number]}", tried)
    assert COUNT == 500
    return said


def test_canaries_are_found_nowhere_in_clear(folders, log, monkeypatch):
    cast = casting.build()
    with monkeypatch.context() as broken:
        said = put_in(cast)
        broken.setattr(Laborer, "refresh_from_db", lambda self: 1 / 0)
        broken.setattr("ledgers.views.people._history", lambda person: int(person.id_no + "x"))
        person = Laborer.objects.first()
        failed = signed_in(cast.village).get(
            reverse("ledgers:laborer", args=[person.pk]), {"q": person.phone}
        )
        assert failed.status_code == 500
        said.append(failed.content)

    held = set(Laborer.objects.values_list("id_no", flat=True))
    assert set(IDS[:300]) <= held  # they are really in there
    assert MonthlyRecord.objects.count() == 300
    results = Job.objects.exclude(result_file=None)
    assert any(read_file(job.result_file).startswith(b"PK") for job in results)
    places = {
        "database": traces.database(),
        "files": traces.files(folders["files"]),
        "temporary files": traces.files(folders["temporary"]),
        "broker": traces.broker(),
        "log": log.getvalue().encode(),
        "pages": b"\n".join(said),
    }
    assert len(places["database"]) > 500_000
    assert "ERROR" in log.getvalue()
    seen = {name: hits for name, place in places.items() if (hits := traces.found(place))}
    assert seen == {}, {name: (len(hits), hits[:3]) for name, hits in seen.items()}


def test_the_search_finds_a_canary_in_clear(folders):
    unit = casting.build().units["99111"]
    Unit.objects.filter(pk=unit.pk).update(name=f"{PHONES[7]}村")
    Job.objects.create(kind="x", title="任务", unit=unit, result={"said": IDS[8]})
    (folders["files"] / PHONES[9]).write_bytes(IDS[10].encode("utf-16"))
    assert traces.found(traces.database()) == [7, 8]
    assert traces.found(traces.files(folders["files"])) == [9, 10]
    assert traces.found(PHONES[11].encode().hex().upper().encode()) == [11]


def test_a_large_upload_is_never_written_to_disk_in_clear(folders, settings):
    settings.FILE_UPLOAD_TEMP_DIR = "/nowhere"  # writing there would fail
    cast = casting.build()
    data = b"PK" + bytes(6 * 1024 * 1024)
    answer = signed_in(cast.township).post(
        reverse("jobs:import_new"),
        {"kind": "laborers", "unit": cast.units["9911"].pk, "month": "2023-03",
         "file": SimpleUploadedFile("大.xlsx", data, XLSX)},
    )  # fmt: skip
    assert answer.status_code in (302, 422)
    assert not any(folders["temporary"].iterdir())
    assert all("Temporary" not in handler for handler in django_settings.FILE_UPLOAD_HANDLERS)


def test_a_stranger_cannot_fill_the_memory_with_files(folders):
    request = RequestFactory().post("/login/", {"file": SimpleUploadedFile("x", bytes(100_000)), "a": "1"})
    request.user = AnonymousUser()
    assert not request.FILES
    assert request.POST["a"] == "1"
