"""Samples of the addresses of 补贴申请, 公示 and 放弃 (see tests/url_samples.py)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from accounts.models import Unit
from jobs.actions import store_file
from ledgers.models import Laborer
from lib.month import Month
from subsidies.claims import applying
from subsidies.claims.rules import Consent
from subsidies.models import Claim, ClaimPaper, Notice, SchemeVersion, Screened, Screening, Waiver
from subsidies.screening import judge_person
from tests import factories
from tests.scheme_rows import scheme
from tests.url_samples import ABSENT, READERS, WRITERS, Sample, World, furnish, plain, sample

PNG = b"\x89PNG\r\n\x1a\n"


def worker(village: Unit, name: str = "") -> Laborer:
    person = factories.laborer(village, name)
    factories.spell(person, Month(2022, 10), employer="ZQ厂" if name else "示例电子厂")
    factories.record(person)
    return person


def line_of(person: Laborer, version: SchemeVersion, by, unit: Unit) -> Screened:
    """The line of a screening for one person, as the ledger has them in March."""
    run, _ = Screening.objects.get_or_create(
        scheme=version, unit=unit, month=factories.MARCH, defaults={"made_by": by}
    )
    _, verdict = judge_person(version, person, factories.MARCH)
    return Screened.objects.create(
        screening=run, laborer=person, village=person.village, result=verdict.result, letters=verdict.letters,
        values=json.dumps(verdict.values), amount=verdict.amount, months=",".join(map(str, verdict.months)),
    )  # fmt: skip


@furnish
def _claims(world: World) -> None:
    """A claim by an agent with a paper, one that was returned, a notice, a waiver and a line of a screening."""
    cast = world.cast
    for prefix, village, county, by in (
        ("", cast.units["99111"], cast.units["991"], cast.village),
        ("far_", world.rows["far_village"], Unit.objects.get(code="ZQ1"), world.rows["far_user"]),
    ):
        mark = "ZQ" if prefix else ""
        version = scheme(county, cast.city, mark=mark, version=7, approved_by=cast.city2)
        people = [worker(village, f"{mark}某某" if mark else "") for _ in range(4)]
        consent = Consent(f"{mark}代办", "乡村干部", dt.date(2023, 3, 1), data=PNG)
        claim = applying.begin(people[0], version, factories.MARCH, by, consent=consent)
        name = claim.scheme.documents[0]["name"]
        returned = applying.begin(people[1], version, factories.MARCH, by)
        Claim.objects.filter(pk=returned.pk).update(state="returned", reason=f"{mark}材料不全")
        file = store_file(by, f"{mark}照片.png", PNG, "image/png", unit=village)
        notice = Notice.objects.create(
            village=village, scheme=version, period="2023", from_on=dt.date(2023, 3, 1), until_on=dt.date(2023, 3, 6),
            place=f"{mark}公示栏", photo=file, objections=f"{mark}无", made_by=by,
        )  # fmt: skip
        Claim.objects.filter(pk=claim.pk).update(notice=notice)
        waiver = Waiver.objects.create(
            laborer=people[2], village=village, scheme=version, code="B01", period="2023", words=f"{mark}我不要",
            reason=f"{mark}不方便", witness=f"{mark}见证", on=dt.date(2023, 3, 1), file=file, by=by, at=timezone.now(),
        )  # fmt: skip
        paper = ClaimPaper.objects.create(claim=claim, name=name, file=file, by=by)
        world.rows |= {
            f"{prefix}claim": claim, f"{prefix}returned": returned, f"{prefix}notice": notice,
            f"{prefix}waiver": waiver, f"{prefix}claim_paper": paper,
            f"{prefix}line": line_of(people[3], version, by, county), f"{prefix}claimant": people[0],
        }  # fmt: skip


plain("subsidies:claims", "subsidies:notices", "subsidies:waivers")


def _row(name: str, readers: frozenset[str], **more: Any) -> Callable[[World], Sample]:
    return lambda world: Sample(
        own={"pk": world.rows[name].pk},
        foreign={"pk": world.rows[f"far_{name}"].pk},
        missing={"pk": ABSENT},
        readers=readers,
        **more,
    )


sample("subsidies:claims_decide")(
    lambda world: Sample(post={"act": "check", "form": f"{world.rows['claim'].pk}:1"})
)
sample("subsidies:claims_export")(
    lambda world: Sample(post={"unit": "991"}, readers=frozenset({"county", "city", "city2"}))
)
DECIDING = WRITERS | {"county"}
for _name, _sample in {
    "claims_of": _row("claimant", READERS),
    "claim_new": _row("line", WRITERS),
    "waiver_new": _row("line", WRITERS),
    "notice_new": _row("claim", WRITERS),
    "notice": _row("notice", READERS, writers=WRITERS),
    "notice_print": _row("notice", READERS),
    "notice_photo": _row("notice", READERS),
    "waiver_withdraw": _row("waiver", WRITERS),
    "waiver_mark": _row("waiver", WRITERS),
    "waiver_file": _row("waiver", READERS),
    "claim_paper_file": _row("claim_paper", READERS),
    "claim": _row("claim", READERS),
    "claim_step": _row("claim", DECIDING),
    "claim_again": _row("returned", WRITERS),
    "claim_paper": _row("claim", WRITERS),
    "claim_consent": _row("claim", READERS),
}.items():
    sample(f"subsidies:{_name}")(_sample)
