"""Services and recognised 零就业户 of the demonstration: most in time, some late, so that every clock has its rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from random import Random
from typing import Any

from ledgers.codes import NORMAL, OFFER, OUTCOMES, REFUSED, TRAINING
from reports.demo.story import Resident
from reports.demo.working import FAR, LAST, TRADES

Told = list[tuple[Resident, dict[str, Any] | None]]
COLUMNS = ("laborer", "kind", "on", "done_by", "evidence", "employer", "post", "outcome", "at", "by")
STATION = "乡镇就业服务站"
RECOGNISED = 0.06  # of the households with willing labour and nobody employed
BASIS = "村组入户核实，户内劳动力均未就业。"


def services(told: Told, by: int, seed: int) -> Iterator[tuple]:
    """Posts offered to returnees, training offered to those who wish for it, by the user with key `by`."""
    random = Random(seed + 3)
    for one, said in told:
        if said is None:
            continue
        if (at := said.get("return_registered_at")) and not one.months[-1].working:
            settled = at.date() < LAST.last_day - dt.timedelta(days=4) and random.random() < 0.85
            for _ in range(3 if settled else int(random.random() * 4)):
                town, trade = (
                    FAR[int(random.random() * len(FAR))][1],
                    TRADES[int(random.random() * len(TRADES))][0],
                )
                outcome = REFUSED if settled else OUTCOMES[int(random.random() * 3)]
                yield _row(one, OFFER, at, int(random.random() * 2), by, f"{town[-3:]}{trade}", outcome)
        if (at := said.get("wish_registered_at")) and random.random() < 0.8:
            yield _row(one, TRAINING, at, int(random.random() * 16), by)


def _row(
    one: Resident, kind: str, since: dt.datetime, days: int, by: int, employer: str = "", outcome: str = ""
) -> tuple:
    at = min(since + dt.timedelta(days=days, hours=1), dt.datetime.combine(LAST.last_day, since.timetz()))
    told = f"{at.month}月{at.day}日电话告知，通话记录留存。"
    return (one.pk, kind, at.date(), STATION, told, employer, "普工" if employer else "", outcome, at, by)


def recognised(told: Told, households: dict[int, int], by: int, seed: int) -> Iterator[tuple]:
    """(household, day, basis, by) of some households in which somebody wants to work and nobody does."""
    random = Random(seed + 4)
    willing: dict[int, None] = {}  # in their order, which decides who is drawn
    working: set[int] = set()
    for one, said in told:
        if one.months[-1].working:
            working.add(id(one.family))
        elif said and said.get("plans_out") and one.person.state == NORMAL:
            willing[id(one.family)] = None
    for family in willing:
        if family not in working and random.random() < RECOGNISED:
            day = LAST.last_day - dt.timedelta(days=int(random.random() * 45))
            yield households[family], day, BASIS, by
