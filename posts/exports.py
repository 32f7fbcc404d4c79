"""乡村公益性岗位台账, 岗位花名册 and 公示名册: from the appointments and candidates of the month."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet

import posts.month_lists  # registers the lists of attendance and pay
import posts.workshop_lists  # noqa: F401 - registers the lists of workshops
from accounts.models import Unit, User
from ledgers.exports.printed import posted, signed
from ledgers.exports.registers import GROUP, age_on
from ledgers.imports.known import CHUNK
from lib.money import yuan
from lib.month import Month
from lib.staging import KINDS, Export, register_export
from posts.models import Appointment, Candidate

HEADINGS = (
    "乡镇", "行政村", "姓名", "性别", "年龄", "身份证号码", "联系电话", "户主姓名", "户类型", "监测对象类别",
    "岗位编号", "岗位名称", "岗位类别", "开发层级", "资金来源", "聘用日期", "解聘日期", "在岗状态",
)  # fmt: skip


def _appointments(user: User, unit: Unit, month: Month | None, letter: str = "x") -> QuerySet[Appointment]:
    """Whoever held a post on some day of the month."""
    month = month or Month.current()
    held = Appointment.objects.visible_to(user, letter).under(unit).filter(started_on__lte=month.last_day)
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
        dress=signed,
    )
)


# ── the workbook that imports again ──────────────────────────────────────────────────────────────────────────────

IMPORTED = tuple(column.title for column in KINDS["posts"].columns)


def workbook(user: User, unit: Unit, month: Month | None) -> Iterator[list]:
    """The headings of the kind `posts`: read back, every row is the same."""
    held = _appointments(user, unit, month).filter(ended_on=None)
    held = held.select_related("post", "laborer__household").prefetch_related("contracts")
    for one in held.order_by("post__unit__sort_path", "post__number").iterator(CHUNK):
        post, person = one.post, one.laborer
        contract = max(one.contracts.all(), key=lambda it: it.until_on, default=None)
        said = {
            "name": person.name, "id_no": person.id_no, "sex": person.sex, "head": person.household.head_name,
            "kind_of_household": person.household.monitor_kind or person.household.poverty_kind,
            "phone": person.phone, "number": post.number, "title": post.title, "category": post.category,
            "level": post.level, "funding": post.funding, "department": post.department, "employer": post.employer,
            "area": post.area, "monthly_fen": yuan(post.monthly_fen, plain=True) if post.monthly_fen else "",
            "days_required": post.days_required or "", "since": str(one.started_on), "holding": "在岗",
        }  # fmt: skip
        if contract:
            said |= {
                "contract_kind": contract.kind,
                "contract_from": str(contract.from_on),
                "contract_until": str(contract.until_on),
            }
        yield [said.get(column.key, "") for column in KINDS["posts"].columns]


register_export(
    Export(
        name="posts",
        title="公益性岗位台账（可再导入）",
        right=("post", "x"),
        headings=IMPORTED,
        rows=workbook,
        count=lambda user, unit, month: _appointments(user, unit, month).filter(ended_on=None).count(),
        personal=True,
        group=GROUP,
        about="在岗人员和岗位，列名与导入相同，改好后可以再导入。",
    )
)


# ── 岗位花名册 and 公示名册: official lists ──────────────────────────────────────────────────────────────────────

ROSTER = (
    "乡镇", "行政村", "姓名", "性别", "年龄", "岗位名称", "岗位类别", "用人单位", "责任片区", "补贴标准（元/月）",
    "聘用日期", "合同到期", "在岗状态",
)  # fmt: skip


def roster(user: User, unit: Unit, month: Month | None) -> Iterator[list]:
    """Who holds which post in the month: without ID, telephone and card numbers."""
    month = month or Month.current()
    held = _appointments(user, unit, month, "r").select_related("post__unit__parent", "laborer")
    for one in held.order_by("post__unit__sort_path", "post__number", "started_on").prefetch_related(
        "contracts"
    ):
        post, person, place = one.post, one.laborer, one.post.unit
        until = max((it.until_on for it in one.contracts.all()), default="")
        gone = one.ended_on is not None and one.ended_on < month.last_day
        yield [
            place.parent.name if place.parent else "", place.name, person.name, person.sex,
            age_on(person.id_no, month.last_day), post.title, post.category, post.employer, post.area,
            yuan(post.monthly_fen, plain=True) if post.monthly_fen else "", str(one.started_on), str(until),
            "已退岗" if gone else "在岗",
        ]  # fmt: skip


register_export(
    Export(
        name="post-roster",
        title="公益性岗位花名册",
        right=("post", "r"),
        headings=ROSTER,
        rows=roster,
        count=lambda user, unit, month: _appointments(user, unit, month, "r").count(),
        personal=True,
        group=GROUP,
        about="本月在公益性岗位上的人，不带身份证号码、电话和卡号，可以张贴。",
        public=True,
        dress=posted,
    )
)

NOTICE = (
    "乡镇", "行政村", "姓名", "性别", "年龄", "应聘岗位", "岗位职责", "补贴标准（元/月）", "公示开始", "公示截止",
)  # fmt: skip


def _noticed(user: User, unit: Unit, month: Month | None) -> QuerySet[Candidate]:
    """Whose notice runs on some day of the month."""
    month = month or Month.current()
    rows = Candidate.objects.visible_to(user).under(unit)
    return rows.filter(notice_from__lte=month.last_day, notice_until__gte=month.first_day)


def notice(user: User, unit: Unit, month: Month | None) -> Iterator[list]:
    """拟聘用人员: name, sex, age and post, nothing that identifies beyond it (P28)."""
    month = month or Month.current()
    rows = _noticed(user, unit, month).select_related("recruitment__post__unit__parent", "laborer")
    for one in rows.order_by("recruitment__post__unit__sort_path", "notice_from", "pk"):
        post, person = one.recruitment.post, one.laborer
        yield [
            post.unit.parent.name if post.unit.parent else "", post.unit.name, person.name, person.sex,
            age_on(person.id_no, month.last_day), post.title, post.duties,
            yuan(post.monthly_fen, plain=True) if post.monthly_fen else "", str(one.notice_from), str(one.notice_until),
        ]  # fmt: skip


register_export(
    Export(
        name="post-notice",
        title="公益性岗位拟聘用人员公示名册",
        right=("post", "r"),
        headings=NOTICE,
        rows=notice,
        count=lambda user, unit, month: _noticed(user, unit, month).count(),
        personal=True,
        group=GROUP,
        about="本月公示的应聘人，不带身份证号码、电话和卡号，打印后张贴。",
        public=True,
        dress=posted,
    )
)
