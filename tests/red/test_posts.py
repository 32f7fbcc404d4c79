"""Red rules of posts (domain.md §3 F): nobody whom they forbid is let into a post or paid, whichever way is tried."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from ledgers.banking import keep_account
from ledgers.models import BankAccount, Laborer
from lib.month import Month
from posts import attending, paying, recruiting, taking
from posts.models import POST_OR_AWAY, Appointment, Attendance, Candidate, PayRun, Post, PostPay
from tests import cast as casting
from tests import factories
from tests.posts import life
from tests.posts.paying_world import MARCH, PHOTO, Village, account, appoint, said
from tests.red import ways


def holder(person: Laborer) -> None:
    """Of another post, in a village out of sight."""
    unit = person.village.parent.parent.parent.children.get(code="992").children.first().children.first()
    post = Post.objects.create(
        number="GW-远", unit=unit, title="护路员", category="护路员", opened_on=life.day(1)
    )
    Appointment.objects.create(post=post, laborer=person, started_on=life.day(1))


def nothing(person: Laborer) -> None: ...


def spell(**fields: Any):
    return lambda person: factories.spell(person, **fields)


# rule, what the ledger says of the person, what else is so, the office held, the words of the refusal
FORBIDDEN = [
    ("YD-F01", {}, holder, "", "一人只能有一个岗位"),
    ("YD-F02", {}, spell(place_class="省外", job_form="灵活就业"), "", "正在省外务工"),
    ("YD-F02", {}, spell(place_class="县外市内", job_form="灵活就业", ended=Month(2023, 4)), "", "聘用应从回来以后"),
    ("YD-F09", {}, nothing, "文书", "任村干部"),
    ("YD-F13", {"birth_date": dt.date(1952, 1, 1)}, nothing, "", "不满70周岁"),
    ("YD-F13", {"birth_date": dt.date(2008, 1, 1)}, nothing, "", "应年满16周岁"),
    ("YD-F14", {"ability": "丧失劳动能力"}, nothing, "", "丧失劳动能力"),
    ("YD-F14", {"person_state": "永久退出/死亡"}, nothing, "", "不能在岗"),
    ("YD-F19", {"household__poverty_kind": "一般农户"}, nothing, "", "不是脱贫人口"),
    ("YD-F22", {}, spell(place_class="乡内"), "", "属于稳定就业"),
]  # fmt: skip


def test_nobody_gets_a_post_whom_a_red_rule_forbids_by_any_way_in(db, at, tmp_path, settings):
    settings.MEDIA_ROOT, settings.REDIS_URL = tmp_path, ""
    at(18)
    cast = casting.build()
    call = life.announced(cast)
    people, rows = [], []
    for _, fields, happens, cadre, _ in FORBIDDEN:
        fit = {"birth_date": dt.date(1965, 5, 1), "ability": "弱劳动力或半劳动力"}
        person = factories.laborer(cast.units["99111"], **fit | fields)
        happens(person)
        people.append(person)
        rows.append({
            "姓名": person.name, "身份证号码": person.id_no, "岗位名称": "村级保洁员", "聘用日期": "2023-03-01",
            "补贴标准": "400", "村干部职务": cadre or "否",
        })  # fmt: skip
    town = cast.units["9911"]
    imported = ways.imported("posts", rows, town, cast.township)
    commanded = ways.commanded("posts", rows, town, cast.township, tmp_path)
    came_in = []
    for number, (rule, _, _, cadre, words) in enumerate(FORBIDDEN):
        person, day = people[number], life.day(5)
        answers = {
            "form": ways.form(
                cast.village,
                "posts:post_step",
                call.post.pk,
                "apply",
                who=person.id_no,
                on=str(day),
                cadre=cadre,
            ),
            "verb": ways.verb(partial(recruiting.apply_for, call, person, day, cadre, False, cast.village)),
            "import": imported[number],
            "command": commanded[number],
        }
        came_in += [
            (rule, way, text) for way, text in answers.items() if words not in text or rule not in text
        ]
    assert not came_in
    assert not Candidate.objects.exists()
    assert Appointment.objects.count() == 1  # the one that YD-F01 begins with


# ── pay ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def away(held: Appointment) -> None:
    factories.record(held.laborer, MARCH, place_class="省外")


def subsidised(held: Appointment) -> None:
    taking.take(held.laborer, [MARCH], POST_OR_AWAY, "away:1", "交通补贴")


def absent(held: Appointment) -> None:
    Attendance.objects.filter(appointment=held).update(marks="", days=0, absent=31)


def replaced(held: Appointment) -> None:
    Attendance.objects.filter(appointment=held).update(substitute="其弟代班")


def without_account(held: Appointment) -> None:
    BankAccount.objects.filter(laborer=held.laborer).delete()


UNPAID = [
    ("YD-F02", away, "在省外务工，不能同时领取岗位工资"),
    ("YD-F03", subsidised, "已享受交通补贴"),
    ("YD-F06", replaced, "有人顶岗"),
    ("YD-F07", absent, "出勤0天，不发工资"),
    ("YD-F24", without_account, "没有登记本人收款账户"),
]


def test_nobody_is_paid_whom_a_red_rule_forbids_by_any_way_in(db, at, tmp_path, settings):
    settings.MEDIA_ROOT, settings.REDIS_URL = tmp_path, ""
    at(5, month=4)
    village = Village()
    cast, town = village.cast, village.town
    held = [appoint(village.unit) for _ in UNPAID]
    for one in held:
        account(one.laborer, cast.township)
    attending.fill(village.unit, MARCH, {one.pk: said(22) for one in held}, cast.village)
    village.checked(one=22, two=22)
    for one, (_, happens, _) in zip(held, UNPAID, strict=True):
        happens(one)
    of_another = BankAccount.objects.get(laborer=village.two.laborer).number
    rows = [row(one) for one in held]
    rows += [row(village.one, 社保卡号=of_another, 开户行="示例农商行"), row(village.two, 工资="301")]
    told = [words for *_, words in UNPAID] + ["已登记为另一个人的收款账户", "按考勤和标准计算应为300.00元"]
    page = ways.page(cast.township, "posts:pay", MARCH)
    assert [words for words in told[: len(held)] if words not in page] == []
    for answers in (
        ways.imported("post-pay", rows, town, cast.township, MARCH),
        ways.commanded("post-pay", rows, town, cast.township, tmp_path, MARCH),
    ):
        assert [(words, text) for words, text in zip(told, answers, strict=True) if words not in text] == []
    for one in held:
        refusal = ways.verb(partial(paying.draft_run, town, MARCH, cast.township, only=[one.pk]))
        assert "没有可以发放的人" in refusal
    refusal = ways.verb(lambda: keep_account(village.one.laborer, "示例农商行", of_another, cast.township))
    assert "已登记为另一个人的收款账户" in refusal
    ways.form(cast.township, "posts:run_new", MARCH, query="?unit=9911", funding="", amount="99999")
    pays = PostPay.objects.order_by("pk")
    assert {(one.appointment_id, one.amount) for one in pays} == {
        (village.one.pk, 30_000),
        (village.two.pk, 30_000),
    }
    for wrong in ({"days": 0}, {"amount": 30_001}):
        with pytest.raises(IntegrityError), transaction.atomic():
            pays.filter(appointment=village.one).update(**wrong)


def row(held: Appointment, **more: str) -> dict[str, str]:
    person = held.laborer
    return {"姓名": person.name, "身份证号码": person.id_no, "出勤天数": "22", "工资": "300.00"} | more


def test_nobody_decides_on_their_own_pay_run_or_sheet_by_form_or_verb(db, at, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    at(5, month=4)
    village = Village()
    cast = village.cast
    village.filled()
    attending.attach_paper(village.unit, MARCH, PHOTO, cast.village)
    sheet = attending.sign(village.unit, MARCH, cast.township)
    assert "不能核对" in ways.verb(lambda: attending.check(sheet, cast.township))
    assert "不能核对" in ways.form(cast.township, "posts:sheet_check", MARCH, village.unit.code)
    attending.check(sheet, village.second)
    run = paying.draft_run(village.town, MARCH, cast.county)
    assert "制表人不能审批" in ways.verb(lambda: paying.approve_run(run, cast.county))
    assert "制表人不能审批" in ways.form(cast.county, "posts:run_approve", run.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        PayRun.objects.filter(pk=run.pk).update(approved_by=cast.county)
