"""Rows for tests: invented people of the unassigned province 99, in a tree small enough to reason about."""

from __future__ import annotations

import datetime as dt
from itertools import count
from typing import Any

from django.utils import timezone

from accounts.models import Custody, Level, Unit
from jobs.files import store_file
from ledgers.models import CollectionForm, FormPaper, Household, Intention, Laborer, MonthlyRecord, WorkSpell
from lib.crypto import blind_index
from lib.identity import id_check_digit, pinyin_initials
from lib.month import Month
from subsidies.messages.texts import SMS, WECHAT
from subsidies.models import Forwarding, Mailing, Message, MessageTemplate

MARCH = Month(2023, 3)
_serial = count(1)


def citizen_id(serial: int, birth: dt.date = dt.date(1985, 6, 15)) -> str:
    """A well-formed number of county 990101 that belongs to nobody."""
    first = f"990101{birth:%Y%m%d}{serial % 1000:03d}"
    return first + id_check_digit(first)


def unit(code: str, name: str, level: str, parent: Unit | None = None, **fields) -> Unit:
    position = fields.pop("position", (parent.children.count() if parent else 0) + 1)
    path = f"{parent.path if parent else ''}{code}/"
    sort_path = f"{parent.sort_path if parent else ''}{position:04d}"
    made = Unit.objects.create(
        code=code,
        name=name,
        level=level,
        parent=parent,
        path=path,
        sort_path=sort_path,
        position=position,
        **fields,
    )
    Custody.objects.create(unit=made, parent=parent, path=path, valid_from=dt.date(2000, 1, 1))
    return made


def laborer(village: Unit, name: str = "", **fields) -> Laborer:
    """A laborer with a household of their own, in `village`; household flags are passed as `household__…`."""
    serial = next(_serial)
    birth = fields.pop("birth_date", dt.date(1985, 1, 1) + dt.timedelta(days=serial // 891))
    place = 100 * (serial // 99 % 9) + serial % 99 + 1  # no two zeros at the end: lost digits
    number = fields.pop("id_no", citizen_id(place, birth))
    name = name or f"测试{chr(0x4E00 + serial % 2000)}"
    flags = {
        key.removeprefix("household__"): fields.pop(key)
        for key in list(fields)
        if key.startswith("household__")
    }
    household = fields.pop("household", None) or Household.objects.create(
        number=f"H{serial:08d}", village=village, head_name=name, **flags
    )
    phone = fields.pop("phone", f"139{serial:08d}")
    return Laborer.objects.create(
        household=household,
        village=village,
        name=name,
        initials=pinyin_initials(name),
        id_no=number,
        id_index=blind_index(number, "laborer.id"),
        id_tail_index=blind_index(number[-4:], "laborer.id_tail"),
        phone=phone,
        phone_index=blind_index(phone, "laborer.phone") if phone else "",
        sex="男" if int(number[16]) % 2 else "女",
        birth_date=birth,
        **fields,
    )


def spell(person: Laborer, started: Month = Month(2022, 10), **fields) -> WorkSpell:
    fields = {
        "region_code": "440300",
        "region_text": "广东省深圳市",
        "place_class": "省外",
        "job_form": "单位就业",
        "employer": "示例电子厂",
        "industry": "普工",
        "monthly_wage": 4500,
    } | fields
    return WorkSpell.objects.create(laborer=person, started=started, **fields)


def record(person: Laborer, month: Month = MARCH, **fields) -> MonthlyRecord:
    fields = {
        "village": person.village,
        "is_poverty": True,
        "is_monitored": False,
        "working": True,
        "place_class": "省外",
        "job_form": "单位就业",
        "months": 6,
        "income": 27000,
        "monthly_wage": 4500,
        "reason": "counted",
    } | fields
    return MonthlyRecord.objects.create(laborer=person, month=month, **fields)


def whole_person(village: Unit, month: Month = MARCH, **fields) -> Laborer:
    """A laborer at work since October whose 采集表 of `month` lacks nothing."""
    fields = {
        "registered_address": "示例市甲县东镇一组",
        "home_address": "示例市甲县东镇一组",
        "education": "初中",
    } | fields
    person = laborer(village, **fields)
    spell(
        person,
        region_text="广东省深圳市南山区",
        region_code="440305",
        has_contract=True,
        has_insurance=False,
        helped=False,
        by_returnee_startup=False,
    )
    ticks = ",".join(str(one) for one in month.months_so_far())
    months = len(month.months_so_far())
    record(person, month, months=months, income=4500 * months, ticked_months=ticks, region_code="440305",
           employer="示例电子厂", industry="普工", verify_state="未核实")  # fmt: skip
    Intention.objects.create(laborer=person, is_returned=False, wants_training=False)
    return person


def form(person: Laborer, month: Month = MARCH, **fields) -> CollectionForm:
    """A draft 采集表 as it is pre-filled; answers are passed as `values`, over the pre-filled ones."""
    from ledgers.collection.filling import prefill

    base = prefill(person, month)
    values = base | fields.pop("values", {})
    fields = {"village": person.village, "person_version": person.version} | fields
    return CollectionForm.objects.create(laborer=person, month=month, base=base, values=values, **fields)


def paper(form: CollectionForm, by, data: bytes) -> FormPaper:
    """A signed paper of a form, whatever the file holds."""
    file = store_file(by, f"采集表{form.pk}.jpg", data, "image/jpeg", unit=form.village, right="form.p")
    return FormPaper.objects.create(form=form, kind="paper", file=file, version=form.version, by=by)


def signed(form: CollectionForm, by) -> CollectionForm:
    """With a photograph of the signed paper."""
    from ledgers.collection import actions

    actions.sign(form, "paper", b"\xff\xd8\xff" + bytes(60), by)
    return form


def messages(town: Unit, by, person: Laborer, mark: str = "") -> dict[str, Any]:
    """A template of the township that went to one person, and a text for groups; `mark` begins every string."""
    made = {
        key: MessageTemplate.objects.create(
            unit=town, kind=kind, scheme="B02", title=f"{mark}heading", text=f"{mark}said", written_by=by
        )
        for key, kind in (("template", SMS), ("wechat", WECHAT))
    }
    mailing = Mailing.objects.create(
        template=made["template"], unit=town, audience="everybody", state=Mailing.State.DONE, people=1, parts=1,
        made_by=by, confirmed_by=by, confirmed_at=timezone.now(), note=f"{mark}told",
    )  # fmt: skip
    message = Message.objects.create(
        mailing=mailing, laborer=person, village=person.village, state=Message.State.HANDED, at=timezone.now(),
        reference=f"{mark}reference", reason=f"{mark}why",
    )  # fmt: skip
    Forwarding.objects.create(template=made["wechat"], village=person.village, by=by)
    return made | {"mailing": mailing, "message": message}


def tree() -> dict[str, Unit]:
    """One city, two counties with two townships of two villages each; keys are the codes."""
    made: dict[str, Unit] = {}

    def add(code: str, name: str, level: str, parent: Unit | None = None, **fields) -> Unit:
        made[code] = unit(code, name, level, parent, **fields)
        return made[code]

    city = add("99", "示例市", Level.CITY, gb_code="990100000000")
    for c, county_name in ((1, "甲县"), (2, "乙县")):
        county = add(f"99{c}", county_name, Level.COUNTY, city, gb_code=f"99010{c}000000")
        for t in (1, 2):
            town = add(
                f"99{c}{t}",
                f"{county_name[0]}{'东西'[t - 1]}镇",
                Level.TOWNSHIP,
                county,
                gb_code=f"99010{c}10{t}000",
            )
            for v in (1, 2):
                add(
                    f"99{c}{t}{v}",
                    f"{town.name[:2]}{'一二'[v - 1]}村",
                    Level.VILLAGE,
                    town,
                    gb_code=f"99010{c}10{t}20{v}",
                )
    return made
