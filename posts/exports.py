"""乡村公益性岗位台账: who holds which post in the month, from the appointments."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet

import posts.workshop_lists  # noqa: F401 - registers the lists of workshops
from accounts.models import Unit, User
from ledgers.exports.printed import printed
from ledgers.exports.registers import GROUP, age_on
from ledgers.imports.known import CHUNK
from lib.month import Month
from lib.staging import Export, register_export
from posts.models import Appointment

HEADINGS = (
    "乡镇", "行政村", "姓名", "性别", "年龄", "身份证号码", "联系电话", "户主姓名", "户类型", "监测对象类别",
    "岗位编号", "岗位名称", "岗位类别", "开发层级", "资金来源", "聘用日期", "解聘日期", "在岗状态",
)  # fmt: skip


def _appointments(user: User, unit: Unit, month: Month | None) -> QuerySet[Appointment]:
    """Whoever held a post on some day of the month."""
    month = month or Month.current()
    held = Appointment.objects.visible_to(user, "x").under(unit).filter(started_on__lte=month.last_day)
    return held.exclude(ended_on__lt=month.first_day)


def rows(user: User, unit: Unit, month: Month | None) -> Iterator[list]:
    """In the order of villages and posts; 在岗 is whoever holds the post on the last day of the month."""
    month = month or Month.current()
    held = _appointments(user, unit, month).select_related("post__unit__parent", "laborer__household")
    for one in held.order_by("post__unit__sort_path", "post__number", "started_on").iterator(CHUNK):
        post, person, place = one.post, one.laborer, one.post.unit
        town = place.parent.name if place.parent else ""
        gone = one.ended_on is not None and one.ended_on < month.last_day
        yield [
            town, place.name, person.name, person.sex, age_on(person.id_no, month.last_day), person.id_no,
            person.phone, person.household.head_name, person.household.poverty_kind, person.household.monitor_kind,
            post.number, post.title, post.category, post.level, post.funding, str(one.started_on),
            str(one.ended_on or ""), "已退岗" if gone else "在岗",
        ]  # fmt: skip


register_export(
    Export(
        name="post-ledger",
        title="乡村公益性岗位台账",
        right=("post", "x"),
        headings=HEADINGS,
        rows=rows,
        count=lambda user, unit, month: _appointments(user, unit, month).count(),
        personal=True,
        group=GROUP,
        about="本月在公益性岗位上的人，岗位、层级、资金来源和聘用日期。",
        dress=printed,
    )
)
