"""The ledger of a city as the office would send it: 51,398 rows under 40 of the printed labels of the 采集表."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from lib.identity import id_check_digit
from lib.sheets import write_rows_fast
from reports.demo import city
from reports.demo.story import Resident, Story, invent
from reports.demo.working import LAST

ROWS, MANY = 51_398, 200_000
SEED = 2023
HEADINGS = (
    "县(市、区)", "乡镇", "行政村", "户编号", "户主姓名", "户类型", "监测对象类别", "与户主关系",
    "易地搬迁户", "姓名",
    "身份证号码", "性别", "民族", "户籍地", "联系电话", "核实情况", "当前状态", "是否务工", "劳动能力", "技能等级",
    "是否为两后生", "文化程度", "健康状况", "政治面貌", "家庭地址", "务工地点", "就业形式", "就业单位名称",
    "就业时间", "月平均工资", "所属产业行业", "就业渠道", "是否签订劳动合同", "是否缴纳社会保险", "经帮扶实现就业",
    "是否返乡创业带动", "有组织劳务输出", "未外出务工类型", "是否有外出计划", "无外出意愿原因",
)  # fmt: skip
HOUSEHOLD, ID, WAGE = (HEADINGS.index(title) for title in ("户编号", "身份证号码", "月平均工资"))
NUMBERS = frozenset({"月平均工资"})


def write(folder: Path) -> None:
    """The ledger; a quarter of its villages; four times its people; another wage in three rows of a hundred."""
    rows = list(ledger())
    write_rows_fast(folder / "ledger.xlsx", HEADINGS, rows, numeric=NUMBERS)
    write_rows_fast(folder / "ledger-quarter.xlsx", HEADINGS, _quarter(rows), numeric=NUMBERS)
    write_rows_fast(folder / "ledger-many.xlsx", HEADINGS, islice(_repeated(rows), MANY), numeric=NUMBERS)
    for row in rows[::33]:
        row[WAGE] = row[WAGE] + 100 if row[WAGE] else None
    write_rows_fast(folder / "ledger-changed.xlsx", HEADINGS, rows, numeric=NUMBERS)


def _quarter(rows: list[list]) -> list[list]:
    """Every fourth village with all its people, that of the demonstration's village officer among them."""
    villages = list(dict.fromkeys(_village(row) for row in rows))
    kept = set(villages[villages.index(city.HOME_VILLAGE) % 4 :: 4])
    return [row for row in rows if _village(row) in kept]


def _village(row: list) -> str:
    """The village's code, which the invented household numbers hold."""
    return row[HOUSEHOLD][2:-6]


def _repeated(rows: list[list]) -> Iterator[list]:
    """The same people again and again, with ID numbers and households of their own each time."""
    for copy in range(10, 100):
        for row in rows:
            first17 = f"99{copy}{row[ID][4:17]}"
            number = first17 + id_check_digit(first17)
            yield [
                *row[:HOUSEHOLD],
                f"{row[HOUSEHOLD]}-{copy}",
                *row[HOUSEHOLD + 1 : ID],
                number,
                *row[ID + 1 :],
            ]


def ledger() -> Iterator[list]:
    """Rows of whole families, in the order of the villages, so that every household has its head."""
    story = invent("city", SEED)
    names = {place.code: place.name for place in story.places}
    numbers = {
        id(family): f"99{village.code}{n:06d}" for n, (village, family) in enumerate(story.families, 1)
    }
    for resident in _collected(story)[:ROWS]:
        yield _row(resident, names, numbers[id(resident.family)])


def _collected(story: Story) -> list[Resident]:
    """Those whom the form collects: in the population, able to work, still there."""
    return [
        one
        for one in story.residents
        if one.in_population and one.person.ability != "丧失劳动力" and one.person.state == "正常"
    ]


def _row(one: Resident, names: dict[str, str], household: str) -> list:
    who, family, work, code = one.person, one.family, one.work, one.village.code
    county, town, village = names[code[:6]], names[code[:8]], names[code]
    current = next(
        (start for start, end in work.calendar if start <= LAST and (end is None or end >= LAST)), None
    )
    about = [
        county, town, village, household, family.members[0].name, family.poverty_kind, family.monitor_kind,
        who.relation, "是" if family.is_relocated else "否", who.name, who.id_no, who.sex, who.ethnic,
        f"{county}{town}{village}",
        who.phone, "已核实", "正常", "是" if current else "否", who.ability, who.skill, "否", who.education, who.health,
        who.political, f"{town}{village}",
    ]  # fmt: skip
    if current is None:
        return [*about, *[None] * 12, "就业转失业", "否", "照顾家人"]
    return [
        *about, work.region_text, work.job_form, work.employer, str(current), work.wage, work.industry, work.channel,
        "是" if work.job_form == "单位就业" else "否", "否", "否", "否", None, None, None, None,
    ]  # fmt: skip
