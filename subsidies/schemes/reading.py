"""What the pages of schemes read: one line per scheme of an office, and a version in words and in a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from accounts.models import Region, User
from lib.money import yuan
from lib.month import Month
from subsidies.models import SchemeVersion
from subsidies.tariffs import TARIFFS

State = SchemeVersion.State


@dataclass
class Line:
    """One scheme of one office: the version in force this month, the one to come and the draft."""

    newest: SchemeVersion
    current: SchemeVersion | None = None
    coming: SchemeVersion | None = None
    draft: SchemeVersion | None = None
    history: list[SchemeVersion] = field(default_factory=list)

    @property
    def shown(self) -> SchemeVersion:
        return self.current or self.coming or self.draft or self.newest

    @property
    def chip(self) -> tuple[str, str]:
        if self.current:
            return "执行中", "good"
        if self.coming:
            return f"{self.coming.from_month.label}起执行", "info"
        return ("草稿", "warn") if self.draft else ("已停止", "")

    @property
    def standard(self) -> str:
        """The tariff in one sentence."""
        tariff = self.shown.rule["tariff"]
        return TARIFFS[tariff["kind"]].words(tariff)


def readable(user: User):
    """Versions that concern the user: approved ones of their line, drafts where they may write, none that is void."""
    versions = SchemeVersion.objects.visible_to(user).exclude(state=State.VOID)
    return versions.exclude(
        state=State.DRAFT, pk__in=versions.exclude(pk__in=_own(user)).order_by().values("pk")
    )


def _own(user: User):
    return SchemeVersion.objects.visible_to(user, "w").order_by().values("pk")


def lines(versions: Iterable[SchemeVersion], month: Month) -> list[Line]:
    """One line per office and scheme; `versions` in the order of offices, schemes, first months and versions."""
    found: dict[tuple[int, str], Line] = {}
    for one in versions:
        line = found.setdefault((one.unit_id, one.code), Line(one))
        line.history.append(one)
        line.newest = one
        if one.state == State.DRAFT:
            line.draft = one
        elif one.from_month > month:
            line.coming = line.coming or one
        else:
            line.current = one
    for line in found.values():
        if line.current and line.current.until_month and line.current.until_month < month:
            line.current = None
    return list(found.values())


COUNTED = {"per_day": ("培训出勤每天", "天"), "per_post_month": ("在岗有考勤每月", "个月")}


def tariff_rows(rule: dict) -> list[tuple[str, str]]:
    """The tariff as a table: for what, and how much."""
    tariff = rule["tariff"]
    kind = tariff["kind"]
    rows: list[tuple[str, str]] = []
    if kind == "flat":
        rows = [("每人", _yuan(tariff["amount"]))]
    elif kind == "per_month":
        most = tariff.get("most")
        rows = [("每月", _yuan(tariff["amount"])), ("最多", f"{most}个月" if most else "不限月数")]
    elif kind == "by_place":
        rows = [(place, _yuan(fen)) for place, fen in tariff["amounts"].items()]
    elif kind == "by_region":
        rows = [(_band(band), _yuan(band["amount"])) for band in tariff["bands"]]
        rows.append(("其他地区", _yuan(tariff["rest"]) if tariff.get("rest") else "不补"))
    elif kind in COUNTED:
        each, counted = COUNTED[kind]
        most = tariff.get("most")
        rows = [(each, _yuan(tariff["amount"])), ("最多", f"{most}{counted}" if most else "不限")]
    elif kind == "by_paper":
        rows = [("每人", _yuan(tariff["amount"])), (f"证明{tariff['paper']}的", _yuan(tariff["with_paper"]))]
    elif kind in ("workshops", "elsewhere"):
        rows = [("怎么发", TARIFFS[kind].words(tariff))]
    elif kind == "percent":
        rows = [
            (_step(tariff["steps"], place), f"{one['percent']}%") for place, one in enumerate(tariff["steps"])
        ]
    if percent := rule.get("carried_percent"):
        rows.append(("乘坐免费专车、专列的", f"按{percent}%"))
    caps = (("cap", "每人最高"), ("household_cap", "每户合计最高"))
    return rows + [(label, _yuan(rule[key])) for key, label in caps if rule.get(key)]


def _yuan(fen: int) -> str:
    return f"{yuan(fen)}元"


def _band(band: dict) -> str:
    """What the band is called and the regions it covers, by name where the code table has them."""
    codes = [one.ljust(6, "0") for one in band["prefixes"].split()]
    names = dict(Region.objects.filter(code__in=codes).values_list("code", "name"))
    told = "、".join(names.get(code, code) for code in codes)
    return f"{band['label']}（{told}）" if band.get("label") else told


def _step(steps: list[dict], place: int) -> str:
    low, upto = (steps[place - 1]["upto"] if place else None), steps[place]["upto"]
    if upto is None:
        return f"务工收入超过{low:,}元的" if low else "务工收入"
    return f"务工收入{low:,}元至{upto:,}元的" if low else f"务工收入{upto:,}元以内的"
