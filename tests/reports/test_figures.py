"""What each figure counts: every definition has a row that counts and one that does not."""

from __future__ import annotations

import datetime as dt

import pytest

from ledgers import codes
from posts.models import Appointment, Post
from reports.figures import FIGURES, GAP, TARGET, Value
from tests import factories
from tests.factories import MARCH

pytestmark = pytest.mark.django_db


def appoint(person, number: str, started: dt.date, ended: dt.date | None = None) -> Appointment:
    post = Post.objects.create(
        number=number, unit=person.village, title="护林员", category="护林员", opened_on=dt.date(2022, 1, 1)
    )
    return Appointment.objects.create(post=post, laborer=person, started_on=started, ended_on=ended)


def test_places_of_work_add_up_to_all_who_work_outside():
    units = factories.tree()
    for place in codes.PLACE_CLASSES:
        factories.record(factories.laborer(units["99111"]), place_class=place)
    factories.record(factories.laborer(units["99111"]), reason="not_working", working=False)
    counts = {key: FIGURES[key].rows(units["99"], MARCH).count() for key in ("I01", "I01a", "I01b", "I01c")}
    assert counts == {"I01": 5, "I01a": 1, "I01b": 2, "I01c": 2}


def test_a_post_that_ended_on_the_last_day_still_counts_and_one_that_ended_before_does_not():
    units = factories.tree()
    appoint(factories.laborer(units["99111"]), "P1", dt.date(2023, 1, 1), dt.date(2023, 3, 31))
    appoint(factories.laborer(units["99111"]), "P2", dt.date(2023, 1, 1), dt.date(2023, 3, 30))
    appoint(factories.laborer(units["99111"]), "P3", dt.date(2023, 4, 1))
    assert FIGURES["I07"].rows(units["99"], MARCH).count() == 1


def test_a_person_who_changes_posts_before_the_last_day_is_counted_once_in_the_new_village():
    units = factories.tree()
    person = factories.laborer(units["99111"])
    appoint(person, "P1", dt.date(2023, 1, 1), dt.date(2023, 3, 30))
    post = Post.objects.create(
        number="P2", unit=units["99112"], title="保洁员", category="保洁员", opened_on=dt.date(2022, 1, 1)
    )
    Appointment.objects.create(post=post, laborer=person, started_on=dt.date(2023, 3, 31))
    counts = [FIGURES["I07"].rows(units[code], MARCH).count() for code in ("99111", "99112", "9911")]
    assert counts == [0, 1, 1]


def test_a_figure_without_rows_of_its_own_lists_none():
    units = factories.tree()
    with pytest.raises(LookupError):
        FIGURES["I02"].rows(units["99"], MARCH)
    with pytest.raises(LookupError):
        FIGURES["I03"].rows(units["99"], MARCH, "denominator")


def test_a_target_that_was_not_entered_prints_as_a_dash():
    assert Value(TARGET, None).text == "—"
    assert Value(GAP, None).as_json()["value"] is None
    assert Value(FIGURES["I03"], 36547, None).text == "—"


def test_the_golden_completion_rate_rounds_half_up():
    value = Value(FIGURES["I03"], 36547, 37409)
    assert (value.text, value.gap) == ("97.7%", 862)
