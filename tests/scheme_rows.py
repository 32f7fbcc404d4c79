"""Rows of 补贴政策 and 筛查 for tests."""

from __future__ import annotations

import json
from typing import Any

from django.utils import timezone

from accounts.models import Unit, User
from ledgers.models import Laborer
from subsidies.models import SchemeVersion, Screened, Screening, Trial, TrialLine
from subsidies.rules import judge
from subsidies.schemes.examples import EXAMPLES
from subsidies.schemes.trials import digest_of
from tests import factories
from tests.subsidies.worked import facts, quarter


def scheme(unit: Unit, by: User, key: str = "b01-places", mark: str = "", **fields: Any) -> SchemeVersion:
    """A version of an example: a draft, or approved where `approved_by` says by whom."""
    example = next(one for one in EXAMPLES if one.key == key)
    if fields.get("approved_by"):
        fields = {"state": SchemeVersion.State.APPROVED, "approved_at": timezone.now()} | fields
    values = {
        "name": f"{mark}{example.code}", "from_month": factories.MARCH, "basis": f"{mark}示例文件〔2023〕1号",
        "fund": f"{mark}衔接资金", "rule": example.rule, "documents": example.documents, "is_away": example.is_away,
    } | fields  # fmt: skip
    return SchemeVersion.objects.create(unit=unit, code=example.code, written_by=by, **values)


def screened_line(run: Screening, person: Any) -> Screened:
    """A line of the screening about this person, at work since January outside the province."""
    verdict = judge(run.scheme.terms, facts(*quarter()))
    return Screened.objects.create(
        screening=run, laborer=person, village=person.village, result=verdict.result, letters=verdict.letters,
        values=json.dumps(verdict.values, ensure_ascii=False), amount=verdict.amount, months="2023-03",
    )  # fmt: skip


def of_county(county: Unit, by: User, approver: User, mark: str = "") -> dict[str, Any]:
    """A version in force with the screening of March, and the draft after it with its trial; no people yet."""
    current = scheme(county, by, mark=mark, approved_by=approver)
    draft = scheme(county, by, mark=mark, version=2)
    trial = Trial.objects.create(
        scheme=draft, against=current, unit=county, first=factories.MARCH, last=factories.MARCH, people=1,
        digest=digest_of(draft), made_by=by, finished_at=timezone.now(),
    )  # fmt: skip
    screening = Screening.objects.create(
        scheme=current, unit=county, month=factories.MARCH, period="2022", people=1, made_by=by
    )
    return {"scheme": current, "draft": draft, "trial": trial, "screening": screening}


def of_person(shared: dict[str, Any], person: Laborer, why: str = "") -> dict[str, Any]:
    """What the trial and the screening of the county say of one person."""
    TrialLine.objects.create(
        trial=shared["trial"], laborer=person, village=person.village, before=100, after=200, why=why
    )
    return {"line": screened_line(shared["screening"], person), "screened": person}
