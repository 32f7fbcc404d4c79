"""People who are entitled, schemes that are in force, and a claim taken as far as a test needs it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from ledgers.banking import keep_account
from ledgers.codes import OUTSIDE
from ledgers.models import Laborer
from lib.month import Month
from subsidies.claims import applying, deciding, notices
from subsidies.claims.rules import Consent
from subsidies.models import Claim, SchemeVersion
from subsidies.schemes.examples import EXAMPLES
from tests import factories
from tests.subsidies.conftest import MORNING, at

MARCH = factories.MARCH
EXAMPLE = {one.key: one for one in EXAMPLES}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
JPG = b"\xff\xd8\xff" + bytes(40)
DOCUMENTS = [{"name": "个人申请和承诺书", "required": True}, {"name": "车票", "required": False}]
TODAY = MORNING.date()
CONSENT = Consent("示例代办", "乡村干部", TODAY, data=PNG)


def scheme_of(cast, key: str = "b01-places", **fields: Any) -> SchemeVersion:
    """An approved version of the county, by one of the examples."""
    example = EXAMPLE[key]
    values = {
        "code": example.code, "name": "交通补贴", "from_month": Month(2023, 1), "rule": example.rule,
        "documents": DOCUMENTS, "is_away": example.is_away, "state": "approved", "written_by": cast.county,
        "approved_by": cast.city, "approved_at": timezone.now(),
    }  # fmt: skip
    return SchemeVersion.objects.create(unit=cast.units["991"], **(values | fields))


def worker(cast, place: str = OUTSIDE, village: str = "99111", **fields: Any) -> Laborer:
    """At work since October, counted in March, with an account."""
    person = factories.laborer(cast.units[village], **fields)
    factories.spell(person, Month(2022, 10), place_class=place, region_code="440300")
    factories.record(person, MARCH, place_class=place)
    by = cast.township if village.startswith("9911") else cast.neighbour_county
    keep_account(person, "示例农商行", f"62220200{person.pk:011d}", by)
    return person


def applied(cast, scheme: SchemeVersion, person: Laborer | None = None, **how: Any) -> Claim:
    """With every required paper."""
    claim = applying.begin(person or worker(cast), scheme, MARCH, cast.village, **how)
    for one in applying.papers_of(claim):
        if one["required"] and not one["is_there"]:
            applying.add_paper(claim, one["name"], PNG, cast.village)
    return claim


def noticed(cast, scheme: SchemeVersion, *claims: Claim):
    for claim in claims:
        deciding.check(claim, cast.village)
    first = claims[0]
    until = TODAY + dt.timedelta(days=4)
    return notices.put_up(first.village, scheme, first.period, TODAY, until, "村委会公示栏", cast.village)


def shown(cast, scheme: SchemeVersion, monkeypatch, *claims: Claim) -> None:
    """Through the notice: five days later, the photograph kept, nobody objected."""
    notice = notices.add_photo(noticed(cast, scheme, *claims), JPG, cast.village)
    at(monkeypatch, MORNING + dt.timedelta(days=5))
    notices.end(notice, "", cast.village)


def approved(cast, scheme: SchemeVersion, monkeypatch, person: Laborer | None = None) -> Claim:
    """All the way to 待发放, by three people."""
    claim = applied(cast, scheme, person)
    shown(cast, scheme, monkeypatch, claim)
    deciding.compare(claim, cast.township)
    return deciding.approve(claim, cast.county)
