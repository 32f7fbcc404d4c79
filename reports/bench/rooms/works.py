"""The long works of these rooms: the payment file and receipt of the biggest batch, and a workbook of claims."""

from __future__ import annotations

import io
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import Unit, User
from jobs import imports
from ledgers.models import Laborer
from lib import bankfile
from lib.money import yuan
from lib.sheets import read_workbook, write_rows_fast
from reports.demo import city, load
from reports.demo.working import LAST
from subsidies.batches import paying
from subsidies.models import Claim, PaymentBatch, SchemeVersion, Waiver
from subsidies.screening import verdicts

CLAIMS = Path(settings.BASE_DIR) / "build" / "bench" / "claims.xlsx"
ROWS = 2_000
ANSWERS = (*bankfile.HEADINGS, "结果", "原因", "交易日期", "流水号")


def _user(key: str) -> User:
    return User.objects.get(username=load.USERS[key][0])


def _biggest() -> PaymentBatch:
    return PaymentBatch.objects.filter(state=PaymentBatch.State.FUNDED).order_by("-people")[0]


# ── a batch ──────────────────────────────────────────────────────────────────────────────────────────────────────


def send() -> str:
    """The payment file of the biggest batch: made, read back, kept; taken back."""
    with transaction.atomic():
        sent = paying.send(_biggest(), "xlsx", _user("county"))
        transaction.set_rollback(True)
    return f"{sent.people:,} lines"


def write_file() -> None:
    """The same lines written, and nothing else."""
    bankfile.write(paying.sent_lines(_biggest()))


def receipt() -> str:
    """The bank's answer to it, every fiftieth payment returned: compared, booked line by line; taken back."""
    with transaction.atomic():
        sent = paying.send(_biggest(), "xlsx", _user("county"))
        done = paying.take_result(sent, _answer(sent), "回单.xlsx", _user("county"))
        transaction.set_rollback(True)
    return f"{done.people:,} lines, {done.state}; with the payment file"


def read_answer() -> None:
    """The same answer written and read."""
    read_workbook(_answer(_biggest()), "回单.xlsx")


def _answer(batch: PaymentBatch) -> bytes:
    out, today = io.BytesIO(), str(timezone.localdate())
    good, bad = ("成功", ""), ("失败", "账户已销户")
    rows = (
        [str(one.serial), one.name, one.bank, one.number, yuan(one.amount, plain=True), one.purpose, one.batch,
         str(one.serial), *(good if one.serial % 50 else bad), today, f"LS{one.serial:09d}"]
        for one in paying.sent_lines(batch)
    )  # fmt: skip
    write_rows_fast(out, ANSWERS, rows)
    return out.getvalue()


# ── a workbook of claims ─────────────────────────────────────────────────────────────────────────────────────────


def import_claims() -> str:
    """2,000 new claims of one scheme and county: checked, staged, confirmed; taken back."""
    county, by = Unit.objects.get(code=city.HOME_COUNTY), _user("county")
    with transaction.atomic():
        rows = write_claims(county)
        batch = imports.stage(CLAIMS, CLAIMS.name, "claims", county, LAST, by)
        done = imports.confirm(batch, by)
        transaction.set_rollback(True)
    return f"{rows:,} rows: new {done.new}, rejected {done.rejected}"


def write_claims(county: Unit, most: int = ROWS) -> int:
    """A workbook of people who may claim the first scheme and have not; returns how many rows."""
    scheme = SchemeVersion.objects.in_force(county, LAST).filter(version=90).order_by("code")[0]
    gone = set(Claim.objects.alive().values_list("laborer", flat=True))
    gone |= set(Waiver.objects.filter(withdrawn_at=None).values_list("laborer", flat=True))
    found = (
        person.laborer
        for person, (verdict,) in verdicts([(scheme.code, scheme.terms)], county, LAST)
        if verdict.result == "entitled" and person.laborer not in gone
    )
    keys = list(islice(found, most))
    people = Laborer.objects.in_bulk(keys)
    rows = ([people[key].name, people[key].id_no, scheme.name, scheme.terms.period(LAST)] for key in keys)
    CLAIMS.parent.mkdir(parents=True, exist_ok=True)
    write_rows_fast(CLAIMS, ("姓名", "身份证号码", "补贴项目", "所属期"), rows)
    return len(keys)
