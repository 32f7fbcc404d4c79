"""The cast with people to write to, a template, a clock that stands in the morning, and a gateway that remembers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import pytest
from django.utils import timezone

from subsidies.messages import actions, gateways
from subsidies.messages.texts import SMS, WECHAT, Words
from subsidies.models import Mailing, MessageTemplate
from tests import cast as casting
from tests import factories

CHINA = dt.timezone(dt.timedelta(hours=8))
MORNING = dt.datetime(2023, 3, 18, 9, 30, tzinfo=CHINA)
TEXT = "{姓名}您好，{政策}标准为{标准}，请于{截止日期}前到{村}申领，电话{联系电话}。"
REST = {"standard": "每年300元", "deadline": dt.date(2023, 4, 30), "contact": "0714-6221234"}


def at(monkeypatch: pytest.MonkeyPatch, moment: dt.datetime) -> None:
    monkeypatch.setattr(timezone, "now", lambda: moment.astimezone(dt.UTC))


@pytest.fixture
def cast(db, settings, monkeypatch) -> casting.Cast:
    settings.TOTP = False
    made = casting.build()
    at(monkeypatch, MORNING)
    return made


@pytest.fixture
def people(cast) -> list:
    """Three of 99111 and one of 99112, all counted in March."""
    found = [factories.laborer(cast.units[code]) for code in ("99111",) * 3 + ("99112",)]
    for person in found:
        factories.record(person)
    return found


def template(
    cast, unit: str = "9911", by: str = "township", kind: str = SMS, text: str = TEXT
) -> MessageTemplate:
    words = Words(kind, "B02", text.replace("{姓名}", "") if kind == WECHAT else text, **REST)
    return actions.write_template(cast.units[unit], "稳岗补贴提醒", words, getattr(cast, by))


def prepared(cast, unit: str = "9911", by: str = "township", audience: str = "everybody", **more) -> Mailing:
    return actions.prepare(more.get("text") or template(cast), cast.units[unit], audience, getattr(cast, by))


@dataclass
class Recorder:
    """A gateway that keeps what it was given; `failing` maps the number of a call to what it raises."""

    sent: list[tuple[str, str, str]] = field(default_factory=list)
    failing: dict[int, BaseException] = field(default_factory=dict)
    arrived: dict[str, bool] = field(default_factory=dict)
    calls: int = 0

    def send(self, phone: str, text: str, key: str) -> str:
        self.calls += 1
        if error := self.failing.get(self.calls):
            raise error
        self.sent.append((phone, text, key))
        return f"ref-{key}"

    def receipts(self, references: list[str]) -> dict[str, bool]:
        return {one: good for one, good in self.arrived.items() if one in references}


@pytest.fixture
def recorder(monkeypatch) -> Recorder:
    made = Recorder()
    monkeypatch.setattr(gateways, "chosen", lambda: made)
    return made
