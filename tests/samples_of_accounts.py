"""Samples of the addresses of 收款账户 (see tests/url_samples.py)."""

from __future__ import annotations

from typing import Any

from jobs.actions import store_file
from ledgers.models import AccountChange
from tests import factories
from tests.url_samples import ABSENT, READERS, WRITERS, Sample, World, furnish, sample

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def change(person: Any, by: Any, mark: str = "") -> AccountChange:
    """One that waits; `mark` begins every string."""
    proof = store_file(by, f"{mark}证明.png", PNG, "image/png", unit=person.village, right="person.r")
    return AccountChange.objects.create(
        laborer=person,
        bank=f"{mark}银行",
        number=f"99{person.pk:014d}",
        reason=f"{mark}换卡",
        proof=proof,
        asked_by=by,
    )


@furnish
def _accounts(world: World) -> None:
    own, far = (
        factories.laborer(world.cast.units["99111"]),
        factories.laborer(world.rows["far_village"], "ZQ某"),
    )
    world.rows["account_change"] = change(own, world.cast.village)
    world.rows["far_account_change"] = change(far, world.rows["far_user"], "ZQ")


def _of(readers: frozenset[str], of_person: bool = False, **post: str):
    def make(world: World) -> Sample:
        own, far = world.rows["account_change"], world.rows["far_account_change"]
        keys = (own.laborer_id, far.laborer_id) if of_person else (own.pk, far.pk)
        return Sample(
            own={"pk": keys[0]}, foreign={"pk": keys[1]}, missing={"pk": ABSENT}, readers=readers, post=post,
            writers=WRITERS | {"county"} if of_person else None,
        )  # fmt: skip

    return make


sample("ledgers:laborer_account")(_of(READERS, of_person=True, bank="银行", number="9900000000000017"))
sample("ledgers:account_decide")(_of(frozenset({"township", "county"}), act="no", reason="证明看不清楚"))
sample("ledgers:account_proof")(_of(READERS))
