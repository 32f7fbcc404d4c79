"""Full numbers are shown for a reason, within scope, so many times a day, and every look is on record."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts import actions
from accounts.audit import AuditEntry
from accounts.authority import NotAllowed
from accounts.forms import RevealForm
from accounts.models import Reveal
from accounts.views.reveal import revealed


def look(cast, who="village", unit="99111", reason="核对身份"):
    return actions.reveal(cast.everyone()[who], "ledgers.laborer", 7, "id_no", cast.units[unit], reason)


def test_a_look_is_kept_with_its_reason(cast):
    look(cast)
    entry = AuditEntry.objects.latest()
    assert (entry.action, entry.about) == ("reveal", "ledgers.laborer:7")
    assert entry.detail == {"field": "id_no", "reason": "核对身份"}
    assert Reveal.objects.get().user == cast.village


@pytest.mark.parametrize(
    ("who", "unit"),
    [
        ("village", "99112"),
        ("city", "99111"),
        ("auditor", "99111"),
        ("admin", "99111"),
        ("nobody", "99111"),
        ("county", "99211"),
    ],
)
def test_only_holders_of_the_right_in_scope_may_look(cast, who, unit):
    with pytest.raises(NotAllowed):
        look(cast, who, unit)
    assert not Reveal.objects.exists()


@pytest.mark.parametrize("reason", ["", "  ", "看看", " 看一下 "])
def test_a_look_needs_a_reason(cast, reason):
    with pytest.raises(NotAllowed):
        look(cast, reason=reason)


def test_the_limit_of_a_day_stops_and_alerts_once(cast, settings):
    settings.REVEAL_LIMIT_PER_DAY = 3
    for _ in range(3):
        look(cast)
    for _ in range(2):
        with pytest.raises(NotAllowed, match="上限"):
            look(cast)
    assert Reveal.objects.count() == 3
    assert AuditEntry.objects.filter(action="reveal.limit", actor=cast.village).count() == 1
    Reveal.objects.update(at=timezone.now() - dt.timedelta(days=1, minutes=1))
    look(cast)


@pytest.mark.parametrize(
    ("reason", "note", "told"),
    [
        ("核对身份", "", "核对身份"),
        ("电话联系本人", "约面谈", "电话联系本人：约面谈"),
        ("其他", "信访件核查", "其他：信访件核查"),
        ("其他", "", None),
        ("其他", "查", None),
        ("", "信访件核查", None),
    ],
)
def test_the_dialog_gives_a_reason_that_can_be_read_later(reason, note, told):
    form = RevealForm({"reason": reason, "note": note})
    assert form.is_valid() is (told is not None)
    if told:
        assert form.cleaned_data["reason"] == told


def test_a_refused_look_never_decrypts(cast, rf, settings):
    settings.REVEAL_LIMIT_PER_DAY = 0
    request = rf.post("/", {"reason": "核对身份"})
    request.user = cast.village
    row = {"subject_type": "ledgers.laborer", "subject_id": 7, "field": "id_no", "unit": cast.units["99111"]}

    def value() -> str:
        raise AssertionError("decrypted")

    answer = revealed(request, element="m7", label="身份证号码", value=value, **row)
    assert answer.status_code == 429
    settings.REVEAL_LIMIT_PER_DAY = 1
    shown = revealed(request, element="m7", label="身份证号码", value=lambda: "9901", **row)
    assert b"9901" in shown.content
