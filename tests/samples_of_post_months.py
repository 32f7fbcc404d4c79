"""Addresses of 考勤, 工资, 三方比对, 考核 and 欠发 for the walker: a month of one holder, here and far away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.factories import MARCH
from tests.posts.month_rows import rows_of
from tests.posts.paying_world import appoint
from tests.url_samples import ABSENT, SAMPLES, Sample, World, furnish, plain

READERS = frozenset({"village", "township", "county", "city", "city2", "auditor"})
NEIGHBOURS = frozenset({f"neighbour_{role}" for role in ("village", "township", "county")})
FILLERS, CHECKERS = frozenset({"village", "township"}), frozenset({"township", "county"})


@furnish
def _months(world: World) -> None:
    for prefix, village, by in (
        ("", world.cast.units["99111"], world.cast.village),
        ("far_", world.rows["far_village"], world.rows["far_user"]),
    ):
        mark = prefix and "ZQ"
        held = appoint(village, f"{mark}护林员", title=f"{mark}岗")
        world.rows |= {f"{prefix}{key}": row for key, row in rows_of(village, held, by, mark).items()}


def _of(
    row: str, readers: frozenset[str], post: dict | None = None, **more: Any
) -> Callable[[World], Sample]:
    return lambda world: Sample(
        own={"pk": world.rows[row].pk} | more,
        foreign={"pk": world.rows[f"far_{row}"].pk} | more,
        missing={"pk": ABSENT} | more,
        post=post or {},
        readers=readers,
    )


def _sheet(readers: frozenset[str], post: dict | None = None) -> Callable[[World], Sample]:
    return lambda world: Sample(
        own={"code": "99111", "month": MARCH},
        foreign={"code": "ZQ111", "month": MARCH},
        missing={"code": "NONE", "month": MARCH},
        post=post or {},
        readers=readers,
    )


def _list(readers: frozenset[str], post: dict | None = None) -> Callable[[World], Sample]:
    """A list of a month: there is no month 13."""
    return lambda world: Sample(
        own={"month": MARCH}, foreign={"month": "2023-13"}, missing={"month": "0000-00"}, post=post or {},
        readers=readers,
    )  # fmt: skip


WHY = {"reason": "签到表缺一人签字"}
PAID = {"voucher": "2023-1", "day": "2023-03-18"}
plain("posts:months")
SAMPLES |= {
    **{f"posts:{name}": _list(READERS | NEIGHBOURS) for name in (
        "attendance", "pay", "sides", "arrears", "assessments",
    )},
    "posts:run_new": _list(CHECKERS | {"neighbour_township", "neighbour_county"}, {"funding": ""}),
    "posts:sheet": _sheet(READERS),
    "posts:sheet_fill": _sheet(FILLERS, {"act": "full"}),
    "posts:sheet_paper": _sheet(FILLERS),
    "posts:sheet_sign": _sheet(FILLERS),
    "posts:sheet_check": _sheet(CHECKERS),
    "posts:sheet_return": _sheet(CHECKERS, WHY),
    "posts:paper_file": _of("sheet_paper", READERS),
    "posts:run": _of("run", READERS),
    "posts:run_approve": _of("run", frozenset({"county"})),
    "posts:run_pay": _of("run", CHECKERS, PAID),
    "posts:run_void": _of("run", CHECKERS, WHY),
    "posts:pay_act": _of("pay", CHECKERS, WHY, act="void"),
    "posts:assess": _of("held", FILLERS, {
        "period": "2023年度", "grade": "合格", "on": "2023-03-18",
    }, month=MARCH),
}  # fmt: skip
