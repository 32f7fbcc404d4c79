"""Samples of the addresses of 发放批次 (see tests/url_samples.py)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from accounts.models import Unit, User
from jobs.actions import store_file
from ledgers.models import BankAccount, Laborer
from subsidies.claims.rules import freeze
from subsidies.models import Claim, PaymentBatch, PaymentLine, Refund, SchemeVersion
from tests import factories
from tests.scheme_rows import scheme
from tests.subsidies.worked import facts, quarter
from tests.url_samples import ABSENT, Sample, World, furnish, plain, sample

OFFICE = frozenset({"county"})
EXPORTERS = OFFICE | {"city", "city2"}
READERS = EXPORTERS | {"auditor"}
DAY = dt.date(2023, 3, 18)


def batch(
    county: Unit, person: Laborer, users: tuple[User, User, User], mark: str = "", title: str = ""
) -> dict[str, Any]:
    """One that is done, with a line that is paid and of which money came back. `users`: three people."""
    by, other, third = users
    village, now = person.village, timezone.now()
    version = SchemeVersion.objects.filter(unit=county, code="B01", version=5).first()
    version = version or scheme(county, by, mark=title or mark, version=5, approved_by=other)
    account = BankAccount.objects.create(
        laborer=person,
        bank=f"{mark}银行",
        number=f"62220200{person.pk:011d}",
        number_index=f"s{person.pk}",
        set_by=by,
    )
    claim = Claim.objects.create(
        scheme=version, code=version.code, laborer=person, village=village, period="2022", month=factories.MARCH,
        state=Claim.State.PAID, amount=30_000, letters="m", account=account, proposed_by=third, compared_by=other,
        approved_by=by, approved_at=now, paid_on=DAY, months="2023-01,2023-02,2023-03",
        facts=freeze(facts(*quarter())) | {"place": f"{mark}广东"},
    )  # fmt: skip
    file = store_file(
        by, f"{mark}发放文件.csv", f"{mark}账号".encode(), "text/csv", unit=county, right="subsidy.x"
    )
    made = PaymentBatch.objects.create(
        number=f"{mark}{person.pk}", scheme=version, unit=county, state=PaymentBatch.State.DONE, people=1,
        amount=30_000, fund=f"{mark}资金", finance_number=f"{mark}文", finance_on=DAY, finance_by=by, made_by=by,
        confirmed_by=other, confirmed_at=now, sent_at=now, file=file, digest="d" * 32, result_file=file, done_at=now,
    )  # fmt: skip
    line = PaymentLine.objects.create(
        batch=made, serial=1, claim=claim, village=village, name=person.name, bank=account.bank, number=account.number,
        amount=30_000, state=PaymentLine.State.PAID, paid_on=DAY, reference=f"{mark}流水", reason=f"{mark}原因",
    )  # fmt: skip
    Refund.objects.create(
        line=line, ground=f"{mark}重复享受", amount=30_000, on=DAY, voucher=f"{mark}凭证", made_by=other
    )
    return {"payment_batch": made, "payment_line": line}


@furnish
def _batches(world: World) -> None:
    cast = world.cast
    users = (cast.county, cast.city, cast.village)
    far = factories.laborer(world.rows["far_village"], "ZQ某")
    world.rows |= batch(cast.units["991"], factories.laborer(cast.units["99111"]), users)
    there = batch(Unit.objects.get(code="ZQ1"), far, users, "ZQ")
    world.rows |= {f"far_{key}": row for key, row in there.items()}


plain("subsidies:batches", "subsidies:batch_new", "subsidies:batches_reconciled")


def _row(name: str, readers: frozenset[str], **post: str) -> Callable[[World], Sample]:
    def make(world: World) -> Sample:
        rows: dict[str, Any] = world.rows
        return Sample(
            own={"pk": rows[name].pk}, foreign={"pk": rows[f"far_{name}"].pk}, missing={"pk": ABSENT},
            readers=readers, post=dict(post),
        )  # fmt: skip

    return make


for _name, _sample in {
    "batch": _row("payment_batch", READERS),
    "batch_confirm": _row("payment_batch", OFFICE),
    "batch_void": _row("payment_batch", OFFICE, why="重新组批"),
    "batch_fund": _row("payment_batch", OFFICE, number="文", on="2023-03-18", fund="资金"),
    "batch_send": _row("payment_batch", OFFICE, form="xlsx"),
    "batch_file": _row("payment_batch", EXPORTERS),
    "batch_result": _row("payment_batch", OFFICE),
    "batch_papers": _row("payment_batch", EXPORTERS),
    "payment_line": _row("payment_line", READERS),
    "payment_line_out": _row("payment_line", OFFICE, why="账户更换"),
    "payment_line_mark": _row("payment_line", OFFICE, outcome="failed", words="账户已销户"),
    "payment_line_refund": _row(
        "payment_line", OFFICE, ground="重复享受", amount="1", on="2023-03-18", voucher="1"
    ),
    "refund_confirm": _row("payment_line", OFFICE),
    "refund_drop": _row("payment_line", OFFICE),
}.items():
    sample(f"subsidies:{_name}")(_sample)
