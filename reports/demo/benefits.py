"""Subsidies of the demonstration: schemes in force, the month screened, claims of the home village on their way.

Made by the verbs that people use, so that every claim has its steps, papers and audit entries.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from django.utils import timezone

from accounts.models import Unit, User
from ledgers.banking import keep_account
from ledgers.models import Laborer
from lib.month import Month
from posts import attending, paying
from posts.attending import Said
from posts.marks import Tally
from reports.demo.picture import scribble
from reports.demo.working import LAST
from subsidies.batches import actions as batches
from subsidies.claims import applying, deciding, notices, waiving
from subsidies.claims.rules import Consent
from subsidies.models import Claim, SchemeVersion, Screened, Trial
from subsidies.rules import ENTITLED, STATISTICAL
from subsidies.schemes import actions as schemes
from subsidies.schemes import trials
from subsidies.schemes.examples import EXAMPLES
from subsidies.screening import screen

FROM = Month(2022, 10)
SCHEMES = {"b01-places": "一次性交通补贴", "b02": "稳岗补贴", "b13-flexible": "灵活就业奖补"}
BY_STATISTICAL_YEAR = {"b02"}  # six months at one employer are not over in March
BASIS = "示例：《关于做好脱贫劳动力务工补贴发放工作的通知》（示农发〔2022〕12号）"
# What the next version of the first scheme would pay, in fen by place: more within the province, less beyond it.
NEXT = {"kind": "by_place", "amounts": {"省外": 120_000, "市外省内": 80_000, "县外市内": 30_000}}
# How far the claims of the home village went: of how many people, up to which step.
STEPS = ((2, "applied"), (1, "agent"), (2, "checked"), (2, "compared"), (4, "approved"))
Users = dict[str, User]


def benefits(users: Users, county: Unit, village: Unit) -> None:
    """Three schemes, one screening, and claims of every step in the home village."""
    made = list(_schemes(county, users))
    screen(made, county, LAST, users["county"])
    found = Screened.objects.filter(screening__scheme=made[0], village=village, result=ENTITLED)
    people = iter([line.laborer for line in found.select_related("laborer").order_by("laborer")])
    _claims(people, made[0], village, users)
    _batch(made[0], county, users)
    _tried(made[0], county, users)
    _month_of_posts(village, users)


def _schemes(county: Unit, users: Users) -> Iterator[SchemeVersion]:
    for example in EXAMPLES:
        if example.key in SCHEMES:
            window = STATISTICAL if example.key in BY_STATISTICAL_YEAR else example.rule["window"]
            yield SchemeVersion.objects.create(
                unit=county, code=example.code, name=SCHEMES[example.key], state=SchemeVersion.State.APPROVED,
                from_month=FROM, rule=example.rule | {"window": window}, documents=example.documents, basis=BASIS,
                is_away=example.is_away, fund=example.fund, written_by=users["county"],
                approved_by=users["county2"], approved_at=timezone.now(),
            )  # fmt: skip


def _tried(scheme: SchemeVersion, county: Unit, users: Users) -> None:
    """The next version of the first scheme: written, tried on this year's months, and waiting for a second officer."""
    values = {name: getattr(scheme, name) for name in schemes.VALUES} | {"from_month": LAST + 1}
    draft = schemes.write(county, scheme.code, values, scheme.rule | {"tariff": NEXT}, users["county"])
    trial = Trial.objects.create(
        scheme=draft, against=scheme, unit=county, first=Month(LAST.year, 1), last=LAST, digest=trials.digest_of(draft),
        made_by=users["county"],
    )  # fmt: skip
    trials.run(trial)


def _claims(people: Iterator[Laborer], scheme: SchemeVersion, village: Unit, users: Users) -> None:
    begun: dict[str, list[Claim]] = {
        step: [
            _begun(person, scheme, step, users["village"])
            for _, person in zip(range(number), people, strict=False)
        ]
        for number, step in STEPS
    }
    shown = begun["compared"] + begun["approved"]
    for claim in shown:
        deciding.check(claim, users["village"])
    _on_the_board(shown, village, scheme, users["village"])
    for claim in shown:
        deciding.compare(claim, users["township"])
    for claim in begun["approved"]:
        deciding.approve(claim, users["county"])
    for claim in begun["checked"]:
        deciding.check(claim, users["village"])
    if (person := next(people, None)) is not None:
        _waived(person, scheme, users["village"])


def _begun(person: Laborer, scheme: SchemeVersion, step: str, by: User) -> Claim:
    today = timezone.localdate()
    consent = Consent("示例代办人", "驻村帮扶干部", today, data=scribble()) if step == "agent" else None
    account = ("示例农商银行", f"6222029900{person.pk:09d}")
    claim = applying.begin(person, scheme, LAST, by, consent=consent, account=account)
    if step != "applied":
        for paper in scheme.documents:
            applying.add_paper(claim, paper["name"], scribble(), by)
    return claim


def _on_the_board(claims: Iterable[Claim], village: Unit, scheme: SchemeVersion, by: User) -> None:
    """公示 of five days that ended the day before yesterday."""
    if not claims:
        return
    last = timezone.localdate() - dt.timedelta(days=2)
    first = last - dt.timedelta(days=scheme.notice_days - 1)
    notice = notices.put_up(village, scheme, scheme.terms.period(LAST), first, last, "村委会公示栏", by)
    notices.add_photo(notice, scribble(), by)
    notices.end(notice, "", by)


def _waived(person: Laborer, scheme: SchemeVersion, by: User) -> None:
    said = "单位已经报销了路费，这笔补贴我不申请。"
    waiving.waive(
        person, scheme, LAST, by, words=said, reason="单位已报销路费", witness="示例见证人", on=timezone.localdate(),
        data=scribble(),
    )  # fmt: skip


def _batch(scheme: SchemeVersion, county: Unit, users: Users) -> None:
    """What is approved is in a batch that a second officer confirmed; finance comes next."""
    if Claim.objects.filter(scheme=scheme, state=Claim.State.APPROVED).exists():
        batches.confirm(batches.make(scheme, county, users["county"]), users["county2"])


def _month_of_posts(village: Unit, users: Users) -> None:
    """Attendance of the month, filled in, signed and checked; the pay of it waits for approval."""
    held = list(attending.holders(village, LAST))
    if not held:
        return
    for one in held:
        keep_account(one.laborer, "示例农商银行", f"6222029901{one.laborer_id:09d}", users["village"])
    attending.fill(
        village, LAST, {one.pk: Said(sums=_days(n)) for n, one in enumerate(held)}, users["village"]
    )
    attending.attach_paper(village, LAST, scribble(), users["village"])
    attending.check(attending.sign(village, LAST, users["village"]), users["township"])
    paying.draft_run(village, LAST, users["township"])


def _days(number: int) -> Tally:
    """Most were there on every day that is asked; some missed a few."""
    missed = (0, 0, 2, 0, 1)[number % 5]
    return Tally(10 - missed, missed)
