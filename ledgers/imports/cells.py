"""How the cells of ledger workbooks are read: every parser gives (JSON value or None, level, message)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ledgers import codes
from lib.identity import check_citizen_id, check_name, check_phone
from lib.month import SHANGHAI
from lib.sheets import (
    UNTIL_NOW,
    Parsed,
    cell_problem,
    text,
    to_bool,
    to_date,
    to_int,
    to_money,
    to_month,
    to_text,
)
from lib.staging import INFO, REJECT, REVIEW

Parse = Callable[[Any], Parsed]
SPLIT = re.compile(r"[,，、;；\n/]+")
_BRACKETS = str.maketrans({"（": "(", "）": ")", " ": "", "\u3000": "", "\n": "", "\u00a0": ""})


def today() -> dt.date:
    """Asked for every ID number of a ledger, which django.utils.timezone answers ten times slower."""
    return dt.datetime.now(SHANGHAI).date()


def plain(cell: Any) -> str:
    """Text without inner spaces, brackets half-width: for comparing with a code list."""
    return text(cell).translate(_BRACKETS)


def one_of(offered: Sequence[str], terms: Mapping[str, str] | None = None) -> Parse:
    """One of a code list as printed; `terms` are other words for the same (item 95: anything else is refused)."""
    known = {plain(code): code for code in offered} | {
        plain(term): code for term, code in (terms or {}).items()
    }
    shown = "、".join(offered[:12]) + ("等" if len(offered) > 12 else "")

    def parse(cell: Any) -> Parsed:
        words = plain(cell)
        if found := known.get(words):
            return Parsed(found)
        if not words or (words == "无" and "无" not in known):
            return Parsed(None)
        problem = cell_problem(cell)
        return Parsed(None, REJECT, problem or f"“{words[:20]}”不在可选项中，可填：{shown}。")

    return parse


def some_of(offered: Sequence[str], terms: Mapping[str, str] | None = None) -> Parse:
    """Several of a code list, as exports join them: 长期慢性病,残疾."""
    single = one_of(offered, terms)

    def parse(cell: Any) -> Parsed:
        found = []
        for words in SPLIT.split(text(cell)):
            one = single(words)
            if one.message:
                return one
            if one.value and one.value not in found:
                found.append(one.value)
        return Parsed(",".join(found) or None)

    return parse


def short_text(most: int) -> Parse:
    """Free text of the length the ledger keeps; longer is refused, never cut."""

    def parse(cell: Any) -> Parsed:
        found = to_text(cell)
        if found.value and len(found.value) > most:
            return Parsed(None, REJECT, f"超过{most}个字，请精简。")
        return found

    return parse


def id_number(cell: Any) -> Parsed:
    checked = check_citizen_id(_value(cell), today())
    return _sentence(checked)


def person_name(cell: Any) -> Parsed:
    return _sentence(check_name(_value(cell)))


def phone(cell: Any) -> Parsed:
    """The first number; that a second is not kept is said."""
    if problem := cell_problem(cell):
        return Parsed(None, REJECT, problem)
    checked = check_phone(cell)
    if not checked.value and checked.level == INFO:
        return Parsed(None)
    if checked.extra and not checked.message:
        return Parsed(checked.value, INFO, "有两个号码，登记第一个。")
    return _sentence(checked)


def _value(cell: Any) -> Any:
    return None if cell_problem(cell) else cell


def _sentence(checked: Any) -> Parsed:
    """What lib.identity says, as a sentence."""
    level = "" if checked.level == "ok" else checked.level
    return Parsed(checked.value or None, level, f"{checked.message}。" if checked.message else "")


def flag(cell: Any) -> Parsed:
    return to_bool(cell)


def month(cell: Any, date1904: bool = False) -> Parsed:
    """2022-10 for every spelling of a month (items 79–82)."""
    found = to_month(cell, today(), date1904)
    if isinstance(found.value, dt.date):
        return found._replace(value=f"{found.value:%Y-%m}")
    return Parsed(None, REJECT, "这里不能填“至今”，请写年月。") if found.value == UNTIL_NOW else found


def plan_month(cell: Any, date1904: bool = False) -> Parsed:
    """A month that may well lie ahead."""
    found = month(cell, date1904)
    return Parsed(found.value) if found.level == REVIEW else found


def end_month(cell: Any, date1904: bool = False) -> Parsed:
    """The last month of a spell; 至今 stays as it is (item 84)."""
    found = to_month(cell, today(), date1904)
    if found.value == UNTIL_NOW:
        return Parsed(UNTIL_NOW)
    return month(cell, date1904)


def day(cell: Any, date1904: bool = False) -> Parsed:
    found = to_date(cell, today(), date1904)
    if isinstance(found.value, dt.date):
        return found._replace(value=found.value.isoformat())
    return Parsed(None, REJECT, "这里不能填“至今”，请写日期。") if found.value == UNTIL_NOW else found


def plan_day(cell: Any, date1904: bool = False) -> Parsed:
    found = day(cell, date1904)
    return Parsed(found.value) if found.level == REVIEW else found


def _yuan(found: Parsed, most: int) -> Parsed:
    if found.value is None:
        return found
    whole = int(found.value.quantize(Decimal(1), ROUND_HALF_UP))
    if whole > most:
        return Parsed(None, REJECT, "数值异常。")
    return Parsed(whole, found.level, found.message)


def wage(cell: Any) -> Parsed:
    """月平均工资 in whole yuan: 0 and 1 are asked about (YD-E01), so is less than 100 or 400 (YD-E02, E03)."""
    found = _yuan(to_money(cell, monthly=True), 10_000_000)
    if found.value is not None and not found.level and found.value < 400:
        return Parsed(found.value, REVIEW, "月收入偏低，请核对。")
    return found


def wanted_wage(cell: Any) -> Parsed:
    return _yuan(to_money(cell, monthly=True), 10_000_000)


def income(cell: Any) -> Parsed:
    """年度务工收入 in whole yuan; 0 is what somebody without work has."""
    found = _yuan(to_money(cell), 100_000_000)
    return Parsed(0) if found.value == 0 else found


_MONTHS = re.compile(r"([0-9]{1,3}(?:\.[0-9]+)?)(?:个?月)?")


def months_worked(cell: Any) -> Parsed:
    """年度累计务工时间 in 个月 with one decimal, 0 to 12, as text: 3.5."""
    if problem := cell_problem(cell):
        return Parsed(None, REJECT, problem)
    words = plain(cell)
    if not words:
        return Parsed(None)
    match = _MONTHS.fullmatch(words)
    if not match:
        return Parsed(None, REJECT, "不是月数，请填0至12之间的数，如3.5。")
    number = Decimal(match[1])
    if number > 12:
        return Parsed(None, REJECT, "不能大于12个月。")
    if number != number.quantize(Decimal("0.1")):
        return Parsed(None, REJECT, "最多保留一位小数，如3.5。")
    return Parsed(str(number.quantize(Decimal("0.1"))))


def days(cell: Any) -> Parsed:
    return to_int(cell, 0, 366)


def ticked(cell: Any) -> Parsed:
    """具体务工时间: any number of months, kept in order as 2022-10,2022-11."""
    found = set()
    for words in re.split(r"[,，、;；\s]+", text(cell)):
        if not words:
            continue
        one = month(words)
        if one.level == REJECT or not one.value:
            return Parsed(None, REJECT, "请逐月写明，如2022年10月、2022年11月。")
        found.add(one.value)
    if len(found) > 15:
        return Parsed(None, REJECT, "最多15个月。")
    return Parsed(",".join(sorted(found)) or None)


_SERVICE = re.compile(r"(.+?)[(:：]?(?:次数)?[:：]?([0-9]{1,3})?次?\)?")
NO_SERVICE = "未享受过就业服务"


def services(cell: Any) -> Parsed:
    """本年度享受就业服务项目 with how often: 职业指导2次、职业介绍1次. None of them excludes all of them (YD-I06)."""
    found: dict[str, int] = {}
    none = False
    for words in SPLIT.split(plain(cell)):
        if not words or words == NO_SERVICE or words == "无":
            none = none or bool(words)
            continue
        match = _SERVICE.fullmatch(words)
        if not match or match[1] not in codes.SERVICES:
            return Parsed(None, REJECT, f"“{words[:20]}”不在可选项中，可填：{'、'.join(codes.SERVICES)}。")
        found[match[1]] = found.get(match[1], 0) + int(match[2] or 1)
    if none and found:
        return Parsed(None, REJECT, f"填了“{NO_SERVICE}”，不能同时填其他项目。")
    return Parsed(services_text(found) if text(cell) else None)


def services_text(counts: Mapping[str, int]) -> str:
    written = [f"{name}{counts[name]}次" for name in codes.SERVICES if counts.get(name)]
    return "、".join(written) or NO_SERVICE


def services_stored(written: str) -> dict[str, int]:
    """The stored form of what `services` made."""
    pairs = (_SERVICE.fullmatch(words) for words in written.split("、") if words != NO_SERVICE)
    return {match[1]: int(match[2]) for match in pairs if match}


DATED = {month, plan_month, end_month, day, plan_day}
