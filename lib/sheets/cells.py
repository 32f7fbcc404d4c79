"""A raw cell as text, month, date, number, money, yes or no. Pure; never raises; says why not in Chinese.

Every answer is `Parsed(value, level, message)`. Blank cells give `Parsed(None, "", "")`: whether a blank is
allowed is the importer's question. Items 79–91 and 95 of the bad-input list.
"""

from __future__ import annotations

import enum
import math
import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any, NamedTuple

OK, INFO, REVIEW, REJECT = "", "info", "review", "reject"
UNTIL_NOW = "至今"


class Parsed(NamedTuple):
    """`level` is "" (fine), "info", "review" (accepted, look at it) or "reject" (value is None)."""

    value: Any
    level: str = OK
    message: str = ""


BLANK = Parsed(None)

# NBSP, ideographic space, zero-width signs, byte-order mark and direction marks around a value.
_EDGES = " \t\r\n\v\f\u00a0\u3000\u200b\u200c\u200d\u2060\ufeff\u200e\u200f"
_LARGEST = 10**12
_cached = lru_cache(maxsize=16_384, typed=True)


# Control characters beside tab and line breaks, and what turns the direction of writing.
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")


def clean(value: str) -> str:
    """Without spaces and invisible signs at both ends."""
    return value.strip(_EDGES)


def visible(value: str) -> str:
    """Without the signs that no office can see or print; PostgreSQL keeps no text with a NUL in it."""
    return _UNSEEN.sub("", value)


def text(cell: object) -> str:
    """A cell as it reads: 13800000000.0 → "13800000000". Not for ID numbers: a float ID has lost its tail."""
    if cell.__class__ is str:
        return cell.strip(_EDGES)
    if cell is None or isinstance(cell, enum.Enum):
        return ""
    if cell.__class__ is float:
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if cell.__class__ is datetime:
        return (cell.date() if cell.time() == time() else cell.replace(microsecond=0)).isoformat(*_gap(cell))
    return str(cell)


def _gap(cell: datetime) -> tuple[str, ...]:
    return () if cell.time() == time() else (" ",)


def cell_problem(cell: object) -> str:
    """Why the cell has no value although it is not blank (items 38, 40); "" when there is nothing to say."""
    if isinstance(cell, enum.Enum):
        return (
            "公式无结果，请粘贴为数值。" if cell.name == "NO_VALUE" else "单元格是错误值（如#N/A），请改正。"
        )
    return ""


def to_text(cell: object) -> Parsed:
    """`text`, refused where the cell has no value, or holds signs that no office can see or print."""
    if isinstance(cell, str):
        if not cell.isprintable() and _UNSEEN.search(cell):
            return Parsed(None, REJECT, "含非法字符，请删除后重填。")
        return Parsed(cell.strip(_EDGES) or None)
    if problem := cell_problem(cell):
        return Parsed(None, REJECT, problem)
    return Parsed(text(cell) or None)


# Not NFKC: that would turn ² into 2 and ① into 1.
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | dict.fromkeys(
    map(ord, _EDGES + "\u2028\u2029")
)


def _plain(cell: object) -> str:
    """Half-width, no spaces inside: for anything that is not a name."""
    return text(cell).translate(_HALF_WIDTH).lstrip("'’‘")


# ── dates ────────────────────────────────────────────────────────────────────────────────────────────────────────

_YMD = re.compile(
    r"(\d{4})(?:[-./]|年)(\d{1,2})(?:[-./]|月)(\d{1,2})(?:日|号)?(?:T?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?",
    re.A,
)
_YM = re.compile(r"(\d{4})(?:[-./]|年)(\d{1,2})(?:月|月份)?", re.A)
_Y = re.compile(r"(\d{4})年?", re.A)
_M = re.compile(r"(\d{1,2})月(?:份|\d{1,2}[日号]?)?|\d{1,2}[-./]\d{1,2}", re.A)
_SHORT = re.compile(r"\d{2}(?:[-./]|年)\d{1,2}(?:(?:[-./]|月)\d{0,2}[日号]?)?", re.A)
_NOW = {"至今", "今", "现在", "到现在", "仍在", "长期", "未结束", "在岗"}
_FIRST_SERIAL, _LAST_SERIAL = 14_000, 73_050  # 1938 to 2099


@_cached
def to_month(cell: object, today: date | None = None, date1904: bool = False) -> Parsed:
    """The first day of the month as `date`, or `UNTIL_NOW`. A month after `today` goes to review."""
    return _dated(cell, today, date1904, whole=False)


@_cached
def to_date(cell: object, today: date | None = None, date1904: bool = False) -> Parsed:
    """A calendar day as `date`, or `UNTIL_NOW`. A day after `today` goes to review."""
    return _dated(cell, today, date1904, whole=True)


def _dated(cell: object, today: date | None, date1904: bool, whole: bool) -> Parsed:
    if isinstance(cell, datetime):
        found = Parsed(cell.date())
    elif isinstance(cell, date):
        found = Parsed(cell)
    elif isinstance(cell, (bool, time, timedelta)):
        found = Parsed(None, REJECT, "不是日期，请写成2022年3月。")
    elif isinstance(cell, (int, float)):
        found = _number_date(float(cell), date1904, whole)
    elif problem := cell_problem(cell):
        found = Parsed(None, REJECT, problem)
    else:
        found = _text_date(_plain(cell), date1904, whole)
    if not isinstance(found.value, date):
        return found
    value = found.value if whole else found.value.replace(day=1)
    if not 1900 <= value.year <= 2100:
        return Parsed(None, REJECT, "年份不合理，请核对。")
    if today and value > today:
        return Parsed(value, REVIEW, "晚于今天，请核对。")
    return Parsed(value)


def _number_date(number: float, date1904: bool, whole: bool) -> Parsed:
    if not math.isfinite(number) or number < 0 or number >= 1e9:
        return Parsed(None, REJECT, "不是日期，请写成2022年3月。")
    if number.is_integer():
        return _digits_date(str(int(number)), date1904, whole)
    if 1900 <= number < 2101:
        month = round(number % 1 * 100)
        if month == 10:
            return Parsed(None, REJECT, "存成了数字，无法区分1月与10月，请写成2022年1月或2022年10月。")
        return _text_date(f"{number:.10g}", date1904, whole)
    if _FIRST_SERIAL <= number <= _LAST_SERIAL:
        return _serial(int(number), date1904)
    return Parsed(None, REJECT, "不是日期，请写成2022年3月。")


def _text_date(words: str, date1904: bool, whole: bool) -> Parsed:
    if not words:
        return BLANK
    if words in _NOW:
        return Parsed(UNTIL_NOW)
    if words.isascii() and words.isdigit():
        return _digits_date(words, date1904, whole)
    if match := _YMD.fullmatch(words):
        return _day(*match.groups())
    if match := _YM.fullmatch(words):
        return (
            Parsed(None, REJECT, "缺少日，请写成2022年3月10日。") if whole else _day(match[1], match[2], "1")
        )
    if _Y.fullmatch(words):
        return Parsed(None, REJECT, "缺少月份，请写成2022年3月。")
    if _SHORT.fullmatch(words) and int(words[:2]) > 12:
        return Parsed(None, REJECT, "年份请写四位，如2022年3月。")
    if _M.fullmatch(words):
        return Parsed(None, REJECT, "缺少年份，请写成2022年3月。")
    return Parsed(None, REJECT, "不是日期，请写成2022年3月。")


def _digits_date(digits: str, date1904: bool, whole: bool) -> Parsed:
    if len(digits) == 8:
        return _day(digits[:4], digits[4:6], digits[6:])
    if len(digits) == 6 and digits[:2] in ("19", "20"):
        return (
            Parsed(None, REJECT, "缺少日，请写成2022年3月10日。")
            if whole
            else _day(digits[:4], digits[4:], "1")
        )
    if len(digits) == 5 and _FIRST_SERIAL <= int(digits) <= _LAST_SERIAL:
        return _serial(int(digits), date1904)
    if len(digits) == 4 and digits[:2] in ("19", "20"):
        return Parsed(None, REJECT, "缺少月份，请写成2022年3月。")
    if len(digits) <= 2:
        return Parsed(None, REJECT, "缺少年份，请写成2022年3月。")
    return Parsed(None, REJECT, "不是日期，请写成2022年3月。")


def _serial(days: int, date1904: bool) -> Parsed:
    """The day number of a spreadsheet whose cell lost its date format."""
    return Parsed((date(1904, 1, 1) if date1904 else date(1899, 12, 30)) + timedelta(days=days))


def _day(year: str, month: str, day: str) -> Parsed:
    try:
        return Parsed(date(int(year), int(month), int(day)))
    except ValueError:
        return Parsed(None, REJECT, "月份不存在。" if not 1 <= int(month) <= 12 else "日期不存在。")


# ── numbers ──────────────────────────────────────────────────────────────────────────────────────────────────────

_COUNT = re.compile(r"([+-]?\d[\d,]*(?:\.\d+)?)(?:个月|个|人次|人|户|月|天|日|次|岁|年|份|条|元|%)?", re.A)
_MONEY = re.compile(
    r"(?:人民币|RMB|[¥￥])?([+-]?\d[\d,]*(?:\.\d*)?)(万|千|百)?(?:元|块|圆)?(?:整)?(?:(?:/|每|一个?)?(月|个月|年))?(?:左右)?",
    re.A | re.I,
)
_RANGE = re.compile(r".*\d\D*[-~–—至到]\D*\d.*", re.A)
_TIMES = {"万": 10_000, "千": 1_000, "百": 100, None: 1, "": 1}
_CENT = Decimal("0.01")


@_cached
def to_int(cell: object, minimum: int | None = 0, maximum: int | None = None) -> Parsed:
    """A whole number; "12个月", "１２" and 12.0 are 12."""
    number = _number(cell, _COUNT)
    if not isinstance(number, Decimal):
        return number
    if number != number.to_integral_value():
        return Parsed(None, REJECT, "不是整数。")
    if minimum is not None and number < minimum:
        return Parsed(None, REJECT, "不能是负数。" if minimum == 0 else f"不能小于{minimum}。")
    if maximum is not None and number > maximum:
        return Parsed(None, REJECT, f"不能大于{maximum}。")
    return Parsed(int(number))


@_cached
def to_money(cell: object, monthly: bool = False) -> Parsed:
    """Yuan as `Decimal` with two places: "3000元/月", "0.3万", "３,０００" are 3000.00 (items 86–91).

    `monthly` asks about sums of 30,000 and more, and refuses a sum given per year.
    """
    number = _number(cell, _MONEY, monthly)
    if not isinstance(number, Decimal):
        return number
    if number < 0:
        return Parsed(None, REJECT, "金额不能是负数。")
    value = number.quantize(_CENT, ROUND_HALF_UP)
    if value <= 1:
        return Parsed(value, REVIEW, "金额为0或1，请核对。")
    if monthly and value >= 30_000:
        return Parsed(value, REVIEW, "月收入偏高，是否年薪？")
    return Parsed(value)


def _number(cell: object, shape: re.Pattern[str], monthly: bool = False) -> Decimal | Parsed:
    if isinstance(cell, (bool, date, time, timedelta)):
        return Parsed(None, REJECT, "不是数字。")
    if isinstance(cell, (int, float, Decimal)):
        finite = math.isfinite(cell) and -_LARGEST < cell < _LARGEST
        return Decimal(str(cell)) if finite else Parsed(None, REJECT, "数值异常。")
    if problem := cell_problem(cell):
        return Parsed(None, REJECT, problem)
    words = _plain(cell)
    if not words:
        return BLANK
    match = shape.fullmatch(words)
    if not match:
        return Parsed(
            None, REJECT, "是区间，请填一个数。" if _RANGE.match(words) else "不是数字，请只填一个数。"
        )
    if len(words) > 30:
        return Parsed(None, REJECT, "数值异常。")
    number = Decimal(match[1].replace(",", ""))
    if shape is _MONEY:
        if monthly and match[3] == "年":
            return Parsed(None, REJECT, "按年填写，请换算为每月金额。")
        number *= _TIMES[match[2]]
    return number if abs(number) < _LARGEST else Parsed(None, REJECT, "数值异常。")


# ── yes and no ───────────────────────────────────────────────────────────────────────────────────────────────────

_YES = {"√", "✓", "✔", "☑", "是", "1", "有", "对", "y", "yes", "true", "t", "是的", "已", "v"}
_NO = {"×", "✗", "✘", "x", "否", "0", "无", "没有", "n", "no", "false", "f", "不是", "未", "没", "不"}


@_cached
def to_bool(cell: object) -> Parsed:
    """√ / 是 / 1 / 有 are yes, × / 否 / 0 / 无 are no, anything else is refused (item 95)."""
    if cell.__class__ is bool:
        return Parsed(cell)
    if problem := cell_problem(cell):
        return Parsed(None, REJECT, problem)
    words = _plain(cell).lower()
    if not words:
        return BLANK
    if words in _YES:
        return Parsed(True)
    return Parsed(False) if words in _NO else Parsed(None, REJECT, "只能填“是”或“否”。")
