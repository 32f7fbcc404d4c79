"""The text of a message: slots in braces, what may stand in them, and how many short messages it costs."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass

from subsidies.schemes import name_of

NAME, VILLAGE, POLICY, STANDARD, DEADLINE, CONTACT = "姓名", "村", "政策", "标准", "截止日期", "联系电话"
SLOTS = (NAME, VILLAGE, POLICY, STANDARD, DEADLINE, CONTACT)
SMS, WECHAT = "短信", "微信"
KINDS = (SMS, WECHAT)
SINGLE, PART = 70, 67  # characters of one short message, and of each part of a longer one (GSM 03.40, UCS-2)
MOST_PARTS = 5
LONGEST = 500
_SLOT = re.compile(r"\{([^{}]*)\}")
_NUMBER = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|1[3-9]\d{9})(?!\d)")
EXAMPLE = {NAME: "阿依古丽", VILLAGE: "示例村"}


@dataclass(frozen=True)
class Words:
    """What a template says, before it is saved: its kind, its text and what its slots are filled with."""

    kind: str
    scheme: str
    text: str
    standard: str = ""
    deadline: dt.date | None = None
    contact: str = ""

    @property
    def filled(self) -> dict[str, str]:
        """The slots that are the same for everybody."""
        day = self.deadline
        return {
            POLICY: name_of(self.scheme),
            STANDARD: self.standard,
            DEADLINE: f"{day.year}年{day.month}月{day.day}日" if day else "",
            CONTACT: self.contact,
        }


def render(words: Words, name: str, village: str) -> str:
    """The text as one person gets it, or the group of a village (without a name)."""
    values = words.filled | {NAME: name, VILLAGE: village}
    return _SLOT.sub(lambda found: values.get(found[1], found[0]), words.text)


def characters(text: str) -> int:
    """As a gateway counts: a character outside the basic plane (a rare one of a name) takes two places."""
    return len(text.encode("utf-16-le")) // 2


def parts(text: str) -> int:
    """How many short messages the text costs: up to 70 characters one, longer ones 67 each."""
    length = characters(text)
    return 1 if length <= SINGLE else math.ceil(length / PART)


def problems(words: Words) -> list[str]:
    """Why this text cannot be saved, in sentences; none means that it can."""
    text, found = words.text, _SLOT.findall(words.text)
    if not text.strip():
        return ["请填写宣传内容。"]
    told = [_unknown(slot) for slot in dict.fromkeys(found) if slot not in SLOTS]
    if re.search(r"[{}]", _SLOT.sub("", text)):
        told.append("花括号没有成对，请检查“{”和“}”。")
    told += [
        f"用了“{{{slot}}}”，请填写{slot}。"
        for slot in (STANDARD, DEADLINE, CONTACT)
        if slot in found and not words.filled[slot]
    ]
    if words.kind == WECHAT and NAME in found:
        told.append("微信文字发到群里，不能有“{姓名}”。")
    if _NUMBER.search(text):
        told.append("内容里有身份证号码或手机号，请删去；办公电话请填在联系电话里。")
    if len(text) > LONGEST:
        told.append(f"内容有{len(text)}字，最多{LONGEST}字。")
    elif words.kind == SMS and not told and (number := parts(_sample(words))) > MOST_PARTS:
        told.append(f"每人要{number}条短信，最多{MOST_PARTS}条，请缩短。")
    return told


def _unknown(slot: str) -> str:
    known = "、".join(f"{{{name}}}" for name in SLOTS)
    return f"没有“{{{slot}}}”这一项，可以用：{known}。"


def _sample(words: Words) -> str:
    return render(words, EXAMPLE[NAME], EXAMPLE[VILLAGE])


def measure(words: Words) -> str:
    """For the preview: length and cost, as of the example person."""
    sample = _sample(words)
    length = characters(sample)
    return f"{length}字，{parts(sample)}条短信" if words.kind == SMS else f"{length}字"
