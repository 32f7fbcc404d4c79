"""The whole demonstration before it is written: who lives where, does what, holds a post, was called. Pure, seeded."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random

from ledgers.codes import ABILITIES, SELF_EMPLOYED
from lib.month import Month
from posts.models import POST_CATEGORIES
from reports.demo import city
from reports.demo.people import Family, Person, Registry
from reports.demo.working import Careers, Standing, Work, standings, state_for

UNCOUNTED = 0.136  # per counted worker: some 12 % of all
# Why somebody is not counted in the last month, and how often in 100.
FATES = {
    "never": 22, "not_working": 26, "self_employed": 16, "months_short": 10, "income_short": 8,
    "place_unknown": 3, "exited": 9, "no_ability": 6,
}  # fmt: skip
FATE_POOL = [fate for fate, number in FATES.items() for _ in range(number)]
OUTSIDERS = 0.12  # share of the uncounted whose household is not in the population
SIZES = (1,) * 30 + (2,) * 42 + (3,) * 20 + (4,) * 8
FUNDINGS = {
    "护林员": "林草等部门",
    "光伏公益岗": "光伏收益",
    "保洁员": "衔接资金",
    "村务管理员": "村集体经济",
}
CATEGORIES = ("保洁员",) * 9 + POST_CATEGORIES[:6]
BASE_DAY = Month(2022, 10).last_day
POST_ENDS = [
    Month(2022, 11).last_day,
    Month(2022, 12).last_day,
    Month(2022, 12).last_day,
    Month(2023, 1).last_day,
]
WORKSHOP_ENDS = [Month(2023, 1).last_day, Month(2023, 1).last_day, Month(2023, 2).last_day]


@dataclass(slots=True)
class Resident:
    """A laborer in a household of a village; `pk` is given when the rows are written."""

    village: city.Place
    family: Family
    person: Person
    work: Work
    pk: int = 0
    _months: tuple[Standing, ...] = ()

    @property
    def in_population(self) -> bool:
        return self.family.is_poverty or self.family.is_monitored

    @property
    def months(self) -> tuple[Standing, ...]:
        if not self._months:
            self._months = standings(self.in_population, self.person.state, self.person.ability, self.work)
        return self._months

    def change_work(self, **changes) -> None:
        """Another job in the same calendar; what the rule says of it is asked again."""
        self.work, self._months = replace(self.work, **changes), ()

    @property
    def is_counted(self) -> bool:
        return self.months[-1].reason == "counted"


@dataclass(slots=True)
class Held:
    """A post held, or a place in the workshop with number `workshop`, from one day to another."""

    resident: Resident
    started: dt.date
    ended: dt.date | None
    category: str = ""
    workshop: int = 0


@dataclass
class Story:
    places: list[city.Place]
    counties: tuple[city.County, ...]
    families: list[tuple[city.Place, Family]] = field(default_factory=list)
    residents: list[Resident] = field(default_factory=list)
    posts: list[Held] = field(default_factory=list)
    workshops: list[city.Place] = field(default_factory=list)
    placements: list[Held] = field(default_factory=list)

    def villages_of(self, code: str) -> list[city.Place]:
        return [place for place in self.places if place.level == "village" and place.code.startswith(code)]


def invent(scale: str, seed: int) -> Story:
    """The demonstration of a scale; the same seed tells the same story."""
    random = Random(seed)
    story = Story(city.places(scale), city.counties(scale))
    registry, careers = Registry(random), Careers(random)
    for county in story.counties:
        villages = story.villages_of(county.code)
        before = len(story.residents)
        for village, workers in zip(villages, city.workers_by_village(county, villages, random), strict=True):
            _settle(story, village, county, workers, registry, careers)
        own = story.residents[before:]
        _hand_out_posts(story, county, own, random)
        _fill_workshops(story, county, own, villages, random)
    return story


def _settle(
    story: Story, village: city.Place, county: city.County, workers: int, registry: Registry, careers: Careers
) -> None:
    """Families of one village: `workers` counted in the last month, and the others in between."""
    random = registry.random
    uncounted = workers * UNCOUNTED
    others = int(uncounted) + (random.random() < uncounted % 1)
    outsiders = sum(random.random() < OUTSIDERS for _ in range(others))
    fates = ["counted"] * workers + [registry.pick(FATE_POOL) for _ in range(others - outsiders)]
    random.shuffle(fates)
    home = village.gb_code or "420222000000"
    for outside, count in ((False, len(fates)), (True, outsiders)):
        left = count
        while left:
            size = min(left, registry.pick(SIZES))
            family = registry.family(county.id_prefix, size, outside)
            story.families.append((village, family))
            left -= size
            for person in family.members:
                fate = "counted" if outside else fates.pop()
                work = (
                    careers.counted(home, county.near) if fate == "counted" else careers.uncounted(fate, home)
                )
                _fit(person, fate, random)
                story.residents.append(Resident(village, family, person, work))


def _fit(person: Person, fate: str, random: Random) -> None:
    """Let the person agree with the story: whoever lost the ability to work has that in the ledger."""
    person.state = state_for(fate, random)
    if fate == "no_ability":
        person.ability, person.skill, person.health = ABILITIES[3], "无", "残疾"
    if person.state.endswith("上学"):
        if person.birth.year < 2000:
            person.state = "暂时退出/服刑"
        else:
            person.education, person.student = "", "本科一年级"


def _hand_out_posts(story: Story, county: city.County, own: list[Resident], random: Random) -> None:
    """Posts for people who stay near home: as many as on the base date, and as many as there are left now."""
    staying = [one for one in own if one.in_population and (one.work.is_near or not one.work.calendar)]
    able = [one for one in staying if one.person.state == "正常" and one.person.ability in ABILITIES[:3]]
    able = [one for one in able if one.work.job_form != SELF_EMPLOYED]
    random.shuffle(able)
    able.sort(key=lambda one: (not one.work.is_steady, not one.is_counted))
    ending, starting = max(0, county.posts_before - county.posts), max(0, county.posts - county.posts_before)
    for place, resident in enumerate(able[: max(county.posts, county.posts_before)]):
        started, ended = _base_start(random), None
        if place >= county.posts:
            ended = POST_ENDS[int(random.random() * len(POST_ENDS))] if ending else None
        elif place < starting:
            started = BASE_DAY + dt.timedelta(days=5 + int(random.random() * 110))
        category = CATEGORIES[int(random.random() * len(CATEGORIES))]
        story.posts.append(Held(resident, started, ended, category))
        if ended is None and place >= starting and resident.work.is_steady and resident.is_counted:
            resident.change_work(
                job_form="公益性岗位",
                employer=_committee(resident.village.name),
                industry="环卫/保卫/市政维护",
                wage=1000 + 100 * int(random.random() * 4),
            )


def _committee(village: str) -> str:
    return f"{village}居民委员会" if village.endswith("社区") else f"{village}村民委员会"


def _base_start(random: Random) -> dt.date:
    """Most posts are older than the year shown, some began in it, all before the base date."""
    if random.random() < 0.08:
        return Month(2022, 4).first_day + dt.timedelta(days=int(random.random() * 180))
    return dt.date(2020, 3, 1) + dt.timedelta(days=int(random.random() * 700))


def _fill_workshops(
    story: Story, county: city.County, own: list[Resident], villages: list[city.Place], random: Random
) -> None:
    if not county.workshops:
        return
    first = len(story.workshops) + 1
    story.workshops += random.sample(villages, county.workshops)
    posted = {id(held.resident) for held in story.posts}
    near = [
        one
        for one in own
        if one.work.is_near and one.work.is_steady and one.is_counted and id(one) not in posted
    ]
    for place, resident in enumerate(random.sample(near, county.placements_before)):
        number = first + place % county.workshops
        ended = WORKSHOP_ENDS[place % 3] if place >= county.placements else None
        started = dt.date(2020, 6, 1) + dt.timedelta(days=int(random.random() * 800))
        story.placements.append(Held(resident, started, ended, workshop=number))
        if ended is None:
            employer = workshop_name(number, story.workshops[number - 1])
            resident.change_work(job_form="帮扶车间", employer=employer, industry="普工")


def workshop_name(number: int, village: city.Place) -> str:
    return f"{village.name}示例帮扶车间（{number}号）"


@dataclass(slots=True)
class Answered:
    """One call of the spot check."""

    resident: Resident
    township: str
    connected: bool
    place: bool
    time: bool
    policy: bool


def calls(story: Story, seed: int) -> Iterator[Answered]:
    """The calls of the spot check: in each township a hundred counted workers, hits in no particular order."""
    random = Random(seed + 1)
    by_township: dict[str, list[Resident]] = defaultdict(list)
    for resident in story.residents:
        township = resident.village.parent
        if township in city.SPOT_CHECK and resident.is_counted:
            by_township[township].append(resident)
    for township, (connected, *hits) in city.SPOT_CHECK.items():
        if len(by_township[township]) < city.CALLS:
            continue
        chosen = random.sample(by_township[township], city.CALLS)
        marks = [set(random.sample(range(connected), hit)) for hit in hits]
        for place, resident in enumerate(chosen):
            yield Answered(resident, township, place < connected, *(place in mark for mark in marks))
