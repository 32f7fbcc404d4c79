"""Addresses of 车间 for the walker: a workshop with somebody in it, its review and its award, here and far away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests import factories
from tests.posts import shops
from tests.url_samples import ABSENT, SAMPLES, Sample, World, furnish, plain

READERS = frozenset({"village", "township", "county", "city", "city2", "auditor"})
WRITERS, DECIDERS = frozenset({"township", "county"}), frozenset({"county"})


@furnish
def _workshops(world: World) -> None:
    for prefix, village, by in (
        ("", world.cast.units["99111"], world.cast.village),
        ("far_", world.rows["far_village"], world.rows["far_user"]),
    ):
        mark = prefix and "ZQ"
        shop = shops.factory(world.cast, f"{mark}CJ1", f"{mark}车间", village)
        person = factories.laborer(village, f"{mark}工人")
        made = shops.papers(shop, person, by, mark)
        world.rows |= {f"{prefix}{key}": row for key, row in made.items()}


def _of(
    row: str, readers: frozenset[str], post: dict | None = None, **more: Any
) -> Callable[[World], Sample]:
    return lambda world: Sample(
        own={"pk": world.rows[row].pk} | more,
        foreign={"pk": world.rows[f"far_{row}"].pk} | more,
        missing={"pk": ABSENT} | more,
        post=post or {},
        readers=readers,
        writers=DECIDERS if row == "award" else None,
    )


SHOP = {"name": "新车间", "kind": "帮扶车间", "unit": "99111", "operating_since": "2023-01-05"}
STANDARD = {
    "from_year": "2023", "workers": "5", "term": "3", "months": "3", "per_head": "1000", "people1": "5",
    "fen1": "10000",
}  # fmt: skip
PLACE = {"name": "工人", "id_no": "990101198501010017", "started_on": "2023-03-01"}
plain("posts:workshops", "posts:workshop_new", "posts:workshop_standard")
SAMPLES |= {
    "posts:workshop_new": lambda world: Sample(post=SHOP, readers=WRITERS | {"neighbour_township", "neighbour_county"}),
    "posts:workshop_standard": lambda world: Sample(post=STANDARD),
    "posts:workshop": _of("shop", READERS),
    "posts:workshop_edit": _of("shop", WRITERS, SHOP),
    "posts:workshop_withdraw": _of("shop", WRITERS),
    "posts:workshop_decide": _of("shop", DECIDERS, {"answer": "no", "reason": "带动人数不足"}),
    "posts:workshop_review": _of("shop", WRITERS, {
        "on": "2023-03-18", "operating": "1", "wage_paid": "1", "insured": "1", "result": "合格",
    }),
    "posts:workshop_resume": _of("shop", DECIDERS),
    "posts:workshop_end": _of("shop", WRITERS, {"on": "2023-03-18", "reason": "订单全部终止"}, how="close"),
    "posts:placement_new": _of("shop", WRITERS, PLACE),
    "posts:award_new": _of("shop", WRITERS),
    "posts:workshop_account": _of("shop", WRITERS, {"holder": "户名", "bank": "银行", "number": "9900000000000001"}),
    "posts:workshop_account_confirm": _of("shop_account", WRITERS),
    "posts:workshop_revoke": _of("shop_review", DECIDERS),
    "posts:placement_edit": _of("placement", WRITERS, {"job": "缝纫工"}),
    "posts:placement_leave": _of("placement", WRITERS, {"on": "2023-03-18", "reason": "其他"}),
    "posts:award": _of("award", READERS, {"answer": "no", "reason": "名单有误差"}),
}  # fmt: skip
