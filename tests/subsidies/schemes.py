"""Schemes in force, people who work away, and claims, made directly: what screenings and figures begin with."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.models import Unit, User
from ledgers.banking import keep_account
from ledgers.codes import OUTSIDE
from ledgers.models import Laborer
from lib.month import Month
from subsidies.models import Claim, SchemeVersion
from subsidies.schemes.examples import EXAMPLES, Example
from tests import factories
from tests.cast import Cast

MARCH = factories.MARCH
EXAMPLE = {one.key: one for one in EXAMPLES}


def version(
    unit: Unit, by: User, approver: User | None, example: Example = EXAMPLE["b01-places"], **fields: Any
) -> SchemeVersion:
    values = {
        "code": example.code, "name": "交通补贴", "from_month": Month(2023, 1), "rule": example.rule, "documents": [],
        "is_away": example.is_away, "state": "approved", "written_by": by, "approved_by": approver,
        "approved_at": timezone.now(),
    }  # fmt: skip
    return SchemeVersion.objects.create(unit=unit, **(values | fields))


def worker(cast: Cast, place: str = OUTSIDE, village: str = "99111", **fields: Any) -> Laborer:
    """Somebody at work since October, with a record of March."""
    person = factories.laborer(cast.units[village], **fields)
    factories.spell(person, Month(2022, 10), place_class=place, region_code="440300")
    factories.record(person, MARCH, place_class=place)
    return person


def approved(cast: Cast, scheme: SchemeVersion, person: Laborer, **fields: Any) -> Claim:
    """A claim that three people passed, ready to be paid."""
    account = keep_account(person, "示例农商行", f"62220200{person.pk:010}", cast.village)
    values: dict[str, Any] = {
        "code": scheme.code, "village": person.village, "period": scheme.terms.period(MARCH), "month": MARCH,
        "amount": 150_000, "letters": "mmmmmm", "account": account, "state": Claim.State.APPROVED,
        "proposed_by": cast.village, "compared_by": cast.township, "approved_by": cast.county,
        "approved_at": timezone.now(),
    }  # fmt: skip
    return Claim.objects.create(scheme=scheme, laborer=person, **(values | fields))
