"""Two cities of two counties of two townships of two villages; every string says whose it is: ZQ<unit code><field>.

A unit's code begins with the code of the unit above, so that the canary tells its whole line: ZQ99111person stands in
village 99111 of township 9911 of county 991 of city 99. The world is built place by place, from one village outwards:
what is built later lies outside the reach of those who were asked before (tests/proof/test_two_worlds.py).
"""

from __future__ import annotations

import datetime as dt
import io
import uuid
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from django.utils import timezone

from accounts.audit import record as audit
from accounts.models import Level, Posting, Reveal, Unit, User
from accounts.roles import Role
from jobs.actions import store_file
from jobs.imports import chunks
from jobs.models import ImportBatch, Job
from ledgers.models import EntryException, Handover, HandoverLine, Intention, Service, ZeroEmployment
from lib.sheets import write_rows_fast
from lib.staging import NEW, REJECT, REJECTED, REVIEW, Problem, Staged
from posts.models import Workshop
from reports import rollup
from reports.bulletins.snapshot import take
from reports.bulletins.text import compose
from reports.models import Baseline, Bulletin, Target
from sampling.models import Call, Campaign
from subsidies.models import Forwarding, Mailing
from tests import factories
from tests.cast import user
from tests.claim_rows import claim_rows
from tests.posts import life, month_rows, shops
from tests.samples_of_accounts import change as account_change
from tests.samples_of_batches import batch as payments
from tests.scheme_rows import of_county, of_person
from tests.subsidies.training_cast import lessons

MARCH = factories.MARCH
TODAY = dt.date(2023, 3, 18)
NOW = dt.datetime(2023, 3, 18, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=8)))
DUE = dt.date(2023, 3, 25)
HOME = "99111"  # the village in whose line the identities serve
SIBLING, COUSIN, AWAY, FOREIGN = "99112", "99121", "99211", "98111"
VILLAGES = tuple(f"{c}{k}{t}{v}" for c in (99, 98) for k in (1, 2) for t in (1, 2) for v in (1, 2))
LEVELS = {2: Level.CITY, 3: Level.COUNTY, 4: Level.TOWNSHIP, 5: Level.VILLAGE}
ROLE_AT = {5: Role.VILLAGE, 4: Role.TOWNSHIP, 3: Role.COUNTY, 2: Role.CITY}


def canary(code: str, name: str) -> str:
    return f"ZQ{code}{name}"


@dataclass
class ProofWorld:
    """Units by code, the officer of each unit, the nine identities, and the rows of each place by name."""

    units: dict[str, Unit] = field(default_factory=dict)
    officers: dict[str, User] = field(default_factory=dict)
    identities: dict[str, User] = field(default_factory=dict)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    moved: User | None = None
    secrets: set[str] = field(default_factory=set)  # every ID number and telephone number
    serial: Any = field(default_factory=lambda: count(1))


def built(world: ProofWorld | None = None, upto: str = "") -> ProofWorld:
    """The world, or what is still missing of it, as far as the reader `upto` can see (a code, or all)."""
    world = world or ProofWorld()
    wanted = [code for code in VILLAGES if code.startswith(upto)]
    for code in wanted:
        if code not in world.rows:
            for length in (2, 3, 4, 5):
                _unit(world, code[:length])
            _village(world, code)
    rollup.recompute(MARCH)
    for city in {code[:2] for code in wanted}:
        if len(upto) <= 3 and city not in world.rows:
            _bulletins(world, city)
    return world


def _unit(world: ProofWorld, code: str) -> None:
    if code in world.units:
        return
    parent = world.units.get(code[:-1]) if len(code) > 2 else None
    made = factories.unit(code, canary(code, "unit"), LEVELS[len(code)], parent, gb_code=code.ljust(12, "0"))
    world.units[code] = made
    officer = user(canary(code, "login"), made, ROLE_AT[len(code)], canary(code, "officer"))
    world.officers[code] = officer
    audit("user.open", officer, officer, made, name=canary(code, "detail"), username=canary(code, "detail"))
    Target.objects.create(unit=made, year=2023, value=2, set_by=officer)
    Baseline.objects.create(unit=made, name="2022年10月", figure="I07", value=1, set_by=officer)
    if len(code) == 2:
        _city(world, code)
    if HOME.startswith(code):
        _identities(world, code, officer)
    if code == HOME[:4]:
        world.moved = user(canary(code, "moved"), name=canary(code, "moved"))
        past_posting(world.moved, made, Role.TOWNSHIP)


def _identities(world: ProofWorld, code: str, officer: User) -> None:
    unit = world.units[code]
    world.identities[ROLE_AT[len(code)].value] = officer
    if len(code) == 2:
        for name, role in (("city2", Role.CITY), ("auditor", Role.AUDITOR), ("admin", Role.ADMIN)):
            world.identities[name] = user(canary(code, name), unit, role, canary(code, "officer"))
        world.identities["nobody"] = user("wu", name="未任职")
    if len(code) == 3:
        # posted in the very county of the drawn call, the sampler still sees that call and nothing else of the county
        world.identities["sampler"] = user("chou", unit, Role.SAMPLER, canary(code, "officer"))


def _city(world: ProofWorld, code: str) -> None:
    world.rows.setdefault(f"city{code}", {})["campaign"] = Campaign.objects.create(
        unit=world.units[code], month=MARCH, name=canary(code, "campaign"), due_on=DUE
    )


def _village(world: ProofWorld, code: str) -> None:
    village, officer = world.units[code], world.officers[code]
    rows = world.rows[code] = {"campaign": world.rows[f"city{code[:2]}"]["campaign"]}
    people = [_person(world, code, name) for name in ("person", "other")]
    rows["laborer"] = rows["person"] = people[0]
    rows["record"] = factories.record(people[0], employer=canary(code, "employer"))
    factories.record(people[1], employer=canary(code, "employer"), verify_state="联系不上")
    rows |= _work_places(code, village, people, officer)
    if code == FOREIGN:  # who left the home township serves here today
        Posting.objects.create(user=world.moved, unit=village, role=Role.VILLAGE, since="2023-01-01")
    rows["handover"] = _handover(code, village, people[0], officer)
    rows |= _messages(world, code, people[0])
    rows |= _benefits(world, code, people[0])
    rows |= claim_rows(rows["scheme"], people, officer, canary(code, "claim"))
    offices = (world.officers[code[:3]], world.officers[code[:2]], officer)
    marks = canary(code, "bank"), canary(code[:3], "heading")
    rows |= payments(world.units[code[:3]], people[1], offices, *marks)
    rows |= lessons(world.units[code[:3]], people[0], officer, canary(code[:3], ""))
    rows["account_change"] = account_change(people[0], officer, canary(code, "wish"))
    rows["exception"] = EntryException.objects.create(
        unit=village, month=MARCH, days=3, reason=canary(code, "why"), office=village, granted_by=officer
    )
    rows["form"] = factories.form(people[0], begun_by=officer, doubts=[canary(code, "doubt")])
    rows["paper"] = factories.paper(rows["form"], officer, canary(code, "paper").encode())
    rows["submitted"] = factories.form(
        people[1], begun_by=officer, state="submitted", filed_by=officer, filed_at=NOW
    )
    rows["service"] = _service(code, people[0], officer)
    home = code == HOME
    rows["call"] = Call.objects.create(
        campaign=rows["campaign"], laborer=people[0], village=village, township=village.parent,
        caller=world.identities["sampler"] if home else None, connected=None if home else True,
        place_matches=None if home else True, note=canary(code, "note"),
    )  # fmt: skip
    rows |= files_of(officer, village, code)
    Reveal.objects.create(user=officer, subject_type="laborer", subject_id=people[0].pk, field="id_no",
                          reason=canary(code, "reason"))  # fmt: skip
    audit("reveal", officer, people[0], village, field="id_no", reason=canary(code, "reason"))
    audit("import.confirm", officer, rows["batch"], village, file=canary(code, "file"), rows=2)


def _person(world: ProofWorld, code: str, name: str):
    said = lambda what: canary(code, what)  # noqa: E731
    serial = next(world.serial)
    person = factories.laborer(
        world.units[code], said(name), phone=f"137{serial:08d}", registered_address=said("address"),
        home_address=said("address"), household__settlement=said("settlement"),
    )  # fmt: skip
    world.secrets |= {person.id_no, person.phone}
    factories.spell(person, employer=said("employer"), region_text=said("region"), job_form_note=said("form"))
    Intention.objects.create(laborer=person, wanted_job=said("wish"), service_need=said("wish"),
                             left_region=said("wish"))  # fmt: skip
    return person


def _work_places(code: str, village: Unit, people: list, officer: User) -> dict[str, Any]:
    day = dt.date(2023, 1, 10)
    workshop = Workshop.objects.create(number=canary(code, "shopno"), unit=village, name=canary(code, "shop"),
                                       in_charge=canary(code, "officer"), address=canary(code, "address"),
                                       recognised_on=day)  # fmt: skip
    made = shops.papers(workshop, people[1], officer, canary(code, ""))
    made |= life.rows(village, officer, people, canary(code, "post"))
    return made | month_rows.rows_of(village, made["appointment"], officer, canary(code, "post"))


def _messages(world: ProofWorld, code: str, person) -> dict[str, Any]:
    """The texts of the township, one for all its villages, and what the person of this village was sent."""
    town = code[:4]
    shared = world.rows.setdefault(f"town{town}", {})
    made = factories.messages(world.units[town], world.officers[town], person, f"ZQ{town}")
    for key in ("template", "wechat"):
        if key in shared:  # the village before has made them
            Mailing.objects.filter(pk=made["mailing"].pk).update(template=shared["template"])
            Forwarding.objects.filter(template=made[key]).update(template=shared[key])
            made[key].delete()
            made[key] = shared[key]
    shared |= {key: made[key] for key in ("template", "wechat")}
    return made


def _benefits(world: ProofWorld, code: str, person) -> dict[str, Any]:
    """The scheme of the county, and what its trial and screening say of the person of this village."""
    county = code[:3]
    if f"schemes{county}" not in world.rows:
        by, approver = world.officers[county], world.officers[code[:2]]
        world.rows[f"schemes{county}"] = of_county(world.units[county], by, approver, canary(county, "told"))
    shared = world.rows[f"schemes{county}"]
    return shared | of_person(shared, person, canary(code, "note"))


def _handover(code: str, village: Unit, person, officer: User) -> Handover:
    """A 交接单 of the village with one person on it, still without an answer."""
    made = Handover.objects.create(
        unit=village,
        month=MARCH,
        since=NOW - dt.timedelta(days=9),
        until=NOW,
        made_by=officer,
        job=uuid.uuid4(),
    )
    told = [["就业单位名称", canary(code, "employer"), canary(code, "region")]]
    HandoverLine.objects.create(handover=made, laborer=person, changed_at=NOW, changes=told)
    return made


def _service(code: str, person, officer: User) -> Service:
    """A service with its evidence, and the household recognised as one without employment."""
    evidence = store_file(
        officer, f"{canary(code, 'wish')}.png", b"\x89PNG\r\n\x1a\n", "image/png", unit=person.village
    )
    ZeroEmployment.objects.create(
        household=person.household, recognised_on=TODAY, basis=canary(code, "wish"), recognised_by=officer
    )
    return Service.objects.create(
        laborer=person, kind="岗位推介", on=TODAY, done_by=canary(code, "wish"), file=evidence,
        evidence=canary(code, "wish"), employer=canary(code, "wish"), outcome="不愿意", by=officer,
    )  # fmt: skip


def files_of(officer: User, unit: Unit, code: str) -> dict[str, Any]:
    """An upload with its judged rows, and an export with its file: all of them the officer's own."""
    out = io.BytesIO()
    write_rows_fast(
        out, ["姓名"], [[canary(code, "infile")]], sheet_name="名单", title=canary(code, "infile")
    )
    file = store_file(officer, f"{canary(code, 'file')}.xlsx", out.getvalue(), unit=unit)
    job = Job.objects.create(
        owner=officer, unit=unit, kind="export.rows", title=canary(code, "job"), state=Job.State.DONE,
        note=canary(code, "job"), result_file=file, params={"export": "records", "month": "2023-03"},
        finished_at=timezone.now(),
    )  # fmt: skip
    batch = ImportBatch.objects.create(
        owner=officer, unit=unit, number=f"{code}-1", kind="laborers", source=file, sha256=code.ljust(64, "0"),
        state=ImportBatch.State.STAGED, month=MARCH, new=1, review=1, rejected=1,
        notes=[{"level": "info", "message": canary(code, "batch")}], headings=["姓名", canary(code, "batch")],
    )  # fmt: skip
    problem = Problem(5, "姓名", canary(code, "batch"), REJECT, canary(code, "batch"))
    staged = [
        Staged(3, NEW, canary(code, "batch"), {"name": canary(code, "batch")}),
        Staged(4, REVIEW, canary(code, "batch"), {"name": canary(code, "batch")}, problems=[problem]),
        Staged(5, REJECTED, canary(code, "batch"), {"name": canary(code, "batch")}, problems=[problem]),
    ]
    for chunk in chunks.packed(batch, staged, lambda done: None):
        chunk.save(force_insert=True)
    return {"file": file, "job": job, "batch": batch}


def _bulletins(world: ProofWorld, code: str) -> None:
    """A version that was reopened and the draft that followed it."""
    rows, unit, officer = {}, world.units[code], world.officers[code]
    second = user(canary(code, "login2"), unit, Role.CITY, canary(code, "officer"))
    for number, state in enumerate((Bulletin.State.WITHDRAWN, Bulletin.State.DRAFT)):
        snapshot = take(unit, MARCH)
        rows[f"bulletin{number}"] = Bulletin.objects.create(
            unit=unit, month=MARCH, version=number + 1, state=state, title=canary(code, "title" if number else "out"),
            issuer=canary(code, "issuer"), snapshot=snapshot, sentences=compose(snapshot, canary(code, "issuer")),
            created_by=officer, **({} if number else {"published_by": second, "content_hash": "0" * 64}),
        )  # fmt: skip
    world.rows[code] = rows


def past_posting(who: User, unit: Unit, role: str) -> Posting:
    """A posting that ended before the identities were asked."""
    return Posting.objects.create(user=who, unit=unit, role=role, since="2020-01-01", until="2022-12-31")
