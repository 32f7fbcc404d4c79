"""One request as one identity, rolled back, with everything it said: status, headers, text of whatever format."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from contextlib import ExitStack
from dataclasses import dataclass
from urllib.parse import unquote

import pypdf
from django.apps import apps
from django.db import connection, transaction
from django.test import Client
from django.test.client import ClientHandler

from accounts.models import User
from lib.readonly import written_table
from tests.proof.world import HOME, ProofWorld

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "TRACE")
CANARY = re.compile(r"ZQ(9[89]\d{0,3})([a-z]{3,})")
CHANGING = re.compile(
    rb'(csrfmiddlewaretoken" value=|"token": |nonce=|name="form_token"(?: type="hidden")? value=|'
    rb'name="client_key" value=|name="secret" value=)"[^"]+"'
)
UNTOLD = {"set-cookie", "x-request-id", "content-security-policy", "content-length", "date", "expires"}
HANDLER = ClientHandler(enforce_csrf_checks=False)

# Where the rows of a table belong: the way from the row to its unit. What is missing here belongs to nobody's reach.
BELONGS = {
    "accounts.unit": "", "accounts.custody": "unit__", "accounts.posting": "unit__", "ledgers.household": "village__",
    "ledgers.laborer": "village__", "ledgers.workspell": "laborer__village__",
    "ledgers.intention": "laborer__village__", "ledgers.monthlyrecord": "village__", "ledgers.monthclosing": "unit__",
    "posts.post": "unit__", "posts.appointment": "post__unit__", "posts.workshop": "unit__",
    "posts.placement": "workshop__unit__", "posts.workshopreview": "workshop__unit__",
    "posts.workshopaward": "workshop__unit__", "posts.awardline": "award__workshop__unit__",
    "posts.workshopstandard": "unit__", "sampling.campaign": "unit__", "sampling.call": "village__",
    "jobs.job": "unit__", "jobs.storedfile": "unit__", "jobs.importbatch": "unit__",
    "jobs.importchunk": "batch__unit__", "jobs.columnmapping": "unit__", "reports.target": "unit__",
    "reports.baseline": "unit__", "reports.figurevalue": "unit__", "reports.stale": "village__",
    "reports.bulletin": "unit__", "subsidies.messagetemplate": "unit__", "subsidies.mailing": "unit__",
    "subsidies.message": "village__", "subsidies.forwarding": "village__", "subsidies.trainingplan": "unit__",
    "subsidies.enrolment": "village__", "subsidies.paymentbatch": "unit__", "subsidies.paymentline": "village__",
    "subsidies.refund": "line__village__",
}  # fmt: skip


@dataclass(frozen=True)
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    raw: bytes
    text: str  # everything readable: the body unpacked, the headers, the page a redirect leads to
    harmed: bool = False  # rows out of reach were changed

    @property
    def told(self) -> tuple:
        """What someone outside can compare."""
        return self.status, self.headers, self.raw

    @property
    def canaries(self) -> set[tuple[str, str]]:
        return set(CANARY.findall(self.text))


class Asker:
    """Signed-in clients, one for each identity; every request is undone afterwards."""

    def __init__(self, world: ProofWorld) -> None:
        self.world, self.clients = world, {}
        self.count = 0

    def client(self, who: str) -> Client:
        if who not in self.clients:
            client = Client(raise_request_exception=False)
            client.handler = HANDLER
            if who != "anonymous":
                client.force_login(User.objects.get(pk=self.world.identities[who].pk))
                User.objects.update(
                    last_login=None
                )  # else those who were asked before could be told from others
            self.clients[who] = client
        return self.clients[who]

    def ask(self, who: str, address: str, method: str = "GET", post: dict | None = None) -> Answer:
        client, changes = self.client(who), []
        cookies = client.cookies.copy()
        self.count += 1
        with transaction.atomic(), ExitStack() as stack:
            stack.enter_context(connection.execute_wrapper(_noting(changes)))
            response = _send(client, method, address, post or {})
            raw = b"".join(response.streaming_content) if response.streaming else response.content
            text = text_of(raw) + _header_text(response)
            to = response.get("Location", "")
            if method == "POST" and to.startswith("/") and "login" not in to:
                text += client.get(to).content.decode(errors="replace")  # where the message is shown
            harmed = bool(changes) and self._harmed(who, set(changes))
            transaction.set_rollback(True)
        client.cookies = cookies
        said = [(k.lower(), v.split("?")[0] if who == "anonymous" else v) for k, v in response.items()]
        headers = tuple(sorted((k, v) for k, v in said if k not in UNTOLD))
        return Answer(response.status_code, headers, CHANGING.sub(b"", raw), text, harmed)

    def _harmed(self, who: str, tables: set[str]) -> bool:
        """Whether the tables it wrote to, out of reach of `who`, are not what they were."""
        touched = [label for label in BELONGS if apps.get_model(label)._meta.db_table in tables]
        return any(foreign_hash(self.world, who, label) != self.hashes[who, label] for label in touched)

    def remember(self) -> Asker:
        """Sign everyone in and take hashes of what is out of reach, before anything is asked."""
        everyone = [*self.world.identities, "anonymous"]
        for who in everyone:
            self.client(who)
        self.hashes = {
            (who, label): foreign_hash(self.world, who, label) for who in everyone for label in BELONGS
        }
        return self


def reach(world: ProofWorld, who: str) -> str:
    """The path below which everything may concern `who`; a sampler is concerned by the village of the drawn call."""
    if who in ("anonymous", "nobody"):
        return "nowhere/"
    return world.units[HOME].path if who == "sampler" else world.identities[who].home_unit.path


def foreign_hash(world: ProofWorld, who: str, label: str) -> str:
    """What stands in the rows of a table that lie outside the reach of `who`."""
    rows = apps.get_model(label).objects.exclude(**{f"{BELONGS[label]}path__startswith": reach(world, who)})
    digest = hashlib.sha256()
    for row in rows.order_by("pk").values_list():
        digest.update(repr(row).encode())
    return digest.hexdigest()


def _noting(changes: list[str]):
    def note(execute, sql, params, many, context):
        if change := written_table(str(sql)):
            changes.append(change[1])
        return execute(sql, params, many, context)

    return note


def _send(client: Client, method: str, address: str, post: dict):
    if method == "POST":
        return client.post(address, post)
    return client.generic(method, address)


def _header_text(response) -> str:
    """Headers with what is hidden in them made readable: file names, addresses, messages in cookies."""
    return unquote("\n".join(f"{key}: {value}" for key, value in response.items()))


def text_of(raw: bytes) -> str:
    """What a reader can get out of a body: archives unpacked, printed pages read, blanks of line breaks closed."""
    if raw[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return "\n".join(name + "\n" + text_of(archive.read(name)) for name in archive.namelist())
    if raw[:5] == b"%PDF-":
        reader = pypdf.PdfReader(io.BytesIO(raw))
        printed = "".join(page.extract_text() for page in reader.pages)
        return re.sub(r"\s", "", printed) + str(reader.metadata)
    return raw.decode("utf-8", errors="replace")
