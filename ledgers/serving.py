"""The verbs of 就业服务记录 and of 零就业户. Each in one transaction, within right and reach, audited.

A service is counted with date, person and evidence only (YD-I05). It belongs to no month: a closed month does not keep
anybody from noting that a person was helped.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.audit import record, record_all
from accounts.authority import NotAllowed, because
from accounts.models import Unit, User
from jobs import papers
from ledgers import codes
from ledgers.clocks.table import at_work
from ledgers.models import Household, Laborer, Service, ZeroEmployment
from ledgers.models.services import EVIDENCE_RIGHT
from lib.bulk import among


@transaction.atomic
def serve(
    person: Laborer, kind: str, on: dt.date, done_by: str, by: User, *, data: bytes = b"", **said: str
) -> Service:
    """Note one service the person received; `data` (a photograph or PDF) or `evidence` (words) proves it.

    `said`: evidence, employer, post and outcome.
    """
    person = _locked_people([person.pk])[0]
    made = _noted(person, kind, on, done_by, by, bool(data), **said)
    if data:
        made.file = _stored(person, kind, data, by)
    made.save()
    record("service.give", by, person, person.village, **_told(made))
    return made


@transaction.atomic
def serve_all(
    people: Iterable[int], kind: str, on: dt.date, done_by: str, by: User, evidence: str
) -> dict[int, Service]:
    """`serve` for many (keys) who received the same, all or none; by key of the person."""
    found = _locked_people(people)
    made = [_noted(person, kind, on, done_by, by, evidence=evidence) for person in found]
    Service.objects.bulk_create(made, 500)
    acts = ((person, person.village, _told(one)) for person, one in zip(found, made, strict=True))
    record_all("service.give", by, acts)
    return {one.laborer_id: one for one in made}


def _locked_people(people: Iterable[int]) -> list[Laborer]:
    wanted = sorted(set(people))
    rows = Laborer.objects.select_for_update(of=("self",)).select_related("village")
    found = list(rows.filter(among("pk", wanted)).order_by("pk"))
    if len(found) != len(wanted):
        raise NotAllowed("名单里有人已不在您的管辖范围内，请刷新页面再看。")
    return found


def _noted(
    person: Laborer, kind: str, on: dt.date, done_by: str, by: User, has_file: bool = False, *,
    evidence: str = "", employer: str = "", post: str = "", outcome: str = "",
) -> Service:  # fmt: skip
    """The service as it may be noted, not saved yet."""
    _may(by, "w", person.village)
    if kind not in codes.SERVICE_KINDS:
        raise NotAllowed("请选择服务项目。")
    _check_day(on, "服务日期")
    done_by, evidence, employer, post = (
        " ".join(words.split()) for words in (done_by, evidence, employer, post)
    )
    if not done_by:
        raise NotAllowed("请填写服务人员。")
    if not evidence and not has_file:
        raise NotAllowed("没有佐证的服务不计次数：请写明佐证说明，或上传照片、PDF。")
    if outcome and outcome not in codes.OUTCOMES:
        raise NotAllowed("本人意见只能是愿意、考虑中、不愿意或已上岗。")
    if kind == codes.OFFER and not (employer and outcome):
        raise NotAllowed("推介岗位的，推介单位和本人意见都要填写。")
    return Service(
        laborer=person, kind=kind, on=on, done_by=done_by, evidence=evidence, employer=employer, post=post,
        outcome=outcome, by=by,
    )  # fmt: skip


def _told(one: Service) -> dict[str, str]:
    """What the entry of a service says of it."""
    evidence = "文件" if one.file_id else "说明"
    return {"kind": one.kind, "day": str(one.on), "outcome": one.outcome, "evidence": evidence}


def _stored(person: Laborer, kind: str, data: bytes, by: User):
    name = f"服务佐证-{person.pk}-{kind}"
    return papers.store(by, name, data, "佐证材料", unit=person.village, right=EVIDENCE_RIGHT)


@transaction.atomic
def take_back(service: Service, by: User) -> Service:
    """A service noted by mistake counts no longer and stays on record; by whoever noted it, or by an office above."""
    service = (
        Service.objects.select_for_update(of=("self",)).select_related("laborer__village").get(pk=service.pk)
    )
    village = service.laborer.village
    _may(by, "w", village)
    if service.by_id != by.pk and not by.can("service", "a", village):
        raise NotAllowed("只能撤销自己登记的服务；别人登记的请乡镇或县撤销。")
    if service.undone_at:
        return service
    service.undone_at, service.undone_by = timezone.now(), by
    service.save(update_fields=["undone_at", "undone_by"])
    record("service.undo", by, service.laborer, village, kind=service.kind, day=str(service.on))
    return service


# ── 零就业户 ─────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def recognise(household: Household, on: dt.date, basis: str, by: User) -> ZeroEmployment:
    """认定: the month within which one member must be employed runs from `on`."""
    household = _locked(household, by)
    _check_day(on, "认定日期")
    basis = because(basis, "认定依据")
    if household.members.filter(at_work()).exists():
        raise NotAllowed("这一户已有人就业，不是零就业户。")
    try:
        with transaction.atomic():
            made = ZeroEmployment.objects.create(
                household=household, recognised_on=on, basis=basis, recognised_by=by
            )
    except IntegrityError:
        raise NotAllowed("这一户已经认定为零就业户，还没有消除。") from None
    record("household.recognise", by, household, household.village, day=str(on), basis=basis)
    return made


@transaction.atomic
def clear(household: Household, on: dt.date, why: str, note: str, by: User) -> ZeroEmployment:
    """消除: somebody is employed, or one of the other reasons, which needs its evidence."""
    household = _locked(household, by)
    row = ZeroEmployment.objects.select_for_update().filter(household=household, cleared_on=None).first()
    if row is None:
        raise NotAllowed("这一户没有认定为零就业户，或者已经消除。")
    _check_day(on, "消除日期")
    if on < row.recognised_on:
        raise NotAllowed("消除日期不能早于认定日期。")
    if why not in codes.CLEARED:
        raise NotAllowed("请选择消除原因。")
    if why == codes.CLEARED[0] and not household.members.filter(at_work()).exists():
        raise NotAllowed("台账中这一户还没有人就业，请先更新务工情况。")
    row.cleared_on, row.cleared_why, row.cleared_by = on, why, by
    row.cleared_note = because(note, "消除依据")
    row.save(update_fields=["cleared_on", "cleared_why", "cleared_note", "cleared_by"])
    record("household.clear", by, household, household.village, day=str(on), why=why)
    return row


def _locked(household: Household, by: User) -> Household:
    found = Household.objects.select_for_update(of=("self",)).select_related("village").get(pk=household.pk)
    _may(by, "a", found.village)
    return found


# ── what every verb asks ─────────────────────────────────────────────────────────────────────────────────────────


def _may(by: User, letter: str, village: Unit) -> None:
    if not by.can("service", letter, village):
        raise NotAllowed("不在您可以办理的范围内。")


def _check_day(day: dt.date, label: str) -> None:
    if day > timezone.localdate():
        raise NotAllowed(f"{label}不能晚于今天。")
