"""A child process that makes a month and its bulletin, and tells what the files are; or what day and month it is.

`python -m tests.proof_data.same month` works in a transaction that is taken back: the next child finds the same
database. What differs by nature is fixed first: the moment, the key of the bulletin, the head of the audit trail.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import sys
import time
import uuid
from types import SimpleNamespace
from unittest import mock

import django

ZONE = os.environ["TZ"]
django.setup()
os.environ["TZ"] = ZONE  # Django has set its own
time.tzset()

from django.db import connection, transaction  # noqa: E402 - after the setup
from django.utils import timezone  # noqa: E402

NOW = dt.datetime(2023, 4, 9, 18, 30, tzinfo=dt.UTC)  # the 10th in China
# moments of China's clock at which a month, a day, a year or a leap day begins or ends
MOMENTS = [
    "2023-03-19T23:59:59.9", "2023-03-20T00:00:00", "2023-03-20T23:59:59.9", "2023-03-31T23:59:59.9",
    "2023-04-01T00:00:00", "2023-12-31T23:59:59.9", "2024-01-01T00:00:00", "2024-02-28T23:59:59.9",
    "2024-02-29T00:00:00", "2024-02-29T23:59:59.9", "2024-03-01T00:00:00", "2023-02-28T23:59:59.9",
]  # fmt: skip


def month() -> dict:
    """SHA-256 of the bulletin of the small city, drafted and published, in the formats without a time of writing."""
    from reports.bulletins import actions, formats
    from reports.models import Bulletin
    from tests.reports import bulletin_world

    head = SimpleNamespace(hash="ab" * 32)
    key = mock.patch.object(Bulletin._meta.get_field("id"), "default", return_value=uuid.UUID(int=7))
    begun = mock.patch.object(Bulletin._meta.get_field("created_at"), "default", return_value=NOW)
    stands = mock.patch("django.utils.timezone.now", return_value=NOW)
    told = mock.patch.object(actions, "record", return_value=head)
    with stands, key, begun, told, transaction.atomic():
        world = bulletin_world.small_city()
        submitted = actions.submit(world.draft(), world.cast.city)
        draft = {form: formats.render(submitted, form) for form in ("html", "json", "pdf")}
        published = actions.publish(submitted, world.cast.city2, "示就专〔2023〕18号")
        files = {form: formats.content(world.again(published), form) for form in draft}
        transaction.set_rollback(True)
    made = {f"draft {form}": data for form, data in draft.items()} | files
    return {
        "zone": time.strftime("%z"),
        "database": connection.vendor,
        "issued": published.issued_on.isoformat(),
        "content": published.content_hash,
        "files": {form: hashlib.sha256(data).hexdigest() for form, data in made.items()},
    }


def days() -> dict:
    """What the ledger calls today and this month at each of MOMENTS, and whether that month may be filled in."""
    from accounts.models import Unit
    from ledgers.periods import period_state
    from lib.month import Month
    from reports.views import home

    told = {}
    for text in MOMENTS:
        moment = dt.datetime.fromisoformat(f"{text}+08:00")
        with mock.patch("django.utils.timezone.now", lambda moment=moment: moment):
            current, unit = Month.current(), Unit(code="9", path="9/")
            told[text] = [
                timezone.localdate().isoformat(),
                str(current),
                current.last_day.isoformat(),
                [period_state(unit, current + step).is_open for step in (-1, 0, 1)],
                home.due_words(current)[0],
            ]
    return {"zone": time.strftime("%z"), "moments": told}


if __name__ == "__main__":
    sys.stdout.write(json.dumps({"month": month, "days": days}[sys.argv[1]]()))
