"""A closed month is closed for forms too: nothing is kept, passed on or confirmed, and its figures stay."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.authority import NotAllowed
from ledgers.actions import close_month, reopen_month
from ledgers.collection import actions, contacts
from ledgers.models import CollectionForm, Contact, FormPaper, MonthlyRecord, PersonChange, WorkSpell
from tests import cast as casting
from tests import factories
from tests.factories import MARCH
from tests.ledgers.collection_texts import AT_WORK, new_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return casting.build()


def forms_in_every_state(cast) -> dict[str, CollectionForm]:
    village = cast.units["99111"]
    made = {
        name: factories.form(
            factories.whole_person(village), values={"monthly_wage": "5000"}, begun_by=cast.village
        )
        for name in ("draft", "submitted", "reviewed", "returned")
    }
    for name in ("submitted", "reviewed", "returned"):
        made[name] = actions.submit(made[name], "电话", cast.village)
    made["reviewed"] = actions.review(made["reviewed"], cast.township)
    made["returned"] = actions.send_back(made["returned"], "工资请与本人核对", cast.township)
    made["new"] = new_form(village, cast.village, AT_WORK)
    return made


def writes(cast, forms: dict[str, CollectionForm]) -> dict[str, Callable[[], object]]:
    """Every verb on a form that it would otherwise be right for."""
    village = cast.units["99111"]
    person = factories.whole_person(village)
    row = MonthlyRecord.objects.select_related("laborer").get(laborer=person)
    shown_of = contacts.mark(row, contacts.believed(row))
    noted = contacts.contact(person, MARCH, "电话", "unchanged", shown_of, cast.village)
    photo = b"\xff\xd8\xff" + bytes(60)

    def shown(name: str) -> dict[int, int]:
        return {forms[name].pk: forms[name].version}

    return {
        "begin": lambda: actions.begin(person, MARCH, cast.village),
        "begin_new": lambda: actions.begin_new(village, MARCH, cast.village),
        "keep": lambda: actions.keep(forms["draft"], "employer", "甲厂", "示例电子厂", cast.village),
        "catch_up": lambda: actions.catch_up(forms["draft"], cast.village),
        "sign": lambda: actions.sign(forms["draft"], "paper", photo, cast.village),
        "submit": lambda: actions.submit(forms["draft"], "电话", cast.village),
        "submit again": lambda: actions.submit(forms["returned"], "电话", cast.village),
        "submit new": lambda: actions.submit(forms["new"], "电话", cast.village),
        "withdraw": lambda: actions.withdraw(forms["returned"], cast.village),
        "send_back": lambda: actions.send_back(forms["reviewed"], "工资请与本人核对", cast.county),
        "review": lambda: actions.review(forms["submitted"], cast.township),
        "review_many": lambda: actions.review_many(shown("submitted"), 1, cast.township),
        "confirm": lambda: actions.confirm(forms["reviewed"], cast.county),
        "contact": lambda: contacts.contact(person, MARCH, "上门", "unchanged", shown_of, cast.village),
        "unreachable": lambda: contacts.contact(person, MARCH, "", "unreachable", shown_of, cast.village),
        "take back": lambda: contacts.undo(person, MARCH, noted.pk, cast.village),
        "confirm_many": lambda: actions.confirm_many(shown("reviewed"), 1, cast.county),
    }


def state_of_everything() -> list:
    rows = (CollectionForm, FormPaper, Contact, MonthlyRecord, WorkSpell, PersonChange)
    return [list(model.objects.order_by("pk").values()) for model in rows]


def test_every_write_of_a_form_is_refused_in_a_closed_month_and_its_figures_stay(cast, settings):
    settings.SIGNATURES = False
    forms = forms_in_every_state(cast)
    acts = writes(cast, forms)
    close_month(cast.units["991"], MARCH, cast.county)
    before = state_of_everything()
    for name, act in acts.items():
        with pytest.raises(NotAllowed, match="2023年3月已由甲县关闭"):
            act()
        assert state_of_everything() == before, name
    reopen_month(cast.units["991"], MARCH, cast.county, "漏报一人需补录")
    assert acts["confirm"]().state == "confirmed"


def test_every_verb_is_among_those_tried(cast, settings):
    settings.SIGNATURES = False
    tried = {name.split()[0] for name in writes(cast, forms_in_every_state(cast))}
    verbs = {
        name
        for name, one in vars(actions).items()
        if getattr(one, "__module__", "") == actions.__name__ and callable(one) and name[0].islower()
    }
    assert verbs - tried == {"is_signed", "label"}
