"""Child processes on the test's database that begin their work at the same moment.

A child is `python -m tests.proof_data.parallel ACT JSON`: it starts Django, says that it is ready, waits for the
word, acts, and answers with one JSON line.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from tests.stack import ROOT

SECONDS = 300


def together(environment: dict[str, str], *calls: tuple[str, dict]) -> list[Any]:
    """Run every (act, arguments) in a process of its own, all released at once; their answers in order."""
    environment = environment | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATA_DIR": os.environ["DATA_DIR"],
    }
    with ExitStack() as stack:
        children = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "tests.proof_data.parallel", act, json.dumps(arguments)],
                    cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                )
            )
            for act, arguments in calls
        ]  # fmt: skip
        try:
            for child in children:
                assert child.stdout.readline() == "ready\n"
            for child in children:
                child.stdin.write("go\n")
                child.stdin.flush()
            return [json.loads(child.communicate(timeout=SECONDS)[0]) for child in children]
        finally:
            for child in children:
                if child.poll() is None:
                    child.kill()


# ── what the children do ─────────────────────────────────────────────────────────────────────────────────────────


def verify(who: str, people: list[int], seed: int) -> dict:
    """Note that nothing has changed with random people, until the month is closed: how often it was accepted."""
    from accounts.models import User
    from ledgers.collection import contacts
    from ledgers.models import Laborer, MonthlyRecord
    from ledgers.models.collection import HOW
    from ledgers.periods import PeriodClosed
    from tests.factories import MARCH

    dice, user = random.Random(seed), User.objects.get(username=who)
    told: dict[str, Any] = {"accepted": 0, "closed": 0, "errors": []}
    for _ in range(5000):
        person = Laborer.objects.get(pk=dice.choice(people))
        row = MonthlyRecord.objects.select_related("laborer").get(laborer=person, month=MARCH)
        shown = contacts.mark(row, contacts.believed(row))
        try:
            contacts.contact(person, MARCH, dice.choice(HOW), "unchanged", shown, user)
            told["accepted"] += 1
        except PeriodClosed:
            told["closed"] += 1
            break
        except Exception as error:
            told["errors"].append(f"{type(error).__name__}: {error}"[:200])
    return told


def fill(who: str, forms: list[int], seed: int, edits: int) -> dict:
    """Answer random fields of random forms from the copy in hand, read again after a difference only.

    Everybody begins with the first field of the first form, as it was before anybody came: all but one meet the
    answer of another there. What was accepted (form, field, seen, text), and how often somebody else had answered.
    """
    from accounts.models import User
    from ledgers.collection import actions
    from ledgers.models import CollectionForm

    dice, user, keys = random.Random(seed), User.objects.get(username=who), ("employer", "home_address")
    copies = {form.pk: form for form in CollectionForm.objects.filter(pk__in=forms)}
    told: dict[str, Any] = {"accepted": [], "differs": 0, "errors": []}
    for turn in range(edits):
        form = copies[dice.choice(forms) if turn else forms[0]]
        key = dice.choice(keys) if turn else keys[0]
        seen, text = (form.values if turn else form.base)[key], f"示例{seed}之{turn}"
        try:
            copies[form.pk] = actions.keep(form, key, text, seen, user)
            told["accepted"].append([form.pk, key, seen, text])
        except actions.Differs as difference:
            told["differs"] += 1
            form.values[key] = difference.theirs
        except Exception as error:
            told["errors"].append(f"{type(error).__name__}: {error}"[:200])
    return told


def hand_in(who: str, person: int, times: int) -> list[list]:
    """The form of a person begun, filled in and submitted by several threads at once: what each is told."""
    from django.db import connection, transaction

    from accounts.models import User
    from ledgers.collection import actions
    from ledgers.models import Laborer
    from tests.factories import MARCH

    answers: list[list] = []
    gate = threading.Barrier(times)

    def send() -> None:
        user, laborer = User.objects.get(username=who), Laborer.objects.get(pk=person)
        gate.wait()
        with transaction.atomic():
            form = actions.begin(laborer, MARCH, user)
            if form.is_editable:
                form = actions.keep(form, "monthly_wage", "5000", "4500", user)
            form = actions.submit(form, "电话", user)
        answers.append([form.pk, form.state, form.version, form.filed_at.isoformat()])
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def pay_month(who: str, unit: str, month: str, times: int) -> list[str]:
    """The pay of a month drafted by several threads at once: "made", "refused", or what went wrong."""
    from django.db import connection

    from accounts.authority import NotAllowed
    from accounts.models import Unit, User
    from lib.month import Month
    from posts import paying

    answers: list[str] = []
    gate = threading.Barrier(times)

    def send() -> None:
        user, office = User.objects.get(username=who), Unit.objects.get(code=unit)
        gate.wait()
        try:
            paying.draft_run(office, Month.parse(month), user)
            answers.append("made")
        except NotAllowed:
            answers.append("refused")
        except Exception as error:
            answers.append(f"{type(error).__name__}: {error}"[:200])
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def appoint(who: str, candidates: list[int], day: str) -> list[str]:
    """File each candidate, all at once by a thread each."""
    import datetime as dt

    from django.db import connection

    from accounts.authority import NotAllowed
    from accounts.models import User
    from posts import recruiting
    from posts.models import Candidate

    answers: list[str] = []
    gate = threading.Barrier(len(candidates))

    def send(candidate: int) -> None:
        user, one = User.objects.get(username=who), Candidate.objects.get(pk=candidate)
        gate.wait()
        try:
            recruiting.file_appointment(one, dt.date.fromisoformat(day), user)
            answers.append("made")
        except NotAllowed:
            answers.append("refused")
        except Exception as error:
            answers.append(f"{type(error).__name__}: {error}"[:200])
        connection.close()

    threads = [threading.Thread(target=send, args=[one]) for one in candidates]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def claim(person: int, scheme: int, times: int) -> list[str]:
    """One person claims, is claimed for without consent and is paid for a post, by several threads at once."""
    from django.db import connection

    from accounts.authority import NotAllowed
    from accounts.models import User
    from ledgers.models import Laborer
    from posts.models import POST_OR_AWAY
    from posts.taking import take
    from subsidies.claims import applying
    from subsidies.claims.rules import Consent
    from subsidies.models import SchemeVersion
    from tests.factories import MARCH

    answers: list[str] = []
    gate = threading.Barrier(times)

    def send(number: int) -> None:
        user, laborer = User.objects.get(username="cun"), Laborer.objects.get(pk=person)
        version = SchemeVersion.objects.get(pk=scheme)
        consent = Consent("某人", "乡村干部", None) if number % 5 == 4 else None
        gate.wait()
        try:
            if number % 5 == 3:
                take(laborer, [MARCH], POST_OR_AWAY, "post-pay:1", "公益性岗位工资")
            else:
                applying.begin(laborer, version, MARCH, user, consent=consent)
            answers.append("paid" if number % 5 == 3 else "claimed")
        except NotAllowed:
            answers.append("refused")
        except Exception as error:
            answers.append(f"{type(error).__name__}: {error}"[:200])
        connection.close()

    threads = [threading.Thread(target=send, args=[number]) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def approve(claim: int, times: int) -> list[str]:
    """Proposer, comparer and county approve one claim, by several threads at once."""
    from django.db import connection

    from accounts.authority import NotAllowed
    from accounts.models import User
    from subsidies.claims import deciding
    from subsidies.models import Claim

    answers: list[str] = []
    gate = threading.Barrier(times)

    def send(number: int) -> None:
        user, one = (
            User.objects.get(username=("cun", "zhen", "xian")[number % 3]),
            Claim.objects.get(pk=claim),
        )
        gate.wait()
        try:
            answers.append(deciding.approve(one, user).approved_by.username)
        except NotAllowed:
            answers.append("refused")
        except Exception as error:
            answers.append(f"{type(error).__name__}: {error}"[:200])
        connection.close()

    threads = [threading.Thread(target=send, args=[number]) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def close(who: str, unit: str, after: int) -> dict:
    """Close the month of the unit once so many contacts were noted."""
    import time

    from accounts.audit import AuditEntry
    from accounts.models import Unit, User
    from ledgers import actions
    from tests.factories import MARCH

    while AuditEntry.objects.filter(action="record.verify").count() < after:
        time.sleep(0.02)
    closing = actions.close_month(Unit.objects.get(code=unit), MARCH, User.objects.get(username=who))
    return {"people": closing.people, "counted": closing.counted}


def post(session: str, url: str, data: dict, times: int) -> list[list]:
    """The same form sent by several threads at once: status and address of each answer."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client

    answers: list[list] = []
    gate = threading.Barrier(times)

    def send() -> None:
        client = Client(raise_request_exception=False, HTTP_HOST="localhost")
        client.cookies[settings.SESSION_COOKIE_NAME] = session
        gate.wait()
        answer = client.post(url, data)
        answers.append([answer.status_code, answer.headers.get("Location", "")])
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def bring_in(who: str, unit: str, first: int, last: int) -> dict:
    """Stage a workbook and confirm it; judged again as often as the ledger changed meanwhile."""
    from accounts.models import Unit, User
    from jobs import imports
    from lib.staging import Stale
    from tests.factories import MARCH
    from tests.proof_data.traces import sheet

    user = User.objects.get(username=who)
    data = sheet(first, last)
    batch = imports.stage(data, "名单.xlsx", "laborers", Unit.objects.get(code=unit), MARCH, user)
    judged_again, began = 0, batch.new
    while True:
        try:
            batch = imports.confirm(batch, user)
            break
        except Stale:
            batch, judged_again = imports.judge(batch), judged_again + 1
    return {"number": batch.number, "began": began, "new": batch.new, "same": batch.same, "again": judged_again,
            "read": batch.read}  # fmt: skip


def office(who: str, steps: int, seed: int) -> dict:
    """Random acts on the bulletin of the city, as somebody who does not look what the others do.

    At least `steps` of them, and as many more as it takes until one of the office has published.
    """
    from accounts.audit import AuditEntry
    from accounts.models import Unit, User
    from reports.bulletins import actions
    from reports.bulletins.slots import to_chips
    from reports.models import Bulletin
    from tests.factories import MARCH

    dice, user, city = random.Random(seed), User.objects.get(username=who), Unit.objects.get(code="99")
    told: dict[str, Any] = {"done": [], "refused": 0, "errors": []}

    def edit(row: Bulletin) -> None:
        block = row.sentences[0]
        words = to_chips(block["text"], row.snapshot["slots"]) + dice.choice("甲乙丙丁")
        actions.edit_sentence(row, block["id"], words, user, row.edits)

    acts: dict[str, Callable[[Bulletin], Any]] = {
        "edit": edit,
        "refresh": lambda row: actions.refresh(row, user),
        "submit": lambda row: actions.submit(row, user),
        "send_back": lambda row: actions.send_back(row, user),
        "publish": lambda row: actions.publish(row, user),
        "ask_reopen": lambda row: actions.ask_reopen(row, user, "数据有误需更正"),
        "reopen": lambda row: actions.reopen(row, user),
    }
    likely = [
        "edit",
        "submit",
        "submit",
        "publish",
        "publish",
        "ask_reopen",
        "reopen",
        "send_back",
        "refresh",
    ]
    for step in range(2000):
        if step >= steps and AuditEntry.objects.filter(action="bulletin.publish").exists():
            break
        row, name = actions.living(city, MARCH), dice.choice(likely)
        try:
            acts[name](row)
            told["done"].append(name)
        except (actions.Refused, actions.Conflict):
            told["refused"] += 1
        except Exception as error:
            told["errors"].append(f"{name} {type(error).__name__}: {error}"[:200])
    return told


ACTS = {
    act.__name__: act
    for act in (verify, fill, hand_in, pay_month, appoint, close, post, bring_in, office, claim, approve)
}


def main() -> None:
    import django

    django.setup()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write(json.dumps(ACTS[sys.argv[1]](**json.loads(sys.argv[2]))))


if __name__ == "__main__":
    main()
