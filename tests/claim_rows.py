"""Rows of 补贴申请 for tests that walk addresses: a claim by an agent, a returned one, a notice, a waiver, a paper."""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts.models import User
from jobs.actions import store_file
from ledgers.models import Laborer
from subsidies.claims.rules import freeze
from subsidies.models import Claim, ClaimPaper, ClaimStep, Notice, SchemeVersion, Waiver
from subsidies.rules import judge
from tests import factories
from tests.subsidies.worked import facts, quarter

DAY = dt.date(2023, 3, 1)


def claim_rows(version: SchemeVersion, people: list[Laborer], by: User, mark: str = "") -> dict[str, Any]:
    """Of two people of one village; every text begins with `mark`."""
    one, other = people
    village, said = one.village, facts(*quarter())
    verdict = judge(version.terms, said)
    kept = {
        "scheme": version, "code": version.code, "village": village, "period": "2023", "month": factories.MARCH,
        "amount": verdict.amount, "letters": verdict.letters, "values": list(verdict.values),
        "months": "2023-01,2023-02,2023-03", "facts": freeze(said) | {"place": f"{mark}广东"}, "proposed_by": by,
    }  # fmt: skip
    file = store_file(by, f"{mark}照片.png", b"\x89PNG\r\n\x1a\n" + mark.encode(), "image/png", unit=village)
    notice = Notice.objects.create(
        village=village, scheme=version, period="2023", from_on=DAY, until_on=DAY + dt.timedelta(days=5),
        place=f"{mark}公示栏", photo=file, objections=f"{mark}无", made_by=by,
    )  # fmt: skip
    claim = Claim.objects.create(
        laborer=one, how="代办", agent_name=f"{mark}代办", agent_relation="乡村干部", consent_on=DAY,
        consent_how="书面委托书", consent_file=file, notice=notice, **kept,
    )  # fmt: skip
    returned = Claim.objects.create(laborer=other, state="returned", reason=f"{mark}材料不全", **kept)
    ClaimStep.objects.create(claim=claim, step="申请", by=by, note=f"{mark}说明")
    waiver = Waiver.objects.create(
        laborer=other, village=village, scheme=version, code=version.code, period="2021", words=f"{mark}我不要",
        reason=f"{mark}不方便", witness=f"{mark}见证", on=DAY, file=file, by=by,
    )  # fmt: skip
    paper = ClaimPaper.objects.create(claim=claim, name=version.documents[0]["name"], file=file, by=by)
    return {
        "claim": claim, "returned": returned, "notice": notice, "waiver": waiver, "claim_paper": paper, "claimant": one,
    }  # fmt: skip
