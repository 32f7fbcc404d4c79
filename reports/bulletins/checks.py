"""What must agree before a bulletin goes out (domain.md §2.8). A failure says where, what is printed, what is due."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ledgers.periods import period_state
from reports import reading
from reports.bulletins import annexes, layout, printed_files
from reports.bulletins.slots import Slot, Slots, markers, pieces, printed, text_of, typed_digits
from reports.bulletins.snapshot import RATES, take
from reports.figures import FIGURES
from reports.models import Bulletin

SUMMED = ("I01", "I01a", "I01b", "I01c", "I07", "I09a", "I09b")
CALLED = ("I10", "I11", "I12", "I13", "I14")


@dataclass(frozen=True)
class Problem:
    """One disagreement: `refresh` when taking the figures again would heal it, `block` when a sentence is at fault."""

    text: str
    refresh: bool = False
    block: str = ""


@dataclass(frozen=True)
class Check:
    """One thing that was checked, and what was found."""

    label: str
    problems: list[Problem] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not self.problems


def run(bulletin: Bulletin, *, files: bool = False) -> list[Check]:
    """All checks in reading order; `files` also writes every format and reads its numbers back."""
    printable = not any(_slots_resolve(bulletin))
    found = [
        Check(label, list(check(bulletin))) for label, check in CHECKS if printable or check not in PRINTING
    ]
    if files and all(check.passed for check in found[:RENDERABLE]):
        found.append(
            Check(
                "网页、Word、PDF、Excel 与正文数字逐个一致",
                [Problem(t) for t in printed_files.differences(bulletin)],
            )
        )
    return found


def problems(bulletin: Bulletin, *, files: bool = False) -> list[Problem]:
    return [problem for check in run(bulletin, files=files) for problem in check.problems]


def _name(slot: Slot) -> str:
    return "·".join(part for part in (slot["name"], slot["unit_name"], slot.get("base", "")) if part)


def _living(bulletin: Bulletin) -> list[dict]:
    return layout.living(bulletin.sentences)


# ── the text ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _slots_resolve(bulletin: Bulletin) -> Iterator[Problem]:
    slots = bulletin.snapshot["slots"]
    for block in _living(bulletin):
        for key, form in markers(block["text"]):
            if key not in slots:
                yield Problem(f"正文“{_start(block)}”中的数据项“{key}”没有取到数字。", True, block["id"])
            elif form in ("num", "den") and slots[key]["numerator"] is None:
                yield Problem(f"正文“{_start(block)}”中的“{_name(slots[key])}”没有数字。", True, block["id"])


def _start(block: dict) -> str:
    words = re.sub(r"\{\{.*?\}\}", "…", block["lead"] + block["text"])
    return words if len(words) <= 16 else f"{words[:16]}…"


def _nothing_typed(bulletin: Bulletin) -> Iterator[Problem]:
    for block in _living(bulletin):
        for words in typed_digits(block["text"] + block["lead"]):
            yield Problem(f"正文“{_start(block)}”：{words}", block=block["id"])


UP, DOWN = re.compile(r"(?:增加|增长|上升|提高|多)$"), re.compile(r"(?:减少|下降|降低|低于平均值|还差|少)$")


def _words_fit(bulletin: Bulletin) -> Iterator[Problem]:
    """增加/减少 against the sign, 随机 against how townships were chosen, 均… against every unit, base dates."""
    for block in _living(bulletin):
        for words in [*_directions(bulletin, block), *_claims(bulletin, block), *_dates(bulletin, block)]:
            yield Problem(f"正文“{_start(block)}”：{words}", block=block["id"])


def _directions(bulletin: Bulletin, block: dict) -> Iterator[str]:
    slots, before = bulletin.snapshot["slots"], ""
    for piece in pieces(block["text"], slots):
        slot = slots.get(piece.key)
        if slot and piece.form == "abs":
            text = text_of(slots, piece.key)
            up, down = UP.search(before), DOWN.search(before)
            if (up and text.startswith("\u2212")) or (down and not text.startswith("\u2212")):
                yield f"“{before[-4:]}{piece.text}”与实际变化{text}不符。"
        before = piece.text if not piece.key else ""


def _claims(bulletin: Bulletin, block: dict) -> Iterator[str]:
    snapshot, slots = bulletin.snapshot, bulletin.snapshot["slots"]
    text = printed(block["text"], slots)
    towns = [town for group in snapshot["groups"] for town in group["townships"]]
    selection = (snapshot["campaign"] or {}).get("selection", "")
    if "随机" in text and selection != "随机抽取":
        yield f"乡镇选取方式是“{selection or '未统一'}”，不能写“随机”。"
    if "均完成" in text:
        short = [u for u in snapshot["children"] if (slots.get(f"I04:{u}") or {"numerator": 1})["numerator"]]
        if short:
            yield f"写了“均完成”，但{'、'.join(snapshot['units'][u]['name'] for u in short)}没有完成目标任务。"
    if "电话接通率均不超过" in text:
        level = snapshot["warn"]["I11"]
        over = [
            t
            for t in towns
            if slots[f"I11:{t}"]["numerator"] * 100 > level * slots[f"I11:{t}"]["denominator"]
        ]
        if over:
            yield f"写了“均不超过”，但{'、'.join(snapshot['units'][t]['name'] for t in over)}超过了{level}%。"
    counted = {"乡镇": len(towns), "县": len(snapshot["children"])}
    for number, word in re.findall(r"([一二两三四五六七八九十]+)个(乡镇|县)", text):
        if _chinese(number) != counted[word]:
            yield f"“{number}个{word}”与实际的{counted[word]}个不符。"
    for number in re.findall(r"([一二两三四五六七八九十]+)项指标", text):
        if (named := sum(word in text for word in INDICATORS)) and _chinese(number) != named:
            yield f"“{number}项指标”与列出的{named}项不符。"


INDICATORS = ("电话接通", "务工地、", "务工时间、", "政策知晓")


def _chinese(words: str) -> int:
    digits = {word: number for number, word in enumerate("一二三四五六七八九", 1)} | {"两": 2}
    tens, _, ones = words.rpartition("十")
    if "十" not in words:
        return digits.get(words, 0)
    return 10 * digits.get(tens, 1) + digits.get(ones, 0)


def _dates(bulletin: Bulletin, block: dict) -> Iterator[str]:
    """A comparison names one base date, in one way."""
    slots = bulletin.snapshot["slots"]
    bases = {slots[key]["base"] for key, _ in markers(block["text"]) if "base" in slots.get(key, {})}
    if not bases:
        return
    words = "".join(piece.text for piece in pieces(block["text"], slots) if not piece.key)
    for typed in re.findall(r"去年年底|去年底|上年底|上年末|上年度|\d{4}年(?:\d{1,2}月)?底?", words):
        if typed not in bases:
            yield f"写了“{typed}”，但本句比较的基期是{'、'.join(sorted(bases))}。"


# ── the figures ──────────────────────────────────────────────────────────────────────────────────────────────────


def _exact(bulletin: Bulletin) -> Iterator[Problem]:
    """Printed text against exact numbers, and derived figures against those they come from."""
    slots = bulletin.snapshot["slots"]
    for key, slot in slots.items():
        if (expected := text_of(slots, key)) != slot["text"]:
            yield Problem(f"快照“{_name(slot)}”印作{slot['text']}，按原始数应为{expected}。", True)
        yield from _derived(slots, key, slot)


def _derived(slots: Slots, key: str, slot: Slot) -> Iterator[Problem]:
    figure, unit = slot["figure"], slot["unit"]

    def number(name: str) -> int | None:
        return slots[name]["numerator"] if name in slots else None

    base = slot.get("base", "")
    changes = {"I08": "I07", "I09ad": "I09a", "I09bd": "I09b"}
    expected: dict[str, int | None] = {}
    if figure == "I03":
        expected = {"numerator": number(f"I01:{unit}"), "denominator": number(f"I02:{unit}")}
    elif figure == "I04":
        expected = {"numerator": max(0, (number(f"I02:{unit}") or 0) - (number(f"I01:{unit}") or 0))}
    elif figure in changes:
        now, was = number(f"{changes[figure]}:{unit}"), number(f"{changes[figure]}:{unit}:{base}")
        expected = {"numerator": (now or 0) - (was or 0)}
    elif figure == "I11":
        expected = {"denominator": number(f"I10:{unit}")}
    elif figure in RATES:
        expected = {"denominator": number(f"I11:{unit}")}
    for part, value in expected.items():
        if slot[part] != value:
            yield Problem(f"“{_name(slot)}”的{_PARTS[part]}是{slot[part]}，按相关数据应为{value}。", True)


_PARTS = {"numerator": "分子", "denominator": "分母"}


def _sums(bulletin: Bulletin) -> Iterator[Problem]:
    """Parts add up to the whole: persons, posts, targets and calls."""
    snapshot = bulletin.snapshot
    slots, whole, children = snapshot["slots"], snapshot["unit"], snapshot["children"]
    for figure in (*SUMMED, "I02"):
        yield from _sum(slots, figure, "numerator", whole, children)
    for group in snapshot["groups"]:
        for figure in CALLED:
            yield from _sum(slots, figure, "numerator", group["unit"], group["townships"])
    for figure in CALLED:
        yield from _sum(slots, figure, "numerator", whole, [g["unit"] for g in snapshot["groups"]], gaps=True)


def _sum(
    slots: Slots, figure: str, part: str, whole: str, parts: list[str], gaps: bool = False
) -> Iterator[Problem]:
    """`gaps`: units without the figure were not checked at all and count as nothing."""
    total = slots.get(f"{figure}:{whole}")
    found = [slots.get(f"{figure}:{unit}") for unit in parts if unit != whole]
    if total is None or not found or (not gaps and None in found):
        return
    added = sum(slot[part] or 0 for slot in found if slot)
    if total[part] != added:
        hint = _transposed([slot for slot in found if slot], total[part] - added)
        yield Problem(
            f"“{_name(total)}”为{total[part]}，各下级单位之和为{added}，相差{total[part] - added}。{hint}",
            True,
        )


def _transposed(parts: list[Slot], missing: int) -> str:
    """Two digits turned round in one part would explain the difference (6553 for 6355)."""
    for slot in parts:
        digits = str(slot["numerator"])
        for a in range(len(digits)):
            for b in range(a + 1, len(digits)):
                turned = list(digits)
                turned[a], turned[b] = turned[b], turned[a]
                if int("".join(turned)) - int(digits) == missing:
                    return f"{slot['unit_name']}的{digits}是否应为{''.join(turned)}？"
    return ""


def _ranges(bulletin: Bulletin) -> Iterator[Problem]:
    """接通 ≤ 抽查, 一致 ≤ 接通, rates of the check within 0 to 100."""
    for slot in bulletin.snapshot["slots"].values():
        if (
            slot["figure"] in RATES
            and slot["kind"] == "rate"
            and not 0 <= slot["numerator"] <= slot["denominator"]
        ):
            yield Problem(f"“{_name(slot)}”的人数{slot['numerator']}超过基数{slot['denominator']}。", True)


def _one_base(bulletin: Bulletin) -> Iterator[Problem]:
    for figure in ("I07", "I09a", "I09b"):
        slots = bulletin.snapshot["slots"]
        named = slots.get(f"B:{figure}", {}).get("text")
        used = {
            slot["base"] for key, slot in slots.items() if key.startswith(f"{figure}:") and "base" in slot
        }
        if used - {named}:
            yield Problem(
                f"{FIGURES[figure].name}的基期不统一：{'、'.join(sorted(map(str, used | {named})))}。", True
            )


def _annexes_agree(bulletin: Bulletin) -> Iterator[Problem]:
    """Totals of every column against its rows, and every figure of the text against the same cell of an annex."""
    slots = bulletin.snapshot["slots"]
    cells: dict[tuple[str, str], str] = {}
    for annex in annexes.annexes(bulletin.snapshot):
        numbers = annex.numbers(slots)
        for column, head in enumerate(annex.columns):
            yield from _column(annex, numbers, column, head.full)
        for row in annex.rows:
            for cell in row.cells:
                cells |= {key: printed(cell, slots) for key in markers(cell)}
    for block in _living(bulletin):
        for key, form in markers(block["text"]):
            for other in ("", "bare"):
                text = slots[key]["text"].removesuffix("%") if other else slots[key]["text"]
                if not form and cells.get((key, other), text) != text:
                    yield Problem(f"正文“{_name(slots[key])}”印作{text}，附件为{cells[key, other]}。", True)


def _column(annex: annexes.Annex, numbers: list[list], column: int, head: str) -> Iterator[Problem]:
    if (column < 2 and annex.columns[1].title == "乡镇") or "率" in head or "差额" in head:
        return
    part = whole = 0
    for row, line in zip(annex.rows, numbers, strict=True):
        value = line[column] if isinstance(line[column], int) else None
        if value is None:
            if row.kind != "total":
                return
            continue
        if row.kind == "row":
            part, whole = part + value, whole + value
        elif value != (whole if row.kind == "total" else part):
            expected = whole if row.kind == "total" else part
            where = line[0] + (line[1] if row.kind == "subtotal" else "")
            yield Problem(f"《{annex.title}》{where}“{head}”印作{value}，各行之和为{expected}。", True)
        if row.kind != "row":
            part = 0


# ── the ledger ───────────────────────────────────────────────────────────────────────────────────────────────────


def _same_as_today(bulletin: Bulletin) -> Iterator[Problem]:
    """The snapshot against one taken now, and the kept values against the rows behind them."""
    now = take(bulletin.unit, bulletin.month)
    then, today = bulletin.snapshot["slots"], now["slots"]
    for key in sorted(then.keys() | today.keys()):
        old, new = then.get(key), today.get(key)
        if old != new:
            slot = old or new
            before, after = (s["text"] if s else "无" for s in (old, new))
            if before == after and old and new:
                before, after = (f"{s['numerator']}/{s['denominator']}" for s in (old, new))
            yield Problem(f"台账已变化：“{_name(slot)}”快照为{before}，现在为{after}，请刷新数据。", True)
    rest = [key for key in now if key != "slots" and now[key] != bulletin.snapshot.get(key)]
    if rest:
        yield Problem("台账已变化：单位、抽查安排或用语与起草时不同，请刷新数据。", True)
    for figure in ("I01", *(["I10", "I11", "I12", "I13", "I14"] if f"I10:{now['unit']}" in today else [])):
        rows = FIGURES[figure].rows(bulletin.unit, bulletin.month).count()
        kept = today[f"{figure}:{now['unit']}"]["numerator"]
        if rows != kept:
            yield Problem(f"“{FIGURES[figure].name}”统计数为{kept}，名单为{rows}人，请先更新统计数字。", True)


def _closed(bulletin: Bulletin) -> Iterator[Problem]:
    if period_state(bulletin.unit, bulletin.month).closing is None:
        yield Problem(f"{bulletin.month.label}还没有关闭，数据仍会变动；请先在台账中关闭该月。")
    waiting = reading.as_of(bulletin.unit, bulletin.month).waiting
    if waiting:
        yield Problem(f"有{waiting}个村的统计数字正在更新，请稍后再刷新数据。", True)


CHECKS: tuple[tuple[str, Callable[[Bulletin], Iterator[Problem]]], ...] = (
    ("正文的数据项都取到数字", _slots_resolve),
    ("正文没有手工输入的数字，日期写全年份", _nothing_typed),
    ("印出的数等于原始数，完成率、差额、增减可重新算出", _exact),
    ("增减、均、随机、几个等用词与数字相符", _words_fit),
    ("各单位之和等于合计（人数、目标、岗位、抽查）", _sums),
    ("接通不超过抽查，一致不超过接通，比率在0至100之间", _ranges),
    ("同一比较只有一个基期", _one_base),
    ("附件合计等于各行之和，正文与附件一致", _annexes_agree),
    ("快照与今天的台账一致", _same_as_today),
    ("该月已关闭，统计数字已更新完", _closed),
)
PRINTING = (_words_fit, _annexes_agree)  # need every slot
RENDERABLE = 1  # formats can be written once every slot resolves
