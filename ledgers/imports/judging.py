"""Judge rows of a ledger workbook: every cell, the row as a whole, then against the person the ledger has.

What is not said in a column starts with "_" and is for the writer: `_act` tells what happens to the work spells
("open" a new one after closing the old, "update" the one that began in `_of`, "close" it) and `_spell` with what;
`_village` and `_household` are keys. `old` keeps, beside the old cells, what an undo needs: `_version`, `_spells`,
`_record`.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any
from uuid import uuid4

from accounts import wall
from ledgers.codes import JOB_FORMS
from ledgers.facts import closed_villages
from ledgers.imports import cells
from ledgers.imports.columns import HOUSEHOLD, SPELL
from ledgers.imports.known import CHUNK, SPELL_FIELDS, Known, numbers, people
from ledgers.matching import Places, Village, Villages
from ledgers.models import Household, Laborer
from ledgers.rules import check, check_age
from lib.bulk import among
from lib.crypto import make_indexer
from lib.identity import birth_date, check_sex
from lib.month import Month
from lib.sheets import UNTIL_NOW, Cell, cell_problem
from lib.staging import (
    CHANGED,
    INFO,
    NEW,
    REJECT,
    REJECTED,
    REVIEW,
    SAME,
    Column,
    Context,
    Problem,
    Row,
    Staged,
    worst,
)

ELSEWHERE = "已提交，待乡镇核对"
UNKNOWN = "台账中没有此人，请先导入监测对象信息或劳动力台账。"
LONGEST_PLACE = 100  # characters of WorkSpell.region_text
PHONE_SHARED = 30  # rows with one telephone
FORMULA = "是公式，请粘贴为数值。"
ONLY_ONCE = frozenset({"id_no", "name", "phone", "registered_address", "home_address", "number", "head_name"})
_OF_SPELL = frozenset(SPELL)
AMOUNTS = frozenset({"months", "income", "monthly_wage", "wanted_wage", "flexible_days"})


class _Memo(dict[str, tuple]):
    """What a parser made of each text; columns repeat few different ones."""

    def __init__(self, parse: Callable) -> None:
        self.parse = parse

    def __missing__(self, text: str) -> tuple:
        found = self[text] = self.parse(text)
        return found


class Judged:
    """One row on its way to a verdict."""

    __slots__ = (
        "id_index", "id_no", "number", "problems", "raw", "read", "same_as", "titles", "values", "village",
    )  # fmt: skip

    def __init__(self, row: Row, titles: dict[str, str]) -> None:
        self.number, self.titles, self.read = row.number, titles, row.cells
        self.values: dict[str, Any] = {}
        self.raw: dict[str, Any] = {}  # what was written, where that is more than one cell
        self.problems: list[Problem] = []
        self.village: Village | None = None
        self.id_no = self.id_index = ""
        self.same_as = 0

    def tell(self, key: str, level: str, message: str) -> None:
        raw = self.raw.get(key) or self.read.get(key)
        value = "" if raw is None else str(raw)
        self.problems.append(Problem(self.number, self.titles.get(key, ""), value, level, message))

    @property
    def rejected(self) -> bool:
        return bool(self.problems) and any(problem.level == REJECT for problem in self.problems)


class Judge:
    """All that judging one workbook needs, loaded once. `make_new` is false for kinds that only add to people."""

    def __init__(self, columns: Sequence[Column], context: Context, make_new: bool, whole_form: bool) -> None:
        self.columns, self.context = columns, context
        self.make_new, self.whole_form = make_new, whole_form
        self.month: Month = context.month
        self.titles = {column.key: column.title for column in columns}
        self.villages = self._villages()
        self.places = Places()
        self.index_id, self.index_phone = make_indexer("laborer.id"), make_indexer("laborer.phone")
        self.closed = set(closed_villages(self.month).values_list("pk", flat=True))
        self.batch = (context.batch or uuid4().hex[:12]).replace("-", "")
        self.homes: dict[tuple[int, str], str] = {}  # (village, head or ID) → number of a new household
        self.stated: dict[str, tuple[int, dict]] = {}  # household → first row that described it

    def _villages(self) -> Villages:
        return Villages(self.context.unit, self.context.user)

    def rows(self, rows: Iterable[Row]) -> Iterator[Staged]:
        twice, phones = self._repeated(rows)
        source = iter(rows)
        while read := list(islice(source, CHUNK)):
            part = [self._cells(row, twice, phones) for row in read]
            known = self._stored(part)
            self._households(part, known)
            judged = [self._verdict(row, known.get(row.id_index)) for row in part]
            self._show_old_phones(judged)
            yield from judged

    # ── the sheet alone ──────────────────────────────────────────────────────────────────────────────────────────

    def _parser(self, column: Column) -> tuple[str, Callable, Callable]:
        """Key, what reads texts, and what reads anything else."""
        parse = column.parse
        if self.context.date1904 and parse in cells.DATED:
            parse = partial(parse, date1904=True)
        return column.key, parse if column.key in ONLY_ONCE else _Memo(parse).__getitem__, parse

    def _repeated(self, rows: Iterable[Row]) -> tuple[dict[str, list[Row]], Counter]:
        """Rows by ID that stand in the file more than once (item 58), and telephones that many share (item 78).

        What the first row has tells which columns the sheet has at all.
        """
        given: frozenset[str] = frozenset()
        numbers: Counter[str] = Counter()
        phones: Counter = Counter()
        for row in rows:
            given = given or frozenset(row.cells)
            numbers[_number(row)] += 1
            phones[row.cells.get("phone")] += 1
        self.given = given
        self.plan = [self._parser(column) for column in self.columns if column.key in given]
        twice: dict[str, list[Row]] = {number: [] for number, n in numbers.items() if n > 1 and number}
        for row in rows if twice else ():
            if (number := _number(row)) in twice:
                twice[number].append(row)
        return twice, Counter({phone: n for phone, n in phones.items() if phone and n >= PHONE_SHARED})

    def _cells(self, row: Row, twice: dict[str, list[Row]], phones: Counter) -> Judged:
        judged = Judged(row, self.titles)
        values, read = judged.values, row.cells
        for key, parse_text, parse in self.plan:
            cell = read.get(key)
            if cell is None or cell == "":
                continue
            if cell.__class__ is str:
                value, level, message = parse_text(cell)
            elif cell.__class__ is Cell:
                value, level, message = None, REJECT, cell_problem(cell)
            else:
                value, level, message = parse(cell)
            if message:
                judged.tell(key, level, message)
            if value is not None and value != "":
                values[key] = value
        for key in row.formulas:
            self._formula(judged, key)
        self._identity(judged, row, twice, phones)
        if not judged.rejected:
            self._place(judged)
        return judged

    def _formula(self, judged: Judged, key: str) -> None:
        if key in ("id_no", "name", "phone"):
            judged.tell(key, REJECT, FORMULA)
        elif key in AMOUNTS:
            judged.tell(key, REVIEW, "是公式计算的结果，请核对。")

    def _identity(self, judged: Judged, row: Row, twice: dict[str, list[Row]], phones: Counter) -> None:
        values = judged.values
        for key in ("id_no", "name") if self.whole_form else ("id_no",):
            told = any(problem.column == self.titles.get(key) for problem in judged.problems)
            if not values.get(key) and not told:
                judged.tell(key, REJECT, "不能为空。")
        if judged.rejected:
            return
        judged.id_no = number = values["id_no"]
        judged.id_index = self.index_id(number)
        if stated := values.pop("sex", None):
            checked = check_sex(stated, number)
            if checked.message:
                judged.tell("sex", REVIEW, f"{checked.message}。")
        if number in twice:
            self._twice(judged, row, twice[number])
        if phones and (shared := phones.get(row.cells.get("phone"))):
            judged.tell("phone", REVIEW, f"同一个联系电话登记了{shared}人，请核对。")

    def _twice(self, judged: Judged, row: Row, rows: list[Row]) -> None:
        if all(one.cells == row.cells for one in rows):
            if row.number != rows[0].number:
                judged.same_as = rows[0].number
            return
        others = "、".join(f"第{one.number}行" for one in rows if one.number != row.number)
        judged.tell("id_no", REJECT, f"与{others}是同一个人但内容不同，请只保留正确的一行。")

    def _place(self, judged: Judged) -> None:
        """The village of the row; kinds that only add to people may leave it out."""
        values = judged.values
        asked = [values.pop(key, "") for key in ("unit_code", "county", "town", "village")]
        if not any(asked) and not self.make_new:
            return
        judged.village, message = self.villages.find(*asked)
        if message:
            key = "unit_code" if asked[0] or "village" not in self.given else "village"
            judged.tell(key, INFO if judged.village else REJECT, message)
        if judged.village is None:
            return
        if judged.village.pk in self.closed:
            judged.tell("village", REJECT, f"{judged.village.names[0]}的{self.month.label}已关闭，不能修改。")

    # ── the sheet against the ledger ─────────────────────────────────────────────────────────────────────────────

    def _stored(self, part: list[Judged]) -> dict[str, Known]:
        wanted = [row.id_index for row in part if row.id_index]
        stored = Laborer.objects.filter(among("id_index", wanted, "text"))
        with wall.opened("a number belongs to one person, who may live elsewhere"):
            return {one.id_index: one for one in people(stored, self.month)}

    def _households(self, part: list[Judged], known: dict[str, Known]) -> None:
        """Households that rows name: by number, or by village and head; read in two queries per chunk."""
        numbers_named = {row.values["number"] for row in part if "number" in row.values}
        heads = {row.values["head_name"] for row in part if row.village and "head_name" in row.values}
        named = Household.objects.filter(among("number", list(numbers_named), "text"))
        with wall.opened("the number of a household may be one of elsewhere"):
            self.by_number = {household.number: household for household in named}
        self.by_head: dict[tuple[int, str], list[Household]] = {}
        headed = Household.objects.filter(among("head_name", list(heads), "text"))
        for household in headed.filter(among("village", list(self.villages.within))):
            self.by_head.setdefault((household.village_id, household.head_name), []).append(household)

    def _verdict(self, row: Judged, known: Known | None) -> Staged:
        if row.rejected:
            return self._refused(row)
        if row.same_as:
            row.tell("", INFO, f"与第{row.same_as}行完全相同，已合并。")
            return Staged(row.number, SAME, row.values.get("name", ""), problems=row.problems)
        if known is None:
            return self._new(row)
        if row.village is None and known.village not in self.villages.within:
            return self._unknown(row)
        if row.village is not None and known.village != row.village.pk:
            row.tell("id_no", REVIEW, ELSEWHERE)
            return self._new(row, review=True)
        return self._changed(row, known)

    def _refused(self, row: Judged) -> Staged:
        return Staged(
            row.number, REJECTED, row.values.get("name", ""), self._shown(row.values), problems=row.problems
        )

    def _shown(self, values: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in values.items() if key[0] != "_"}

    def _unknown(self, row: Judged) -> Staged:
        row.tell("id_no", REVIEW, UNKNOWN)
        return Staged(row.number, REVIEW, row.values.get("name", ""), row.values, problems=row.problems)

    def _new(self, row: Judged, review: bool = False) -> Staged:
        values = row.values
        if row.village is None or not values.get("name"):
            return self._unknown(row)
        if self.make_new and not review and self._not_collected(row):
            return Staged(row.number, SAME, values["name"], problems=row.problems)
        self._work(row, None)
        self._complete(row, values)
        if not row.rejected:
            self._household_of_new(row, row.village)
        if row.rejected:
            return self._refused(row)
        values["_village"] = row.village.pk
        return Staged(row.number, worst(row.problems) or NEW, values["name"], values, problems=row.problems)

    def _not_collected(self, row: Judged) -> bool:
        """Base tables list whole families: children and those without ability are no laborers."""
        if self.whole_form:
            return False
        young = check_age(birth_date(row.id_no), self.month.last_day, row.values.get("ability", ""))
        if (young and young[1] == REJECT) or row.values.get("ability") in ("丧失劳动力", "无劳动力"):
            row.tell("", INFO, "未满16周岁或没有劳动能力，不列入劳动力台账。")
            return True
        return False

    def _changed(self, row: Judged, known: Known) -> Staged:
        values, stored = row.values, known.values
        values.pop("id_no")
        if "phone" in values and self.index_phone(values["phone"]) == known.phone_index:
            del values["phone"]
        if values.get("name", stored["name"]) != stored["name"]:
            row.tell("name", REVIEW, "身份证号码已登记在另一个姓名下，请核对。")
        self._work(row, known)
        new = {
            key: value
            for key, value in values.items()
            if key[0] != "_" and (key in _OF_SPELL or stored.get(key) != value)
        }
        self._move(row, known, new)
        if known.record is None:
            new.setdefault("verify_state", "未核实")
        if not new and "_act" not in values:
            for problem in row.problems:
                problem.level = INFO
            return Staged(row.number, SAME, stored["name"], target=known.pk, problems=row.problems)
        self._complete(row, stored | values)
        if not row.rejected and known.village in self.closed:
            row.tell("", REJECT, f"本村{self.month.label}已关闭，不能修改。")
        if row.rejected:
            return self._refused(row)
        new |= {key: value for key, value in values.items() if key[0] == "_"}
        old = {key: self._before(key, known, values) for key in new if key[0] != "_"}
        old |= {"_version": known.version, "_spells": known.spells, "_record": known.record}
        verdict = worst(row.problems) or CHANGED
        return Staged(row.number, verdict, stored["name"], new, old, known.pk, row.problems)

    def _before(self, key: str, known: Known, values: dict[str, Any]) -> Any:
        if key in SPELL and (spell := known.spell_from(values.get("_of", "")) or known.spell):
            return spell[key]
        return known.values.get(key, "")

    def _show_old_phones(self, judged: list[Staged]) -> None:
        rows = {row.target: row for row in judged if row.target and "phone" in row.new}
        if rows:
            for pk, _, phone in numbers(Laborer.objects.filter(pk__in=rows)):
                rows[pk].old["phone"] = phone

    def _complete(self, row: Judged, merged: dict[str, Any]) -> None:
        """The rules of the form; other kinds check only what they cannot do without."""
        if self.whole_form:
            if "_spell" in row.values:
                merged = merged | row.values["_spell"]
            for key, level, message in check(merged, self.given, self.titles):
                row.tell(key, level, message)
        if told := check_age(birth_date(row.id_no), self.month.last_day, merged.get("ability", "")):
            row.tell(*told)

    # ── households ───────────────────────────────────────────────────────────────────────────────────────────────

    def _household_of_new(self, row: Judged, village: Village) -> None:
        """The household by number, else by head and village, else one of its own; new ones get a number here."""
        values = row.values
        number, head = values.get("number"), values.get("head_name")
        if number:
            found = self.by_number.get(number)
            if found and found.village_id != village.pk:
                row.tell("number", REJECT, "户编号不属于本村，请核对。")
                return
        else:
            named = self.by_head.get((village.pk, head), []) if head else []
            if len(named) > 1:
                row.tell("head_name", REJECT, "本村有几户户主同名，请填户编号。")
                return
            found = named[0] if named else None
            key = (village.pk, head or row.id_index)
            values["number"] = (
                found.number if found else self.homes.setdefault(key, self._fresh(row, village))
            )
        if found:
            values["_household"] = found.pk
            self._compare_household(row, found)
        else:
            values.setdefault("head_name", values["name"])
        self._agree(row, values["number"])

    def _fresh(self, row: Judged, village: Village) -> str:
        return f"{village.code}-{self.batch[-12:]}-{row.number}"

    def _compare_household(self, row: Judged, household: Household) -> None:
        """Only differences stay in the row; they change the household."""
        for key in HOUSEHOLD:
            stored = getattr(household, key)
            stored = stored.isoformat() if isinstance(stored, dt.date) else stored
            if key in row.values and stored == row.values[key]:
                del row.values[key]

    def _move(self, row: Judged, known: Known, new: dict[str, Any]) -> None:
        """A changed household number: into a household of the same village that the ledger has."""
        if "number" not in new:
            self._agree(row, known.values["number"])
            return
        found = self.by_number.get(new["number"])
        if found is None:
            row.tell("number", REJECT, "台账中没有这个户编号，请核对户编号；没有换户的请留空。")
        elif found.village_id != known.village:
            row.tell("number", REJECT, "户编号不属于本村，请核对。")
        else:
            row.values["_household"] = found.pk
            for key in HOUSEHOLD:
                new.pop(key, None)

    def _agree(self, row: Judged, number: str) -> None:
        """Members of a household must say the same about it."""
        said = {key: row.values[key] for key in HOUSEHOLD if key in row.values and key != "head_name"}
        if not said:
            return
        first, before = self.stated.setdefault(number, (row.number, said))
        for key, value in said.items():
            if before.get(key, value) != value:
                row.tell(key, REJECT, f"同一户在第{first}行填的是“{_word(before[key])}”，请统一。")

    # ── work ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _work(self, row: Judged, known: Known | None) -> None:
        """Decide what happens to the spells; `_act` stays out when nothing does."""
        values = row.values
        place = self._region(row, known)
        ended = values.pop("ended", None)
        ended = None if ended == UNTIL_NOW else ended
        started = values.get("started")
        if "working" not in values and (started or values.get("job_form") or values.get("employer")):
            values["working"] = not ended or ended >= str(self.month)
        if started and started > str(self.month):
            row.tell("started", REVIEW, f"就业时间晚于{self.month.label}，请核对。")
            values.pop("working", None)
        if ended and started and ended < started:
            row.tell("ended", REJECT, "结束时间早于开始时间。")
        elif values.get("working") is False and not (ended and started):
            for key in SPELL:
                values.pop(key, None)
            if known and known.open_spell and known.spell is known.open_spell:
                values["_act"], values["_of"] = "close", known.open_spell["started"]
        elif values.get("working") or started:
            self._at_work(row, known, ended, place)

    def _at_work(self, row: Judged, known: Known | None, ended: str | None, place: dict[str, Any]) -> None:
        """Which spell the row speaks of: the one that began then, or the open one; else a new one begins."""
        values = row.values
        base = self._spell_meant(values.get("started"), known, ended)
        if base is None and not values.get("started"):
            row.tell("started", REVIEW, f"没有填就业时间，按{self.month.label}登记。")
            values["started"] = str(self.month)
        spell = {key: values[key] for key in SPELL if key in values} | place
        if base is None:
            if not self.whole_form:
                spell.setdefault("job_form", JOB_FORMS[0])
            values |= {"_act": "open", "_spell": spell | {"ended": ended}}
            return
        if ended or (base["ended"] and base["ended"] < str(self.month) and known and not known.open_spell):
            spell["ended"] = ended  # it ended, or the person works again in a spell that had
        changed = {key for key in spell if base[key] != spell[key]}
        for key in SPELL:
            if key in changed:
                values[key] = spell[key]
            else:
                values.pop(key, None)
        if (
            {"employer", "region_text"} & changed
            and "started" not in spell
            and base["started"] < str(self.month)
        ):
            values["started"] = str(self.month)
            kept = {key: base[key] for key in SPELL_FIELDS}
            values |= {
                "_act": "open",
                "_spell": kept | spell | {"started": str(self.month), "started_on": None},
            }
        elif changed:
            values |= {"_act": "update", "_of": base["started"], "_spell": spell}

    def _spell_meant(
        self, started: str | None, known: Known | None, ended: str | None
    ) -> dict[str, Any] | None:
        if known is None:
            return None
        if not started:
            return known.open_spell or known.spell
        found, latest = known.spell_from(started), known.open_spell
        if found is None and latest and not ended and started < latest["started"]:
            return latest  # its start had been put too late
        return found

    def _region(self, row: Judged, known: Known | None) -> dict[str, Any]:
        """The place of work as the spell keeps it: code and 务工区域 beside the words."""
        values = row.values
        parts = [values.pop(f"region_{n}", "") for n in (1, 2, 3, 4)]
        written = values.get("region_text") or "".join(parts)
        if not written:  # nothing said, or a place that was emptied
            return {"region_code": "", "place_class": ""} if "region_text" in values else {}
        if len(written) > LONGEST_PLACE:
            row.tell("region_text", REJECT, f"务工地点合计超过{LONGEST_PLACE}个字，请精简。")
        values["region_text"] = written
        spell = (known.spell or known.open_spell) if known else None
        if spell and spell["region_text"] == written:
            return {"region_code": spell["region_code"], "place_class": spell["place_class"]}
        home = row.village or (self.villages.by_pk.get(known.village) if known else None)
        gb_code = home.gb_code if home else ""
        place = self.places.find(written, gb_code)
        if place is None or not place.to_county:
            row.raw["region_text"] = written
            row.tell("region_text", REVIEW, "没有认出县（市、区），请写成“广东省深圳市南山区”这样。")
        if place is None:
            return {"region_code": "", "place_class": ""}
        if place.abroad:
            values["overseas"] = True
        if spell and place.code and spell["region_code"] == place.code:
            values["region_text"] = spell["region_text"]
        return {"region_code": place.code, "place_class": place.seen_from(gb_code)}


def _number(row: Row) -> str:
    """The ID number as far as rows of one file are told apart by it; empty when there is none that could be read."""
    raw = row.cells.get("id_no")
    if not isinstance(raw, str):
        return ""
    if not raw.isalnum() or not raw.isascii():
        raw = cells.id_number(raw).value or raw
    return raw.upper()


def _word(value: Any) -> str:
    return {True: "是", False: "否"}.get(value, str(value)) if isinstance(value, bool) else str(value)
