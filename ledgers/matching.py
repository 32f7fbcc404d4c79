"""Finding what a sheet means: the village of a row, the place somebody works in.

Both are loaded once per workbook and then answer from memory.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from accounts.models import Custody, Level, Region, Unit, UnitAlias, User
from accounts.regions import PLACEHOLDERS
from accounts.scope import paths
from ledgers.codes import OUTSIDE
from ledgers.counting import place_class

OUT_OF_REACH = "不在管辖范围，请核对。"
_KIND_OF_VILLAGE = re.compile(r"(?:村民委员会|居民委员会|村委会|居委会|社区居民委员会|村|社区)$")
ABROAD = ("境外", "国外", "海外")
_OWN_TOWNSHIP = {"本村", "本乡", "本镇", "本乡镇", "乡内", "镇内", "村内"}
_OWN_COUNTY = {"本县", "本市县", "县内"}


@dataclass(frozen=True, slots=True)
class Village:
    """A village as rows are matched to it; `names` are village, township and county."""

    pk: int
    code: str
    gb_code: str
    path: str
    names: tuple[str, str, str]


def common_name(name: str) -> str:
    """王桥村委会, 王桥社区 and 王桥村 are the same to a reader: 王桥."""
    return _KIND_OF_VILLAGE.sub("", name) or name


class Villages:
    """All villages, and which of them `user` may send rows for within the unit of a batch."""

    def __init__(self, unit: Unit, user: User, letter: str = "i") -> None:
        reach = tuple(path for path in paths(user, "person", letter) if path)
        self.by_code: dict[str, Village] = {}
        self.by_pk: dict[int, Village] = {}
        self._named: dict[str, list[Village]] = defaultdict(list)
        self._found: dict[tuple, tuple[Village | None, str]] = {}
        self.within: set[int] = set()
        for village in all_villages():
            self.by_code[village.code] = self.by_pk[village.pk] = village
            if village.path.startswith(unit.path) and village.path.startswith(reach):
                self.within.add(village.pk)
            self._named[common_name(village.names[0])].append(village)
        self._formerly: dict[str, list[tuple[Village, UnitAlias]]] = defaultdict(list)
        for alias in UnitAlias.objects.filter(unit__level=Level.VILLAGE, unit__closed_on=None):
            self._formerly[common_name(alias.name)].append((self.by_pk[alias.unit_id], alias))
        self._above = _former_names_above()
        only = [self.by_pk[pk] for pk in self.within] if len(self.within) == 1 else []
        self.only = only[0] if only and unit.level == Level.VILLAGE else None

    def find(self, code: str, county: str, town: str, name: str) -> tuple[Village | None, str]:
        """The village, and that it is called otherwise today; or None, and why there is none."""
        asked = (code, county, town, name)
        if asked not in self._found:
            self._found[asked] = self._look(*asked)
        return self._found[asked]

    def _look(self, code: str, county: str, town: str, name: str) -> tuple[Village | None, str]:
        if code:
            found = self.by_code.get(code.upper())
            return (found, "") if found and found.pk in self.within else (None, OUT_OF_REACH)
        if not name:
            return (self.only, "") if self.only else (None, "请填写行政村，或单位编码。")
        named = self._named.get(common_name(name), [])
        exact = [one for one in named if one.names[0] == name] or named
        fitting = [one for one in exact if self._lies_in(one, town, county)]
        if not any(one.pk in self.within for one in fitting) and (once := self._once(name, town, county)):
            return once
        mine = [one for one in fitting if one.pk in self.within]
        if len(mine) == 1:
            return mine[0], ""
        if mine:
            return None, "有几个乡镇有同名的村，请填乡镇。" if not town else "有同名的村，请填单位编码。"
        if fitting:
            return None, OUT_OF_REACH
        return None, "没有找到这个行政村，请核对县、乡镇和村名。"

    def _once(self, name: str, town: str, county: str) -> tuple[Village | None, str] | None:
        """The one village within reach that had this name, with the sentence that says so (item 92)."""
        known = [
            (village, alias)
            for village, alias in self._formerly.get(common_name(name), [])
            if village.pk in self.within and self._lies_in(village, town, county)
        ]
        if not known or len({village.pk for village, _ in known}) > 1:
            return None
        village, alias = known[0]
        day, what = alias.valid_to, "并入" if alias.merged else "更名"
        since = f"{day.year}年{day.month}月{day.day}日"
        return village, f"“{alias.name}”已于{since}{what}，现为{village.names[0]}，按{village.names[0]}登记。"

    def _lies_in(self, village: Village, town: str, county: str) -> bool:
        """Whether township and county are the village's, by the names they have or had."""
        above = village.path.rstrip("/").split("/")
        former = {
            name
            for end in range(1, len(above) + 1)
            for name in self._above.get("/".join(above[:end]) + "/", ())
        }
        return all(
            _fits(asked, name) or asked in former
            for asked, name in zip((town, county), village.names[1:], strict=True)
        )


def _former_names_above() -> dict[str, set[str]]:
    """Path of a village or its superior → names by which those above it were known, or who they were before a move."""
    found: dict[str, set[str]] = defaultdict(set)
    for path, name in UnitAlias.objects.exclude(unit__level=Level.VILLAGE).values_list("unit__path", "name"):
        found[path].add(name)
    moved = Custody.objects.exclude(valid_to=None).exclude(parent=None)
    for path, name in moved.values_list("unit__path", "parent__name"):
        found[path].add(name)
    return found


def _fits(asked: str, name: str) -> bool:
    """阳新 is enough for 阳新县; nothing asked fits all."""
    return (
        not asked or name == asked or (len(asked) > 1 and (name.startswith(asked) or asked.startswith(name)))
    )


def all_villages() -> list[Village]:
    names = dict(Unit.objects.exclude(level=Level.VILLAGE).order_by().values_list("code", "name"))
    rows = Unit.objects.villages().filter(closed_on=None).order_by()
    found = []
    for pk, code, gb_code, path, name in rows.values_list("pk", "code", "gb_code", "path", "name"):
        above = path.rstrip("/").split("/")[:-1]
        town = names.get(above[-1], "") if above else ""
        county = names.get(above[-2], "") if len(above) > 1 else ""
        found.append(Village(pk, code, gb_code, path, (name, town, county)))
    return found


@dataclass(frozen=True, slots=True)
class Place:
    """A place of work: official code, full name, and whether it is known down to the county (YD-C04)."""

    code: str
    name: str
    to_county: bool
    abroad: bool = False

    def seen_from(self, home: str) -> str:
        """务工区域 for somebody of the village with official code `home`; "" when it cannot be told."""
        if self.abroad:
            return OUTSIDE
        return place_class(home, self.code)


class Places:
    """The official code table, with the units' own counties and townships, by all the ways they are written."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._below: dict[str, dict[str, str]] = defaultdict(dict)  # parent code → spelling → code
        self._cities: dict[str, str] = {}  # spelling of a city or county that only one place has
        self._found: dict[str, Place | None] = {}
        self._loaded = False

    def find(self, text: str, home: str) -> Place | None:
        """The place, as far down as it is recognised; None when nothing is."""
        if text in _OWN_TOWNSHIP and home:
            return Place(f"{home[:9]}000", text, True)
        if text in _OWN_COUNTY and home:
            return Place(home[:6], text, True)
        if text not in self._found:
            if not self._loaded:
                self._load()
            self._found[text] = self._look(text)
        return self._found[text]

    def _look(self, text: str) -> Place | None:
        if text.startswith(ABROAD):
            return Place("", text, True, abroad=True)
        if text.isascii() and text.isdigit() and len(text) in (6, 9, 12):
            code = text[:6] if text[6:].strip("0") == "" else f"{text[:9]}000"
            code = next((one for one in (code, code[:9], code[:6]) if one in self._names), "")
            return self._place(code) if code else None
        rest, code = text, ""
        while rest:
            step = self._step(code, rest)
            if step is None:
                break
            spelling, code = step
            rest = rest[len(spelling) :].lstrip(" /-·,，、")
            for nothing in PLACEHOLDERS:
                rest = rest.removeprefix(nothing)
        return self._place(code) if code else None

    def _step(self, parent: str, rest: str) -> tuple[str, str] | None:
        """The longest spelling of a place below `parent` that `rest` begins with."""
        known = [self._below[parent]] if parent else [self._below[""], self._cities]
        for spellings in known:
            for length in range(min(len(rest), 15), 1, -1):
                if code := spellings.get(rest[:length]):
                    return rest[:length], code
        return None

    def _place(self, code: str) -> Place:
        counties = any(len(below) == 6 for below in self._below[code].values())
        to_county = len(code) > 6 or not (code.endswith("0000") or counties)
        return Place(code, self._names[code], to_county)

    def _load(self) -> None:
        self._loaded = True
        rows = list(Region.objects.order_by("code").values_list("code", "name", "parent_code"))
        rows += _own_places({code for code, *_ in rows})
        whole: dict[str, str] = {}
        plain = {code: (name, parent) for code, name, parent in rows}
        often: dict[str, set[str]] = defaultdict(set)
        for code, name, parent in sorted(rows, key=lambda row: (len(row[0]), row[0])):
            while parent in plain and plain[parent][0] in PLACEHOLDERS:
                parent = plain[parent][1]
            if name in PLACEHOLDERS:
                continue
            self._names[code] = whole[code] = whole.get(parent, "") + name
            for spelling in {name, _short(name)}:
                self._below[parent].setdefault(spelling, code)
                if parent and len(code) == 6:
                    often[spelling].add(code)
                # 湖北省阳新县: the city between is often left out
                if above := plain.get(parent, ("", ""))[1]:
                    self._below[above].setdefault(spelling, code)
        self._cities = {spelling: _topmost(codes) for spelling, codes in often.items() if _topmost(codes)}


def _topmost(codes: set[str]) -> str:
    """The one code, or the city among a city and its own districts of like name."""
    if len(codes) == 1:
        return next(iter(codes))
    cities = [code for code in codes if code.endswith("00")]
    return cities[0] if len(cities) == 1 else ""


_ENDINGS = re.compile(
    r"(?:(?:壮族|回族|维吾尔)?自治区|特别行政区|(?:[一-龥]{2,}族)*自治[州县]|地区|林区|省|市|县|区|州|盟|旗|街道|镇|乡)$"
)


def _short(name: str) -> str:
    """广东 for 广东省; a name that would become one character stays whole."""
    short = _ENDINGS.sub("", name)
    return short if len(short) > 1 else name


def _own_places(known: set[str]) -> list[tuple[str, str, str]]:
    """Our units from the city down to the township, where the code table does not have them."""
    found = []
    levels = (Level.PROVINCE, Level.CITY, Level.COUNTY, Level.TOWNSHIP)
    units = Unit.objects.filter(level__in=levels).exclude(gb_code="").order_by("path")
    for name, gb_code in units.values_list("name", "gb_code"):
        code = gb_code[:9] if gb_code[6:9] != "000" else gb_code[:6]
        if code in known:
            continue
        known.add(code)
        above = [code[:6], f"{code[:4]}00", f"{code[:2]}0000"]
        parent = next((one for one in above if one in known and one != code), "")
        found.append((code, name, parent))
    return found
