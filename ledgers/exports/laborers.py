"""The ledger as workbooks: 劳动力台账 as the import of the same name reads it, and the facts of a month."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from accounts.models import Unit, User
from ledgers.counting import REASONS
from ledgers.imports import cells
from ledgers.imports.columns import LABORERS, REGION_PARTS
from ledgers.imports.known import CHUNK, numbers, people
from ledgers.matching import Village, all_villages
from ledgers.models import Laborer, MonthlyRecord
from lib.bulk import among
from lib.identity import mask_id
from lib.identity import sex as sex_of
from lib.month import Month
from lib.staging import Column, Export, register_export

COLUMNS = tuple(column for column in LABORERS if column not in REGION_PARTS)
NUMBERS = frozenset({"monthly_wage", "income", "wanted_wage", "flexible_days"})
MONTHS = frozenset({"started", "ended", "helped_in", "graduated_in", "wanted_in", "ticked_months"})


@lru_cache(maxsize=16_384)
def month_text(value: str | None) -> str:
    """2022-10,2022-11 → 2022年10月、2022年11月."""
    return "、".join(Month.parse(one).label for one in value.split(",")) if value else ""


def flag_text(value: bool | None) -> str:
    return "" if value is None else "是" if value else "否"


_FLAG = {True: "是", False: "否"}.get
_WISH = {True: "有", False: "无"}.get


def _plain(value: Any) -> Any:
    return "" if value is None else value


def _writer(column: Column) -> Callable[[Any], Any] | None:
    """How a stored value is printed under the column; None where it is printed as it is."""
    if column.key in MONTHS:
        return month_text
    if column.parse is cells.flag:
        return _WISH if column.key == "wants_training" else _FLAG
    return None


def cell_text(column: Column, value: Any) -> str:
    """A stored value as the text that the import of the same column reads."""
    write = _writer(column)
    return str(_plain(write(value) if write else value))


def _laborers(user: User, unit: Unit) -> QuerySet[Laborer]:
    return Laborer.objects.visible_to(user).under(unit)


def laborer_count(user: User, unit: Unit, month: Month | None) -> int:
    return _laborers(user, unit).count()


def laborer_rows(user: User, unit: Unit, month: Month | None) -> Iterator[list]:
    """Everyone the user may see under the unit, in the order of the organisation tree, as of the month."""
    month = month or Month.current()
    places = {village.pk: _where(village) for village in all_villages()}
    printed = [(at, write) for at, column in enumerate(COLUMNS) if (write := _writer(column))]
    headings = [column.key for column in COLUMNS]
    order = _laborers(user, unit).order_by("village__sort_path", "household__number", "pk")
    keys = list(order.values_list("pk", flat=True))
    for start in range(0, len(keys), CHUNK):
        part = keys[start : start + CHUNK]
        chunk = Laborer.objects.filter(among("pk", part))
        known = {one.pk: one for one in people(chunk, month)}
        secret = {pk: (id_no, phone) for pk, id_no, phone in numbers(chunk)}
        for pk in part:
            if pk in known:
                values = known[pk].values
                values["id_no"], values["phone"] = secret[pk]
                values["sex"] = sex_of(values["id_no"])
                values |= places.get(known[pk].village, {})
                row = [values.get(key) for key in headings]
                for at, write in printed:
                    row[at] = write(row[at])
                yield row


def _where(village: Village) -> dict[str, str]:
    name, town, county = village.names
    return {"unit_code": village.code, "county": county, "town": town, "village": name}


RECORD_HEADINGS = (
    "单位编码", "乡镇", "行政村", "姓名", "身份证号码", "脱贫人口", "监测对象", "是否务工", "务工区域", "就业形式",
    "就业单位名称", "月平均工资", "年度累计务工时间", "年度务工收入", "是否计入", "原因", "核实情况",
)  # fmt: skip


def _records(user: User, unit: Unit, month: Month | None) -> QuerySet[MonthlyRecord]:
    return MonthlyRecord.objects.visible_to(user).under(unit).filter(month=month or Month.current())


def record_rows(user: User, unit: Unit, month: Month | None) -> Iterator[list]:
    """The facts of one month and why each person counts or not; ID numbers masked."""
    records = _records(user, unit, month).order_by("village__sort_path", "laborer_id")
    rows = records.values_list(
        "village__code", "village__parent__name", "village__name", "laborer__name", "laborer__id_no", "is_poverty",
        "is_monitored", "working", "place_class", "job_form", "employer", "monthly_wage", "months", "income", "reason",
        "verify_state",
    )  # fmt: skip
    for (
        code,
        town,
        village,
        name,
        number,
        poverty,
        monitored,
        working,
        *work,
        reason,
        verified,
    ) in rows.iterator(CHUNK):
        place, form, employer, wage, months, income = work
        yield [
            code, town, village, name, mask_id(number), flag_text(poverty), flag_text(monitored), flag_text(working),
            place, form, employer, _plain(wage), months, income, flag_text(reason == "counted"), REASONS[reason],
            verified,
        ]  # fmt: skip


register_export(
    Export(
        name="laborers",
        title="劳动力台账",
        right=("person", "x"),
        headings=tuple(column.title for column in COLUMNS),
        rows=laborer_rows,
        count=laborer_count,
        numeric=frozenset(column.title for column in COLUMNS if column.key in NUMBERS),
        personal=True,
    )
)
register_export(
    Export(
        name="records",
        title="月度务工情况",
        right=("person", "x"),
        headings=RECORD_HEADINGS,
        rows=record_rows,
        count=lambda user, unit, month: _records(user, unit, month).count(),
        numeric=frozenset({"月平均工资", "年度累计务工时间", "年度务工收入"}),
        personal=True,
    )
)
