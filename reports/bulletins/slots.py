"""A slot: one printed number or dated word of the snapshot. Sentences hold markers, never typed figures.

A marker is `{{key}}` or `{{key|form}}`; the key names figure, unit and perhaps a base date:
{{I08:4202YX:2022年10月|abs}}.
In the editor the same marker is a chip: ［公益性岗位较基期增减·阳新县·2022年10月］.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lib.rates import MINUS, NOTHING, Rate

Slot = dict[str, Any]
Slots = dict[str, Slot]

MARKER = re.compile(r"\{\{([^{}|]+)(?:\|([a-z]+))?\}\}")
CHIP = re.compile(r"［([^［］]*)］")
FORMS = {"": "", "abs": "（绝对值）", "num": "（分子）", "den": "（分母）", "bare": "（不带%）"}
# Digits that are no figures: full dates, titles of documents, document numbers.
_ALLOWED_DIGITS = re.compile(r"《[^《》]*》|〔\d{4}〕\d+号|(?<!\d)\d{4}年(?:\d{1,2}月(?:\d{1,2}日)?)?")
_SHORT_DATE = re.compile(r"\d{1,2}月(?:\d{1,2}日)?")
TYPED = "正文中不能手工输入指标数字，请使用数据项"


class UnknownSlot(LookupError):
    """A marker names no slot of the snapshot."""


def text_of(slots: Slots, key: str, form: str = "") -> str:
    """The one formatter: what a slot prints, computed from its exact numbers. No thousands separators."""
    slot = slots.get(key)
    if slot is None:
        raise UnknownSlot(key)
    if form in ("num", "den"):
        return count({"num": slot["numerator"], "den": slot["denominator"]}[form])
    text = _KINDS[slot["kind"]](slot, slots)
    if form == "abs":
        return text.lstrip(f"{MINUS}+")
    return text.removesuffix("%") if form == "bare" else text


def count(number: int | None) -> str:
    return NOTHING if number is None else str(number).replace("-", MINUS)


def _change(slot: Slot, slots: Slots) -> str:
    number = slot["numerator"]
    return f"+{number}" if number and number > 0 else count(number)


def _rate(slot: Slot, slots: Slots) -> str:
    return Rate(slot["numerator"] or 0, slot["denominator"] or 0, slot["places"]).text


def _growth(slot: Slot, slots: Slots) -> str:
    text = _rate(slot, slots)
    return f"+{text}" if (slot["numerator"] or 0) > 0 and text != NOTHING else text


def _points(slot: Slot, slots: Slots) -> str:
    """Difference of two rates as printed, in 百分点."""
    left, right = (slots[key] for key in slot["of"])
    values = [Rate(s["numerator"] or 0, s["denominator"] or 0, s["places"]).value for s in (left, right)]
    if values[0] is None or values[1] is None:
        return NOTHING
    return f"{values[0] - values[1]:f}".replace("-", MINUS)


_KINDS = {
    "count": lambda slot, slots: count(slot["numerator"]),
    "change": _change,
    "rate": _rate,
    "growth": _growth,
    "points": _points,
    "word": lambda slot, slots: slot["text"],
}


@dataclass(frozen=True)
class Piece:
    """A stretch of a sentence: typed words, or a marker with what it prints."""

    text: str
    key: str = ""
    form: str = ""

    @property
    def marker(self) -> str:
        return f"{self.key}|{self.form}" if self.form else self.key


def marker(key: str, form: str = "") -> str:
    return f"{{{{{key}|{form}}}}}" if form else f"{{{{{key}}}}}"


def markers(text: str) -> list[tuple[str, str]]:
    """(key, form) of every marker of a sentence, in order."""
    return [(found[1], found[2] or "") for found in MARKER.finditer(text)]


def pieces(text: str, slots: Slots) -> Iterator[Piece]:
    """The sentence as typed words and printed slots."""
    last = 0
    for found in MARKER.finditer(text):
        if found.start() > last:
            yield Piece(text[last : found.start()])
        key, form = found[1], found[2] or ""
        yield Piece(text_of(slots, key, form), key, form)
        last = found.end()
    if last < len(text):
        yield Piece(text[last:])


def printed(text: str, slots: Slots) -> str:
    return "".join(piece.text for piece in pieces(text, slots))


# ── editing ──────────────────────────────────────────────────────────────────────────────────────────────────────


def chip_names(slots: Slots) -> dict[str, str]:
    """key → the name of its chip, one for each."""
    names, seen = {}, Counter[str]()
    for key in sorted(slots):
        slot = slots[key]
        parts = [slot["name"], slot["unit_name"], slot.get("base", "")]
        name = "·".join(part for part in parts if part)
        seen[name] += 1
        names[key] = name if seen[name] == 1 else f"{name}·{slot['unit'] or key}"
    return names


def to_chips(text: str, slots: Slots) -> str:
    """The sentence as the editor shows it."""
    names = chip_names(slots)
    return MARKER.sub(lambda found: f"［{names.get(found[1], found[1])}{FORMS[found[2] or '']}］", text)


def from_chips(text: str, slots: Slots) -> tuple[str, list[str]]:
    """(the sentence with markers, chips that name no slot)."""
    known = {
        f"{name}{words}": marker(key, form)
        for key, name in chip_names(slots).items()
        for form, words in FORMS.items()
    }
    unknown: list[str] = []

    def back(found: re.Match) -> str:
        if found[1] not in known:
            unknown.append(found[1])
            return found[0]
        return known[found[1]]

    return CHIP.sub(back, text), unknown


def edit_problems(old: str, new: str, slots: Slots) -> list[str]:
    """Why a changed sentence cannot be kept: slots lost or added, figures typed by hand. One sentence each."""
    names = chip_names(slots)
    before, after = Counter(markers(old)), Counter(markers(new))

    def chips(which: Counter) -> str:
        return "、".join(f"［{names.get(key, key)}{FORMS[form]}］" for key, form in which)

    problems = []
    if lost := before - after:
        problems.append(f"缺少数据项{chips(lost)}，请保留；可以调整位置，也可以停用整句。")
    if extra := after - before:
        problems.append(f"多出数据项{chips(extra)}，请删去。")
    return problems + typed_digits(new)


def typed_digits(text: str) -> list[str]:
    """Figures typed into a sentence, each with its place; dates need their year."""
    words = MARKER.sub(lambda found: "＿" * len(found[0]), text)
    words = _ALLOWED_DIGITS.sub(lambda found: "＿" * len(found[0]), words)
    problems = [
        f"日期须写全年份：“{_around(words, found)}”处的“{found[0]}”。"
        for found in _SHORT_DATE.finditer(words)
    ]
    words = _SHORT_DATE.sub(lambda found: "＿" * len(found[0]), words)
    problems += [
        f"{TYPED}：“{_around(words, found)}”处的“{found[0]}”。" for found in re.finditer(r"[\d.]*\d", words)
    ]
    if "{{" in MARKER.sub("", text) or "［" in text:
        problems.append("有不完整的数据项标记，请从原文复制后再改。")
    return problems


def _around(words: str, found: re.Match) -> str:
    """The place of a find, in words a reader can look for; what is masked shows as …."""
    return re.sub("＿+", "…", words[max(0, found.start() - 8) : found.end() + 8])
