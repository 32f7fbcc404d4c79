"""The ways into a register: a form, a workbook on its page, the same workbook at the command line, and the verb itself.

Each answers what was said; whatever came through says nothing, or not the words that a test waits for.
"""

from __future__ import annotations

import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.authority import NotAllowed
from accounts.models import Unit, User
from jobs import imports
from ledgers.once import FIELD, new_token
from lib.month import Month
from lib.staging import KINDS
from tests.jobs.conftest import workbook


def verb(act: Callable[[], Any]) -> str:
    """What the verb refused with; empty when it did it (and then it is undone)."""
    try:
        with transaction.atomic():
            act()
            transaction.set_rollback(True)
    except NotAllowed as refusal:
        return str(refusal)
    return ""


def form(user: User, name: str, *args: Any, query: str = "", **data: Any) -> str:
    """The page that answers the form."""
    return page_after(user, reverse(name, args=args) + query, **data).content.decode()


def page_after(user: User, url: str, **data: Any) -> HttpResponse:
    client = Client()
    client.force_login(user)
    return client.post(url, {FIELD: new_token()} | data, follow=True)


def page(user: User, name: str, *args: Any) -> str:
    client = Client()
    client.force_login(user)
    return client.get(reverse(name, args=args)).content.decode()


def sheet(kind: str, rows: Iterable[dict[str, Any]]) -> bytes:
    """A workbook of the kind under its own headings; what a row does not say is blank."""
    heads = [column.title for column in KINDS[kind].columns]
    return workbook([[row.get(head) for head in heads] for row in rows], heads)


def imported(
    kind: str, rows: list[dict[str, Any]], unit: Unit, by: User, month: Month | None = None
) -> list[str]:
    """What the preview says of each row that it rejects."""
    batch = imports.stage(sheet(kind, rows), "表.xlsx", kind, unit, month, by)
    assert (batch.read, batch.rejected) == (len(rows), len(rows)), list(imports.problems(batch))
    return _by_row(imports.problems(batch), len(rows))


def commanded(
    kind: str, rows: list[dict[str, Any]], unit: Unit, by: User, folder: Path, month: Month | None = None
) -> list[str]:
    """The same at the command line, asked to write it."""
    path = folder / f"{kind}.xlsx"
    path.write_bytes(sheet(kind, rows))
    asked = ["--kind", kind, "--unit", unit.code, "--as", by.username, "--confirm", "--json"]
    out = io.StringIO()
    with redirect_stdout(out):
        call_command("import_workbook", str(path), *asked, *(["--month", str(month)] if month else []))
    answer = json.loads(out.getvalue())
    assert answer["rejected"] == len(rows), answer["problems"]
    return _by_row(answer["problems"], len(rows))


def _by_row(problems: Iterable[dict[str, Any]], rows: int) -> list[str]:
    said = defaultdict(str)
    for one in problems:
        said[one["row"]] += one["message"]
    return [said[number] for number in range(2, rows + 2)]
