"""Workshops and their people for tests, made by the verbs that make them in life."""

from __future__ import annotations

import datetime as dt

from accounts.models import Unit, User
from accounts.roles import Role
from ledgers.models import Laborer
from posts import placing, recognising
from posts.models import Workshop
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
