"""就业服务记录 and 零就业户 through the pages: evidence, rights, taking back, 认定 and 消除."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.authority import NotAllowed
from accounts.models import AuditEntry
from jobs import papers
from ledgers import serving
from ledgers.clocks.reading import counted
from ledgers.models import Laborer, Service, ZeroEmployment
from tests import cast as casting
from tests import factories

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


@pytest.fixture
def cast(db):
    return casting.build()


@pytest.fixture
def person(cast) -> Laborer:
    made = factories.laborer(cast.units["99111"], "李还乡")
    factories.record(made, working=False, reason="not_working")
    return made


def new(person: Laborer) -> str:
    return reverse("ledgers:service_new", args=[person.pk])


def said(**more) -> dict:
    return {
        "kind": "职业指导",
        "on": str(timezone.localdate()),
        "done_by": "王站长",
        "evidence": "签到表第3行",
    } | more


def sent(client, person: Laborer, **more):
    token = client.get(new(person)).context["token"]
    return client.post(new(person), said(**more) | {"form_token": token})


def test_a_service_is_registered_with_date_person_and_evidence_and_shown_on_the_page(client, cast, person):
    client.force_login(cast.village)
    answer = sent(client, person, kind="岗位推介", employer="示例电子厂", post="普工", outcome="不愿意")
    assert answer.status_code == 302
    made = Service.objects.get()
    assert (made.kind, made.done_by, made.evidence, made.by) == (
        "岗位推介",
        "王站长",
        "签到表第3行",
        cast.village,
    )
    page = client.get(reverse("ledgers:laborer", args=[person.pk])).content.decode()
    for words in ("服务记录", "示例电子厂", "不愿意", "本年已登记：职业介绍1次", "登记服务"):
        assert words in page
    entry = AuditEntry.objects.get(action="service.give")
    assert (entry.actor, entry.detail["kind"], "签到表" in str(entry.detail)) == (
        cast.village,
        "岗位推介",
        False,
    )


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"evidence": "", "kind": "职业指导"}, "没有佐证的服务不计次数"),
        ({"done_by": ""}, "服务人员"),
        ({"on": ""}, "服务日期"),
        ({"on": "2999-01-01"}, "不能晚于今天"),
        ({"kind": "唱歌"}, "服务项目"),
        ({"kind": "岗位推介", "employer": "示例厂"}, "推介单位和本人意见都要填写"),
        ({"kind": "岗位推介", "outcome": "愿意"}, "推介单位和本人意见都要填写"),
    ],
)
def test_what_lacks_something_is_not_registered_and_says_so(client, cast, person, wrong, message):
    client.force_login(cast.village)
    answer = sent(client, person, **wrong)
    assert (answer.status_code, Service.objects.count()) == (422, 0)
    assert message in answer.content.decode()


@pytest.mark.parametrize(
    "lacking",
    [
        {"evidence": ""},
        {"done_by": ""},
        {"kind": "岗位推介", "employer": "", "outcome": "愿意"},
        {"kind": "岗位推介", "employer": "示例厂", "outcome": ""},
        {"undone_at": timezone.now()},
        {"on": None},
        {"laborer": None},
    ],
)
def test_the_database_keeps_no_service_without_date_person_and_evidence(cast, person, lacking):
    """YD-I05."""
    fields = {
        "laborer": person, "kind": "职业指导", "on": dt.date(2023, 3, 1), "done_by": "王", "evidence": "签到表",
        "by": cast.village,
    } | lacking  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Service.objects.create(**fields)


def test_a_photograph_is_evidence_for_all_who_may_see_the_service_and_for_nobody_else(client, cast, person):
    client.force_login(cast.village)
    photo = SimpleUploadedFile("我的照片.png", PNG, "image/png")
    assert sent(client, person, evidence="", file=photo).status_code == 302
    made = Service.objects.get()
    address = reverse("ledgers:service_file", args=[made.pk])
    for who, status in (
        ("village", 200),
        ("county", 200),
        ("auditor", 200),
        ("sampler", 404),
        ("admin", 404),
    ):
        client.force_login(getattr(cast, who))
        answer = client.get(address)
        assert answer.status_code == status, who
        if status == 200:
            assert b"".join(answer.streaming_content) == PNG
            assert "我的照片" not in answer["Content-Disposition"]


@pytest.mark.parametrize("data", [b"MZ not an image", b"\x89PNG\r\n\x1a\n" + b"0" * papers.LARGEST])
def test_other_files_and_larger_ones_are_refused(client, cast, person, data):
    client.force_login(cast.village)
    answer = sent(client, person, file=SimpleUploadedFile("x.png", data, "image/png"))
    assert (answer.status_code, Service.objects.count()) == (422, 0)
    assert "不超过8MB" in answer.content.decode()


def test_the_same_form_sent_twice_makes_one_service(client, cast, person):
    client.force_login(cast.village)
    data = said(form_token=client.get(new(person)).context["token"])
    assert [client.post(new(person), data).status_code for _ in range(2)] == [302, 302]
    assert Service.objects.count() == 1


def give(person: Laborer, by, **more) -> Service:
    return serving.serve(person, "职业指导", timezone.localdate(), "王站长", by, evidence="签到表", **more)


def test_each_role_may_do_what_the_matrix_says(cast, person):
    for who in ("village", "township", "county"):
        give(person, getattr(cast, who))
    for who in ("city", "auditor", "sampler", "admin"):
        with pytest.raises(NotAllowed):
            give(person, getattr(cast, who))
    assert Service.objects.count() == 3


def test_a_service_noted_by_mistake_is_taken_back_by_its_author_or_an_office_above(client, cast, person):
    mine, theirs = give(person, cast.village), give(person, cast.county)
    with pytest.raises(NotAllowed, match="自己登记"):
        serving.take_back(theirs, cast.village)
    client.force_login(cast.village)
    client.post(reverse("ledgers:service_undo", args=[mine.pk]))
    serving.take_back(theirs, cast.township)
    serving.take_back(theirs, cast.county)  # once is enough
    assert Service.objects.standing().count() == 0
    assert AuditEntry.objects.filter(action="service.undo").count() == 2
    page = client.get(reverse("ledgers:laborer", args=[person.pk])).content.decode()
    assert "已撤销" in page
    assert "本年已登记" not in page


def test_services_count_as_block_f_names_them(cast, person):
    year = dt.date(2023, 5, 1)
    kinds = ("岗位推介", "岗位推介", "政策宣讲", "就业见习", "职业培训")
    made = [Service(laborer=person, kind=kind, on=year) for kind in kinds]
    made.append(Service(laborer=person, kind="职业指导", on=dt.date(2022, 12, 31)))
    assert counted(made, 2023) == "职业介绍2次、职业培训1次、其他2次"


# ── 零就业户 ─────────────────────────────────────────────────────────────────────────────────────────────────────


def decide(client, name: str, person: Laborer, **more):
    address = reverse(f"ledgers:{name}", args=[person.household_id])
    data = {"day": str(timezone.localdate()), "basis": "村组入户核实", "note": "示例电子厂劳动合同"} | more
    return client.post(address, data | {"form_token": client.get(address).context["token"]})


def test_a_household_is_recognised_and_cleared_when_a_member_works(client, cast, person):
    client.force_login(cast.township)
    assert decide(client, "recognise", person).status_code == 302
    again = decide(client, "recognise", person)
    assert "已经认定" in again.content.decode()
    early = decide(client, "clear", person, why="有人就业")
    assert "还没有人就业" in early.content.decode()
    factories.spell(person, factories.MARCH)
    assert decide(client, "clear", person, why="有人就业").status_code == 302
    row = ZeroEmployment.objects.get()
    assert (row.cleared_why, row.cleared_by, row.recognised_by) == ("有人就业", cast.township, cast.township)
    refused = decide(client, "recognise", person)
    assert "已有人就业" in refused.content.decode()
    acts = AuditEntry.objects.filter(action__startswith="household.").order_by("sequence")
    assert list(acts.values_list("action", flat=True)) == ["household.recognise", "household.clear"]


@pytest.mark.parametrize(
    ("name", "wrong", "message"),
    [
        ("recognise", {"day": "2999-01-01"}, "不能晚于今天"),
        ("recognise", {"basis": "核实"}, "至少四个字"),
        ("clear", {"why": "有人就业", "day": "2020-01-01"}, "不能早于认定日期"),
        ("clear", {"why": "搬走了"}, "消除原因"),
        ("clear", {"why": "均无就业意愿", "note": "无"}, "至少四个字"),
    ],
)
def test_a_decision_without_day_or_reason_is_refused(client, cast, person, name, wrong, message):
    client.force_login(cast.county)
    if name == "clear":
        serving.recognise(person.household, timezone.localdate(), "村组入户核实", cast.county)
    answer = decide(client, name, person, **wrong)
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert not ZeroEmployment.objects.filter(cleared_on__isnull=False).exists()


def test_a_village_does_not_recognise_and_nobody_clears_what_is_not_recognised(cast, person):
    with pytest.raises(NotAllowed):
        serving.recognise(person.household, timezone.localdate(), "村组入户核实", cast.village)
    with pytest.raises(NotAllowed, match="没有认定"):
        serving.clear(person.household, timezone.localdate(), "均无就业意愿", "书面说明", cast.county)


def test_the_database_keeps_one_recognition_in_force_and_no_clearing_without_a_reason(cast, person):
    fields = {
        "household": person.household,
        "recognised_on": dt.date(2023, 1, 31),
        "recognised_by": cast.county,
    }
    for wrong in (
        {"basis": ""},
        {"basis": "核实", "cleared_on": dt.date(2023, 2, 1)},
        {"basis": "核实", "cleared_on": dt.date(2023, 1, 1), "cleared_why": "有人就业", "cleared_note": "合同",
         "cleared_by": cast.county},
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            ZeroEmployment.objects.create(**fields | wrong)
    ZeroEmployment.objects.create(**fields, basis="核实")
    with pytest.raises(IntegrityError), transaction.atomic():
        ZeroEmployment.objects.create(**fields, basis="核实")
