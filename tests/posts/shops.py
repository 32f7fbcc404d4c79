"""Workshops and their people for tests, made by the verbs that make them in life."""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts.models import Unit, User
from accounts.roles import Role
from ledgers.models import Laborer
from posts import placing, recognising
from posts.models import (
    TIERED,
    Appointment,
    AwardLine,
    Placement,
    Post,
    Workshop,
    WorkshopAccount,
    WorkshopAward,
    WorkshopReview,
)
from posts.models.workshops import TO_REVOKE
from tests import cast as casting
from tests import factories

BEGUN = dt.date(2022, 6, 1)
SAID = {"name": "示例村箱包车间", "operating_since": BEGUN}
USCC = "91990101MA0000001Y"
WHOLE = {"job": "缝纫工", "monthly_wage": 2600, "contract": "劳动合同", "insured": True}
GOOD = {"operating": True, "wage_paid": True, "insured": True}


def second_county(cast: casting.Cast) -> User:
    return casting.user("xian_b", cast.units["991"], Role.COUNTY, "县专班二")


def proposed(cast: casting.Cast, village: str = "99111", **said) -> Workshop:
    return recognising.propose_workshop(cast.units[village], SAID | said, cast.township)


def staff(
    shop: Workshop, by: User, people: int = 5, started: dt.date = dt.date(2022, 11, 1)
) -> list[Laborer]:
    """So many 脱贫 workers from the village of the workshop, with wage, contract and insurance."""
    made = [factories.laborer(shop.unit, f"工{chr(0x4E00 + n)}") for n in range(people)]
    for person in made:
        placing.place(shop, person, started, by, **WHOLE)
    return made


def recognised(
    cast: casting.Cast, village: str = "99111", people: int = 5, on: dt.date = dt.date(2023, 1, 5), **said
):
    """A workshop with `people` at work since November, recognised by the county in January."""
    shop = proposed(cast, village, **said)
    staff(shop, cast.township, people)
    return recognising.recognise(shop, on, f"示认字{shop.pk}号", cast.county)


def factory(cast: casting.Cast, code: str, name: str, unit: Unit | None = None) -> Workshop:
    """Recognised without any of its conditions, for tests of other things."""
    return Workshop.objects.create(
        number=code, unit=unit or cast.units["99111"], name=name, recognised_on=dt.date(2022, 12, 1)
    )


def papers(shop: Workshop, person: Laborer, by: User, mark: str = "") -> dict[str, Any]:
    """Somebody in the workshop, a review that asks for its end, and an award; `mark` begins every string."""
    award = WorkshopAward.objects.create(
        workshop=shop, kind=TIERED, year=2023, until=dt.date(2023, 3, 18), people=1, amount=1_000_000, made_by=by,
        basis={"workers": 5, "term": 3, "months": 3, "steps": [[5, 1_000_000]], "per_head": 100_000},
    )  # fmt: skip
    AwardLine.objects.create(award=award, laborer=person, kind=TIERED, year=2023, months=3)
    account = WorkshopAccount.objects.create(
        workshop=shop, holder=f"{mark}户名", bank=f"{mark}银行", number=f"{shop.pk:016d}", set_by=by
    )
    return {
        "shop_account": account,
        "shop": shop,
        "placement": Placement.objects.create(
            workshop=shop, laborer=person, started_on=dt.date(2023, 1, 10), job=f"{mark}trade", by=by
        ),
        "shop_review": WorkshopReview.objects.create(
            workshop=shop, on=dt.date(2023, 3, 18), operating=False, wage_paid=True, insured=True, people=1, counted=1,
            result=TO_REVOKE, note=f"{mark}why", by=by,
        ),
        "award": award,
    }  # fmt: skip


def occupied(cast: casting.Cast, person: Laborer, beside: str) -> str:
    """Put the person where nobody can be beside a workshop; what the refusal says."""
    since = dt.date(2022, 12, 5)
    if beside == "post":
        post = Post.objects.create(
            number="GW1", unit=person.village, title="保洁", category="保洁员", opened_on=since
        )
        Appointment.objects.create(post=post, laborer=person, started_on=since)
        return "公益性岗位"
    if beside == "away":
        factories.spell(person)
        return "县外务工"
    Placement.objects.create(workshop=factory(cast, "CJ9", "别处车间"), laborer=person, started_on=since)
    return "同一时间只能在一个车间"
