"""What officers do, one request at a time, and what must be true afterwards of everything they were told is saved."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.fault.place import HOWS, MONTH
from tests.load.browser import BROKEN, PATIENCE, TIMEOUT, Answer, Officer, ask, form, multipart, sign_in
from tests.load.city import City
from tests.load.schedule import Plan

READS = {"home": 0.15, "list": 0.35, "search": 0.15, "person": 0.35}
SAVES = {"verify": 0.8, "correct": 0.2}
LEVELS = ("village", "township", "county")
WEIGHTS = (80, 18, 2)
SKILLS = ("初级", "中级")
CORRECTED = 4  # every fourth of an officer's people is corrected, the others are verified


@dataclass(slots=True)
class Sample:
    """One request: when it was due within its phase and what it took from then on, both in seconds."""

    phase: str
    name: str
    due: float
    took: float
    status: int
    fine: bool


@dataclass(slots=True)
class Saved:
    """One person whom the load saves: never twice at once, so that what was said last is known."""

    pk: int
    officer: Officer
    action: str
    values: dict[str, str] = field(default_factory=dict)
    acknowledged: int = 0
    unknown: int = 0
    last: str = ""


def rates(reads: float, saves: float, **more: float) -> dict[str, float]:
    """Requests a second by name."""
    mixed = {name: share * reads for name, share in READS.items()}
    return mixed | {name: share * saves for name, share in SAVES.items()} | more


class Day:
    """The officers at work, and everything that was measured."""

    def __init__(self, city: City, seed: int) -> None:
        self.city, self.address = city, city.address
        self.dice = Random(f"{seed} officers")
        self.samples: list[Sample] = []
        self.open: list[asyncio.Task] = []
        self.free: dict[str, deque[Saved]] = {"verify": deque(), "correct": deque()}
        self.saved: list[Saved] = []
        self.begun = 0  # the number of the last audit entry before the clock ran
        self.files: deque[tuple[Officer, bytes]] = deque()
        self.acts: dict[str, Callable[[], Awaitable[tuple[Answer, bool]]]] = {
            "home": self.home, "list": self.listing, "search": self.search, "person": self.person,
            "verify": self.verify, "correct": self.correct, "sign in": self.newcomer, "50-row file": self.small_file,
        }  # fmt: skip

    def prepare(self) -> None:
        """Who is saved, what their forms show, the workbooks: made before the clock runs."""
        from accounts.models import AuditEntry, Unit

        self.city.reset()
        self.begun = AuditEntry.objects.order_by("sequence").values_list("sequence", flat=True).last() or 0
        for officer in self.city.officers["village"]:
            shown = {pk: _begun(pk, officer.username) for pk in officer.people[::CORRECTED]}
            marks = _marks([pk for pk in officer.people if pk not in shown])
            self.saved += [Saved(pk, officer, "verify", {"shown": mark}) for pk, mark in marks.items()]
            self.saved += [Saved(pk, officer, "correct", values) for pk, values in shown.items()]
            self.files.append((officer, self.city.workbook([officer.unit], 50)))
        self.dice.shuffle(self.saved)
        for one in self.saved:
            self.free[one.action].append(one)
        villages = list(Unit.objects.filter(level="village").order_by("code").values_list("code", flat=True))
        self.big_file = self.city.workbook(villages, 50_000)

    async def enter(self, officers: list[Officer]) -> None:
        """Sign them in, four at a time."""
        gate = asyncio.Semaphore(4)

        async def one(officer: Officer) -> None:
            async with gate:
                answer = await sign_in(self.address, officer, self.city.password)
                if answer.status != 302:
                    raise SystemExit(f"{officer.username} cannot sign in: {answer.status}")

        await asyncio.gather(*(one(officer) for officer in officers))

    async def play(self, phase: str, plan: Plan) -> None:
        """Send every request at its moment, whether or not the earlier ones were answered."""
        loop = asyncio.get_running_loop()
        begin = loop.time()
        for due, name in plan:
            if (pause := begin + due - loop.time()) > 0:
                await asyncio.sleep(pause)
            self.open.append(asyncio.create_task(self._one(phase, name, due, begin + due)))

    async def answered(self) -> None:
        """Wait for the last answer."""
        await asyncio.gather(*self.open)
        self.open.clear()

    async def _one(self, phase: str, name: str, due: float, moment: float) -> None:
        answer, fine = await self.acts[name]()
        took = asyncio.get_running_loop().time() - moment
        self.samples.append(Sample(phase, name, due, took, answer.status, fine))

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _officer(self) -> Officer:
        return self.dice.choice(self.city.officers[self.dice.choices(LEVELS, WEIGHTS)[0]])

    async def _page(self, officer: Officer, path: str) -> tuple[Answer, bool]:
        answer = await ask(self.address, officer, path)
        if answer.status == 302:  # a village's home is the page of its month
            answer = await ask(self.address, officer, answer.location)
        return answer, answer.status == 200

    async def home(self) -> tuple[Answer, bool]:
        return await self._page(self._officer(), "/home/")

    async def listing(self) -> tuple[Answer, bool]:
        return await self._page(self._officer(), f"/ledgers/?month={MONTH}")

    async def search(self) -> tuple[Answer, bool]:
        """The search box posts, and sends on to an address."""
        officer = self._officer()
        data = form(officer, {"q": self.dice.choice(officer.words), "month": MONTH, "unit": officer.unit})
        answer = await ask(self.address, officer, "/ledgers/", data)
        return await self._page(officer, answer.location) if answer.status == 302 else (answer, False)

    async def person(self) -> tuple[Answer, bool]:
        officer = self._officer()
        return await self._page(officer, f"/ledgers/people/{self.dice.choice(officer.people)}/")

    # ── saving ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def verify(self) -> tuple[Answer, bool]:
        """Nothing has changed, each time told in another way."""
        one = self._anybody("verify")
        how = HOWS[one.acknowledged % len(HOWS)]
        values = one.values | {"how": how, "outcome": "unchanged", "client_key": secrets.token_hex(16)}
        return await self._save(one, f"/ledgers/people/{one.pk}/contact/{MONTH}/", values, how)

    async def correct(self) -> tuple[Answer, bool]:
        """One field of a 采集表 is left, each time with another answer."""
        one = self._anybody("correct")
        skill = SKILLS[one.values["skill_level"] == SKILLS[0]]  # the other one
        values = {"was:skill_level": one.values["skill_level"], "skill_level": skill}
        return await self._save(one, f"/ledgers/forms/{one.values['form']}/fields/", values, skill)

    def _anybody(self, action: str) -> Saved:
        if not self.free[action]:
            raise SystemExit(f"Nobody is left for {action}: too many saves were not answered.")
        return self.free[action].popleft()

    async def _save(self, one: Saved, path: str, values: dict[str, str], what: str) -> tuple[Answer, bool]:
        body = form(one.officer, values)
        answer = await ask(self.address, one.officer, path, body, accept="application/json")
        fine = answer.status == 200
        if fine:
            one.acknowledged, one.last = one.acknowledged + 1, what
            if one.action == "correct":
                one.values["skill_level"] = what
            self.free[one.action].append(one)
        elif answer.status in (
            TIMEOUT,
            BROKEN,
        ):  # may still be written: nobody can tell what the next step changes
            one.unknown, one.last = one.unknown + 1, ""
        return answer, fine

    # ── signing in ───────────────────────────────────────────────────────────────────────────────────────────────

    async def newcomer(self) -> tuple[Answer, bool]:
        """Another browser of an officer: page, password, home."""
        known = self.dice.choice(self.city.officers["village"])
        officer = Officer(known.username, known.unit)
        answer = await sign_in(self.address, officer, self.city.password)
        return await self._page(officer, "/home/") if answer.status == 302 else (answer, False)

    # ── workbooks ────────────────────────────────────────────────────────────────────────────────────────────────

    async def small_file(self) -> tuple[Answer, bool]:
        officer, content = self.files.popleft()
        return await self._import(officer, content, 50)

    async def big_import(self) -> None:
        """50,000 rows of the city's clerk."""
        clerk = Officer("demo_city", self.city.top)
        await sign_in(self.address, clerk, self.city.password)
        begin = time.monotonic()
        answer, fine = await self._import(clerk, self.big_file, 50_000, patience=240)
        self.works["import of 50,000 rows, upload to the ledger"] = time.monotonic() - begin
        self.samples.append(
            Sample("deadline", "50,000-row file", 0, time.monotonic() - begin, answer.status, fine)
        )

    async def big_export(self) -> None:
        """Everybody of the city as a workbook."""
        from jobs.models import Job

        clerk = Officer("demo_city", self.city.top)
        await sign_in(self.address, clerk, self.city.password)
        begin = time.monotonic()
        values = {"what": "laborers", "unit": clerk.unit, "month": MONTH}
        answer = await ask(self.address, clerk, "/ledgers/export/", form(clerk, values))
        job = answer.location.strip("/").rpartition("/")[2] if answer.location.startswith("/jobs/") else ""
        states = Job.objects.filter(pk=job or None).values_list("state", flat=True)
        state = await _reaches(states.first, {"done", "failed"}, 240)
        self._worked("export", begin, answer, state == "done")

    def _worked(self, name: str, begin: float, answer: Answer, fine: bool) -> None:
        self.samples.append(Sample("deadline", name, 0, time.monotonic() - begin, answer.status, fine))

    async def _import(
        self, officer: Officer, content: bytes, rows: int, patience: float = 2 * PATIENCE
    ) -> tuple[Answer, bool]:
        """Upload, wait for the preview, confirm, wait until the rows are in the ledger."""
        from jobs.models import ImportBatch

        values = {
            "kind": "laborers",
            "unit": str(await asyncio.to_thread(_unit, officer.unit)),
            "month": MONTH,
        }
        body, kind = multipart(officer, values, "ledger.xlsx", content)
        answer = await ask(self.address, officer, "/imports/new/", body, kind)
        if answer.status != 302 or not answer.location.startswith("/imports/"):
            return answer, False
        batches = ImportBatch.objects.filter(pk=answer.location.split("/")[2])
        state = batches.values_list("state", flat=True)
        over = {"staged", "refused", "mapping"}
        if await _reaches(state.first, over, patience) != "staged":
            return answer, False
        confirmed = Answer(BROKEN)
        while confirmed.status in (TIMEOUT, BROKEN):  # pressed again, as anybody does
            confirmed = await ask(self.address, officer, f"{answer.location}confirm/", form(officer, {}))
        done = await _reaches(state.first, {"confirmed", "refused"}, patience)
        written = (await asyncio.to_thread(batches.values_list("new", flat=True).first)) or 0
        return confirmed, done == "confirmed" and written == rows

    # ── afterwards ───────────────────────────────────────────────────────────────────────────────────────────────

    def lost(self) -> tuple[int, int, int]:
        """Acknowledged saves, those missing in the database, those written more often than asked for."""
        from accounts.models import AuditEntry
        from ledgers.models import CollectionForm

        entries = AuditEntry.objects.filter(action="record.verify", sequence__gt=self.begun)
        abouts = entries.values_list("about", flat=True).iterator()
        told = Counter(("verify", int(about.rpartition(":")[2])) for about in abouts)
        versions = CollectionForm.objects.filter(month=MONTH).values_list("laborer_id", "version")
        told.update({("correct", pk): version - 1 for pk, version in versions})
        lost = doubled = 0
        for one in self.saved:
            found = told[one.action, one.pk]
            lost += max(0, one.acknowledged - found)
            doubled += max(0, found - one.acknowledged - one.unknown)
        return sum(one.acknowledged for one in self.saved), lost + self._otherwise(), doubled

    def _otherwise(self) -> int:
        """People of whom the database says something else than what was acknowledged last."""
        from ledgers.models import CollectionForm, MonthlyRecord

        keys = [one.pk for one in self.saved]
        hows = dict(
            MonthlyRecord.objects.filter(laborer__in=keys, month=MONTH).values_list(
                "laborer_id", "verified_how"
            )
        )
        forms = CollectionForm.objects.filter(laborer__in=keys, month=MONTH)
        skills = {form.laborer_id: form.values["skill_level"] for form in forms}
        now = {"verify": hows, "correct": skills}
        return sum(bool(one.last) and now[one.action].get(one.pk) != one.last for one in self.saved)


def _unit(code: str) -> int:
    from accounts.models import Unit

    return Unit.objects.values_list("pk", flat=True).get(code=code)


def _begun(pk: int, username: str) -> dict[str, str]:
    """The 采集表 of a person, begun by the officer: its key and the answer that will be changed."""
    from accounts.models import User
    from ledgers.collection.actions import begin
    from ledgers.models import Laborer
    from lib.month import Month

    person = Laborer.objects.select_related("village").get(pk=pk)
    form = begin(person, Month.parse(MONTH), User.objects.get(username=username))
    return {"form": str(form.pk), "skill_level": form.values["skill_level"]}


def _marks(people: list[int]) -> dict[int, str]:
    """What the screens of these people carry of the values they show."""
    from ledgers.collection.contacts import believed, mark
    from ledgers.models import MonthlyRecord

    rows = MonthlyRecord.objects.filter(laborer__in=people, month=MONTH).select_related("laborer__intention")
    return {row.laborer_id: mark(row, believed(row)) for row in rows.prefetch_related("laborer__spells")}


async def _reaches(state: Callable[[], Any], wanted: set[str], patience: float) -> str:
    """Look every 0.2 s until the state is one of those wanted; the state then or at the end of the patience."""
    found = ""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(patience):
            while (found := str(await asyncio.to_thread(state))) not in wanted:
                await asyncio.sleep(0.2)
    return found
