"""Invented families: names drawn from lists, citizen numbers of the unassigned province 99, telephones in a row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from ledgers.codes import ABILITIES, MONITOR_KINDS, NORMAL, POVERTY_KINDS
from lib.identity import id_check_digit, pinyin_initials

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范"
    "汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常"
)
DOUBLE_SURNAMES = ("欧阳", "司马", "上官", "诸葛")
MEN = "建国志勇明军伟强平刚文斌辉鹏飞涛浩宇杰俊峰海林松柏云龙凯博超亮成旺福贵祥瑞泽恒"
WOMEN = "秀英桂兰玉珍凤霞丽娟艳红梅燕芳静雅琴春香云莲巧慧敏洁婷雪倩怡欣月菊萍翠娥"
EITHER = "一心安宁乐天佳晨思雨新华兴元子良仁义德礼广友长永世家正小晓学"
RARE = ("𬱖", "堃", "犇", "垚", "淼", "翀", "赟", "喆", "昱", "祎")
DOTTED = ("阿依·古丽努尔", "阿迪力·示例江", "卓玛·央金措", "巴图·孟和")
MOBILE_PREFIXES = ("13900", "15800", "18700", "19900")
KINDS = ((POVERTY_KINDS[0], "", 86), (POVERTY_KINDS[0], MONITOR_KINDS[0], 5), (POVERTY_KINDS[1], MONITOR_KINDS[1], 6),
         (POVERTY_KINDS[1], MONITOR_KINDS[2], 2), (POVERTY_KINDS[0], MONITOR_KINDS[2], 1))  # fmt: skip
OUTSIDERS = (POVERTY_KINDS[1], "", 1)
HEALTHS = ("健康",) * 90 + ("长期慢性病",) * 6 + ("患有大病",) + ("残疾",) * 3
POLITICS = ("群众",) * 90 + ("共青团员",) * 6 + ("中共党员",) * 4
SKILLED = ("初级", "初级", "中级", "中级", "高级", "技师")
_DAY = dt.timedelta(days=1)


@dataclass(slots=True)
class Family:
    """One household with those of its members who are laborers."""

    poverty_kind: str
    monitor_kind: str
    monitored_on: dt.date | None
    risk_removed_on: dt.date | None
    is_relocated: bool
    members: list[Person] = field(default_factory=list)

    @property
    def is_poverty(self) -> bool:
        return self.poverty_kind == "脱贫户" or self.monitor_kind == "脱贫不稳定户"

    @property
    def is_monitored(self) -> bool:
        return bool(self.monitor_kind) and self.risk_removed_on is None


@dataclass(slots=True)
class Person:
    """A laborer; `state` and `ability` are changed afterwards where the story of the person asks for it."""

    name: str
    id_no: str
    sex: str
    birth: dt.date
    relation: str
    phone: str
    education: str
    ability: str
    skill: str
    health: str
    political: str
    ethnic: str = "汉族"
    state: str = NORMAL
    student: str = ""

    @property
    def initials(self) -> str:
        return pinyin_initials(self.name)


class Registry:
    """Gives out names, citizen numbers and telephones; no number twice, except a telephone within a family."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.serials: dict[str, int] = {}
        self.phones = 0

    def pick(self, pool):
        return pool[int(self.random.random() * len(pool))]

    def family(self, county: str, size: int, outsiders: bool = False) -> Family:
        """`size` laborers of one household; `county` is the six digits their citizen numbers begin with."""
        poverty, monitor, _ = OUTSIDERS if outsiders else self._kind()
        since = dt.date(2020, 7, 1) + _DAY * self.random.randrange(600) if monitor else None
        made = Family(poverty, monitor, since, None, self.random.random() < 0.08)
        if outsiders and self.random.random() < 0.3:
            made.monitor_kind, made.monitored_on = MONITOR_KINDS[1], dt.date(2020, 8, 15)
            made.risk_removed_on = dt.date(2021, 12, 20)
        surname = self._surname()
        head_year = 1956 + int(self.random.random() * 30)
        phone = ""
        for relation, sex, year in self._members(size, head_year):
            own = surname if relation not in ("配偶", "之儿媳") else self._surname()
            shared = phone and self.random.random() < 0.01
            phone = phone if shared else self._phone()
            made.members.append(self._person(county, own, relation, sex, year, phone))
        return made

    def _kind(self) -> tuple[str, str, int]:
        place = self.random.random() * 100
        for kind in KINDS:
            place -= kind[2]
            if place < 0:
                return kind
        return KINDS[0]

    def _members(self, size: int, year: int) -> Iterator[tuple[str, str, int]]:
        """Relation to the head, sex and year of birth of each laborer, the head first."""
        head = "男" if self.random.random() < 0.88 else "女"
        yield "户主", head, year
        if size > 1:
            yield "配偶", "女" if head == "男" else "男", year + int(self.random.random() * 7) - 3
        for _ in range(size - 2):
            sex = "男" if self.random.random() < 0.55 else "女"
            if year <= 1982:
                child = min(2005, year + 21 + int(self.random.random() * 9))
                yield ("之子" if sex == "男" else "之女"), sex, child
            else:
                yield "之兄弟姐妹", sex, year + int(self.random.random() * 8) - 3

    def _person(self, county: str, surname: str, relation: str, sex: str, year: int, phone: str) -> Person:
        birth = dt.date(year, 1, 1) + _DAY * int(self.random.random() * 365)
        ability, skill = self._ability(year)
        made = Person(
            self._name(surname, sex),
            self._number(county, birth, sex),
            sex,
            birth,
            relation,
            phone,
            self._education(year),
            ability,
            skill,
            self.pick(HEALTHS),
            self.pick(POLITICS),
        )
        if "·" in made.name:
            made.ethnic = {"阿": "维吾尔族", "卓": "藏族", "巴": "蒙古族"}[made.name[0]]
        return made

    def _ability(self, year: int) -> tuple[str, str]:
        if year < 1963 or self.random.random() < 0.03:
            return ABILITIES[2], "无"
        return (ABILITIES[1], self.pick(SKILLED)) if self.random.random() < 0.12 else (ABILITIES[0], "无")

    def _education(self, year: int) -> str:
        if year < 1970:
            return self.pick(("小学", "小学", "初中", "初中", "文盲或半文盲"))
        return self.pick(
            ("初中", "初中", "初中", "高中", "小学")
            if year < 1990
            else ("初中", "高中", "高中", "大专", "本科及以上")
        )

    def _surname(self) -> str:
        return self.pick(DOUBLE_SURNAMES) if self.random.random() < 0.004 else self.pick(SURNAMES)

    def _name(self, surname: str, sex: str) -> str:
        chance = self.random.random()
        if chance < 0.0006:
            return self.pick(DOTTED)
        second = self.pick(RARE) if chance < 0.004 else self.pick(MEN if sex == "男" else WOMEN)
        return surname + second if chance < 0.15 else surname + self.pick(EITHER) + second

    def _number(self, county: str, birth: dt.date, sex: str) -> str:
        """The next free number of that day and sex; never one ending in 000, which a sheet could have spoiled."""
        key = f"{county}{birth:%Y%m%d}"
        odd = sex == "男"
        while True:
            serial = self.serials.get(key + sex, 1 if odd else 2)
            self.serials[key + sex] = serial + 2
            first = f"{key}{serial:03d}"
            number = first + id_check_digit(first)
            if not number.endswith("000"):
                return number

    def _phone(self) -> str:
        self.phones += 1
        rest = self.phones * 7919 % 1_000_003  # one after another would look like a list
        return f"{MOBILE_PREFIXES[self.phones % 4]}{rest % 1_000_000:06d}"
