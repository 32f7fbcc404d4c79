"""Six schemes screened for three months, 40,000 claims of every state with their steps, and 60 batches of them."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice

from ledgers.models import BankAccount
from lib import bulk
from lib.month import SHANGHAI
from reports.bench import screening
from reports.bench.rooms.posts import Users, accounts
from reports.demo.working import LAST
from subsidies.claims import steps
from subsidies.claims.rules import freeze
from subsidies.models import (
    Claim,
    ClaimStep,
    Notice,
    PaymentBatch,
    PaymentLine,
    Refund,
    SchemeVersion,
    Screened,
    Unclaimed,
)
from subsidies.rules import ENTITLED
from subsidies.screening import Person, screen, verdicts

CLAIMS, BATCHES, BIGGEST = 40_000, 60, 5_000
MONTHS = (LAST - 2, LAST - 1, LAST)
S = Claim.State
# of a hundred claims: the states in the order in which the people come
SHARES = (
    (S.BATCHED, 45), (S.PAID, 15), (S.APPROVED, 8), (S.COMPARED, 5), (S.SHOWN, 4), (S.NOTICED, 5), (S.CHECKED, 4),
    (S.APPLIED, 7), (S.RETURNED, 3), (S.REJECTED, 2), (S.WITHDRAWN, 1), (S.REFUNDED, 1),
)  # fmt: skip
EVERY = [state for state, share in SHARES for _ in range(share)]
WAY = (steps.APPLIED, steps.CHECKED, steps.NOTICED, steps.SHOWN, steps.COMPARED, steps.APPROVED)
REACHED = {
    S.APPLIED: 1,
    S.RETURNED: 1,
    S.REJECTED: 2,
    S.WITHDRAWN: 1,
    S.CHECKED: 2,
    S.NOTICED: 3,
    S.SHOWN: 4,
    S.COMPARED: 5,
}
DECIDED = frozenset(Claim.DECIDED)
AT = dt.datetime(2023, 4, 10, 9, tzinfo=SHANGHAI)


def fill(users: Users) -> None:
    schemes = screening.schemes()
    for month in MONTHS:
        for county in screening.counties():
            screen(schemes, county, month, None)
    _claims(schemes, users)
    _unclaimed(schemes, users)
    _batches(schemes, users)
    _refunds(users)


# ── claims ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _claims(schemes: list[SchemeVersion], users: Users) -> None:
    entitled = list(islice(_entitled(schemes), CLAIMS))
    owned = accounts({person.laborer for person, *_ in entitled}, users["county"])
    columns = (
        "id", "scheme", "code", "laborer", "village", "period", "month", "state", "amount", "letters", "values",
        "months", "facts", "account", "notice", "reason", "proposed_by", "proposed_at", "checked_by", "compared_by",
        "approved_by", "approved_at", "paid_on",
    )  # fmt: skip
    states = [EVERY[number * 37 % len(EVERY)] for number in range(len(entitled))]
    notices = _notices(entitled, states, users)
    keys = bulk.reserve_ids(Claim, len(entitled))
    one, two, three = (users[key].pk for key in ("village", "township", "county"))
    bulk.insert_many(
        Claim,
        columns,
        (
            (
                pk, scheme.pk, scheme.code, person.laborer, person.village, scheme.terms.period(LAST), LAST, state,
                verdict.amount, verdict.letters, list(verdict.values), ",".join(map(str, verdict.months)),
                json.dumps(freeze(person.facts), ensure_ascii=False), owned[person.laborer],
                notices.get((person.village, scheme.pk)) if _steps(state) > 2 else None,
                "材料不清楚，请重新上传" if state in (S.RETURNED, S.REJECTED) else "", one, AT,
                one if _steps(state) > 1 else None, two if _steps(state) > 4 else None,
                *((three, AT) if state in DECIDED else (None, None)),
                dt.date(2023, 4, 28) if state in (S.PAID, S.REFUNDED) else None,
            )
            for pk, state, (person, scheme, verdict) in zip(keys, states, entitled, strict=True)
        ),
    )  # fmt: skip
    by = (one, one, one, one, two, three)
    bulk.insert_many(
        ClaimStep,
        ("claim", "step", "by", "at"),
        (
            (pk, step, who, AT)
            for pk, state in zip(keys, states, strict=True)
            for step, who in islice(zip(WAY, by, strict=True), _steps(state))
        ),
    )


def _entitled(schemes: list[SchemeVersion]) -> Iterator[tuple]:
    """Who may have what, county by county; who has claimed already is left out."""
    gone = set(Claim.objects.alive().values_list("laborer", "code"))
    asked = [(scheme.code, scheme.terms) for scheme in schemes]
    for county in screening.counties():
        for number, (person, found) in enumerate(verdicts(asked, county, LAST)):
            for at, scheme in enumerate(schemes):
                if (
                    found[at].result == ENTITLED
                    and (number + at) % 3
                    and (person.laborer, scheme.code) not in gone
                ):
                    yield person, scheme, found[at]


def _steps(state: str) -> int:
    return len(WAY) if state in DECIDED else REACHED[S(state)]


def _notices(entitled: list[tuple], states: Sequence[str], users: Users) -> dict[tuple[int, int], int]:
    """One per village and scheme; it is over where no claim of it is 公示中."""
    groups: dict[tuple[int, int], tuple[SchemeVersion, Person]] = {}
    running = set()
    for (person, scheme, _), state in zip(entitled, states, strict=True):
        key = person.village, scheme.pk
        groups.setdefault(key, (scheme, person))
        if state == S.NOTICED:
            running.add(key)
    keys = dict(zip(groups, bulk.reserve_ids(Notice, len(groups)), strict=True))
    by = users["village"].pk
    bulk.insert_many(
        Notice,
        ("id", "village", "scheme", "period", "from_on", "until_on", "place", "made_by", "ended_by", "ended_at"),
        (
            (pk, *key, groups[key][0].terms.period(LAST), AT.date(), AT.date() + dt.timedelta(days=6), "村委会公示栏",
             by, *((None, None) if key in running else (by, AT)))
            for key, pk in keys.items()
        ),
    )  # fmt: skip
    return keys


def _unclaimed(schemes: list[SchemeVersion], users: Users) -> None:
    """Why every seventh of those who did not claim has not."""
    for scheme in schemes:
        claimed = Claim.objects.filter(code=scheme.code).values("laborer")
        lines = Screened.objects.filter(screening__scheme=scheme, screening__month=LAST, result=ENTITLED)
        rest = lines.exclude(laborer__in=claimed).order_by("pk").values_list("laborer", "village")[:2000:7]
        bulk.insert_many(
            Unclaimed,
            ("laborer", "village", "code", "period", "reason", "by"),
            (
                (*row, scheme.code, scheme.terms.period(LAST), "正在准备材料", users["village"].pk)
                for row in rest
            ),
        )


# ── batches ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _batches(schemes: list[SchemeVersion], users: Users) -> None:
    """Claims under way in living batches, the biggest of one county waiting to be sent; the paid ones in done ones."""
    rows = Claim.objects.filter(scheme__in=schemes, state__in=(S.BATCHED, S.PAID, S.REFUNDED)).order_by("pk")
    counties = {county.path: county for county in screening.counties()}
    groups: dict[tuple, list[tuple]] = defaultdict(list)
    found = rows.values_list(
        "pk", "scheme", "village", "village__path", "laborer__name", "account", "amount", "state"
    )
    for row in found:
        county = next(one for path, one in counties.items() if row[3].startswith(path))
        groups[row[1], county.pk, row[7] == S.BATCHED].append(row)
    numbers = dict(BankAccount.objects.values_list("pk", "number"))
    parts = list(_parts(groups))
    keys = bulk.reserve_ids(PaymentBatch, len(parts))
    one, two = users["county"].pk, users["county2"].pk
    bulk.insert_many(
        PaymentBatch,
        ("id", "number", "scheme", "unit", "state", "people", "amount", "fund", "finance_number", "finance_on",
         "finance_by", "made_by", "confirmed_by", "confirmed_at", "sent_at", "digest", "done_at"),
        (
            (pk, f"PC2023{pk:06d}", scheme, county, "funded" if living else "done", len(lines),
             sum(line[6] for line in lines), "衔接资金", f"财〔2023〕{pk}号", dt.date(2023, 4, 20), one, one, two, AT,
             *((None, "", None) if living else (AT, "0" * 32, AT)))
            for pk, ((scheme, county, living), lines) in zip(keys, parts, strict=True)
        ),
    )  # fmt: skip
    bulk.insert_many(
        PaymentLine,
        ("batch", "serial", "claim", "village", "name", "bank", "number", "amount", "state", "paid_on", "reference"),
        (
            (pk, n, line[0], line[2], line[4], "示例农商银行", numbers[line[5]], line[6],
             *(("waiting", None, "") if living else (_outcome(line[7]), dt.date(2023, 4, 28), f"LS{line[0]:09d}")))
            for pk, ((*_, living), lines) in zip(keys, parts, strict=True)
            for n, line in enumerate(lines, 1)
        ),
    )  # fmt: skip


def _refunds(users: Users) -> None:
    """Every line that was paid back says so with its voucher."""
    lines = PaymentLine.objects.filter(state="refunded").values_list("pk", "amount")
    bulk.insert_many(
        Refund,
        ("line", "ground", "amount", "on", "voucher", "made_by", "confirmed_by", "confirmed_at"),
        (
            (
                pk,
                "复查时不符合条件",
                fen,
                dt.date(2023, 5, 8),
                f"JK{pk}",
                users["county"].pk,
                users["county2"].pk,
                AT,
            )
            for pk, fen in lines
        ),
    )


def _outcome(state: str) -> str:
    return "refunded" if state == S.REFUNDED else "paid"


def _parts(groups: dict[tuple, list[tuple]]) -> Iterator[tuple[tuple, list[tuple]]]:
    """The groups cut so that there are about so many batches; the biggest group of a kind is cut at 5,000."""
    most = max(1, sum(map(len, groups.values())) // (BATCHES - len(groups)))
    biggest = max((key for key in groups if key[2]), key=lambda key: len(groups[key]))
    for key, lines in groups.items():
        size = BIGGEST if key == biggest else most
        for start in range(0, len(lines), size):
            yield key, lines[start : start + size]
