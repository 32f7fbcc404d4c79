"""补贴申请 as files: the sheet that imports again, 申请花名册 for the offices, 公示名册 without any number."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from accounts.models import Unit, User
from ledgers.exports.printed import posted, signed
from ledgers.exports.registers import GROUP
from lib.month import Month
from lib.staging import Export, register_export
from subsidies.claims import notices
from subsidies.claims.rules import months_words, thaw
from subsidies.imports.claims import Claims
from subsidies.models import Claim
from subsidies.rules import period_words

State = Claim.State
CHUNK = 2000
REGISTER = (
    "乡镇", "行政村", "姓名", "性别", "年龄", "身份证号码", "联系电话", "补贴项目", "所属期", "务工时间", "务工地点",
    "务工单位", "申请方式", "代办人", "开户行", "社保卡号", "金额（元）", "状态",
)  # fmt: skip
AMOUNT = "金额（元）"


def claims(user: User, unit: Unit, month: Month | None) -> QuerySet[Claim]:
    """Living claims reckoned for the month (all months: without one), as far as the user may take them out."""
    found = Claim.objects.visible_to(user, "x").under(unit).alive()
    found = found.filter(month=month) if month else found
    return found.select_related("laborer", "village__parent", "scheme", "account").order_by(
        "village__sort_path", "code", "laborer__name", "pk"
    )


def rows(user: User, unit: Unit, month: Month | None) -> Iterator[list[Any]]:
    """The columns of the import, in its words."""
    for one in claims(user, unit, month).iterator(CHUNK):
        account = one.account
        yield [
            one.laborer.name, one.laborer.id_no, one.code, period_words(one.period), one.how, one.agent_name,
            one.agent_relation, str(one.consent_on or ""), account.bank if account else "",
            account.number if account else "", one.yuan,
        ]  # fmt: skip


def register(user: User, unit: Unit, month: Month | None) -> Iterator[list[Any]]:
    """申请花名册: everything an office signs for."""
    for one in claims(user, unit, month).iterator(CHUNK):
        person, account, facts = one.laborer, one.account, thaw(one.facts)
        worked = [work for work in facts.worked if one.scheme.terms.counts(work)]
        yield [
            one.village.parent.name if one.village.parent else "", one.village.name, person.name, person.sex,
            facts.age, person.id_no, person.phone, one.scheme.name, one.period_text, months_words(one.month_list),
            one.facts.get("place", ""), worked[-1].employer if worked else "", one.how, one.agent_name,
            account.bank if account else "", account.number if account else "", Decimal(one.amount) / 100,
            one.get_state_display(),
        ]  # fmt: skip


def board(user: User, unit: Unit, month: Month | None) -> Iterator[list[Any]]:
    """公示名册 (P03, P06, P28): of what is being put up, nothing but what the board may show."""
    for one in claims(user, unit, month).filter(state=State.NOTICED).iterator(CHUNK):
        yield [*notices.line(one)[:-1], Decimal(one.amount) / 100]


def _count(*states: str):
    def count(user: User, unit: Unit, month: Month | None) -> int:
        found = claims(user, unit, month)
        return (found.filter(state__in=states) if states else found).count()

    return count


register_export(
    Export(
        name="claims", title="补贴申请", right=("subsidy", "x"),
        headings=tuple(column.title for column in Claims.columns), rows=rows, count=_count(), personal=True,
    )
)  # fmt: skip
register_export(
    Export(
        name="claims-register", title="补贴申请花名册", right=("subsidy", "x"), headings=REGISTER, rows=register,
        count=_count(), personal=True, group=GROUP, about="本月核算的补贴申请，带收款账户和办理情况。", dress=signed,
        numeric=frozenset({AMOUNT}),
    )
)  # fmt: skip
register_export(
    Export(
        name="claims-board", title="补贴公示名册", right=("subsidy", "x"), headings=notices.HEADINGS, rows=board,
        count=_count(State.NOTICED), personal=True, group=GROUP,
        about="正在公示的申请：姓名、性别、年龄段、务工时间、务工地点、金额，没有证件号、电话和卡号。", dress=posted,
        public=True, numeric=frozenset({AMOUNT}),
    )
)  # fmt: skip
