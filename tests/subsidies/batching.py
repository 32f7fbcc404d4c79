"""Approved claims with accounts, a second officer of the county, and a batch taken as far as a test needs it."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from ledgers.banking import ask_change, confirm_change, keep_account
from ledgers.models import Laborer
from lib.money import yuan
from lib.sheets import write_csv
from subsidies.batches import actions, paying
from subsidies.models import Claim, PaymentBatch, PaymentLine, SchemeVersion
from tests import factories
from tests.cast import user
from tests.subsidies.conftest import MORNING
from tests.subsidies.schemes import EXAMPLE

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
TODAY = MORNING.date()
RECEIPT = ("姓名", "账号", "金额", "批次号", "行号", "结果(成功/失败)", "原因", "交易日期", "流水号")


def second(cast) -> User:
    """Another officer of county 991."""
    return user("xian-2", cast.units["991"], Role.COUNTY, "县专班二")


def scheme_of(cast, **fields: Any) -> SchemeVersion:
    values = {
        "code": "B01", "name": "交通补贴", "from_month": factories.MARCH, "rule": EXAMPLE["b01-places"].rule,
        "state": "approved",
        "fund": "衔接资金", "written_by": cast.county, "approved_by": cast.city, "approved_at": timezone.now(),
    }  # fmt: skip
    return SchemeVersion.objects.create(unit=cast.units["991"], **(values | fields))


def claim_of(
    cast, scheme: SchemeVersion, village: str = "99111", fen: int = 30_000, number: str = "", **fields: Any
) -> Claim:
    """Approved by the county; `number` is the account, one of its own where none is given, none where it is "-"."""
    person = fields.pop("laborer", None) or factories.laborer(cast.units[village])
    account = keep_account(person, "示例农商行", number or f"62220200{person.pk:011d}", cast.county)
    values: dict[str, Any] = {
        "code": scheme.code, "period": "2023", "month": factories.MARCH, "amount": fen, "letters": "m",
        "state": Claim.State.APPROVED, "account": account, "proposed_by": cast.village, "checked_by": cast.village,
        "compared_by": cast.township, "approved_by": cast.county, "approved_at": timezone.now(),
    }  # fmt: skip
    return Claim.objects.create(scheme=scheme, laborer=person, village=person.village, **(values | fields))


def made(cast, *claims: Claim, fens: tuple[int, ...] = (30_000, 45_050, 1)) -> PaymentBatch:
    """A draft of three claims in two villages of the township 9911, made by the county."""
    if not claims:
        scheme = scheme_of(cast)
        villages = ("99111", "99112", "99111")
        claims = tuple(
            claim_of(cast, scheme, village, fen) for village, fen in zip(villages, fens, strict=True)
        )
    return actions.make(claims[0].scheme, cast.units["991"], cast.county)


def funded(cast, batch: PaymentBatch | None = None) -> PaymentBatch:
    batch = batch or made(cast)
    other = User.objects.filter(username="xian-2").first() or second(cast)
    actions.confirm(batch, other)
    return actions.fund(batch, "示例财〔2023〕1号", TODAY, "衔接资金", cast.county)


def sent(cast, batch: PaymentBatch | None = None, form: str = "xlsx") -> PaymentBatch:
    return paying.send(funded(cast, batch), form, cast.county)


def receipt(
    batch: PaymentBatch, *, failing: dict[int, str] | None = None, day: dt.date = TODAY
) -> list[list[str]]:
    """The rows of a faithful bank; `failing` maps a line to its reason."""
    rows = []
    for line in batch.lines.exclude(state="void").order_by("serial"):
        reason = (failing or {}).get(line.serial, "")
        rows.append([
            line.name, line.number, yuan(line.amount, plain=True), batch.number, str(line.serial),
            "失败" if reason else "成功", reason, str(day), "" if reason else f"L{line.serial:06}",
        ])  # fmt: skip
    return rows


def as_file(rows: list[list[str]]) -> bytes:
    out = io.BytesIO()
    write_csv(out, RECEIPT, rows)
    return out.getvalue()


def paid(cast, batch: PaymentBatch | None = None, failing: dict[int, str] | None = None) -> PaymentBatch:
    batch = sent(cast, batch)
    return paying.take_result(batch, as_file(receipt(batch, failing=failing)), "回单.csv", cast.county)


def states(batch: PaymentBatch) -> list[tuple[str, str]]:
    """(line, claim) in the order of the lines."""
    rows = PaymentLine.objects.filter(batch=batch).order_by("serial").values_list("state", "claim__state")
    return list(rows)


def moved(person: Laborer, cast, number: str) -> None:
    """Another account, asked for by the township and confirmed by the county."""
    asked = ask_change(person, "示例银行", number, "原卡已经注销", PNG, cast.township)
    confirm_change(asked, cast.county)
