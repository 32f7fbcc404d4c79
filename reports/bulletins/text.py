"""The sentences of T1, 调度抽查通报 (domain.md §7.1): written from what the snapshot shows, slots for every figure.

A block is one sentence or heading. Kinds: h1 and h2 (numbered when laid out), para (begins a paragraph), more (goes
on in the same paragraph), point (goes on, numbered 一是, 二是 …, with a lead in bold). A sentence whose figures are
missing is not written; a problem that the figures do not show is not mentioned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from reports.bulletins import requirements
from reports.bulletins.slots import Slot, Slots, marker, text_of
from reports.bulletins.snapshot import FAR_BELOW, RATES, Snapshot

Block = dict[str, Any]
SELECTED = {
    "随机抽取": "随机抽取",
    "修改数量较少": "选取信息修改数量较少的",
    "联系不上较多": "选取电话联系不上人数较多的",
    "全覆盖": "覆盖",
}


def compose(snapshot: Snapshot, issuer: str) -> list[Block]:
    """All blocks of the bulletin in their fixed order."""
    return _Writer(snapshot, issuer).blocks()


def block(name: str, kind: str, text: str, lead: str = "") -> Block:
    return {"id": name, "kind": kind, "lead": lead, "text": text, "original": text, "on": True}


class _Writer:
    """Reads a snapshot and writes its sentences; every method answers a sentence or nothing."""

    def __init__(self, snapshot: Snapshot, issuer: str) -> None:
        self.snapshot, self.issuer = snapshot, issuer
        self.slots: Slots = snapshot["slots"]
        self.unit: str = snapshot["unit"]
        self.scope: str = snapshot["scope"]
        self.words: dict[str, str] = snapshot["terms"]
        self.children: list[str] = snapshot["children"]
        self.townships = [town for group in snapshot["groups"] for town in group["townships"]]
        self.problems: set[str] = set()

    def blocks(self) -> list[Block]:
        situation = [*self._dispatch(), *self._checks()]
        problems = self._problem_blocks()
        return [
            block("opening", "para", self._opening()),
            block("h-situation", "h1", "基本情况"),
            *([block("background", "para", self._background())] if self.townships else []),
            *situation,
            block("h-problems", "h1", "存在问题"),
            *problems,
            block("h-requirements", "h1", "有关要求"),
            *requirements.blocks(self.problems, self.words, block),
        ]

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────

    def slot(self, figure: str, unit: str) -> Slot | None:
        return self.slots.get(f"{figure}:{unit}")

    def then(self, figure: str, unit: str, base: str) -> Slot | None:
        """The value at, or the difference to, a base date; nothing when no base date is known."""
        return self.slots.get(f"{figure}:{unit}:{base}")

    def base(self, figure: str) -> str:
        slot = self.slots.get(f"B:{figure}")
        return slot["text"] if slot else ""

    def name(self, unit: str) -> str:
        return self.scope if unit == self.unit else self.snapshot["units"][unit]["name"]

    def below(self, figure: str, unit: str, percent: int | None = None) -> bool:
        """Whether an exact rate lies under a level in per cent (the warning level by default)."""
        slot = self.slot(figure, unit)
        level = self.snapshot["warn"][figure] if percent is None else percent
        return bool(slot and slot["denominator"] and slot["numerator"] * 100 < level * slot["denominator"])

    def listed(self, units: Iterable[str], say: Callable[[str], str], sign: str = "；") -> str:
        return sign.join(said for unit in units if (said := say(unit)))

    def some(self, units: list[str]) -> str:
        """How many of the units below, in words that stay true."""
        if len(units) == len(self.children):
            return "各地"
        return "个别地方" if len(units) == 1 else "部分地方"

    # ── 导语与背景 ────────────────────────────────────────────────────────────────────────────────────────────────

    def _opening(self) -> str:
        methods = "数据调度、电话抽查" if self.townships else "数据调度"
        return (
            f"稳岗就业关系{self.words['people']}持续增收，是{self.words['achievement']}的基础工作。"
            f"为推动年度就业帮扶目标任务落实，{self.issuer}通过{methods}等方式，对{self.scope}"
            f"{marker('T:month')}{self.words['people']}稳岗就业工作进行了检查。现将有关情况通报如下。"
        )

    def _background(self) -> str:
        selection = (self.snapshot["campaign"] or {}).get("selection", "")
        chosen = SELECTED.get(selection, "选取")
        lists = []
        for group in self.snapshot["groups"]:
            if group["townships"]:
                place = "" if group["unit"] == self.unit else self.name(group["unit"])
                lists.append(place + "、".join(map(self.name, group["townships"])))
        return (
            f"为核实务工信息更新情况，本次抽查以{self._kind()}为单位，{chosen}{'，'.join(lists)}"
            f"共{marker('N:townships')}个{self._kind()}，核对外出务工人员的联系电话、务工地、务工时间"
            "和政策知晓情况。"
        )

    def _kind(self) -> str:
        """乡镇, with 街道 and 管理区 named where some of the checked units are that."""
        names = [self.name(town) for town in self.townships]
        others = [
            kind for kind in ("街道", "管理区", "开发区", "农场") if any(n.endswith(kind) for n in names)
        ]
        word = "村" if all(n.endswith(("村", "社区")) for n in names) else "乡镇"
        return f"{word}（{'、'.join(others)}）" if others and len(others) < len(names) else word

    # ── 一（一）调度情况 ──────────────────────────────────────────────────────────────────────────────────────────

    def _dispatch(self) -> list[Block]:
        sentences = {
            "dispatch-total": self._workers(self.unit, whole=True) + "。",
            "dispatch-units": self._units(self._workers, self._all_reached()),
            "dispatch-places": self._places(),
            "dispatch-posts": self._posts(),
            "dispatch-workshops": self._workshops(),
        }
        return [block("h-dispatch", "h2", "调度情况。"), *_more(sentences)]

    def _units(self, say: Callable[[str], str], end: str = "") -> str:
        return f"其中：{self.listed(self.children, say)}。{end}" if self.children else ""

    def _workers(self, unit: str, whole: bool = False) -> str:
        text = f"{self.name(unit)}{marker(f'I01:{unit}')}人"
        if whole:
            text = (
                f"截至{marker('T:as_of')}，{self.scope}{self.words['population']}外出务工人数"
                f"{marker(f'I01:{unit}')}人"
            )
        if self.slot("I03", unit):
            task = "完成年度目标任务的" if whole else "完成"
            goal = "目标任务" if whole else "目标"
            text += f"，{task}{marker(f'I03:{unit}')}（{goal}{marker(f'I02:{unit}')}人）"
        before = next((key for key in self.slots if key.startswith(f"I06:{unit}:")), None)
        if whole and before:
            text += f"，较{marker('T:previous')}{self._change(before)}" + self._counted(before, "人")
        return text

    def _all_reached(self) -> str:
        gaps = [self.slot("I04", unit) for unit in self.children]
        if all(gap and gap["numerator"] == 0 for gap in gaps):
            return "各单位均完成年度目标任务。"
        return ""

    def _places(self) -> str:
        parts = [self.slot(figure, self.unit) for figure in ("I01a", "I01b", "I01c")]
        whole = self.slots[f"I01:{self.unit}"]["numerator"]
        if not whole or sum(part["numerator"] for part in parts if part) != whole:
            return ""
        names = zip(("省外", "省内县外", "县内"), ("I01a", "I01b", "I01c"), strict=True)
        listed = "、".join(f"{name}{marker(f'{figure}:{self.unit}')}人" for name, figure in names)
        return f"按务工地分，{listed}。"

    def _change(self, key: str) -> str:
        """增加, 减少 or 持平, as the sign of the difference says."""
        number = self.slots[key]["numerator"]
        return "增加" if number > 0 else "减少" if number < 0 else "持平"

    def _counted(self, key: str, measure: str) -> str:
        return f"{marker(key, 'abs')}{measure}" if self.slots[key]["numerator"] else ""

    def _posts(self) -> str:
        if not self.slots[f"I07:{self.unit}"]["numerator"] and not self.base("I07"):
            return ""
        return f"{self._of_posts(self.unit)}；其中：{self.listed(self.children, self._of_posts)}。"

    def _of_posts(self, unit: str) -> str:
        whole = unit == self.unit
        text = f"{self.name(unit)}{'公益性岗位在岗' if whole else ''}{marker(f'I07:{unit}')}人"
        base = self.base("I07")
        if not self.then("I07", unit, base):
            return text
        difference = f"I08:{unit}:{base}"
        date = f"{marker('B:I07')}为" if whole else "基期"
        text += f"（{date}{marker(f'I07:{unit}:{base}')}人），{self._change(difference)}"
        text += self._counted(difference, "人")
        growth = f"I08g:{unit}:{base}"
        if whole and self.slots[difference]["numerator"] and self.slots[growth]["denominator"]:
            text += (
                f"、{'增长' if self.slots[difference]['numerator'] > 0 else '下降'}{marker(growth, 'abs')}"
            )
        return text

    def _workshops(self) -> str:
        number, people = (self.slots[f"{figure}:{self.unit}"]["numerator"] for figure in ("I09a", "I09b"))
        if not number and not people:
            return ""
        text = f"{self.scope}{self.words['workshop']}{marker(f'I09a:{self.unit}')}个"
        text += self._compared("I09a", "个")
        text += f"，带动{self.words['population']}就业{marker(f'I09b:{self.unit}')}人"
        return text + self._compared("I09b", "人") + "。"

    def _compared(self, figure: str, measure: str) -> str:
        base = self.base(figure)
        if not self.then(figure, self.unit, base):
            return ""
        return f"（{marker(f'B:{figure}')}为{marker(f'{figure}:{self.unit}:{base}')}{measure}）"

    # ── 一（二）抽查情况 ──────────────────────────────────────────────────────────────────────────────────────────

    def _checks(self) -> list[Block]:
        if not self.townships or not self.slot("I10", self.unit):
            return []
        mode = (self.snapshot["campaign"] or {}).get("mode", "")
        way = f"采取{mode}方式，" if mode else ""
        sentences = {
            "checks-sample": (
                f"{way}对{marker(f'I10:{self.unit}')}名{self.words['people']}的务工信息开展电话抽查，"
                f"接通{marker(f'I11:{self.unit}', 'num')}人。"
            )
        }
        for figure in RATES:
            sentences[f"checks-{figure}"] = self._rates(figure)
        sentences["checks-base"] = "准确率、知晓率均以接通人数为基数。"
        return [block("h-checks", "h2", "抽查情况。"), *_more(sentences)]

    def _rates(self, figure: str) -> str:
        units = [unit for unit in (self.unit, *self.children) if self.slot(figure, unit)]
        name = self.slots[f"{figure}:{self.unit}"]["name"]
        listed = "、".join(f"{self._checked(unit)}{marker(f'{figure}:{unit}')}" for unit in units)
        return f"{name}：{listed}。"

    def _checked(self, unit: str) -> str:
        """Rates of chosen townships say nothing about the whole city: they are named as what they are."""
        return "抽查总体" if unit == self.unit else self.name(unit)

    # ── 二、存在问题 ──────────────────────────────────────────────────────────────────────────────────────────────

    def _problem_blocks(self) -> list[Block]:
        """Sub-sections with at least one point; one sentence when the figures show no problem at all."""
        sections = (
            ("attitude", "思想重视不够。", self._attitude()),
            ("progress", "工作进度不快。", self._progress()),
            ("basis", "基础工作不扎实。", self._basis()),
        )
        written: list[Block] = []
        for name, heading, points in sections:
            if points:
                written += [block(f"h-{name}", "h2", heading), *points]
        clean = f"从{marker('T:month')}调度和抽查数据看，未发现问题。"
        return written or [block("no-problem", "para", clean)]

    def _point(self, problem: str, lead: str, text: str) -> list[Block]:
        if not text:
            return []
        self.problems.add(problem)
        return [block(f"point-{problem}", "point", f"{text}。", lead)]

    def _attitude(self) -> list[Block]:
        low = [town for town in self.townships if all(self.below(figure, town) for figure in RATES)]
        text = self.listed(low, self._four_low)
        return self._point("attitude", "责任落实有差距。", text)

    def _four_low(self, town: str) -> str:
        return (
            f"{self.name(town)}电话接通、务工地、务工时间、政策知晓四项指标均低于预警线，"
            f"抽查{marker(f'I10:{town}')}人，接通{marker(f'I11:{town}', 'num')}人，"
            f"务工地信息一致{marker(f'I12:{town}', 'num')}人，务工时间一致{marker(f'I13:{town}', 'num')}人，"
            f"知晓政策{marker(f'I14:{town}', 'num')}人"
        )

    def _progress(self) -> list[Block]:
        short = [unit for unit in self.children if (gap := self.slot("I04", unit)) and gap["numerator"]]
        scale = self.listed(
            short,
            lambda unit: (
                f"{self.name(unit)}外出务工{marker(f'I01:{unit}')}人，距年度目标任务{marker(f'I02:{unit}')}人"
                f"还差{marker(f'I04:{unit}')}人"
            ),
        )
        return [
            *self._point("scale", f"{self.some(short)}务工规模未达到年度目标任务。", scale),
            *self._fewer_posts(),
            *self._point("workshops", f"{self.words['workshop']}发展不快。", self._workshops_behind()),
        ]

    def _fewer_posts(self) -> list[Block]:
        base = self.base("I07")
        fewer = [
            unit
            for unit in self.children
            if (change := self.then("I08", unit, base)) and change["numerator"] < 0
        ]
        listed = self.listed(
            fewer,
            lambda unit: (
                f"{self.name(unit)}{marker(f'I07:{unit}')}人，与{marker(f'I07:{unit}:{base}')}人相比"
                f"还差{marker(f'I08:{unit}:{base}', 'abs')}人"
            ),
        )
        text = f"与{marker('B:I07')}公益性岗位人数相比，{listed}" if listed else ""
        return self._point("posts", f"{self.some(fewer)}公益性岗位人数减少。", text)

    def _workshops_behind(self) -> str:
        """Number and people must both have grown since the base date."""
        said = []
        for figure, difference, name, measure in (
            ("I09a", "I09ad", "个数", "个"),
            ("I09b", "I09bd", "带动就业人数", "人"),
        ):
            base = self.base(figure)
            key = f"{difference}:{self.unit}:{base}"
            if key in self.slots and self.slots[key]["numerator"] <= 0:
                now, then = marker(f"{figure}:{self.unit}"), marker(f"{figure}:{self.unit}:{base}")
                change = self._change(key)
                words = f"{change}{self._counted(key, measure)}" if change == "减少" else "持平"
                said.append(f"{name}{now}{measure}，与{marker(f'B:{figure}')}的{then}{measure}相比{words}")
        return f"{self.scope}{self.words['workshop']}{'；'.join(said)}，未达到有所增长的要求" if said else ""

    def _basis(self) -> list[Block]:
        points = [*self._point("connected", "电话接通率不高。", self._connected())]
        for figure, problem, lead in (
            ("I14", "policy", "政策知晓率不高。"),
            ("I12", "place", "务工地信息准确率不高。"),
            ("I13", "time", "务工时间准确率不高。"),
        ):
            points += self._point(problem, lead, self._low(figure))
        return points

    def _connected(self) -> str:
        low = [town for town in self.townships if self.below("I11", town)]
        if not low:
            return ""
        if len(low) < len(self.townships) or len(low) == 1:
            return self._low("I11")
        text = f"被抽查的{marker('N:townships')}个{self._kind()}电话接通率均不超过{marker('P:I11')}"
        far = [town for town in self.townships if self._points_below("I11", town) > FAR_BELOW]
        if not far:
            return text
        mean = marker(f"I11:{self.unit}")
        listed = self.listed(
            far,
            lambda town: (
                f"{self.name(town)}{marker(f'I11:{town}')}，低于平均值{marker(f'I11d:{town}', 'abs')}个百分点"
            ),
        )
        return f"{text}，平均值为{mean}；其中，{listed}"

    def _points_below(self, figure: str, town: str) -> float:
        slot = self.slots.get(f"{figure}d:{town}")
        printed = text_of(self.slots, f"{figure}d:{town}") if slot else "0"
        return float(printed[1:]) if printed.startswith("\u2212") else 0

    def _low(self, figure: str) -> str:
        """The pooled rate, and every checked unit under the warning level in the fixed order of units."""
        low = [town for town in self.townships if self.below(figure, town)]
        if not low:
            return ""
        name = self.slots[f"{figure}:{self.unit}"]["name"]
        listed = "、".join(f"{self.name(town)}{marker(f'{figure}:{town}')}" for town in low)
        return f"抽查总体{name}为{marker(f'{figure}:{self.unit}')}，低于{marker(f'P:{figure}')}预警线的有{listed}"


def _more(sentences: dict[str, str]) -> list[Block]:
    return [block(name, "more", text) for name, text in sentences.items() if text]
